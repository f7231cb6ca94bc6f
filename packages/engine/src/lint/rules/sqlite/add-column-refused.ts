import { isConstantDefault } from '../../../sql/sqlite/defaults'
import { type Token, wordOf } from '../../../sql/sqlite/tokens'
import { quotedName } from '../../../sql/tokens'
import type { SqliteName } from '../../sqlite/facts'
import { defineRule } from '../../rule'
import { addedColumn } from '../../sqlite/statements'

/** https://sqlite.org/lang_altertable.html#altertabaddcol */
export const addColumnRefused = defineRule({
  id: 'Q4',
  name: 'add-column-refused',
  category: 'sqlite',
  severity: 'error',
  about:
    'SQLite adds no column that is UNIQUE or a PRIMARY KEY, and none with a computed default or a STORED value to a table with rows.',
  sqlite: {
    statement(subject) {
      const added = addedColumn(subject)
      const [column] = added?.definition.columns ?? []
      if (added === undefined || column === undefined) return undefined
      const { table, definition } = added
      const of = `${table.text}.${column.name}`
      const refuses = `SQLite refuses to add ${of}`
      const found = { table: table.text }
      if (definition.constraints.some(({ kind }) => kind === 'primaryKey'))
        return { ...found, message: `${refuses}: it is a primary key`, help: rebuild }
      if (definition.constraints.some(({ kind }) => kind === 'unique')) {
        const instead = withIndex(subject.sql, subject.tokens, table, column.name)
        return {
          ...found,
          message: `${refuses}: it is UNIQUE`,
          help: 'Add it without UNIQUE, and create a unique index.',
          ...(instead !== undefined && { instead }),
        }
      }
      if (subject.catalog.isNew(table)) return undefined
      if (column.generated?.kind === 'stored')
        return { ...found, message: `${refuses}: it is STORED`, help: `Make it VIRTUAL. ${rebuild}` }
      if (column.default === undefined || isConstantDefault(column.default.tokens)) return undefined
      return {
        ...found,
        message: `${refuses} if ${table.text} has rows: its default is not a constant`,
        help: `Add it with a constant default, or without one, and set the values of the rows that exist. ${rebuild}`,
      }
    },
  },
})

const rebuild = 'Otherwise the table has to be rebuilt, which `create` writes.'

/** The statement without its only UNIQUE, and a unique index. */
function withIndex(
  sql: string,
  tokens: readonly Token[],
  { sql: table, name }: SqliteName,
  column: string,
): readonly string[] | undefined {
  const start = tokens[0]?.start ?? 0
  const at = tokens.findIndex((token) => wordOf(token) === 'UNIQUE')
  const [before, unique, after] = [tokens[at - 1], tokens[at], tokens[at + 1]]
  if (before === undefined || unique === undefined || wordOf(after) === 'ON') return undefined
  if (wordOf(tokens[at - 2]) === 'CONSTRAINT') return undefined
  const without = sql.slice(0, before.end - start) + sql.slice(unique.end - start)
  const index = quotedName(`uq_${name}_${column}`)
  return [without, `CREATE UNIQUE INDEX ${index} ON ${table} (${quotedName(column)})`]
}
