import { applyOperations } from '../operations'
import type { Operation } from '../operations/operation'
import { keepsEveryRowid, keepsEveryValue, parseType, usesZoneOfSession } from '../operations/columns/type-change'
import { valuesOf } from '../schema/enum-values'
import { LineageOfNames } from './lineage-of-names'
import {
  type Column,
  displayName,
  findTable,
  columnKey,
  type ObjectName,
  sameName,
  type Schema,
  nameOf,
} from '../schema/schema'

/**
 * A condition that the rows of a column must meet so that operations neither lose nor invent values. A revision counts
 * the rows that violate it and stops before it changes anything; it never truncates, rounds or fills values silently.
 */
export interface Need {
  /**
   * `noRows`: the table is empty, because a new column is NOT NULL and has no default.
   * `noNulls`: no row has NULL in the column. `fits`: every value fits the new type.
   * `values`: every value is one of those that the column can have afterwards.
   * `zone`: the time zone of the session is the one that values without a zone are in. No row shows whether it is.
   */
  readonly kind: 'noRows' | 'noNulls' | 'fits' | 'values' | 'zone'
  /** The name before the first operation. */
  readonly table: ObjectName
  /** The name before the first operation; for `noRows`, the new column. */
  readonly column: string
  /** The column in flags: `table.column` with the names after the operations. */
  readonly flag: string
  /** The column before and after, except for `noRows`. */
  readonly from?: Column
  readonly to?: Column
  /** For `fits`: the column becomes the rowid of a SQLite table, which accepts only integers. */
  readonly rowid?: boolean
  /** For `values`: the removed values. Absent if the column could have any value before. */
  readonly gone?: readonly string[]
  /** For `values`: the remaining values, under their old names. */
  readonly kept?: readonly string[]
}

/**
 * The needs of the operations, in their order.
 *
 * @param from the schema before the first operation
 * @example
 * needsOf([{ op: 'alterColumn', table, from: varchar100, to: varchar50 }], schema) // [{ kind: 'fits', … }]
 */
export function needsOf(operations: readonly Operation[], from: Schema): Need[] {
  const needs: Need[] = []
  const names = new LineageOfNames(from)
  const converted = new Set<string>()
  const rowids = rowidsOf(operations, from)
  for (const operation of operations) {
    if (operation.op === 'addColumn' && operation.values?.backfill === undefined && needsValue(operation.column)) {
      const table = names.originalTable(operation.table)
      const flag = `${displayName(operation.table)}.${operation.column.name}`
      if (table !== undefined) needs.push({ kind: 'noRows', table, column: operation.column.name, flag })
    }
    if (operation.op === 'alterColumn') {
      const { from: old, to, values } = operation
      const flag = `${displayName(operation.table)}.${to.name}`
      const original = names.originalColumn(operation.table, old.name)
      if (original !== undefined) {
        const { table, column } = original
        const subject = { table, column, flag, from: { ...old, name: column }, to }
        if (values?.using !== undefined) converted.add(columnKey(table, column))
        else {
          const rowid = rowids.has(columnKey(table, column))
          if (isNarrowed(old, to, rowid) && to.enum === undefined && !valuesFit(from, old, to))
            needs.push({ kind: 'fits', ...subject, rowid })
          if (old.generated === undefined && to.generated === undefined && usesZoneOfSession(old, to))
            needs.push({ kind: 'zone', ...subject })
        }
        if (old.nullable && needsValue(to) && values?.backfill === undefined && values?.using === undefined)
          needs.push({ kind: 'noNulls', ...subject })
      }
    }
    names.follow(operation)
  }
  return [...needs, ...valueNeeds(operations, from, names, converted)]
}

/** True if every row must have a value, and the database does not provide one. */
export function needsValue(column: Column): boolean {
  return !(
    column.nullable ||
    column.default !== undefined ||
    column.generated !== undefined ||
    column.identity !== undefined ||
    column.serial !== undefined ||
    column.autoincrement === true
  )
}

function isNarrowed(from: Column, to: Column, rowid: boolean): boolean {
  const keeps = rowid ? keepsEveryRowid : keepsEveryValue
  return from.generated === undefined && to.generated === undefined && !keeps(from, to)
}

/**
 * The keys (`columnKey` before the operations) of columns that are the rowid of a SQLite table after them. In other
 * databases these are ordinary columns, whose types have no SQLite spelling.
 */
function rowidsOf(operations: readonly Operation[], from: Schema): ReadonlySet<string> {
  if (!operations.some((operation) => operation.op === 'alterColumn' && operation.to.type === 'integer'))
    return new Set()
  const names = new LineageOfNames(from, operations)
  const keys = applyOperations(operations, from).tables.flatMap(({ primaryKey, columns, withoutRowid, ...table }) => {
    const [key, ...others] = primaryKey?.columns ?? []
    const type = columns.find(({ name }) => name === key)?.type
    if (key === undefined || others.length > 0 || type !== 'integer' || withoutRowid === true) return []
    const original = names.originalColumn(table, key)
    return original === undefined ? [] : [columnKey(original.table, original.column)]
  })
  return new Set(keys)
}

