import type { Dialect } from '../../dialect/dialect'
import type { Queryable } from '../../dialect/queryable'
import type { Misread } from '../../dialect/roles/conversion'
import type { Operation } from '../../operations/operation'
import { displayName, keyOf, nameOf, sameName, type Table } from '../../schema/schema'
import type { Answers } from './answers'
import { changedValues, type EnumValues } from './enum-values'
import { countRows } from './row-counts'
import type { SharedColumn } from './shared-columns'

/** What becomes of the values of a column. */
export interface ColumnChange {
  readonly column: SharedColumn
  /** The new value, as SQL over the columns of the table; absent if values stay, or the database converts them. */
  readonly using?: string
  /**
   * Why they are computed. `answer`: the user says so · `values`: another spelling of the values of an enum · `zone`: times without a
   * zone get one · `form`: TypeORM would misread them
   */
  readonly why?: 'answer' | 'values' | 'zone' | 'form'
  /** For `form`: the reason in words. */
  readonly reason?: string
  /** Rows with a value that is computed and may change. */
  readonly rows: number
  /** What replaces NULL in a column that becomes NOT NULL. */
  readonly fill?: string
  /** True if the user gave it. */
  readonly fillGiven?: true
  /** Rows with NULL in a column that becomes NOT NULL. */
  readonly nulls: number
  /** Values that no entity could read. */
  readonly unreadable?: Omit<Misread, 'mended'> & { readonly rows: number }
}

/** The number of rows of a table, and what becomes of its columns. */
export interface TableChange {
  readonly table: Table
  readonly rows: number
  readonly columns: readonly ColumnChange[]
}

/** What a column may need, before its rows are counted. */
interface Question {
  readonly column: SharedColumn
  readonly given?: string
  /** The expression that gives times their zone. */
  readonly zoned?: string
  readonly misread: Misread | null
}

/** Counts the rows, one query for each table, and decides what becomes of the values of each column. */
export async function readChanges(
  dialect: Dialect,
  database: Queryable,
  { columns, enums, renamed, entityTypes, answers }: ChangeQuestion,
): Promise<readonly TableChange[]> {
  const changes: TableChange[] = []
  const tables = new Map(columns.map(({ table }) => [keyOf(table), table]))
  for (const table of tables.values()) {
    const questions = columns
      .filter((column) => column.table === table)
      .map((column): Question => {
        const given = answers.using(column.flag)
        const misread = given === undefined ? dialect.conversion.misread(column.to, entityTypes.get(column.flag)) : null
        if (given !== undefined) return { column, misread, given }
        return { column, misread, zoned: dialect.conversion.zoned(column.from, column.to, answers.timeZone) }
      })
    const conditions = questions.flatMap((question) => conditionsOf(dialect, question))
    const { rows, met } = await countRows(dialect, database, table, conditions)
    const counted = new Map(conditions.map((condition, index) => [condition, met[index] ?? 0]))
    const own = questions.map((question) => {
      const values = enums.find(({ column }) => column === question.column)
      const changed = values === undefined || renamed.has(question.column) ? undefined : values
      return changeOf(dialect, question, { changed, rows, answers, count: (condition) => counted.get(condition) ?? 0 })
    })
    changes.push({ table, rows, columns: own })
  }
  return changes
}

interface ChangeQuestion {
  readonly columns: readonly SharedColumn[]
  readonly enums: readonly EnumValues[]
  /** The columns whose values are renamed with their type. */
  readonly renamed: ReadonlySet<SharedColumn>
  /** By `table.column`, the type that an entity declares. */
  readonly entityTypes: ReadonlyMap<string, string>
  readonly answers: Answers
}

function conditionsOf(dialect: Dialect, { column, zoned, misread }: Question): readonly string[] {
  return [
    ...(zoned === undefined ? [] : [isValue(dialect, column)]),
    ...(mustHaveValue(column) ? [isNull(dialect, column)] : []),
    ...(misread?.mended.map(({ condition }) => condition) ?? []),
    ...(misread === null ? [] : [misread.unreadable]),
  ]
}

interface Known {
  readonly changed: EnumValues | undefined
  readonly rows: number
  readonly answers: Answers
  readonly count: (condition: string) => number
}

