import { AludelError, Migrator, type MigratorOptions, type RunListener } from '@aludel/engine'
import type { DataSource, DataSourceOptions } from 'typeorm'

import { ApiFailure } from '../api/errors'
import { Gate } from './gate'

/** Requests that read the database at once; the others wait. Each has a connection of its own. */
const mostReaders = 4

/**
 * Milliseconds after which a reader is given up. A database that is cut off in the middle of an answer would keep it forever, and after
 * four of them nobody could read any more.
 */
const longestReading = 120_000

/** Milliseconds in which a reader ends that nobody waits for any more; else it is given up. */
const graceMs = 2000

/** How work is watched and stopped. */
export interface WorkOptions {
  readonly actor: string
  readonly signal?: AbortSignal
  readonly onEvent?: RunListener
}

/** See {@link ProjectAccess.read}. */
interface ReadOptions {
  readonly connects?: boolean
  readonly entities?: boolean
  readonly signal?: AbortSignal
  readonly long?: boolean
}

/**
 * The database of a project, as a server needs it. Each use has a `Migrator` of its own, which sees the revision files as they are
 * then, and closes its connections at the end: databases restart, and a restore needs the database alone.
 *
 * What reads has a DataSource of its own, without entities: on SQLite a DataSource has only one connection, and a reader on that of a
 * run would be inside its transaction.
 */
export class ProjectAccess {
  readonly #options: MigratorOptions
  /** Knows the revision files; the others are derived from it. */
  readonly #base: Migrator
  readonly #gate = new Gate(mostReaders)
  #sources: Promise<Sources> | undefined
  /** Resolves when the last work that was begun has ended. */
  #lastWork: Promise<unknown> = Promise.resolve()
  #working = 0
  readonly #reading = new Set<Promise<unknown>>()

  /**
   * @param options as `new Migrator` takes them; events and signals are those of this class
   * @param longest milliseconds after which a reader is given up
   */
  constructor(
    options: MigratorOptions,
    private readonly longest: number = longestReading,
  ) {
    this.#options = options
    this.#base = new Migrator(options)
  }

  /**
   * Runs `work` with a migrator that only looks at the database and the files.
   *
   * @param options `connects`: `work` calls several of its methods, which then share a connection; `entities`: it compares with the
   *   entities, which no connection has to know; `signal` stops it; `long`: it takes as long as it takes
   * @throws ApiFailure `ALUDEL_WEB_TIMEOUT` when the database does not answer
   */
  read<T>(
    work: (migrator: Migrator) => Promise<T>,
    { connects = false, entities = false, long = false, signal }: ReadOptions = {},
  ): Promise<T> {
    return this.#gate.shared(async () => {
      const { makeReading } = await this.#found()
      const end = new AbortController()
      const options = {
        dataSource: makeReading(entities),
        readConnection: undefined,
        signal: signal === undefined ? end.signal : AbortSignal.any([signal, end.signal]),
      }
      const reading = this.#with(options, async (migrator) => {
        if (connects) await migrator.connect()
        return work(migrator)
      })
      this.#reading.add(reading)
      // Nobody hears of the end of a reader that was given up.
      void reading.catch(() => undefined).finally(() => this.#reading.delete(reading))
      return within(reading, long ? undefined : this.longest, end, signal)
    }, signal)
  }

  /**
   * Runs `work` with a migrator that may change the database, or that needs the entities. One at a time, in the order of the calls.
   *
   * @param alone nothing else may be connected: for a restore, which replaces the database
   */
  work<T>(options: WorkOptions, work: (migrator: Migrator) => Promise<T>, alone = false): Promise<T> {
    this.#working += 1
    if (this.#working > 1) options.onEvent?.({ type: 'progress', message: 'waiting for other work of this server' })
    const run = async (): Promise<T> => {
      const { working, given } = await this.#found()
      const dataSource = alone ? given : working
      return this.#with({ ...options, dataSource }, work)
    }
    const turn = this.#lastWork.then(() => (alone ? this.#gate.alone(run) : run()))
    this.#lastWork = turn.then(
      () => undefined,
      () => undefined,
    )
    return turn.finally(() => (this.#working -= 1))
  }

  /** Resolves when everything that was begun has ended. */
  async ended(): Promise<void> {
    await Promise.allSettled([this.#lastWork, ...this.#reading])
  }

  /** Runs `work`, which reads the database on a connection of its own, while no restore replaces it. */
  beside<T>(work: () => Promise<T>): Promise<T> {
    return this.#gate.shared(work)
  }

  async #with<T>(options: Partial<MigratorOptions>, work: (migrator: Migrator) => Promise<T>): Promise<T> {
    const migrator = this.#base.derive(options)
    try {
      return await work(migrator)
    } finally {
      await migrator.close()
    }
  }

  #found(): Promise<Sources> {
    this.#sources ??= findSources(this.#options.dataSource).catch((error: unknown) => {
      // A file that does not load may be corrected.
      this.#sources = undefined
      throw error
    })
    return this.#sources
  }
}

