import { parseType } from '../operations/columns/type-change'
import { onCheck } from '../operations/constraints/check'
import type { AddDrop } from '../operations/constraints/constraint'
import { onExclusion } from '../operations/constraints/exclusion'
import { onForeignKey } from '../operations/constraints/foreign-key'
import { onPrimaryKey } from '../operations/constraints/primary-key'
import { onUnique } from '../operations/constraints/unique'
import type { Operation, RenameConstraint, TableOptions } from '../operations/operation'
import type { Scope } from '../schema/expressions'
import { sameData, stableJson } from '../schema/json'
import {
  bodyOf,
  normalizeCheck,
  normalizeColumn,
  normalizeExclusion,
  normalizeIndex,
  normalizeUnique,
  scopeOf,
} from '../schema/normalize'
import { type Changes, changesOf, pairByKey } from './pairing'
import type {
  Check,
  Column,
  Exclusion,
  ForeignKey,
  Index,
  ObjectName,
  PrimaryKey,
  Table,
  Unique,
} from '../schema/schema'

/** The differences between two versions of a table, except foreign keys, which also depend on other tables. */
export interface TableDiff {
  readonly from: Table
  readonly to: Table
  readonly columns: ColumnDiff
  readonly primaryKey: Changes<PrimaryKey>
  readonly uniques: Changes<Unique>
  readonly checks: Changes<Check>
  readonly exclusions: Changes<Exclusion>
  readonly indexes: Changes<Index>
}

interface ColumnDiff {
  readonly removed: readonly Column[]
  readonly added: readonly Column[]
  readonly altered: readonly { readonly from: Column; readonly to: Column }[]
}

export function diffTable(from: Table, to: Table): TableDiff {
  // Equal definitions need not be normalized, which is most of the work of a comparison of large schemas.
  if (sameData(from, to)) return unchanged(from, to)
  const scopes = { from: scopeOf(from), to: scopeOf(to) }
  return {
    from,
    to,
    columns: diffColumns(from, to),
    primaryKey: changesOf(listOf(from.primaryKey), listOf(to.primaryKey), bodyOf),
    uniques: changesOf(from.uniques, to.uniques, (item) => bodyOf(normalizeUnique(item))),
    checks: changesOf(from.checks, to.checks, (item, side) => bodyOf(normalizeCheck(item, scopes[side]))),
    exclusions: changesOf(from.exclusions, to.exclusions, (item, side) =>
      bodyOf(normalizeExclusion(item, scopes[side])),
    ),
    indexes: changesOf(from.indexes, to.indexes, (item, side) => bodyOf(normalizeIndex(item, scopes[side]))),
  }
}

function unchanged(from: Table, to: Table): TableDiff {
  const columns = { removed: [], added: [], altered: [] }
  return {
    from,
    to,
    columns,
    primaryKey: noChanges(listOf(from.primaryKey), listOf(to.primaryKey)),
    uniques: noChanges(from.uniques, to.uniques),
    checks: noChanges(from.checks, to.checks),
    exclusions: noChanges(from.exclusions, to.exclusions),
    indexes: noChanges(from.indexes, to.indexes),
  }
}

function noChanges<T>(from: readonly T[], to: readonly T[]): Changes<T> {
  const kept = from.flatMap((old, index) => {
    const wanted = to[index]
    return wanted === undefined ? [] : [{ from: old, to: wanted }]
  })
  return { dropped: [], added: [], renamed: [], kept }
}

function diffColumns(from: Table, to: Table): ColumnDiff {
  const { removed, added, both } = pairByKey(from.columns, to.columns, (column) => column.name)
  const text = (column: Column, scope: Scope): string => stableJson(normalizeColumn(column, scope))
  const [fromScope, toScope] = [scopeOf(from), scopeOf(to)]
  const altered = both
    .filter((pair) => text(pair.from, fromScope) !== text(pair.to, toScope))
    .map((pair) => ({ from: pair.from, to: withOwnParts(pair.from, pair.to) }))
  return { removed, added, altered }
}

/** A changed column keeps its conflict clause (SQLite), which entities cannot declare. */
function withOwnParts(from: Column, to: Column): Column {
  return { ...to, onConflict: to.onConflict ?? from.onConflict }
}

/** Columns whose type is replaced, not only made longer or more precise. */
function retyped({ columns }: TableDiff): ReadonlySet<string> {
  return new Set(columns.altered.filter((pair) => isOtherType(pair.from, pair.to)).map((pair) => pair.to.name))
}

