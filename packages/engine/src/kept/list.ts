import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import type { KeptEntry } from '../dialect/roles/keeping'
import type { State } from '../history/state'
import type { MigratorContext } from '../project/context'
import type { KeptInfo, KeptResult, KeptSummary } from '../results'
import { keptForMs } from './options'
import { Registry } from './registry'

/** Everything that is kept of this project, oldest first. */
export async function listKept(context: MigratorContext): Promise<KeptResult> {
  return context.connection.withReader(async (runner, dialect) => {
    const state = await context.state(runner)
    const entries = await readEntries(context, dialect, runner)
    return { kept: keptInfos(context, state, entries) }
  })
}

/** What is kept, in numbers; undefined if nothing is. */
export async function summarizeKept(
  context: MigratorContext,
  dialect: Dialect,
  database: Queryable,
): Promise<KeptSummary | undefined> {
  const entries = await readEntries(context, dialect, database)
  if (entries.length === 0) return undefined
  const expired = entries.filter((entry) => isExpired(context, entry)).length
  return { entries: entries.length, rows: entries.reduce((sum, { rows }) => sum + rows, 0), expired }
}

export async function readEntries(
  context: MigratorContext,
  dialect: Dialect,
  database: Queryable,
): Promise<readonly KeptEntry[]> {
  return new Registry(dialect, database).read((await context.connection.history()).name)
}

export function keptInfos(context: MigratorContext, state: State, entries: readonly KeptEntry[]): KeptInfo[] {
  const applied = new Set(state.names)
  return entries.map((entry) => ({
    id: entry.id,
    revision: entry.revision,
    message: state.graph.byName(entry.name)?.message ?? null,
    kind: entry.kind,
    table: entry.schema === null ? entry.table : `${entry.schema}.${entry.table}`,
    column: entry.column,
    rows: entry.rows,
    place: entry.place,
    keptAt: entry.keptAt.toISOString(),
    expiresAt: expiryOf(context, entry)?.toISOString() ?? null,
    expired: isExpired(context, entry),
    applied: applied.has(entry.name),
  }))
}

/** When an entry is past its time; undefined if the configuration gives none. */
function expiryOf({ options }: MigratorContext, { keptAt }: KeptEntry): Date | undefined {
  const ms = keptForMs(options.keepDropped)
  return ms === undefined ? undefined : new Date(keptAt.getTime() + ms)
}

export function isExpired(context: MigratorContext, entry: KeptEntry): boolean {
  const expiry = expiryOf(context, entry)
  return expiry !== undefined && expiry.getTime() <= context.now().getTime()
}

/** Warns of what is past its time, where the configuration gives a time. Nothing is removed without being asked. */
export async function warnOfExpired(context: MigratorContext, dialect: Dialect, database: Queryable): Promise<void> {
  if (keptForMs(context.options.keepDropped) === undefined) return
  const found = await summarizeKept(context, dialect, database)
  if (found === undefined || found.expired === 0) return
  context.reporter.warn(expiredText(found.expired))
}

/** `3 things that were kept are past their time: aludel migrate kept prune`. */
export function expiredText(expired: number): string {
  const what =
    expired === 1 ? '1 thing that was kept is past its' : `${String(expired)} things that were kept are past their`
  return `${what} time: aludel migrate kept prune`
}
