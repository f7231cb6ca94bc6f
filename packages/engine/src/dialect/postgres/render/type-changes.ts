import { columnChanges as changesInWords, describeOperation } from '../../../operations'
import { parseType } from '../../../operations/columns/type-change'
import type { AlterColumn, AlterEnum, Operation } from '../../../operations/operation'
import {
  type Column,
  columnKey,
  displayName,
  findTable,
  keyOf,
  type ObjectName,
  sameName,
  type Schema,
} from '../../../schema/schema'
import { identifiersIn } from '../expression'
import { quote, quoteName } from '../names'
import { alterColumn, alterColumns, alterTableStatement, changesType, dropExpression } from './alter-column'
import { columnDefinition, commentOnColumn } from './column'
import { comparable } from './conversion'
import { type ColumnChange, suspend } from './dependents'
import { addValues, canAddValues, type EnumRebuild, rebuildEnum } from './enum'
import type { StatementList } from './statement-list'
import { freeNames } from './table'

/** An operation that may change the type of columns. */
export type TypeChange = AlterColumn | AlterEnum

export function isTypeChange(operation: Operation): operation is TypeChange {
  return operation.op === 'alterColumn' || operation.op === 'alterEnum'
}

/** A column that is dropped and recreated, because the server cannot alter it in place. */
interface RecreatedColumn {
  readonly table: ObjectName
  readonly column: Column
  readonly to: Column
  /** True when its values are computed again, false when they are copied. */
  readonly computed: boolean
}

/**
 * Renders successive alterations of columns and enums, and drops and restores everything that depends on them once around
 * all of them.
 *
 * @param all every operation of the call: the values that they name decide how an enum gets its values
 */
export function renderTypeChanges(
  operations: readonly TypeChange[],
  before: Schema,
  after: Schema,
  all: readonly Operation[],
  out: StatementList,
): void {
  const alterations = operations.filter((operation) => operation.op === 'alterColumn')
  const rebuilds = rebuildsOf(operations, alterations, before, after, all)
  const recreated = recreatedColumns(alterations, rebuilds, before, after)
  const isRecreated = (table: ObjectName, column: string): boolean =>
    recreated.some((other) => sameName(other.table, table) && other.column.name === column)
  const changes = columnChanges(alterations, rebuilds, recreated, before)
  const types = [...rebuilds.values()].map(({ type }) => type)
  const suspension = suspend(changes, types, before, after)
  const names = suspension.names.length === 0 ? '' : `: ${suspension.names.join(', ')}`

  out.add(`drop dependents, recreated below${names}`, suspension.drop)
  const madePlain = operations.length > 1 ? alterations.filter(becomesPlain) : []
  for (const { table, from } of madePlain) {
    out.add(`${from.name} of ${table.name} is no longer a generated column`, [dropExpression(table, from.name)])
  }
  for (const { table, column, to, computed } of readersFirst(recreated)) {
    out.add(
      `drop ${column.name} of ${table.name}, recreated below`,
      computed ? [dropColumn(table, column.name)] : copyAway(table, column, to),
    )
  }
  out.add('drop functions and domains, recreated below', suspension.dropLast)
  for (const [operation, rebuild] of rebuilds) out.add(describeOperation(operation), rebuild.statements)
  for (const group of groupsByTable(operations)) {
    if (group.op === 'alterEnum') {
      if (!rebuilds.has(group)) out.add(describeOperation(group), addValues(group))
      continue
    }
    const inPlace = group.alterations.filter(({ table, from }) => !isRecreated(table, from.name))
    out.add(
      describeAlterations(inPlace),
      alterColumns(inPlace, freeNames(before), (alteration) => madePlain.includes(alteration)),
    )
  }
  for (const { type, dropOld } of rebuilds.values()) out.add(`drop the old ${type.name}`, [dropOld])
  out.add('recreate functions and domains', suspension.restoreFirst)
  for (const column of recreated) out.add(`recreate ${column.to.name} of ${column.table.name}`, recreate(column, after))
  out.add(`recreate dependents${names}`, suspension.restore)
}

