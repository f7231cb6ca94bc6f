import { columnsIn } from './expressions'
import { scopeOf } from './normalize'
import { type Check, type Column, type Schema, sameName, type Table } from './schema'
import { significant, tokenize, unquote } from '../sql/tokens'

/**
 * The values of an enum column: those of its type, or those in an unnamed check such as `"status" IN ('open', 'done')`,
 * with which TypeORM implements `simple-enum`. Undefined for any other column.
 */
export function valuesOf(schema: Schema, table: Table, column: Column): readonly string[] | undefined {
  const { enum: type } = column
  if (type !== undefined) return schema.enums.find((other) => sameName(other, type))?.values
  const check = checkOf(table, column.name)
  return check === undefined ? undefined : listIn(check, column.name)
}

/** The table after a value was renamed in the check that lists the values, and in the default of the column. */
export function renameListed(table: Table, column: string, from: string, to: string): Table {
  const check = checkOf(table, column)
  const follow = (sql: string): string =>
    tokenize(sql)
      .map((token) => (token.kind === 'string' && token.text === literal(from) ? literal(to) : token.text))
      .join('')
  return {
    ...table,
    checks: table.checks.map((other) => (other === check ? { ...other, expression: follow(other.expression) } : other)),
    columns: table.columns.map((other) =>
      other.name === column && other.default === literal(from) ? { ...other, default: literal(to) } : other,
    ),
  }
}

/** The table with another list of values in the check of a column. */
export function withListed(table: Table, column: string, values: readonly string[]): Table {
  const check = checkOf(table, column)
  return {
    ...table,
    checks: table.checks.map((other) => {
      if (other !== check) return other
      const [head = ''] = other.expression.split('(', 1)
      return { ...other, expression: `${head}(${values.map(literal).join(', ')})` }
    }),
  }
}

function checkOf(table: Table, column: string): Check | undefined {
  return table.checks.find((check) => {
    if (check.name !== undefined || listIn(check, column) === undefined) return false
    const [only, ...others] = columnsIn(check.expression, scopeOf(table))
    return only === column && others.length === 0
  })
}

/** The values in a check of the form `"status" IN ('open', 'done')`; undefined for any other check. */
function listIn({ expression }: Check, column: string): string[] | undefined {
  const tokens = tokenize(expression)
  const [name, word, open, ...rest] = significant(tokens).flatMap((index) => tokens[index] ?? [])
  const close = rest.pop()
  if (name === undefined || unquote(name) !== column || word?.text.toLowerCase() !== 'in') return undefined
  if (open?.text !== '(' || close?.text !== ')') return undefined
  const isList = rest.every((token, index) => (index % 2 === 0 ? token.kind === 'string' : token.text === ','))
  if (!isList || rest.length % 2 === 0) return undefined
  return rest.flatMap((token) => (token.kind === 'string' ? [token.text.slice(1, -1).replaceAll("''", "'")] : []))
}

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
