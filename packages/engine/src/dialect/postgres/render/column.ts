import { beside, type Column, type ObjectName, sameName } from '../../../schema/schema'
import { isOperand } from '../expression'
import { text } from '../literal'
import { optionClauses } from '../sequence-options'
import { quote, quoteName, serialSequenceName } from '../names'

const serialTypes: Readonly<Record<string, string>> = {
  smallint: 'smallserial',
  integer: 'serial',
  bigint: 'bigserial',
}

/**
 * The definition of a column in CREATE TABLE and ADD COLUMN.
 *
 * @param isFree whether no relation has the name
 */
export function columnDefinition(column: Column, table: ObjectName, isFree: (name: ObjectName) => boolean): string {
  const parts = [
    quote(column.name),
    isPlainSerial(column, table, isFree) ? (serialTypes[column.type] ?? '') : column.type,
  ]
  if (column.collation !== undefined) parts.push(`COLLATE ${column.collation}`)
  if (column.identity !== undefined) parts.push(identityClause(column, table, isFree))
  if (column.generated !== undefined) {
    parts.push(`GENERATED ALWAYS AS (${column.generated.expression}) ${column.generated.kind.toUpperCase()}`)
  }
  if (!column.nullable) parts.push('NOT NULL')
  const value = defaultOf(column, table, isFree)
  if (value !== undefined) parts.push(`DEFAULT ${value}`)
  return parts.join(' ')
}

/**
 * `GENERATED ALWAYS AS IDENTITY (INCREMENT BY 10)`. Names the sequence where the server would choose another name, because
 * the table or the column has been renamed since.
 */
export function identityClause(
  { name, identity = 'by default', identitySequence, type, sequence = {} }: Column,
  table: ObjectName,
  isFree: (name: ObjectName) => boolean,
): string {
  const usual = beside(table, serialSequenceName(table.name, name))
  const isNamed = identitySequence !== undefined && !sameName(identitySequence, usual) && isFree(identitySequence)
  const options = [
    ...(isNamed ? [`SEQUENCE NAME ${quoteName(identitySequence)}`] : []),
    ...optionClauses(type, sequence),
  ]
  return `GENERATED ${identity.toUpperCase()} AS IDENTITY${options.length === 0 ? '' : ` (${options.join(' ')})`}`
}

/** The sequence that must be created before the column, because `serial` would create another one. */
export function ownSequence(
  column: Column,
  table: ObjectName,
  isFree: (name: ObjectName) => boolean,
): ObjectName | undefined {
  return column.serial !== undefined && !isPlainSerial(column, table, isFree) ? column.serial : undefined
}

export function createSerialSequence(sequence: ObjectName, column: Column): string {
  return [
    `CREATE SEQUENCE ${quoteName(sequence)} AS ${column.type}`,
    ...optionClauses(column.type, column.sequence ?? {}),
  ].join(' ')
}

export function ownSerialSequence(sequence: ObjectName, table: ObjectName, column: string): string {
  return `ALTER SEQUENCE ${quoteName(sequence)} OWNED BY ${quoteName(table)}.${quote(column)}`
}

export function nextval(sequence: ObjectName): string {
  return `nextval(${text(quoteName(sequence))}::regclass)`
}

/** An expression after DEFAULT, where operators need parentheses. */
export function defaultExpression(expression: string): string {
  return isOperand(expression) ? expression : `(${expression})`
}

function defaultOf(column: Column, table: ObjectName, isFree: (name: ObjectName) => boolean): string | undefined {
  if (column.serial !== undefined) return isPlainSerial(column, table, isFree) ? undefined : nextval(column.serial)
  return column.default === undefined ? undefined : defaultExpression(column.default)
}

/**
 * True when the column can be written as `serial`: its sequence has the name that the server chooses. Where that name is
 * taken (by the sequence of a table that was renamed), the server chooses another one.
 */
function isPlainSerial(column: Column, table: ObjectName, isFree: (name: ObjectName) => boolean): boolean {
  if (
    column.serial === undefined ||
    column.nullable ||
    column.sequence !== undefined ||
    serialTypes[column.type] === undefined
  )
    return false
  return sameName(column.serial, beside(table, serialSequenceName(table.name, column.name))) || !isFree(column.serial)
}

export function commentOnColumn(table: ObjectName, column: string, comment: string | undefined): string {
  return `COMMENT ON COLUMN ${quoteName(table)}.${quote(column)} IS ${comment === undefined ? 'NULL' : text(comment)}`
}
