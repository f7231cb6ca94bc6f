import type { KeptEntry } from '../dialect/roles/keeping'
import { AludelError } from '../errors'
import { isExpired, keptInfos, readEntries } from '../kept/list'
import { keptForMs, readAge } from '../kept/options'
import { Registry } from '../kept/registry'
import type { MigratorContext } from '../project/context'
import type { KeptInfo, PruneKeptResult } from '../results'
import { resolve } from '../revision/identifier'
import { plural } from '../text'
import { inOneTransaction, underLock } from './session'
import { settingsOf } from './settings'

/** What `Migrator.pruneKept` removes. Default: what is past the time of the configuration. */
export interface PruneKeptOptions {
  /** Everything. */
  readonly all?: boolean
  /** What was kept longer ago than this: `30d`, `12h`. */
  readonly olderThan?: string
  /** What these revisions have dropped: each a REV, or the id of a revision whose file is gone. */
  readonly revisions?: readonly string[]
  /** Called with what would be removed; false stops. Absent: no confirmation is needed. */
  readonly confirm?: (kept: readonly KeptInfo[]) => Promise<boolean>
}

/**
 * Removes what is kept, for good: a downgrade can no longer give it back.
 *
 * @throws AludelError `ALUDEL_CONFIRMATION` when `confirm` returns false, `ALUDEL_USAGE` for a wrong choice, `ALUDEL_LOCKED`
 */
export async function pruneKept(context: MigratorContext, options: PruneKeptOptions): Promise<PruneKeptResult> {
  const chosen = chooser(context, options)
  return context.connection.withRunner(async (runner, dialect) => {
    const before = await readEntries(context, dialect, runner)
    const state = await context.state(runner)
    const revisions = revisionsOf(state.graph, options)
    const isChosen = (entry: KeptEntry): boolean => chosen(entry) && (revisions?.has(entry.revision) ?? true)
    const shown = keptInfos(context, state, before.filter(isChosen))
    if (shown.length === 0) return { pruned: [], left: before.length }
    if (options.confirm !== undefined && !(await options.confirm(shown))) {
      throw new AludelError(
        'ALUDEL_CONFIRMATION',
        `${plural(shown.length, 'thing')} would be lost for good: that was not confirmed`,
        {
          help: 'Nothing was changed. See them with `aludel migrate kept list`, and confirm with --yes.',
          details: { kept: shown },
        },
      )
    }
    const agreed = new Set(shown.map(({ id }) => id))
    return underLock(await settingsOf(context, dialect, runner), async (session) => {
      // What was given back or kept meanwhile was not agreed to.
      const now = await readEntries(context, dialect, session.queryRunner)
      const gone = now.filter(({ id }) => agreed.has(id))
      await inOneTransaction(session, async () => {
        const registry = new Registry(dialect, session.queryRunner)
        for (const entry of gone) {
          await dialect.keeping.discard(session.queryRunner, entry)
          await registry.remove(entry.id)
        }
      })
      const removed = new Set(gone.map(({ id }) => id))
      return { pruned: shown.filter(({ id }) => removed.has(id)), left: now.length - gone.length }
    })
  })
}

function chooser(
  context: MigratorContext,
  { all, olderThan, revisions }: PruneKeptOptions,
): (entry: KeptEntry) => boolean {
  if (all === true && (olderThan !== undefined || revisions !== undefined))
    throw usage('everything, and only some of it, were asked for', 'Use --all alone.')
  if (olderThan !== undefined) {
    const ms = readAge(olderThan)
    if (ms === undefined) throw usage(`"${olderThan}" is not a time`, 'A number and a unit: 12h, 30d, 8w.')
    return ({ keptAt }) => context.now().getTime() - keptAt.getTime() > ms
  }
  if (all === true || revisions !== undefined) return () => true
  if (keptForMs(context.options.keepDropped) === undefined) {
    throw usage(
      'nothing says how long things are kept',
      'Use --older-than 30d, --revision REV or --all, or set keepDropped: { for: "30d" } in the configuration.',
    )
  }
  return (entry) => isExpired(context, entry)
}

function usage(message: string, help: string): AludelError {
  return new AludelError('ALUDEL_USAGE', message, { help })
}

/** The ids of the revisions that were named; undefined if none was. */
function revisionsOf(
  graph: Parameters<typeof resolve>[0],
  { revisions }: PruneKeptOptions,
): ReadonlySet<string> | undefined {
  if (revisions === undefined) return undefined
  return new Set(
    // A revision that was squashed or removed has no file.
    revisions.flatMap((rev) => (/^[0-9a-f]{12}$/.test(rev) ? [rev] : resolve(graph, rev, { purpose: 'show' }).ids)),
  )
}
