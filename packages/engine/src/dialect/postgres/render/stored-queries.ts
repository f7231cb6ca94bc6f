import { type ObjectName, type Routine, sameName, type Schema, type View } from '../../../schema/schema'
import { identifiersIn } from '../expression'
import { dropRoutine } from './opaque'
import { createView, dropView } from './view'

/** A view, or a function or procedure. */
type StoredQuery = { readonly view: View } | { readonly routine: Routine }

/** Views and routines that must be dropped before a change, and how to create them again after it. */
export interface SuspendedQueries {
  readonly drop: readonly string[]
  /** Drops the routines of `restoreFirst`. */
  readonly dropLast: readonly string[]
  /** Routines that read no relation: indexes, checks and generated columns may call them. */
  readonly restoreFirst: readonly string[]
  /** The rest, each after what it reads or calls. */
  readonly restore: readonly string[]
  /** In words: `view names`. */
  readonly names: readonly string[]
  /** True if the expression calls one of the routines. */
  calls(sql: string): boolean
  /** True if the expression calls one of the routines, or reads one of the views. */
  uses(sql: string): boolean
}

/**
 * The views and routines of which the test is true, and all that read or call them.
 *
 * The server knows what a routine needs only for its arguments, its result and a body in standard SQL (`BEGIN ATOMIC`); a
 * body in a string is text, which the server reads when the routine runs.
 * https://www.postgresql.org/docs/current/sql-createfunction.html
 *
 * @param isHit gets the text that the server has parsed, without the name of the routine itself
 */
export function suspendQueries(
  schema: Schema,
  isHit: (query: { readonly dependsOn: readonly ObjectName[] }, sql: string) => boolean,
): SuspendedQueries {
  const rest = new Set<StoredQuery>([
    ...schema.views.map((view) => ({ view })),
    ...(schema.functions ?? []).map((routine) => ({ routine })),
  ])
  const found: StoredQuery[] = []
  const take = (query: StoredQuery): void => {
    rest.delete(query)
    found.push(query)
  }
  for (const query of rest) if (isHit(dependenciesOf(query), textOf(query))) take(query)
  for (let size = -1; size !== found.length;) {
    size = found.length
    for (const query of rest) if (found.some((other) => needs(query, other))) take(query)
  }
  const ordered = inOrder(found)
  const isFirst = (query: StoredQuery): boolean => 'routine' in query && query.routine.dependsOn.length === 0
  // A routine without relations needs nothing but other such routines.
  const first = ordered.filter(isFirst)
  const last = ordered.filter((query) => !isFirst(query))
  const routines = found.flatMap((query) => ('routine' in query ? [query.routine.routine] : []))
  const views = found.flatMap((query) => ('view' in query ? [query.view.name] : []))
  const namesAny =
    (names: readonly string[]) =>
    (sql: string): boolean => {
      const identifiers = identifiersIn(sql)
      return names.some((name) => identifiers.has(name))
    }
  return {
    drop: last.toReversed().map(drop),
    dropLast: first.toReversed().map(drop),
    restoreFirst: first.flatMap(create),
    restore: last.flatMap(create),
    names: ordered.map((query) =>
      'view' in query ? `view ${query.view.name}` : `${query.routine.kind} ${query.routine.name}`,
    ),
    calls: namesAny(routines),
    uses: namesAny([...routines, ...views]),
  }
}

function drop(query: StoredQuery): string {
  return 'view' in query ? dropView(query.view) : dropRoutine(query.routine)
}

function create(query: StoredQuery): string[] {
  return 'view' in query ? createView(query.view) : [query.routine.sql]
}

function dependenciesOf(query: StoredQuery): { readonly dependsOn: readonly ObjectName[] } {
  return 'view' in query ? query.view : query.routine
}

/** The text that the server has parsed. A body in a string is one token, in which no name is found. */
function textOf(query: StoredQuery): string {
  if ('view' in query) return query.view.definition
  const { sql } = query.routine
  return sql.slice(sql.indexOf('('))
}

/** True if a view or routine reads the other view, or calls the other routine. */
function needs(query: StoredQuery, other: StoredQuery): boolean {
  if ('view' in other) return dependenciesOf(query).dependsOn.some((name) => sameName(name, other.view))
  return query !== other && identifiersIn(textOf(query)).has(other.routine.routine)
}

/** Each after those that it needs. */
function inOrder(queries: readonly StoredQuery[]): StoredQuery[] {
  const ordered = new Set<StoredQuery>()
  const visiting = new Set<StoredQuery>()
  const visit = (query: StoredQuery): void => {
    if (visiting.has(query)) return
    visiting.add(query)
    for (const other of queries) if (other !== query && needs(query, other)) visit(other)
    ordered.add(query)
  }
  for (const query of queries) visit(query)
  return [...ordered]
}
