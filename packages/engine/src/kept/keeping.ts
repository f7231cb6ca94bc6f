import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import type { KeepingStep, KeepVerdict, KeptEntry, Return, Shelf } from '../dialect/roles/keeping'
import type { StatementWatch } from '../dialect/roles/running'
import { AludelError } from '../errors'
import type { KeptThing } from '../results'
import type { Direction } from '../revision/revision'
import { type Keeper, Registry } from './registry'

/** A step of a plan, as far as keeping depends on it. */
export interface PlannedKeeping {
  readonly direction: Direction
  readonly step: KeepingStep
  /** What the losses of an upgrade come to, in their order; empty unless the run keeps what it drops. */
  readonly verdicts: readonly KeepVerdict[]
  /** What a downgrade gives back. */
  readonly returns: readonly Return[]
}

interface KeepingOptions {
  readonly dialect: Dialect
  /** The history table, without its schema. */
  readonly history: string
  readonly toolVersion: string
  readonly now: () => Date
  readonly warn: (message: string) => void
  readonly progress: (message: string) => void
}

/**
 * Finds out what the steps of a run keep or give back. Changes nothing. A downgrade gives back without being asked.
 *
 * @param isKept whether an upgrade keeps what it drops
 */
export async function planKeeping(
  { dialect, history }: Pick<KeepingOptions, 'dialect' | 'history'>,
  database: Queryable,
  direction: Direction,
  steps: readonly KeepingStep[],
  isKept: boolean,
): Promise<readonly PlannedKeeping[]> {
  const { keeping } = dialect
  if (direction === 'upgrade') {
    if (!isKept || steps.length === 0) return []
    const verdicts = await keeping.survey(database, steps)
    return steps.map((step, at) => ({ direction, step, verdicts: verdicts[at] ?? [], returns: [] }))
  }
  if (steps.length === 0) return []
  const entries = await new Registry(dialect, database).read(history)
  if (entries.length === 0) return []
  const undone = steps.map((step) => ({ step, entries: newest(entries, step) }))
  const returns = await keeping.foresee(database, undone)
  return steps.map((step, at) => {
    const before = new Set(steps.slice(0, at + 1).map(({ revision }) => revision.name))
    const later = entries.filter(({ name }) => !before.has(name))
    return { direction, step, verdicts: [], returns: (returns[at] ?? []).map((one) => withKey(one, later)) }
  })
}

/**
 * Values find their rows by the key, so a later revision that has converted the key must be undone first: on another branch, the graph
 * does not demand that.
 */
function withKey(one: Return, later: readonly KeptEntry[]): Return {
  const { entry } = one
  const other = later.find(
    ({ id, kind, schema, table, column }) =>
      kind === 'values' &&
      id > entry.id &&
      schema === entry.schema &&
      table === entry.table &&
      column !== null &&
      entry.key.includes(column),
  )
  if (other === undefined || one.obstacle !== undefined) return one
  return {
    ...one,
    obstacle: {
      message: `revision ${other.revision} has converted ${entry.table}.${other.column ?? ''} since, the key by which its values find their rows`,
      help: `Undo that one first: aludel migrate downgrade ${other.revision}@-1`,
      rows: 0,
    },
  }
}

/**
 * The entries of the last upgrade of a revision: those of an earlier one, which another tool has undone, are of rows that were there
 * before it.
 */
function newest(entries: readonly KeptEntry[], { revision }: KeepingStep): readonly KeptEntry[] {
  const own = entries.filter(({ name }) => name === revision.name)
  const last = Math.max(...own.map(({ keptAt }) => keptAt.getTime()))
  return own.filter(({ keptAt }) => keptAt.getTime() === last)
}

/**
 * Refuses what must not start, and warns of what is not kept.
 *
 * @throws AludelError `ALUDEL_KEEP`, `ALUDEL_GIVE_BACK`
 */
export function guardKeeping(planned: readonly PlannedKeeping[], warn: (message: string) => void): void {
  for (const { step, verdicts, returns } of planned) {
    const refused = verdicts.filter(({ kept }) => kept === 'refused')
    const [first] = refused
    if (first !== undefined) {
      throw new AludelError(
        'ALUDEL_KEEP',
        `${label(step)} cannot keep ${refused.map(({ loss }) => loss.text).join(', ')}: ${first.reason ?? 'it is not possible'}`,
        {
          help: [...(first.help === undefined ? [] : [first.help]), 'Nothing was changed.'].join('\n'),
          details: { revision: step.revision.id, losses: refused.map(({ loss }) => loss.text) },
        },
      )
    }
    for (const { loss, kept, reason } of verdicts)
      if (kept === 'no') warn(`${label(step)} loses ${loss.text}, which is not kept: ${reason ?? 'it cannot be'}`)
    for (const { entry, obstacle } of returns) {
      if (obstacle === undefined) continue
      throw new AludelError('ALUDEL_GIVE_BACK', `${label(step)} cannot be undone: ${obstacle.message}`, {
        help: `${obstacle.help}\nNothing was changed.`,
        details: { revision: step.revision.id, table: entry.table, column: entry.column, rows: obstacle.rows },
      })
    }
  }
}