/** Alterations of columns of one table, which one statement makes. */
interface ColumnGroup {
  readonly op: 'alterColumns'
  readonly alterations: AlterColumn[]
}

/** The operations with those of each table together. None passes a change of an enum, whose values it may need. */
function groupsByTable(operations: readonly TypeChange[]): (AlterEnum | ColumnGroup)[] {
  const groups: (AlterEnum | ColumnGroup)[] = []
  let tables = new Map<string, ColumnGroup>()
  for (const operation of operations) {
    if (operation.op === 'alterEnum') {
      groups.push(operation)
      tables = new Map()
      continue
    }
    const key = keyOf(operation.table)
    const group = tables.get(key)
    if (group !== undefined) group.alterations.push(operation)
    else {
      const added: ColumnGroup = { op: 'alterColumns', alterations: [operation] }
      groups.push(added)
      tables.set(key, added)
    }
  }
  return groups
}

function describeAlterations(alterations: readonly AlterColumn[]): string | undefined {
  const [first, ...others] = alterations
  if (first === undefined) return undefined
  if (others.length === 0) return describeOperation(first)
  const columns = alterations.map(({ from, to }) => `${to.name} (${changesInWords(from, to).join(', ')})`)
  return `alter columns of ${displayName(first.table)}: ${columns.join(', ')}`
}

/** Orders columns so that a generated column is dropped before the columns that it reads. */
function readersFirst(recreated: readonly RecreatedColumn[]): RecreatedColumn[] {
  const rank = ({ column, computed }: RecreatedColumn): number =>
    !computed ? 0 : column.generated === undefined ? 2 : 1
  return [...recreated].sort((a, b) => rank(a) - rank(b))
}

function rebuildsOf(
  operations: readonly TypeChange[],
  alterations: readonly AlterColumn[],
  before: Schema,
  after: Schema,
  all: readonly Operation[],
): Map<AlterEnum, EnumRebuild> {
  const alterationOf = (table: ObjectName, column: Column): AlterColumn | undefined =>
    alterations.find((other) => sameName(other.table, table) && other.from.name === column.name)
  const keepsType = (table: ObjectName, column: Column): boolean => {
    const type = findTable(after, table)?.columns.find((other) => other.name === column.name)?.enum
    return type !== undefined && column.enum !== undefined && sameName(type, column.enum)
  }
  const setsDefault = (table: ObjectName, column: Column): boolean => {
    const alteration = alterationOf(table, column)
    return alteration !== undefined && alteration.from.default !== alteration.to.default
  }
  const rebuilt = operations
    .filter((operation) => operation.op === 'alterEnum')
    .filter((operation) => !canAddValues(operation, all))
  return new Map(rebuilt.map((operation) => [operation, rebuildEnum(operation, before, keepsType, setsDefault)]))
}

function columnChanges(
  alterations: readonly AlterColumn[],
  rebuilds: ReadonlyMap<AlterEnum, EnumRebuild>,
  recreated: readonly RecreatedColumn[],
  before: Schema,
): ColumnChange[] {
  const rebuiltTypes = [...rebuilds.values()].map(({ type }) => type)
  return [
    ...alterations.filter(changesType).map(({ table, from, to }) => ({
      table,
      column: from.name,
      kind: 'retyped' as const,
      incomparable: !comparable(from, to),
    })),
    ...before.tables.flatMap((table) =>
      table.columns
        .filter((column) => rebuiltTypes.some((type) => column.enum !== undefined && sameName(column.enum, type)))
        .map((column) => ({ table, column: column.name, kind: 'rebuilt' as const, incomparable: true })),
    ),
    ...recreated.map(({ table, column }) => ({
      table,
      column: column.name,
      kind: 'recreated' as const,
      incomparable: true,
    })),
  ]
}

