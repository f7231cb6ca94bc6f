import type { ServerResponse } from 'node:http'
import path from 'node:path'

import { AludelError, type DatabaseEstimateResult, type Migrator, toolVersion } from '@aludel/engine'

import { ApiFailure } from './api/errors'
import type { Revisions, Run, Session, Status } from './api/types'
import type { WebOptions } from './options'
import { DriftWatch } from './project/drift'
import { Gate } from './project/gate'
import { Known } from './project/known'
import { ProjectAccess } from './project/project-access'
import type { ReviewSource } from './review-source'
import { readRevisions } from './routes/revisions'
import { readStatus } from './routes/status'
import { Runs, type Work } from './runs/runs'

/** What the routes of one server share. */
export class Services {
  readonly project: ProjectAccess
  readonly runs: Runs
  readonly status: Known<Omit<Status, 'running'>>
  readonly revisions: Known<Revisions>
  readonly reviews: ReviewSource | undefined
  readonly drift: DriftWatch
  /** Whether a run is at work, whose locks a reader could wait for. */
  readonly #isRunning = (): boolean => this.runs.running !== null
  readonly #streams = new Set<() => void>()
  #info: { readonly found: DatabaseEstimateResult; readonly at: number } | undefined
  /** How often {@link changed} was called: what was being read then is not kept. */
  #changes = 0
  readonly #closing = new AbortController()
  /** For what keeps the processor busy, and what the pages show later. */
  readonly #background = new Gate(1)
  /** For what somebody waits for, and is long at work on shadow databases. */
  readonly #looks = new Gate(1)
  /** Aborted when a run begins: looks give way. */
  #run = new AbortController()
  #database: Promise<NonNullable<Session['database']>> | undefined

