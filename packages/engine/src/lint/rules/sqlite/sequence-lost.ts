import { defineRule } from '../../rule'
import type { SqliteTable } from '../../sqlite/facts'

/** https://sqlite.org/autoinc.html: the counter of a table goes with it; that of its copy begins at the highest id it has. */
export const sequenceLost = defineRule({
  id: 'Q9',
  name: 'sequence-lost',
  category: 'sqlite',
  severity: 'info',
  about:
    'A rebuild of an AUTOINCREMENT table loses its counter, and ids of deleted rows are given again. Copy the row of sqlite_sequence.',
  sqlite: {
    step({ direction }, subjects) {
      // TypeORM leaves it out of every rebuild. A downgrade comes right after its upgrade, or not at all.
      if (direction === 'downgrade') return []
      const catalog = subjects.at(-1)?.catalog
      if (catalog === undefined) return []
      const isCopied = subjects.some(({ sql }) => /\bsqlite_sequence\b/i.test(sql))
      return [...catalog.rebuilds].flatMap(([key, { before, isOwn, index }]) => {
        const table = catalog.tables.get(key)
        if (isCopied || isOwn || table === undefined || !counts(before) || !counts(table)) return []
        const { text, name } = table.name
        const literal = `'${name.replaceAll("'", "''")}'`
        return [
          {
            message: `rebuilding ${text} loses its AUTOINCREMENT counter: ids of rows that were deleted may be given again`,
            help: `Copy it before the rows: INSERT INTO sqlite_sequence (name, seq) SELECT 'the new table', seq FROM sqlite_sequence WHERE name = ${literal}.`,
            table: text,
            index,
          },
        ]
      })
    },
  },
})

function counts(table: SqliteTable | undefined): boolean {
  return [...(table?.columns.values() ?? [])].some(({ autoincrement }) => autoincrement)
}
