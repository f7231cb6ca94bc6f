import type { Dialect } from '../dialect/dialect'
import type { Operation } from '../operations/operation'
import { withListed } from '../schema/enum-values'
import { LineageOfNames } from '../difference/lineage-of-names'
import { columnsIn, renameColumnIn } from '../schema/expressions'
import { type Need, needsOf } from '../difference/needs'
import { scopeOf } from '../schema/normalize'
import {
  type Check,
  type Column,
  findTable,
  type ForeignKey,
  columnKey,
  keyOf,
  type ObjectName,
  sameName,
  type Schema,
  type Table,
} from '../schema/schema'
import { type Requirement, requirementsOf } from './requirements'

/** How to generate sample rows that the operations accept, and that show what the operations change. */
export interface SampleShape {
  /**
   * The schema for which values are generated: narrowed columns already have their new type, enums only the values that
   * remain or are renamed, and tables their new checks and foreign keys. The database still has the old schema, which
   * usually accepts these values too.
   */
  readonly fitting: Schema
  /** Checks, with the old names, that may need special values: those of {@link fitting} and more. */
  checks(table: Table): readonly string[]
  /** What the operations require of the rows of a table. */
  requirements(table: ObjectName): readonly Requirement[]
  /** True for a column in which one row has NULL, because the operations fill it. */
  hasNull(table: ObjectName, column: string): boolean
}

/** The shape for a schema without operations. */
export function plainShape(schema: Schema): SampleShape {
  return {
    fitting: schema,
    checks: (table) => [...table.checks.map(({ expression }) => expression), ...boundsOf(table)],
    requirements: () => [],
    hasNull: () => false,
  }
}

/**
 * The shape of rows that exist before the operations.
 *
 * @param dialect the dialect of the database that gets the rows
 * @param from the schema before the operations
 * @param to the schema after them
 */
export function sampleShape(dialect: Dialect, operations: readonly Operation[], from: Schema, to: Schema): SampleShape {
  const names = new LineageOfNames(from)
  const narrowed = new Map<string, Column>()
  const filled = new Set<string>()
  for (const operation of operations) {
    if (operation.op === 'alterColumn') {
      const original = names.originalColumn(operation.table, operation.from.name)
      const { from: old, to: wanted, values } = operation
      if (original !== undefined) {
        const key = columnKey(original.table, original.column)
        if (old.type !== wanted.type && wanted.generated === undefined) narrowed.set(key, wanted)
        const isFilled = values?.backfill !== undefined || wanted.default !== undefined
        if (old.nullable && !wanted.nullable && isFilled) filled.add(key)
      }
    }
    names.follow(operation)
  }
  const needs = needsOf(operations, from)
  const isNarrowed = (table: ObjectName, column: string): boolean =>
    needs.some((need) => need.kind === 'fits' && sameName(need.table, table) && need.column === column)
  const listed = needs.filter((need) => need.kind === 'values')
  const using = operations.some((operation) => operation.op === 'alterColumn' && operation.values?.using !== undefined)
  const tables = from.tables.map((table): Table => {
    const columns = table.columns.map((column): Column => {
      const wanted = narrowed.get(columnKey(table, column.name))
      if (wanted === undefined || !(using || isNarrowed(table, column.name))) return column
      return { ...column, type: withArrayOf(column.type, wanted.type), enum: wanted.enum }
    })
    const narrow = listed
      .filter((need) => sameName(need.table, table))
      .reduce<Table>((current, need) => listing(dialect, current, need), { ...table, columns })
    return withConstraintsOf(to, narrow, names)
  })
  const enums = [
    ...from.enums.map((type) => {
      const using = listed.filter((need) => need.from?.enum !== undefined && sameName(need.from.enum, type))
      const gone = new Set(using.flatMap((need) => need.gone ?? []))
      return { ...type, values: type.values.filter((value) => !gone.has(value)) }
    }),
    ...to.enums.filter((type) => !from.enums.some((other) => sameName(other, type))),
  ]
  const requirements = requirementsOf(dialect, operations, from, to)
  const fitting = { ...from, tables, enums }
  return {
    fitting,
    checks: (table) => [
      ...(findTable(fitting, table) ?? table).checks.map(({ expression }) => expression),
      ...newChecks(to, table, names).flatMap(({ expression, isWhole }) => (isWhole ? [] : [expression])),
      ...boundsOf(table),
    ],
    requirements: (table) => requirements.get(keyOf(table)) ?? [],
    hasNull: (table, column) => filled.has(columnKey(table, column)),
  }
}

