import { AludelError, type DriftResult, type Migrator } from '@aludel/engine'

import type { DriftReport, KnownDrift } from '../api/types'

/** Revisions that are replayed without being asked: each takes about a millisecond. */
const mostReplayed = 500

/** How often it is compared again because another process has changed something meanwhile. */
const mostTries = 3

/** What is known of one state of the database. */
interface Checked {
  readonly state: string
  readonly known: KnownDrift
}

/** A comparison of everything, and those that wait for it. */
interface Checking {
  readonly report: Promise<DriftReport>
  readonly end: AbortController
  waiting: number
}

interface DriftOptions {
  readonly now: () => Date
  /** No code of a revision is executed unless somebody asks for it. */
  readonly readOnly: boolean
  /** Runs work with a migrator that knows the entities, and only looks. */
  readonly read: <T>(work: (migrator: Migrator) => Promise<T>, signal: AbortSignal) => Promise<T>
  /** Runs work on shadow databases, which may take minutes. */
  readonly look: <T>(work: (migrator: Migrator) => Promise<T>, signal: AbortSignal) => Promise<T>
  /** Whether a run is at work, which changes what would be compared. */
  readonly isRunning: () => boolean
}

/**
 * Whether the database is as its revisions made it: what was found last, as long as nothing has changed. Looked for once for all that
 * ask meanwhile.
 */
export class DriftWatch {
  #checked: Checked | undefined
  #looking: Promise<KnownDrift> | undefined
  #checking: Checking | undefined
  #stop = new AbortController()

  constructor(private readonly options: DriftOptions) {}

  /** When something was found; changes with each check. Empty if nothing was. */
  get checkedAt(): string {
    return this.#checked?.known.checkedAt ?? ''
  }

  /** What is known, or can be found without making anything on the server of the database. */
  get(): Promise<KnownDrift> {
    if (this.options.isRunning()) return Promise.resolve(unknown('run', 0))
    if (this.#looking !== undefined) return this.#looking
    const looking = this.#find()
    this.#looking = looking
    const end = (): void => {
      if (this.#looking === looking) this.#looking = undefined
    }
    looking.then(end, end)
    return looking
  }

  async #find(): Promise<KnownDrift> {
    const { read, readOnly } = this.options
    const { signal } = this.#stop
    try {
      return await read(async (migrator) => {
        const checked = this.#checked
        if (checked?.state === (await migrator.driftState())) return checked.known
        for (let tries = 0; tries < mostTries; tries += 1) {
          const { state, database, missing } = await migrator.drift({ replay: readOnly ? 0 : mostReplayed })
          if (database === null) return unknown(reasonOf(missing), missing?.revisions ?? 0)
          // If another process has changed something meanwhile, what was compared was at no time the database.
          if (state !== (await migrator.driftState())) continue
          const known = this.#knownOf({ database, operations: null })
          this.#checked = { state, known }
          return known
        }
        return unknown('run', 0)
      }, signal)
    } catch (error) {
      if (signal.aborted) return unknown('run', 0)
      throw error
    }
  }

  /**
   * Compares everything, for whoever asked first and all that ask meanwhile. Ends when none of them waits any more.
   *
   * @param gone this one does not wait any more
   */
  check(gone: AbortSignal): Promise<DriftReport> {
    const checking = (this.#checking ??= this.#beginCheck())
    checking.waiting += 1
    const leave = (): void => {
      checking.waiting -= 1
      if (checking.waiting > 0) return
      checking.end.abort(new AludelError('ALUDEL_INTERRUPTED', 'interrupted'))
      // Who asks from now on must not get the end of this one.
      if (this.#checking === checking) this.#checking = undefined
    }
    if (gone.aborted) leave()
    else gone.addEventListener('abort', leave, { once: true })
    return checking.report
  }

  #beginCheck(): Checking {
    const end = new AbortController()
    const report = this.options.look(async (migrator) => {
      const before = await migrator.driftState()
      const found = await migrator.check({ database: true })
      // Nobody knows what was compared if something has changed meanwhile.
      if (found.database !== null && before === (await migrator.driftState())) {
        const { database, operations } = found
        this.#checked = { state: before, known: this.#knownOf({ database, operations }) }
      }
      return found
    }, end.signal)
    const checking: Checking = { report, end, waiting: 0 }
    const forget = (): void => {
      if (this.#checking === checking) this.#checking = undefined
    }
    report.then(forget, forget)
    return checking
  }

  /** Ends what nobody has asked for: something else begins. */
  stop(): void {
    this.#stop.abort(new AludelError('ALUDEL_INTERRUPTED', 'interrupted'))
    this.#stop = new AbortController()
    this.#looking = undefined
  }

  #knownOf({ database, operations }: Pick<DriftReport, 'database'> & { operations: DriftReport['operations'] | null }) {
    return {
      database,
      entities: operations?.length ?? null,
      checkedAt: this.options.now().toISOString(),
      reason: null,
      replays: 0,
    }
  }
}

/** @param missing what would have to be replayed */
function reasonOf(missing: DriftResult['missing']): 'server' | 'many' | 'read-only' {
  if (missing?.isApart !== true) return 'server'
  return missing.revisions > mostReplayed ? 'many' : 'read-only'
}

function unknown(reason: KnownDrift['reason'], replays: number): KnownDrift {
  return { database: null, entities: null, checkedAt: null, reason, replays }
}
