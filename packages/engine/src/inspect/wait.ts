import { setTimeout as sleep } from 'node:timers/promises'

import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import type { Obstacle } from '../dialect/roles/errors'
import { AludelError, type ErrorCode, isAludelError, refuseAborted } from '../errors'
import { type Finding, halfwayOf } from '../history/findings'
import type { History } from '../history/history'
import { type State, stateOf } from '../history/state'
import type { MigratorContext } from '../project/context'
import type { WaitResult } from '../results'
import { resolve } from '../revision/identifier'
import { plural, upToThree } from '../text'

/** Options of `Migrator.wait`. */
export interface WaitOptions {
  /**
   * A REV that does not depend on the database: it must be applied, with all that it descends from and depends on. Default is
   * `heads`, everything that the files have.
   */
  readonly target?: string
  /** How long to wait, in milliseconds. 0: look once. Default is 300,000. */
  readonly timeoutMs?: number
  /** Ends the waiting. Default: that of the `Migrator`. */
  readonly signal?: AbortSignal
  /** Called each time that the database is not ready. */
  readonly onWait?: (status: WaitStatus) => void
}

/** Why a database is not ready. */
export interface WaitStatus {
  /**
   * `server` cannot be reached, or is starting · `database` does not exist yet · `access` a role, a password or a right is missing ·
   * `busy` another session has locked it · `revisions` are pending · `halfway` a downgrade is at work, or has stopped half-way
   */
  readonly reason: 'server' | 'database' | 'access' | 'busy' | 'revisions' | 'halfway'
  /** One line: `nothing listens at db:5432`, `2 revisions are pending (current base, head 3f9c1b7a2d40)`. */
  readonly message: string
  /** Milliseconds since the waiting began. */
  readonly waitedMs: number
  /** Ids of the applied heads; absent if the history could not be read. */
  readonly current?: readonly string[]
  /** Ids of what is waited for, in the order in which it would run. */
  readonly pending?: readonly string[]
  /** Names in the history without a file. */
  readonly unknown?: readonly string[]
}

/** Milliseconds between two looks: short at first, then growing up to the longest. */
const [shortestPause, longestPause] = [200, 2000]

/** The longest where a password may be wrong: servers lock out who tries too often. */
const longestAfterRefusal = 10_000

/** Milliseconds that one look may take. A server that accepts connections and does not answer is asked again on another one. */
const [shortestLook, longestLook] = [1000, 10_000]

/** What one look has found. */
type Look = NotReady | { readonly ready: Omit<WaitResult, 'waitedMs'> }

interface NotReady {
  readonly not: Omit<WaitStatus, 'waitedMs'> & Blame
}

/** The error behind it. */
interface Blame {
  readonly cause?: unknown
  readonly help?: string
}

/** Errors after which the database is looked at again: nobody has to change the files or the command for it. */
const passing: Readonly<Partial<Record<ErrorCode, WaitStatus['reason']>>> = {
  ALUDEL_CONNECT: 'server',
  ALUDEL_DATABASE_MISSING: 'database',
  // The role may be created together with the database; a server says the same of a wrong password.
  ALUDEL_AUTHENTICATION: 'access',
  ALUDEL_PERMISSION: 'access',
  ALUDEL_LOCKED: 'busy',
}

const obstacles: Readonly<Record<Obstacle, WaitStatus['reason']>> = {
  connection: 'server',
  permission: 'access',
  busy: 'busy',
}

/**
 * Waits until a database has all revisions of the files, or those of a target. It writes nothing, takes no lock, and needs only the
 * rights to connect and to read the history.
 *
 * Revisions of a newer release, which these files do not have, do not matter: in a rolling deploy a process of the old release may
 * start again after the new one has migrated.
 *
 * @throws AludelError `ALUDEL_WAIT_TIMEOUT` after the time, with what was missing last; `ALUDEL_INTERRUPTED`; at once what waiting
 *   does not mend: a wrong target, files that cannot be read, a file that is not a database
 */
export async function waitForDatabase(context: MigratorContext, options: WaitOptions): Promise<WaitResult> {
  const { timeoutMs = 300_000, signal = context.signal, onWait } = options
  const wanted = await wantedIn(context, options.target)
  // Loads the DataSource, which is no part of a look.
  if (context.options.readConnection === undefined) await context.connection.dialect()
  const started = performance.now()
  const waited = (): number => Math.round(performance.now() - started)
  for (let pause = shortestPause; ; pause *= 1.5) {
    refuseAborted(signal, ' while waiting for the database', 'Waiting changes nothing.')
    const left = timeoutMs === 0 ? longestLook : timeoutMs - waited()
    const look = await within(Math.max(shortestLook, Math.min(longestLook, left)), lookAt(context, wanted), signal)
    refuseAborted(signal, ' while waiting for the database', 'Waiting changes nothing.')
    const waitedMs = waited()
    if ('ready' in look) return { ...look.ready, waitedMs }
    const { cause, help, ...status } = look.not
    onWait?.({ ...status, waitedMs })
    if (waitedMs >= timeoutMs) throw await tooLate(context, { ...status, waitedMs }, { cause, help }, timeoutMs)
    // Randomized, so that processes that started together do not ask together.
    pause = Math.min(pause, status.reason === 'access' ? longestAfterRefusal : longestPause)
    const ms = Math.min(pause * (0.5 + Math.random()), timeoutMs - waitedMs)
    await sleep(ms, undefined, { signal }).catch(() => undefined)
  }
}

/** Ids of the target; undefined: all that the files have. */
async function wantedIn(context: MigratorContext, target = 'heads'): Promise<readonly string[] | undefined> {
  const { graph } = await context.revisions.read()
  return target === 'heads' ? undefined : resolve(graph, target, { purpose: 'show' }).ids
}

