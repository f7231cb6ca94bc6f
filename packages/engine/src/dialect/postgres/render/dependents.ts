import {
  type ForeignKey,
  type Index,
  keyOf,
  type ObjectName,
  type Policy,
  sameName,
  type Schema,
  type Table,
} from '../../../schema/schema'
import { lay } from '../../layout'
import { identifiersIn } from '../expression'
import { quote, quoteName } from '../names'
import { mentionsType } from './enum'
import { checkClause, exclusionClause, foreignKeyClause, primaryKeyClause, uniqueClause } from './constraint'
import { createIndex, dropIndex } from './index-statement'
import { createPolicy, dropPolicy, dropRoutine, dropTrigger } from './opaque'
import { createView, dropView, withReaders } from './view'

/** How one column changes, as far as its dependents are concerned. */
export interface ColumnChange {
  readonly table: ObjectName
  readonly column: string
  /**
   * `retyped`: the server converts indexes and checks automatically. `rebuilt`: its enum type is recreated, and literals in
   * expressions keep the old type. `recreated`: dropped and recreated.
   */
  readonly kind: 'retyped' | 'rebuilt' | 'recreated'
  /** True when old and new values cannot be compared, so that no foreign key can join them. */
  readonly incomparable: boolean
}

/** Statements that drop dependents before a change, and recreate them after it. */
interface Suspension {
  readonly drop: readonly string[]
  readonly restore: readonly string[]
  /** The dependents in words: `view names`. */
  readonly names: readonly string[]
}

/**
 * The dependents that would block a change of columns or be broken by it: views, triggers, policies, routines and foreign
 * keys; and for `rebuilt` and `recreated` columns also checks, exclusions, indexes and keys.
 *
 * @param after the schema in which the dependents are recreated; they have the same names there
 */
export function suspend(
  changes: readonly ColumnChange[],
  rebuilt: readonly ObjectName[],
  before: Schema,
  after: Schema,
): Suspension {
  const drop: string[] = []
  const restore: string[] = []
  const names: string[] = []

  const functions = (before.functions ?? []).filter((routine) => readsChange(routine, routine.sql, changes))
  const calls = (sql: string): boolean => {
    const identifiers = identifiersIn(sql)
    return functions.some(({ routine }) => identifiers.has(routine))
  }
  const views = withReaders(
    before,
    (view) =>
      readsChange(view, view.definition, changes) ||
      rebuilt.some((type) => mentionsType(view.definition, type)) ||
      calls(view.definition),
  )
  for (const view of views.toReversed()) drop.push(dropView(view))
  names.push(...views.map((view) => `view ${view.name}`))

  const affected = before.tables.map((table) => ({
    table,
    own: changes.filter((change) => sameName(change.table, table)),
  }))
  const foreignKeys = affected.flatMap(({ table }) =>
    table.foreignKeys.filter((key) => joinsChange(table, key, changes)).map((key) => ({ table, key })),
  )
  const keyDrops = foreignKeys.map(({ table, key }) => dropConstraint(table, key.name))
  const constraintDrops: string[] = []
  const setAside = (name: string, dropped: string, restored: readonly string[]): void => {
    constraintDrops.push(dropped)
    restore.push(...restored)
    names.push(name)
  }
  const triggers: string[] = []
  const policies: string[] = []
  for (const { table, own } of affected) {
    const isHit = expressionTest(own, rebuilt)
    const recreated = new Set(own.filter(({ kind }) => kind === 'recreated').map(({ column }) => column))
    const usesRecreated = (columns: readonly string[]): boolean => columns.some((column) => recreated.has(column))
    const now = after.tables.find((other) => sameName(other, table)) ?? table

    for (const trigger of table.triggers.filter(({ sql }) => mentionsColumn(sql, own))) {
      drop.push(dropTrigger(table, trigger))
      triggers.push(trigger.sql)
      names.push(`trigger ${trigger.name}`)
    }
    for (const policy of (table.policies ?? []).filter((candidate) =>
      policyIsHit(candidate, table, changes, rebuilt, calls),
    )) {
      drop.push(dropPolicy(table, policy))
      policies.push(createPolicy(table, policy))
      names.push(`policy ${policy.name}`)
    }
    const key = table.primaryKey
    if (key !== undefined && usesRecreated(key.columns)) {
      const restored = now.primaryKey === undefined ? [] : [addConstraint(table, primaryKeyClause(now.primaryKey))]
      setAside(`primary key of ${table.name}`, dropConstraint(table, key.name), restored)
    }
    for (const unique of table.uniques.filter(({ columns }) => usesRecreated(columns))) {
      const restored = [addConstraint(table, uniqueClause(unique))]
      setAside(`unique ${unique.name ?? ''}`, dropConstraint(table, unique.name), restored)
    }
    for (const check of table.checks.filter(({ expression }) => isHit(expression))) {
      const restored = [addConstraint(table, checkClause(check))]
      setAside(`check ${check.name ?? ''}`, dropConstraint(table, check.name), restored)
    }
    for (const exclusion of table.exclusions.filter(({ definition }) => isHit(definition))) {
      const restored = [addConstraint(table, exclusionClause(exclusion))]
      setAside(`exclusion ${exclusion.name}`, dropConstraint(table, exclusion.name), restored)
    }
    for (const index of table.indexes.filter((candidate) => indexIsHit(candidate, isHit, usesRecreated))) {
      setAside(`index ${index.name}`, dropIndex(table, index), createIndex(table, index))
    }
  }
  drop.push(...keyDrops, ...constraintDrops)
  restore.push(...foreignKeys.map(({ table, key }) => addConstraint(table, foreignKeyClause(key))))
  names.push(...foreignKeys.map(({ key }) => `foreign key ${key.name ?? ''}`))
  drop.push(...functions.map(dropRoutine))
  restore.push(...functions.map(({ sql }) => sql), ...triggers, ...views.flatMap(createView), ...policies)
  names.push(...functions.map(({ kind, name }) => `${kind} ${name}`))
  return { drop, restore, names }
}