/** Columns whose own expression changes, and generated columns that read a changed column. */
function recreatedColumns(
  alterations: readonly AlterColumn[],
  rebuilds: ReadonlyMap<AlterEnum, EnumRebuild>,
  before: Schema,
  after: Schema,
): RecreatedColumn[] {
  const recreated = alterations.filter(mustRecreate).map(({ table, from, to }) => ({
    table,
    column: from,
    to,
    computed: to.generated !== undefined,
  }))
  const known = new Set(
    [...recreated, ...alterations.filter(becomesPlain).map(({ table, from }) => ({ table, column: from }))].map(
      ({ table, column }) => columnKey(table, column.name),
    ),
  )
  const changes = columnChanges(alterations, rebuilds, recreated, before)
  const types = [...rebuilds.values()].map(({ type }) => type.name)
  const readers = before.tables.flatMap((table) => {
    const changed = [...types, ...changes.filter((change) => sameName(change.table, table)).map(({ column }) => column)]
    return table.columns.flatMap((column) => {
      if (column.generated === undefined || known.has(columnKey(table, column.name))) return []
      const identifiers = identifiersIn(column.generated.expression)
      if (!changed.some((name) => identifiers.has(name))) return []
      const to = findTable(after, table)?.columns.find((other) => other.name === column.name) ?? column
      return [{ table, column, to, computed: true }]
    })
  })
  return [...recreated, ...readers]
}

/** True for a stored generated column that becomes a plain one and keeps its values. */
function becomesPlain({ from, to }: AlterColumn): boolean {
  return from.generated?.kind === 'stored' && to.generated === undefined
}

function mustRecreate({ from, to }: AlterColumn): boolean {
  if (to.generated === undefined) return from.generated?.kind === 'virtual'
  return (
    from.generated?.expression !== to.generated.expression ||
    from.generated.kind !== to.generated.kind ||
    (changesType({ from, to }) && !changesLength(from, to))
  )
}

/**
 * True for a stored generated column whose type changes only its length: the server keeps the values that it has, and they
 * are those that the expression gives. (A changed scale would need the digits that are no longer stored.)
 */
function changesLength(from: Column, to: Column): boolean {
  if (from.generated?.kind !== 'stored' || from.collation !== to.collation) return false
  const [was, is] = [parseType(from.type), parseType(to.type)]
  if (was.array || is.array) return false
  const texts = ['text', 'character varying']
  if (texts.includes(was.base) && texts.includes(is.base)) return true
  const isNumeric = was.base === 'numeric' && is.base === 'numeric'
  return isNumeric && was.args.length > 0 && is.args.length > 0 && (was.args[1] ?? 0) === (is.args[1] ?? 0)
}

/** Copies the values of a virtual column to a plain one. */
function copyAway(table: ObjectName, column: Column, to: Column): string[] {
  return [
    ...alterTableStatement(table, [
      `ADD COLUMN ${quote(copyName(column))} ${to.type}${to.collation === undefined ? '' : ` COLLATE ${to.collation}`}`,
    ]),
    `UPDATE ${quoteName(table)} SET ${quote(copyName(column))} = ${quote(column.name)}`,
    dropColumn(table, column.name),
    `ALTER TABLE ${quoteName(table)} RENAME COLUMN ${quote(copyName(column))} TO ${quote(to.name)}`,
  ]
}

function copyName(column: Column): string {
  return `${[...column.name].slice(0, 50).join('')}_values`
}

function recreate({ table, to, computed }: RecreatedColumn, after: Schema): string[] {
  if (!computed) {
    const plain: Column = { name: to.name, type: to.type, nullable: true, collation: to.collation }
    return alterColumn({ table, from: plain, to }, freeNames(after))
  }
  return [
    ...alterTableStatement(table, [`ADD COLUMN ${columnDefinition(to, table, freeNames(after))}`]),
    ...(to.comment === undefined ? [] : [commentOnColumn(table, to.name, to.comment)]),
  ]
}

function dropColumn(table: ObjectName, column: string): string {
  return `ALTER TABLE ${quoteName(table)} DROP COLUMN ${quote(column)}`
}