/**
 * Waits for a reader, and gives it up when it takes too long.
 *
 * @param longest milliseconds; undefined: it is given up only when nobody waits for it any more
 * @param end is aborted then
 * @param signal nobody waits for it any more
 */
async function within<T>(
  reading: Promise<T>,
  longest: number | undefined,
  end: AbortController,
  signal?: AbortSignal,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let onGone: (() => void) | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const giveUp = (ms: number): void => {
      const seconds = `${String(Math.round(ms / 1000))} s`
      reject(
        new ApiFailure(
          'ALUDEL_WEB_TIMEOUT',
          `the database has not answered for ${seconds}`,
          'Check that the database server runs, and that this machine can reach it.',
        ),
      )
      end.abort()
    }
    const giveUpAfter = (ms: number): void => {
      clearTimeout(timer)
      timer = setTimeout(giveUp, ms, ms)
    }
    if (longest !== undefined) giveUpAfter(longest)
    onGone = () => {
      giveUpAfter(Math.min(longest ?? graceMs, graceMs))
    }
    signal?.addEventListener('abort', onGone)
    if (signal?.aborted === true) onGone()
  })
  try {
    return await Promise.race([reading, late])
  } finally {
    clearTimeout(timer)
    if (onGone !== undefined) signal?.removeEventListener('abort', onGone)
  }
}

interface Sources {
  /** As it was given: a restore closes it, and opens it again. */
  readonly given: DataSource
  /** For work. */
  readonly working: DataSource
  /** A new one, with or without entities. */
  readonly makeReading: (entities: boolean) => DataSource
}

async function findSources(dataSource: MigratorOptions['dataSource']): Promise<Sources> {
  const given = typeof dataSource === 'function' ? await dataSource() : dataSource
  const { options } = given
  if (options.database === ':memory:') {
    throw new AludelError('ALUDEL_USAGE', 'a database in memory cannot be served: nobody else can connect to it', {
      help: 'Use a file, or a server.',
    })
  }
  return {
    given,
    // An application uses its own, now or later: a run must neither share its connections nor connect it.
    working:
      typeof dataSource === 'function' && !given.isInitialized ? given : twinOf(given, { ...options, ...passive }),
    makeReading: (entities) => twinOf(given, { ...options, ...passive, ...(entities ? {} : { entities: [] }) }),
  }
}

/** Options with which TypeORM does nothing by itself. */
const passive = {
  migrations: [],
  subscribers: [],
  migrationsRun: false,
  synchronize: false,
  dropSchema: false,
  logging: false,
  cache: false,
} as const

/** A DataSource of the same TypeORM, not connected. */
function twinOf(given: DataSource, options: object): DataSource {
  return new (given.constructor as new (options: DataSourceOptions) => DataSource)(options as DataSourceOptions)
}