function changeOf(dialect: Dialect, question: Question, known: Known): ColumnChange {
  const { column, misread } = question
  const nulls = mustHaveValue(column) ? known.count(isNull(dialect, column)) : 0
  const unreadable = misread === null ? 0 : known.count(misread.unreadable)
  const backfill = mustHaveValue(column) ? known.answers.backfill(column.flag) : undefined
  const fill = nulls === 0 ? undefined : (backfill ?? defaultOf(column))
  return {
    column,
    ...computed(dialect, question, known),
    nulls,
    ...(fill !== undefined && { fill }),
    ...(backfill !== undefined && { fillGiven: true as const }),
    ...(misread !== null && unreadable > 0 && { unreadable: { ...misread, rows: unreadable } }),
  }
}

function computed(
  dialect: Dialect,
  { column, given, zoned, misread }: Question,
  { changed, rows, answers, count }: Known,
): Pick<ColumnChange, 'using' | 'why' | 'rows' | 'reason'> {
  const { from, to } = column
  const { conversion } = dialect
  if (given !== undefined) return { using: given, why: 'answer', rows, reason: `--using says ${given}` }
  const values = changed === undefined ? new Map<string, string>() : changedValues(changed)
  if (values.size > 0) {
    const own = [...values.keys()].reduce((sum, value) => sum + (changed?.rows.get(value) ?? 0), 0)
    return { using: conversion.replaced(from, to, values), why: 'values', rows: own }
  }
  if (zoned !== undefined) {
    answers.zoned()
    const reason = `these times have no zone, and are taken as ${answers.timeZone}; --time-zone names another`
    return { using: zoned, why: 'zone', rows: count(isValue(dialect, column)), reason }
  }
  const mended = misread?.mended.filter(({ condition }) => count(condition) > 0) ?? []
  if (mended.length > 0) return { why: 'form', ...inAnotherForm(dialect.sql.quote(from.name), mended, count) }
  return { rows: 0 }
}

function inAnotherForm(
  name: string,
  mended: Misread['mended'],
  count: Known['count'],
): Pick<ColumnChange, 'using' | 'rows' | 'reason'> {
  const cases = mended.map(({ condition, becomes }) => `WHEN ${condition} THEN ${becomes}`)
  return {
    using: `CASE ${cases.join(' ')} ELSE ${name} END`,
    rows: mended.reduce((sum, { condition }) => sum + count(condition), 0),
    reason: [...new Set(mended.map(({ reason }) => reason))].join('. '),
  }
}

function mustHaveValue({ from, to }: SharedColumn): boolean {
  return from.nullable && !to.nullable
}

function isNull({ sql }: Dialect, { from }: SharedColumn): string {
  return `${sql.quote(from.name)} IS NULL`
}

function isValue({ sql }: Dialect, { from }: SharedColumn): string {
  return `${sql.quote(from.name)} IS NOT NULL`
}

/** A serial or identity column counts on, so its default is no value for rows that have none. */
function defaultOf({ to }: SharedColumn): string | undefined {
  return to.serial === undefined && to.identity === undefined ? to.default : undefined
}

/** The operations with the values that the user gives to rows for new columns. */
export function withBackfills(operations: readonly Operation[], answers: Answers): readonly Operation[] {
  return operations.map((operation): Operation => {
    if (operation.op !== 'addColumn') return operation
    const backfill = answers.backfill(`${displayName(operation.table)}.${operation.column.name}`)
    return backfill === undefined ? operation : { ...operation, values: { backfill } }
  })
}

/** The operations with the expressions that compute values; those that change nothing else are added. */
export function withChanges(operations: readonly Operation[], changes: readonly TableChange[]): readonly Operation[] {
  const open = new Set(
    changes.flatMap(({ columns }) =>
      columns.filter(({ using, nulls, fill }) => using !== undefined || (nulls > 0 && fill !== undefined)),
    ),
  )
  const changed = operations.map((operation): Operation => {
    if (operation.op !== 'alterColumn') return operation
    const change = [...open].find(
      ({ column }) => sameName(column.table, operation.table) && column.from.name === operation.from.name,
    )
    if (change === undefined) return operation
    open.delete(change)
    return { ...operation, values: valuesOf(change) }
  })
  const added = [...open].map((change): Operation => ({
    op: 'alterColumn',
    table: nameOf(change.column.table),
    from: change.column.from,
    to: change.column.to,
    values: valuesOf(change),
  }))
  return [...changed, ...added]
}

function valuesOf({ using, nulls, fill, fillGiven }: ColumnChange) {
  // A default fills rows by itself, but not beside an expression.
  const isGiven = fillGiven === true || using !== undefined
  return {
    ...(using !== undefined && { using }),
    ...(nulls > 0 && fill !== undefined && isGiven && { backfill: fill }),
  }
}