export function addConstraint(table: ObjectName, clause: string): string {
  return lay([`ALTER TABLE ${quoteName(table)}`, `ADD ${clause}`], '  ')
}

export function dropConstraint(table: ObjectName, name: string | undefined): string {
  return `ALTER TABLE ${quoteName(table)} DROP CONSTRAINT ${quote(name ?? '')}`
}

function readsChange(
  { dependsOn }: { readonly dependsOn: readonly ObjectName[] },
  sql: string,
  changes: readonly ColumnChange[],
): boolean {
  const identifiers = identifiersIn(sql)
  return changes.some(({ table, column }) => identifiers.has(column) && dependsOn.some((name) => sameName(name, table)))
}

/** A policy may read other tables in a subquery. */
function policyIsHit(
  { using, check }: Policy,
  own: Table,
  changes: readonly ColumnChange[],
  rebuilt: readonly ObjectName[],
  calls: (sql: string) => boolean,
): boolean {
  const sql = `${using ?? ''} ${check ?? ''}`
  const identifiers = identifiersIn(sql)
  return (
    changes.some(
      ({ table, column }) => identifiers.has(column) && (sameName(table, own) || identifiers.has(table.name)),
    ) ||
    rebuilt.some((type) => mentionsType(sql, type)) ||
    calls(sql)
  )
}

function joinsChange(table: Table, key: ForeignKey, changes: readonly ColumnChange[]): boolean {
  return changes.some((change) => {
    if (!change.incomparable && change.kind === 'retyped') return false
    const isOwn = keyOf(change.table) === keyOf(table) && key.columns.includes(change.column)
    return isOwn || (sameName(change.table, key.references) && key.references.columns.includes(change.column))
  })
}

function mentionsColumn(sql: string, changes: readonly ColumnChange[]): boolean {
  const identifiers = identifiersIn(sql)
  return changes.some(({ column }) => identifiers.has(column))
}

/** Tests whether an expression of the table names a `rebuilt` or `recreated` column, or a rebuilt type. */
function expressionTest(changes: readonly ColumnChange[], rebuilt: readonly ObjectName[]): (sql: string) => boolean {
  const columns = changes.filter(({ kind }) => kind !== 'retyped').map(({ column }) => column)
  return (sql) => {
    const identifiers = identifiersIn(sql)
    return columns.some((column) => identifiers.has(column)) || rebuilt.some((type) => identifiers.has(type.name))
  }
}

function indexIsHit(
  index: Index,
  isHit: (sql: string) => boolean,
  usesRecreated: (columns: readonly string[]) => boolean,
): boolean {
  if (usesRecreated([...index.keys.flatMap((key) => key.column ?? []), ...(index.include ?? [])])) return true
  return [index.where, ...index.keys.map((key) => key.expression)].some((sql) => sql !== undefined && isHit(sql))
}