/** The bounds of partitions: a row is accepted only by a partition, as if these were checks of its table. */
function boundsOf({ partitionBy, partitions = [] }: Table): readonly string[] {
  return partitions.map(({ of: parent, bound }) => {
    const owner = parent === undefined ? undefined : partitions.find((other) => sameName(other, parent))
    return `${owner?.partitionBy ?? partitionBy ?? ''} ${bound}`
  })
}

/** The table with a check that lists the remaining values of a column. */
function listing(dialect: Dialect, table: Table, { column, gone, kept = [] }: Need): Table {
  if (gone !== undefined) return withListed(table, column, kept)
  const list = kept.map((value) => dialect.sql.literal(value)).join(', ')
  return { ...table, checks: [...table.checks, { expression: `${dialect.sql.quote(column)} IN (${list})` }] }
}

/** A table after the operations. */
interface Future {
  readonly wanted: Table
  /** The column before the operations; undefined for a new one. */
  readonly before: (column: string) => Column | undefined
}

function futureOf(to: Schema, table: Table, names: LineageOfNames): Future | undefined {
  const now = names.tableNow(table)
  const wanted = now === undefined ? undefined : findTable(to, now)
  if (wanted === undefined) return undefined
  return {
    wanted,
    before: (column) => {
      const name = names.originalColumn(wanted, column)?.column
      return table.columns.find((other) => other.name === name)
    },
  }
}

interface NewCheck {
  readonly check: Check
  /** The expression with the old names of columns; new columns keep their names. */
  readonly expression: string
  /** True if every column that it reads exists already. */
  readonly isWhole: boolean
}

function newChecks(to: Schema, table: Table, names: LineageOfNames): NewCheck[] {
  const future = futureOf(to, table, names)
  if (future === undefined) return []
  const { wanted } = future
  return wanted.checks.flatMap((check): NewCheck[] => {
    const columns = columnsIn(check.expression, scopeOf(wanted)).map((name) => ({ name, before: future.before(name) }))
    // The old check would refuse renamed values.
    if (columns.some(({ before }) => before !== undefined && names.valueSteps(table, before).size > 0)) return []
    const expression = columns.reduce(
      (sql, { name, before }) => renameColumnIn(sql, scopeOf(wanted), name, before?.name ?? name),
      check.expression,
    )
    if (table.checks.some((other) => other.expression === expression)) return []
    return [{ check, expression, isWhole: columns.every(({ before }) => before !== undefined) }]
  })
}

/** The table with its future checks and foreign keys too, if they use only columns that it already has. */
function withConstraintsOf(to: Schema, table: Table, names: LineageOfNames): Table {
  const future = futureOf(to, table, names)
  if (future === undefined) return table
  const { wanted, before } = future
  const checks = newChecks(to, table, names).flatMap(({ check, expression, isWhole }) =>
    isWhole ? [{ ...check, expression }] : [],
  )
  const foreignKeys = wanted.foreignKeys.flatMap((key): ForeignKey[] => {
    const columns = key.columns.flatMap((column) => before(column)?.name ?? [])
    const references = key.references.columns.flatMap((column) => names.originalColumn(key.references, column) ?? [])
    const [parent] = references
    if (parent === undefined || columns.length < key.columns.length || references.length < columns.length) return []
    if (table.foreignKeys.some((other) => other.columns.join('\n') === columns.join('\n'))) return []
    return [{ ...key, columns, references: { ...parent.table, columns: references.map(({ column }) => column) } }]
  })
  return { ...table, checks: [...table.checks, ...checks], foreignKeys: [...table.foreignKeys, ...foreignKeys] }
}

/** The wanted element type, with the array dimensions of the old type. */
function withArrayOf(from: string, wanted: string): string {
  const [brackets] = /(?:\[\])*$/.exec(from) ?? ['']
  return `${wanted.replace(/(?:\[\])+$/, '')}${brackets}`
}
