import type { AlterEnum, Operation } from '../../../operations/operation'
import { onlyAdds } from '../../../operations'
import {
  beside,
  type Column,
  type EnumType,
  keyOf,
  type ObjectName,
  sameName,
  type Schema,
} from '../../../schema/schema'
import { identifiersIn, stringsIn } from '../expression'
import { text } from '../literal'
import { quote, quoteName } from '../names'
import { alterTableStatement } from './alter-column'
import { defaultExpression } from './column'

export function createEnum(type: EnumType): string {
  return `CREATE TYPE ${quoteName(type)} AS ENUM (${type.values.map(text).join(', ')})`
}

export function dropEnum(type: ObjectName): string {
  return `DROP TYPE ${quoteName(type)}`
}

/** Renames a value without touching rows: they and all expressions refer to the value by its id. */
export function renameValue(type: ObjectName, from: string, to: string): string {
  return `ALTER TYPE ${quoteName(type)} RENAME VALUE ${text(from)} TO ${text(to)}`
}

/**
 * True when the type can get its new values by `ALTER TYPE … ADD VALUE`, which touches no row. A value cannot be used before
 * the transaction that added it has ended, so no other operation of the call may name one.
 */
export function canAddValues({ from, to }: AlterEnum, operations: readonly Operation[]): boolean {
  if (!onlyAdds(from, to)) return false
  const added = new Set(to.values.filter((value) => !from.values.includes(value)))
  const others = operations.filter((operation) => operation.op !== 'alterEnum' && operation.op !== 'renameValue')
  return !textsOf(others).some((sql) => stringsIn(sql).some((string) => namesAny(string, added)))
}

export function addValues({ from, to }: AlterEnum): string[] {
  const [first] = from.values
  return to.values.flatMap((value, index) => {
    if (from.values.includes(value)) return []
    const previous = to.values[index - 1]
    const place =
      previous !== undefined ? ` AFTER ${text(previous)}` : first === undefined ? '' : ` BEFORE ${text(first)}`
    return [`ALTER TYPE ${quoteName(from)} ADD VALUE ${text(value)}${place}`]
  })
}

/** Recreates an enum type, to remove or reorder values. Its dependents are dropped before and restored after it. */
export interface EnumRebuild {
  readonly type: EnumType
  /** Renames the old type, creates the new one, and converts the columns. */
  readonly statements: readonly string[]
  /** Drops the old type, once nothing uses it. */
  readonly dropOld: string
}

/**
 * @param keepsType whether a column has the type afterwards; otherwise another operation converts it
 * @param setsDefault whether another operation changes the default of the column
 */
export function rebuildEnum(
  { from, to }: AlterEnum,
  schema: Schema,
  keepsType: (table: ObjectName, column: Column) => boolean,
  setsDefault: (table: ObjectName, column: Column) => boolean,
): EnumRebuild {
  const old = oldName(from, schema)
  const columns = schema.tables.flatMap((table) => {
    const changes = table.columns.flatMap((column) => {
      if (column.generated !== undefined) return []
      const name = `ALTER COLUMN ${quote(column.name)}`
      const isOfType = column.enum !== undefined && sameName(column.enum, from)
      if (!isOfType)
        return mentionsInDefault(column, from)
          ? [`${name} DROP DEFAULT`, `${name} SET DEFAULT ${defaultExpression(column.default ?? '')}`]
          : []
      if (!keepsType(table, column)) return []
      const value = column.default
      return [
        ...(value === undefined ? [] : [`${name} DROP DEFAULT`]),
        `${name} TYPE ${column.type} USING ${quote(column.name)}::text${column.type.endsWith('[]') ? '[]' : ''}::${column.type}`,
        ...(value === undefined || setsDefault(table, column) || !isValid(value, to)
          ? []
          : [`${name} SET DEFAULT ${defaultExpression(value)}`]),
      ]
    })
    return alterTableStatement(table, changes)
  })
  return {
    type: from,
    statements: [`ALTER TYPE ${quoteName(from)} RENAME TO ${quote(old)}`, createEnum(to), ...columns],
    dropOld: dropEnum(beside(from, old)),
  }
}

/** True when an expression may name the type. */
export function mentionsType(expression: string | undefined, type: ObjectName): boolean {
  return expression !== undefined && identifiersIn(expression).has(type.name)
}

function mentionsInDefault(column: Column, type: ObjectName): boolean {
  return column.serial === undefined && mentionsType(column.default, type)
}

/** True when the type has every value in the default. */
function isValid(value: string, type: EnumType): boolean {
  return stringsIn(value).every((string) =>
    string.startsWith('{')
      ? elementsOf(string).every((element) => type.values.includes(element))
      : type.values.includes(string),
  )
}

/** True when a string, or an element of an array literal, is one of the values. */
export function namesAny(string: string, values: ReadonlySet<string>): boolean {
  return values.has(string) || (string.startsWith('{') && elementsOf(string).some((element) => values.has(element)))
}

/** The elements of an array literal such as `{a,"b c"}`. */
function elementsOf(array: string): string[] {
  return [...array.matchAll(/"((?:[^"\\]|\\.)*)"|([^{},"]+)/g)].map(([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '') : quoted.replaceAll(/\\(.)/g, '$1'),
  )
}

/** A free name for the old type; every table has a type of its name. */
function oldName(type: EnumType, schema: Schema): string {
  const taken = new Set([...schema.enums, ...schema.tables, ...schema.views].map(keyOf))
  const stem = [...type.name].slice(0, 50).join('')
  for (let number = 1; ; number++) {
    const name = `${stem}_old${number === 1 ? '' : String(number)}`
    if (!taken.has(keyOf(beside(type, name)))) return name
  }
}

/** Every text in a nested value that contains a string literal. */
export function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.includes("'") ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}