  constructor(readonly options: WebOptions) {
    this.project = new ProjectAccess(options.project)
    this.runs = new Runs({ now: () => this.now(), onEvent: options.onEvent, onEnd: () => this.changed() })
    this.status = new Known(
      () => this.project.read((migrator) => readStatus(migrator, this), { connects: true }),
      this.#isRunning,
    )
    this.revisions = new Known(() => this.project.read(readRevisions), this.#isRunning)
    this.reviews = options.reviews
    this.drift = new DriftWatch({
      now: () => this.now(),
      readOnly: options.readOnly === true,
      read: (work, signal) =>
        this.#background.shared(() => this.project.read(work, { entities: true, signal }), signal),
      look: (work, signal) => this.look(work, signal),
      isRunning: this.#isRunning,
    })
  }

  now(): Date {
    return this.options.project.clock?.() ?? new Date()
  }

  /** Something was changed through this server. */
  changed(): void {
    this.status.forget()
    this.revisions.forget()
    this.#info = undefined
    this.#changes += 1
  }

  async session(actor: string, csrf: string): Promise<Session> {
    const { readOnly = false, allowCreate = false } = this.options
    // A page that waits for a server which does not answer could not even say so.
    const database = (await soon(this.database().catch(() => null))) ?? null
    return {
      csrf,
      readOnly,
      allowCreate: allowCreate && !readOnly,
      version: toolVersion,
      reviews: this.reviews !== undefined,
      database,
      typedName: database === null ? null : typedName(database.name),
      actor,
    }
  }

  /**
   * Reads tables and sizes, or gives what was read less than a minute ago: pages ask every few seconds, and SQLite measures sizes by
   * reading.
   *
   * @param current the applied heads now: others mean that somebody has changed the tables
   * @param isLocked another migrator is at work: what is known is given, since it is changing the tables
   */
  async info(migrator: Migrator, current: readonly string[], isLocked: boolean): Promise<DatabaseEstimateResult> {
    const known = this.#info
    if (known !== undefined) {
      const isSame = known.found.current.join() === current.join() && performance.now() - known.at < infoIsGoodMs
      if (isLocked || isSame) return known.found
    }
    const changes = this.#changes
    const found = await migrator.info({ estimate: true })
    if (changes === this.#changes) this.#info = { found, at: performance.now() }
    return found
  }

  /** The database, which stays the same while a server runs. */
  database(): Promise<NonNullable<Session['database']>> {
    this.#database ??= this.project
      .read((migrator) => migrator.current())
      .then(
        ({ database }) => database,
        (error: unknown) => {
          // It may be reached the next time.
          this.#database = undefined
          throw error
        },
      )
    return this.#database
  }

  /** Reads before anybody asks what every page shows first: of many revisions, the first reading takes a second. */
  async warmUp(): Promise<void> {
    // What fails is reported to whoever asks.
    await soon(Promise.allSettled([this.database(), this.status.get(), this.revisions.get()]))
  }

  /**
   * Looks at something on shadow databases, which may take minutes: one request after the other, and not while a run is at work. A run
   * that begins does not wait for it.
   *
   * @param gone ends it before its end, or before it begins
   * @throws ApiFailure `ALUDEL_WEB_BUSY`
   */
  async look<T>(work: (migrator: Migrator) => Promise<T>, gone: AbortSignal): Promise<T> {
    this.runs.refuseBusy()
    const { signal: run } = this.#run
    const signal = AbortSignal.any([this.#closing.signal, run, gone])
    const reading = { entities: true, long: true, signal }
    try {
      const found = await this.#looks.shared(() => this.project.read(work, reading), signal)
      // The run may have changed it meanwhile.
      if (!run.aborted) return found
    } catch (error) {
      if (!run.aborted || gone.aborted) throw error
    }
    throw new ApiFailure('ALUDEL_WEB_BUSY', 'a run began, and this was ended for it', 'Ask again after the run.')
  }

  /**
   * Writes a revision, with the help of shadow databases: not while a run is at work, and a run that begins waits for it.
   *
   * @throws ApiFailure `ALUDEL_WEB_BUSY`
   */
  async create<T>(actor: string, work: (migrator: Migrator) => Promise<T>): Promise<T> {
    this.runs.refuseBusy()
    return this.project.work({ actor, signal: this.#closing.signal }, work)
  }

  /**
   * Applies the rules of `lint`, one request after the other: they keep the processor busy where there are many revisions.
   *
   * @param signal ends it before its end, or before it begins
   */
  lint<T>(work: (migrator: Migrator) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#background.shared(() => this.project.read(work, { signal }), signal)
  }

  /**
   * Begins a run. Before, what the overview and the history show meanwhile is read.
   *
   * @throws ApiFailure `ALUDEL_WEB_BUSY`
   */
  async start(work: Work): Promise<Run> {
    this.runs.refuseBusy()
    this.drift.stop()
    await Promise.allSettled([this.status.get(), this.revisions.get()])
    const run = this.runs.start(work)
    this.#run.abort(new AludelError('ALUDEL_INTERRUPTED', 'interrupted'))
    this.#run = new AbortController()
    return run
  }

  /** Whether somebody has typed the name of the database: whole, or for a file without its folder. */
  async isDatabaseName(typed: string): Promise<boolean> {
    const { name } = await this.database()
    return typed === name || typed === typedName(name)
  }

  /**
   * @param why what would be lost
   * @throws AludelError `ALUDEL_CONFIRMATION` unless the name of the database was typed
   */
  async requireDatabaseName(typed: string | undefined, why: string, destroys: readonly string[] = []): Promise<void> {
    if (typed !== undefined && (await this.isDatabaseName(typed))) return
    const { name } = await this.database()
    throw new AludelError('ALUDEL_CONFIRMATION', 'the name of the database was not typed', {
      help: `${why} Type ${typedName(name)} to confirm. Nothing was changed.`,
      details: { destroys },
    })
  }

  /** @throws ApiFailure `ALUDEL_WEB_NOT_FOUND` where there are no reviews */
  requireReviews(): ReviewSource {
    if (this.reviews !== undefined) return this.reviews
    throw new ApiFailure('ALUDEL_WEB_NOT_FOUND', 'this project has no reviews')
  }

  /** Remembers a stream, to end it with the server. */
  addStream(response: ServerResponse, end: () => void): void {
    this.#streams.add(end)
    response.once('close', () => this.#streams.delete(end))
  }

  /** Stops the run at work at a safe point, and ends the streams after its last update. Other work only looks at shadow databases. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.drift.stop()
    await this.runs.close()
    await soon(this.project.ended())
    for (const end of this.#streams) end()
  }
}

/** Milliseconds for which sizes are not read again. */
const infoIsGoodMs = 60_000

/** Milliseconds that something may take that nobody should have to wait for. */
const patience = 3000

/** Waits for the end of something, but not long. */
async function soon<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patience)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The name without the folder of a file. */
function typedName(name: string): string {
  return path.basename(name)
}