function lookAt(context: MigratorContext, wanted: readonly string[] | undefined): Promise<Look> {
  return context.connection
    .glance(async (history, database, about) => {
      // An error of the history itself is explained where its dialect is known.
      const seen = await readinessIn(context, wanted, history, database).catch((error: unknown) =>
        noted(error, history.dialect),
      )
      return 'not' in seen ? seen : { ready: { ...seen, database: await about() } }
    })
    .catch((error: unknown) => noted(error))
}

async function readinessIn(
  context: MigratorContext,
  wanted: readonly string[] | undefined,
  history: History,
  database: Queryable,
): Promise<Pick<WaitResult, 'current' | 'heads' | 'unknown'> | NotReady> {
  const rows = await history.read(database)
  const names = rows.map(({ name }) => name)
  const state = stateOf(await context.revisions.read(), names)
  const pending = wanted === undefined ? state.pending : pendingOf(state, wanted)
  const { current, heads, unknown } = state
  if (pending.length > 0)
    return { not: { reason: 'revisions', message: pendingText(state, pending), current, pending, unknown } }
  const [stopped] = await downgradesIn(state, history, database)
  if (stopped === undefined) return { current, heads, unknown }
  return { not: { reason: 'halfway', message: stopped.message, current, pending, unknown, help: stopped.help } }
}

/** The pending revisions among the wanted ones, their ancestors and dependencies. */
function pendingOf({ graph, pending }: State, wanted: readonly string[]): readonly string[] {
  // A squash is hidden while this database has only some of what it replaces.
  if (!wanted.every((id) => graph.has(id))) return pending
  const needed = graph.ancestors(wanted, { dependencies: true })
  return pending.filter((id) => needed.has(id))
}

/**
 * Downgrades that have not ended: the history has their revisions until they do. An upgrade that has not ended is one of the pending
 * revisions, or of a newer release, and may take hours. Empty if this role may not read the journal.
 */
async function downgradesIn(state: State, history: History, database: Queryable): Promise<readonly Finding[]> {
  try {
    const rows = await history.unfinished(database)
    return halfwayOf(state, rows).filter(({ stopped }) => stopped?.direction === 'downgrade')
  } catch (error) {
    // Without the right to read the journal, the history alone decides.
    if (reasonOf(error, history.dialect) === 'access') return []
    throw error
  }
}

function pendingText({ current, heads, unknown }: State, pending: readonly string[]): string {
  const ahead =
    unknown.length === 0 ? '' : `; the database has ${plural(unknown.length, 'revision')} that these files do not have`
  const head = heads.length === 1 ? 'head' : 'heads'
  return (
    `${plural(pending.length, 'revision is', 'revisions are')} pending ` +
    `(current ${upToThree(current) || 'base'}, ${head} ${upToThree(heads)})${ahead}`
  )
}

/** A look that failed for a reason that may pass. @throws any other error */
function noted(error: unknown, dialect?: Dialect): NotReady {
  const reason = reasonOf(error, dialect)
  if (reason === undefined || !isAludelError(error)) throw error
  const { message, help } = error
  return { not: { reason, message, cause: error, ...(help === undefined ? {} : { help }) } }
}

function reasonOf(error: unknown, dialect: Dialect | undefined): WaitStatus['reason'] | undefined {
  if (!isAludelError(error)) return undefined
  if (error.code !== 'ALUDEL_STATEMENT') return passing[error.code]
  // A query of the history; the cheap connection does not know enough to explain an error of the driver.
  const obstacle = dialect?.errors.obstacle(error.cause)
  return obstacle === undefined ? undefined : obstacles[obstacle]
}

/** What a look finds, or that it has found nothing in this time. */
async function within(ms: number, look: Promise<Look>, signal: AbortSignal | undefined): Promise<Look> {
  let timer: NodeJS.Timeout | undefined
  let stop: (() => void) | undefined
  const late = new Promise<Look>((resolve) => {
    const message = `the database has not answered for ${String(ms / 1000)} s`
    stop = () => resolve({ not: { reason: 'server', message } })
    timer = setTimeout(stop, ms)
    signal?.addEventListener('abort', stop)
  })
  try {
    // The look closes its own connection, also when nobody waits for it any more.
    return await Promise.race([look, late])
  } finally {
    clearTimeout(timer)
    if (stop !== undefined) signal?.removeEventListener('abort', stop)
  }
}

async function tooLate(
  context: MigratorContext,
  { message, ...status }: WaitStatus,
  { cause, help }: Blame,
  timeoutMs: number,
): Promise<AludelError> {
  const after = timeoutMs === 0 ? 'is not ready' : `was not ready after ${String(timeoutMs / 1000)} s`
  const { graph } = await context.revisions.read()
  const more = timeoutMs === 0 ? [] : ['To wait longer: --timeout.']
  const helps = status.reason === 'revisions' ? revisionHelp(status.unknown ?? []) : help === undefined ? [] : [help]
  const lines = [...helps, ...more]
  return new AludelError('ALUDEL_WAIT_TIMEOUT', `the database ${after}: ${message}`, {
    ...(lines.length === 0 ? {} : { help: lines.join('\n') }),
    details: { ...status, heads: graph.heads.map(({ id }) => id) },
    cause,
  })
}

function revisionHelp(unknown: readonly string[]): readonly string[] {
  const run = 'Waiting applies nothing: `aludel migrate upgrade` does, in the job that migrates.'
  if (unknown.length === 0) return [run]
  return [
    run,
    `The database also has ${upToThree(unknown)}, without a file here: these files may be of another branch, or older than a squash.`,
  ]
}
