import {
  type Domain,
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
import { createPolicy, dropPolicy, dropTrigger } from './opaque'
import { suspendQueries } from './stored-queries'

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
  /** Drops what generated columns may use: routines, and domains. */
  readonly dropLast: readonly string[]
  /** Restores what `dropLast` drops. */
  readonly restoreFirst: readonly string[]
  readonly restore: readonly string[]
  /** The dependents in words: `view names`. */
  readonly names: readonly string[]
}

/**
 * The dependents that would block a change of columns or be broken by it: views, triggers, policies, routines and foreign
 * keys; and for `rebuilt` and `recreated` columns also checks, exclusions, indexes and keys. Everything that reads or calls
 * one of them is a dependent as well.
 *
 * @param types the enum types that are recreated
 * @param after the schema in which the dependents are recreated; they have the same names there
 */
export function suspend(
  changes: readonly ColumnChange[],
  types: readonly ObjectName[],
  before: Schema,
  after: Schema,
): Suspension {
  const domains = suspendedDomains(before, types)
  const rebuilt = [...types, ...domains]
  const queries = suspendQueries(before, (query, sql) => readsChange(query, sql, changes) || mentionsAny(sql, rebuilt))
  const affected = before.tables.map((table) => ({
    table,
    own: changes.filter((change) => sameName(change.table, table)),
  }))
  const first = new Group()
  const foreignKeys = new Group()
  const keys = new Group()
  const expressions = new Group()
  for (const { table, own } of affected) {
    const namesChange = expressionTest(own, rebuilt)
    const isHit = (sql: string): boolean => namesChange(sql) || queries.calls(sql)
    const recreated = new Set(own.filter(({ kind }) => kind === 'recreated').map(({ column }) => column))
    const usesRecreated = (columns: readonly string[]): boolean => columns.some((column) => recreated.has(column))
    const now = after.tables.find((other) => sameName(other, table)) ?? table

    for (const trigger of table.triggers) {
      if (mentionsColumn(trigger.sql, own) || mentionsAny(trigger.sql, rebuilt) || queries.calls(trigger.sql))
        first.add(`trigger ${trigger.name}`, dropTrigger(table, trigger), [trigger.sql])
    }
    for (const policy of table.policies ?? []) {
      if (policyIsHit(policy, table, changes, rebuilt, (sql) => queries.uses(sql)))
        first.add(`policy ${policy.name}`, dropPolicy(table, policy), [createPolicy(table, policy)])
    }
    for (const key of table.foreignKeys.filter((candidate) => joinsChange(table, candidate, changes))) {
      const restored = [addConstraint(table, foreignKeyClause(key))]
      foreignKeys.add(`foreign key ${key.name ?? ''}`, dropConstraint(table, key.name), restored)
    }
    const key = table.primaryKey
    if (key !== undefined && usesRecreated(key.columns)) {
      const restored = now.primaryKey === undefined ? [] : [addConstraint(table, primaryKeyClause(now.primaryKey))]
      keys.add(`primary key of ${table.name}`, dropConstraint(table, key.name), restored)
    }
    for (const unique of table.uniques.filter(({ columns }) => usesRecreated(columns))) {
      const restored = [addConstraint(table, uniqueClause(unique))]
      keys.add(`unique ${unique.name ?? ''}`, dropConstraint(table, unique.name), restored)
    }
    for (const check of table.checks.filter(({ expression }) => isHit(expression))) {
      const restored = [addConstraint(table, checkClause(check))]
      expressions.add(`check ${check.name ?? ''}`, dropConstraint(table, check.name), restored)
    }
    for (const exclusion of table.exclusions.filter(({ definition }) => isHit(definition))) {
      const restored = [addConstraint(table, exclusionClause(exclusion))]
      expressions.add(`exclusion ${exclusion.name}`, dropConstraint(table, exclusion.name), restored)
    }
    for (const candidate of table.indexes.filter((one) => indexIsHit(one, isHit, usesRecreated))) {
      // The table is locked for the change anyway, and the revision may be one transaction.
      const index = { ...candidate, concurrent: undefined }
      expressions.add(`index ${index.name}`, dropIndex(table, index), createIndex(table, index))
    }
  }
  // Policies and triggers may use everything; a foreign key needs a unique index; a check may call a routine that reads a
  // table; and a query with GROUP BY may need a primary key.
  return {
    drop: [...first.drop, ...foreignKeys.drop, ...expressions.drop, ...queries.drop, ...keys.drop],
    dropLast: [...queries.dropLast, ...domains.toReversed().map((domain) => `DROP DOMAIN ${quoteName(domain)}`)],
    restoreFirst: [...domains.map(({ sql }) => sql), ...queries.restoreFirst],
    restore: [...keys.restore, ...queries.restore, ...expressions.restore, ...foreignKeys.restore, ...first.restore],
    names: [
      ...domains.map(({ name }) => `domain ${name}`),
      ...queries.names,
      ...[first, keys, expressions, foreignKeys].flatMap(({ names }) => names),
    ],
  }
}

/** The domains over a rebuilt type. One that a column has stays: the server will refuse, and the error names it. */
function suspendedDomains({ domains = [], tables }: Schema, types: readonly ObjectName[]): Domain[] {
  const used = new Set(tables.flatMap((table) => table.columns.flatMap(({ type }) => [...identifiersIn(type)])))
  return domains.filter(
    (domain) => mentionsAny(domain.sql.slice(domain.sql.indexOf(' AS ')), types) && !used.has(domain.name),
  )
}

/** Dependents of one sort. */
class Group {
  readonly drop: string[] = []
  readonly restore: string[] = []
  readonly names: string[] = []

  add(name: string, drop: string, restore: readonly string[]): void {
    this.drop.push(drop)
    this.restore.push(...restore)
    this.names.push(name)
  }
}

export function addConstraint(table: ObjectName, clause: string): string {
  return lay([`ALTER TABLE ${quoteName(table)}`, `ADD ${clause}`], '  ')
}

export function dropConstraint(table: ObjectName, name: string | undefined): string {
  return `ALTER TABLE ${quoteName(table)} DROP CONSTRAINT ${quote(name ?? '')}`
}

function mentionsAny(sql: string, types: readonly ObjectName[]): boolean {
  return types.some((type) => mentionsType(sql, type))
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
  uses: (sql: string) => boolean,
): boolean {
  const sql = `${using ?? ''} ${check ?? ''}`
  const identifiers = identifiersIn(sql)
  return (
    changes.some(
      ({ table, column }) => identifiers.has(column) && (sameName(table, own) || identifiers.has(table.name)),
    ) ||
    mentionsAny(sql, rebuilt) ||
    uses(sql)
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
