import type { MigratorContext } from '../project/context'
import type { Queryable } from '../dialect/queryable'
import { isEdited } from '../files/checksum'
import { type Finding, findingsOf } from '../history/findings'
import type { History } from '../history/history'
import { type State, stateOf } from '../history/state'
import type { AppliedEntry } from '../history/types'

/** The history of a database, and its inconsistencies with the files. */
export interface Examined {
  readonly state: State
  readonly findings: readonly Finding[]
  /** Journal entries of applied revisions, by name. */
  readonly entries: ReadonlyMap<string, AppliedEntry>
}

/** Compares the history of a database with the files. */
export async function examine(context: MigratorContext, database: Queryable): Promise<Examined> {
  return examineHistory(context, await context.connection.history(), database)
}

/** {@link examine} with a history that need not be the one of the DataSource. */
export async function examineHistory(
  context: MigratorContext,
  history: History,
  database: Queryable,
): Promise<Examined> {
  const names = (await history.read(database)).map((row) => row.name)
  const state = stateOf(await context.revisions.read(), names)
  const entries = await history.lastApplied(database)
  const unfinished = await history.unfinished(database)
  const edited = await editedOf(state, entries)
  return { state, entries, findings: findingsOf({ ...state, entries, edited, unfinished }) }
}

/** Ids of applied revisions whose code was edited since. */
async function editedOf(
  { graph, applied }: State,
  entries: ReadonlyMap<string, AppliedEntry>,
): Promise<ReadonlySet<string>> {
  const edited = new Set<string>()
  for (const id of applied) {
    const revision = graph.get(id)
    const entry = entries.get(revision.name)
    if (entry !== undefined && (await isEdited(revision, entry))) edited.add(id)
  }
  return edited
}