/** What a run keeps and gives back while it goes on. */
export class Keeping {
  readonly #steps: ReadonlyMap<string, PlannedKeeping>
  readonly #kept = new Map<string, Map<number, KeptEntry>>()
  readonly #given = new Map<string, readonly KeptEntry[]>()

  constructor(
    private readonly options: KeepingOptions,
    planned: readonly PlannedKeeping[],
  ) {
    this.#steps = new Map(planned.map((one) => [one.step.revision.name, one]))
  }

  /**
   * The watch of one step, in the transaction in which it runs; undefined if nothing is to be kept or given back.
   *
   * @param database the session of the run, not itself watched
   */
  watch(database: Queryable, { name }: KeepingStep['revision']): StatementWatch | undefined {
    const planned = this.#steps.get(name)
    if (planned === undefined) return undefined
    const { dialect, warn, progress } = this.options
    const { step, direction, returns } = planned
    const keeper = this.#keeperOf(step)
    const shelf = new Registry(dialect, database).shelf(keeper)
    // A try that was rolled back has kept nothing.
    this.#kept.delete(name)
    this.#given.delete(name)
    const session = {
      database,
      warn: (message: string) => {
        warn(`${label(step)}: ${message}`)
      },
      progress,
    }
    if (direction === 'upgrade') {
      return dialect.keeping.setAside({ ...session, shelf: this.#noting(name, shelf, keeper) }, step)
    }
    const entries = returns.map(({ entry }) => entry)
    if (entries.length === 0) return undefined
    this.#given.set(name, entries)
    return dialect.keeping.giveBack({ ...session, shelf }, step, entries)
  }

  /**
   * Refuses a step that does not run in a transaction, and would keep or give back something.
   *
   * @throws AludelError `ALUDEL_KEEP`, `ALUDEL_GIVE_BACK`
   */
  refuseOutside({ name }: KeepingStep['revision']): void {
    const planned = this.#steps.get(name)
    if (planned === undefined) return
    const { step, verdicts, returns } = planned
    const lost = verdicts.filter(({ kept }) => kept === 'yes').map(({ loss }) => loss.text)
    if (lost.length > 0) {
      throw new AludelError(
        'ALUDEL_KEEP',
        `${label(step)} does not run in a transaction, so ${lost.join(', ')} cannot be kept`,
        {
          help: 'Put the statements that lose something into a revision of their own, which runs in a transaction, or run without --keep-dropped.',
          details: { revision: step.revision.id, losses: lost },
        },
      )
    }
    const [first] = returns
    if (first === undefined) return
    const { table, column } = first.entry
    throw new AludelError(
      'ALUDEL_GIVE_BACK',
      `the downgrade of ${label(step)} does not run in a transaction, so what is kept of it cannot be given back`,
      {
        help: `Give it up first: aludel migrate kept prune --revision ${step.revision.id}`,
        details: { revision: step.revision.id, table, column, rows: first.rows },
      },
    )
  }

  /** What a step that was committed has kept, or given back. */
  doneBy({ name }: KeepingStep['revision']): {
    readonly kept: readonly KeptThing[]
    readonly givenBack: readonly KeptThing[]
  } {
    return {
      kept: [...(this.#kept.get(name)?.values() ?? [])].map(thingOf),
      givenBack: (this.#given.get(name) ?? []).map(thingOf),
    }
  }

  #keeperOf({ revision }: KeepingStep): Keeper {
    const { now, toolVersion, history } = this.options
    return { revision: revision.id, name: revision.name, keptAt: now(), toolVersion, history }
  }

  #noting(name: string, shelf: Shelf, keeper: Keeper): Shelf {
    const entries = new Map<number, KeptEntry>()
    this.#kept.set(name, entries)
    return {
      add: async (kept) => {
        const entry = await shelf.add(kept)
        entries.set(entry.id, entry)
        return entry
      },
      change: async (id, kept) => {
        await shelf.change(id, kept)
        const entry = entries.get(id)
        if (entry !== undefined) entries.set(id, { ...entry, ...kept, ...keeper })
      },
      remove: async (id) => {
        await shelf.remove(id)
        entries.delete(id)
      },
    }
  }
}

function thingOf({ revision, kind, schema, table, column, rows }: KeptEntry): KeptThing {
  return { revision, kind, table: schema === null ? table : `${schema}.${table}`, column, rows }
}

/** `3f9c1b7a2d40 (drop the old names)`. */
function label({ revision }: KeepingStep): string {
  return `revision ${revision.id} (${revision.message})`
}
