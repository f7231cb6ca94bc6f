import { cacheFileOf, readCacheFile, sumOf, writeCacheFile } from '../../files/cache-file'
import type { Dialect } from '../../dialect/dialect'
import type { MigratorContext } from '../../project/context'
import type { Story, StoryEvent } from '../../results'
import type { Revision } from '../../revision/revision'
import { toolVersion } from '../../version'
import type { TableChange } from './changes'
import { stepsOf, type StoryStep } from './replay'

/** Options of `Migrator.story`. */
export interface StoryOptions {
  /** A table, under the name that it has now, or had when it was dropped; `schema.name` outside the default schema. */
  readonly table: string
  /** One of its columns. Default: the whole table. */
  readonly column?: string
}

/**
 * The revisions that made, changed, renamed and dropped a table or a column, oldest first, from a replay of all revisions in the
 * order of the graph. The answer for a table is cached by the content of the revisions.
 *
 * @throws AludelError `ALUDEL_REPLAY`, `ALUDEL_SHADOW`
 */
export async function readStory(context: MigratorContext, { table, column }: StoryOptions): Promise<Story> {
  const dialect = await context.connection.dialect()
  const { graph, applied } = await context.state()
  const steps = await cachedSteps(context, dialect, graph.order, table)
  return {
    table,
    column: column ?? null,
    events: tell(steps, table, column).map(({ id, ...event }): StoryEvent => {
      const { message, timestamp } = graph.get(id)
      return {
        ...{ revision: id, message, createdAt: new Date(timestamp).toISOString(), applied: applied.has(id) },
        ...event,
      }
    }),
  }
}

interface Told extends Pick<StoryEvent, 'operations' | 'renamedFrom'> {
  /** Of the revision. */
  readonly id: string
}

/** Goes backward through the changes, under the names that the table and the column had. */
function tell(steps: readonly StoryStep[], table: string, column: string | undefined): readonly Told[] {
  const events: Told[] = []
  let [tableNow, columnNow] = [table, column]
  for (const { revision, changes } of steps.toReversed()) {
    const operations: string[] = []
    let renamedFrom: string | undefined
    for (const change of changes.toReversed()) {
      const { renamed } = change
      const isEnd = renamed?.what === 'table' && renamed.from === tableNow
      if (!isEnd && !isAbout(change, tableNow, columnNow)) continue
      operations.unshift(change.text)
      // It has another name from here on.
      if (isEnd) continue
      if (renamed?.what === 'table') tableNow = renamed.from
      else if (renamed !== undefined && columnNow !== undefined) columnNow = renamed.from
      const isOwn = renamed?.what === (column === undefined ? 'table' : 'column')
      if (isOwn) renamedFrom = renamed.from
    }
    if (operations.length > 0)
      events.unshift({ id: revision, operations, ...(renamedFrom !== undefined && { renamedFrom }) })
  }
  return events
}

function isAbout(change: TableChange, table: string, column: string | undefined): boolean {
  if (change.table !== table) return false
  return column === undefined || change.columns === null || change.columns.includes(column)
}

/** Raised whenever the same revisions give other steps, or a step contains something else. */
const formatVersion = 1

/** Tables whose steps are kept. */
const maxTables = 200

async function cachedSteps(
  context: MigratorContext,
  dialect: Dialect,
  revisions: readonly Revision[],
  table: string,
): Promise<readonly StoryStep[]> {
  const { cacheDirectory } = context
  if (cacheDirectory === null) return stepsOf(context, dialect, revisions, table)
  const server = await (await context.shadows()).server(dialect)
  const ignoreTables = await context.connection.ignoreTables()
  const key = sumOf(context.cache.key(dialect.name, server.setting, revisions, ignoreTables) + table)
  const file = cacheFileOf(cacheDirectory, 'story', context.revisions.directories.join('\0'))
  const head = [formatVersion, toolVersion]
  const found = readCacheFile<readonly StoryStep[]>(file, head).get(key)
  if (found !== undefined) return found
  const steps = await stepsOf(context, dialect, revisions, table)
  // Read again: another process may have added an entry meanwhile.
  const others = [...readCacheFile<readonly StoryStep[]>(file, head)].filter(([one]) => one !== key)
  writeCacheFile(file, head, [...others.slice(1 - maxTables), [key, steps]])
  return steps
}
