import { fold, nameOf, tokenize } from '../../../sql/sqlite/tokens'
import { defineRule } from '../../rule'
import type { SqliteCatalog } from '../../sqlite/catalog'
import type { SqliteName, SqliteTable } from '../../sqlite/facts'
import { droppedColumn } from '../../sqlite/statements'

/** https://sqlite.org/lang_altertable.html#altertabdropcol */
export const dropColumnRefused = defineRule({
  id: 'Q5',
  name: 'drop-column-refused',
  category: 'sqlite',
  severity: 'error',
  about:
    'SQLite drops no column that a key, an index, a check, a view or a trigger uses. Drop these first, or rebuild the table.',
  sqlite: {
    statement(subject) {
      const dropped = droppedColumn(subject)
      if (dropped === undefined) return undefined
      const { catalog, sql } = subject
      const { table, column } = dropped
      const folded = fold(column)
      const indexes = catalog.indexesOf(table).filter(({ mentions }) => mentions.has(folded))
      const others = [...constraintsOf(catalog.table(table), folded), ...readersOf(catalog, table, folded)]
      const [first] = [...others, ...indexes.map(({ name }) => `index ${name.name} uses it`)]
      if (first === undefined) return undefined
      return {
        message: `SQLite refuses to drop ${table.text}.${column}: ${first}`,
        help:
          others.length === 0
            ? 'Drop the index first.'
            : 'Drop what uses it first. If that is a constraint, the table has to be rebuilt, which `create` writes.',
        ...(others.length === 0 && { instead: [...indexes.map(({ name }) => `DROP INDEX ${name.sql}`), sql] }),
        table: table.text,
      }
    },
  },
})

function constraintsOf(table: SqliteTable | undefined, column: string): readonly string[] {
  if (table === undefined) return []
  const { constraints, columns, complete } = table
  const own = constraints.flatMap(({ kind, columns: used, inline, name }) => {
    if (!used.has(column)) return []
    if (kind === 'primary key' || kind === 'unique')
      return [`it is ${kind === 'unique' ? 'UNIQUE' : 'in the primary key'}`]
    // What is written after the column goes with it.
    return inline === column ? [] : [`${kind}${name === undefined ? '' : ` ${name}`} uses it`]
  })
  const computed = [...columns.values()].filter(({ mentions }) => mentions.has(column))
  const isLast = complete && columns.size === 1 && columns.has(column)
  return [
    ...own,
    ...computed.map(({ name }) => `generated column ${name} uses it`),
    ...(isLast ? ['the table has no other column'] : []),
  ]
}

/** Views that read only this table, and triggers on it. In a view of several tables, another one may have a column of that name. */
function readersOf(catalog: SqliteCatalog, table: SqliteName, column: string): readonly string[] {
  const views = [...catalog.views.values()].filter(
    ({ reads, mentions }) => reads.size === 1 && reads.has(fold(table.name)) && mentions.has(column),
  )
  const triggers = catalog.triggersOf(table).filter(({ sql }) => {
    const names = tokenize(sql).map((token) => fold(nameOf(token)))
    return names.some(
      (name, at) => name === column && names[at - 1] === '.' && ['new', 'old'].includes(names[at - 2] ?? ''),
    )
  })
  return [
    ...views.map(({ name }) => `view ${name.name} reads it`),
    ...triggers.map(({ name }) => `trigger ${name.name} reads it`),
  ]
}