function isOtherType(from: Column, to: Column): boolean {
  const [source, target] = [parseType(from.type), parseType(to.type)]
  return source.base !== target.base || source.array !== target.array
}

/** Operations on everything but foreign keys, in no particular order. */
export function tableOperations(table: ObjectName, diff: TableDiff): Operation[] {
  const [from, to] = [optionsOf(diff.from), optionsOf(diff.to)]
  return [
    ...(stableJson(from) === stableJson(to) ? [] : [{ op: 'alterTable', table, from, to } as const]),
    ...diff.columns.removed.map((column): Operation => ({ op: 'dropColumn', table, column })),
    ...diff.columns.added.map((column): Operation => ({ op: 'addColumn', table, column })),
    ...diff.columns.altered.map((pair): Operation => ({ op: 'alterColumn', table, ...pair })),
    ...constraintOperations(table, 'primaryKey', diff.primaryKey, onPrimaryKey(table)),
    ...constraintOperations(table, 'unique', diff.uniques, onUnique(table)),
    ...constraintOperations(table, 'check', diff.checks, onCheck(table)),
    ...constraintOperations(table, 'exclusion', diff.exclusions, onExclusion(table)),
    ...indexOperations(table, diff.indexes),
  ]
}

export function indexOperations(table: ObjectName, changes: Changes<Index>): Operation[] {
  return [
    ...changes.dropped.map((index): Operation => ({ op: 'dropIndex', table, index })),
    ...changes.added.map((index): Operation => ({ op: 'createIndex', table, index })),
    ...changes.renamed.map(({ from, to }): Operation => ({ op: 'renameIndex', table, from: from.name, to: to.name })),
  ]
}

function constraintOperations<T extends { readonly name?: string }>(
  table: ObjectName,
  kind: RenameConstraint['kind'],
  { dropped, added, renamed }: Changes<T>,
  on: AddDrop<T>,
): Operation[] {
  return [
    ...dropped.map((constraint) => on.drop(constraint)),
    ...added.map((constraint) => on.add(constraint)),
    ...renamed.flatMap(({ from, to }): Operation[] =>
      from.name === undefined || to.name === undefined
        ? []
        : [{ op: 'renameConstraint', table, kind, from: from.name, to: to.name }],
    ),
  ]
}

/**
 * Operations on the foreign keys of one table. An unchanged foreign key is dropped and added again if the referenced key
 * is, or if the types on both sides change, since they would differ for a moment.
 */
export function foreignKeyOperations(
  table: ObjectName,
  diff: TableDiff,
  target: (name: ObjectName) => TableDiff | undefined,
): Operation[] {
  const own = retyped(diff)
  const disturbed = ({ columns, references }: ForeignKey): boolean => {
    const other = target(references)
    if (other === undefined) return false
    if (droppedKeys(other).has(keyText(references.columns))) return true
    if (own.size === 0) return false
    const others = retyped(other)
    return columns.some((column, index) => own.has(column) && others.has(references.columns[index] ?? ''))
  }
  const [from, to] = [diff.from.foreignKeys, diff.to.foreignKeys]
  const isUnchanged = sameData(from, to) && !from.some(disturbed)
  const changes = isUnchanged ? noChanges(from, to) : changesOf(from, to, bodyOf, disturbed)
  return constraintOperations(table, 'foreignKey', changes, onForeignKey(table))
}

/** The sets of columns of dropped primary keys, unique constraints and unique indexes. */
function droppedKeys(diff: TableDiff): ReadonlySet<string> {
  const keys = [...diff.primaryKey.dropped, ...diff.uniques.dropped].map((key) => key.columns)
  const indexes = diff.indexes.dropped
    .filter((index) => index.unique)
    .map((index) => index.keys.map((key) => key.column ?? ''))
  return new Set([...keys, ...indexes].map(keyText))
}

function keyText(columns: readonly string[]): string {
  return stableJson([...columns].sort())
}

function optionsOf(table: Table): TableOptions {
  const { comment, strict, withoutRowid, rowSecurity, forceRowSecurity, partitionBy } = table
  // False is the same as absent.
  return {
    comment,
    strict: strict === true ? strict : undefined,
    withoutRowid: withoutRowid === true ? withoutRowid : undefined,
    rowSecurity: rowSecurity === true ? rowSecurity : undefined,
    forceRowSecurity: forceRowSecurity === true ? forceRowSecurity : undefined,
    partitionBy,
  }
}

function listOf<T>(item: T | undefined): T[] {
  return item === undefined ? [] : [item]
}