/** True if every value of an enum type is short enough for the text type of the changed column. */
function valuesFit({ enums }: Schema, { enum: type }: Column, to: Column): boolean {
  const values = enums.find((other) => type !== undefined && sameName(other, type))?.values
  const { base, args, array } = parseType(to.type)
  const [limit = Infinity] = args
  return values !== undefined && !array && base.startsWith('character') && values.every(({ length }) => length <= limit)
}

/** The needs of columns that can have fewer values after the operations than before. */
function valueNeeds(
  operations: readonly Operation[],
  from: Schema,
  names: LineageOfNames,
  converted: ReadonlySet<string>,
): Need[] {
  if (!operations.some(({ op }) => op === 'alterEnum' || op === 'alterColumn' || op === 'addCheck')) return []
  const to = applyOperations(operations, from)
  return from.tables.flatMap((table) => {
    const tableNow = names.tableNow(table)
    const wanted = tableNow === undefined ? undefined : findTable(to, tableNow)
    if (wanted === undefined) return []
    return table.columns.flatMap((column): Need[] => {
      const now = names.columnNow(table, column.name)
      const after = wanted.columns.find((other) => other.name === now)
      if (after === undefined || column.generated !== undefined || converted.has(columnKey(table, column.name)))
        return []
      const [before, values] = [valuesOf(from, table, column), valuesOf(to, wanted, after)]
      if (values === undefined || after.generated !== undefined) return []
      const steps = names.valueSteps(table, column)
      const originals = (before ?? values).filter((value) => values.includes(steps.get(value) ?? value))
      const subject = {
        kind: 'values' as const,
        table: nameOf(table),
        column: column.name,
        flag: `${displayName(wanted)}.${after.name}`,
        from: column,
        to: after,
        kept: originals,
      }
      if (before === undefined) return [subject]
      const gone = before.filter((value) => !originals.includes(value))
      return gone.length === 0 ? [] : [{ ...subject, gone }]
    })
  })
}

/** The condition in words, for the confirmation and the header of the file. */
export function needText({ kind, table, column, flag, from, to, gone, kept }: Need): string {
  const name = `${displayName(table)}.${column}`
  switch (kind) {
    case 'noRows':
      return `${displayName(table)} has no rows: its new column ${column} is NOT NULL and has no default`
    case 'noNulls':
      return `no row has NULL in ${name}, which becomes NOT NULL`
    case 'fits':
      return `every value of ${name}, ${from?.type ?? ''} until now, fits ${typeOf(to)}${flag === name ? '' : ` (${flag})`}`
    case 'values':
      return gone === undefined
        ? `every value of ${name} is one of ${listOf(kept)}`
        : `no row of ${name} is ${listOf(gone)}`
    case 'zone':
      return `the session's time zone (TimeZone) is the one of ${name}: it decides which ${typeOf(to)} each value becomes`
  }
}

/** The rows that violate the condition, for the message that stops a revision and appends their number. */
export function violationText({ kind, table, column, to, gone, kept }: Need): string {
  const name = `${displayName(table)}.${column}`
  switch (kind) {
    case 'noRows':
      return `rows of ${displayName(table)} without a value for its new NOT NULL column ${column}`
    case 'noNulls':
      return `rows with NULL in ${name}, which becomes NOT NULL`
    case 'fits':
      return `rows of ${name} that do not fit ${typeOf(to)}`
    case 'values':
      return gone === undefined
        ? `rows of ${name} that are not one of ${(kept ?? []).join(', ')}`
        : `rows of ${name} with a removed value (${gone.join(', ')})`
    case 'zone':
      return `rows of ${name} in another time zone than the session's`
  }
}

/** The flag that resolves the need. */
export function needFlag({ kind, flag, to, gone }: Need): string {
  switch (kind) {
    case 'noRows':
    case 'noNulls':
      return `--backfill "${flag}=<SQL expression>"`
    case 'fits':
      return `--using "${flag}=<SQL expression>"`
    case 'values':
      return gone === undefined
        ? `--using "${flag}=<SQL expression>"`
        : gone.map((value) => `--map ${flag}.${value}=<remaining value>`).join(' ')
    case 'zone':
      return `--using "${flag}=${to?.name ?? ''} AT TIME ZONE '<zone>'"`
  }
}

function typeOf(column: Column | undefined): string {
  return column?.type ?? ''
}

function listOf(values: readonly string[] = []): string {
  return values.map((value) => `'${value}'`).join(', ')
}
