import type { Loss } from '../../sql/effects'
import type { Queryable } from '../queryable'
import type { StatementWatch } from './running'

/**
 * Sets aside what a revision drops or narrows, in the database itself, and gives it back when the revision is undone.
 *
 * The statements of the revision run as they are, in both directions; what is added runs around them, in the same transaction.
 * A *registry*, a table that exists while something is kept, has a row for each entry: the caller reads and writes it.
 */
export interface KeepingRole {
  /** The registry: `aludel_kept`, or `schema.table`, unquoted. */
  readonly registry: string

  /** Statements that create the registry, each repeatable (IF NOT EXISTS). The columns are those of {@link KeptEntry} in snake case. */
  createRegistry(): readonly string[]

  /** Statements that drop the registry, which is empty, so that nothing of it remains in the schema. */
  dropRegistry(): readonly string[]

  /** SQL: a condition that is true if the registry exists. It needs no right to read it. */
  readonly registryExists: string

  /** A number that no entry of the registry has had, and no other session is given. */
  nextId(database: Queryable): Promise<number>

  /**
   * Decides for each loss of a plan whether it will be kept. Changes nothing.
   *
   * @param steps upgrades in their order; what an earlier one changes is not seen by a later one
   * @returns for each step, a verdict for each of its losses, in their order
   */
  survey(database: Queryable, steps: readonly KeepingStep[]): Promise<readonly (readonly KeepVerdict[])[]>

  /**
   * Watches an upgrade and sets aside what it drops or narrows.
   *
   * @throws AludelError by its methods: `ALUDEL_KEEP` if something that should be kept cannot be, so that the upgrade stops
   */
  setAside(session: KeepingSession, step: KeepingStep): StatementWatch

  /**
   * Tells what a downgrade will give back. Changes nothing.
   *
   * @param steps downgrades in their order, with the entries of the upgrades that they undo
   * @returns for each step, one for each of its entries
   */
  foresee(
    database: Queryable,
    steps: readonly { readonly step: KeepingStep; readonly entries: readonly KeptEntry[] }[],
  ): Promise<readonly (readonly Return[])[]>

  /**
   * Watches a downgrade and gives back what its upgrade set aside. Entries that are given back are removed, with their rows in the
   * registry.
   *
   * @throws AludelError by its methods: `ALUDEL_GIVE_BACK` if rows that were written since leave no place
   */
  giveBack(session: KeepingSession, step: KeepingStep, entries: readonly KeptEntry[]): StatementWatch

  /** Removes what an entry keeps, without its row in the registry. Harmless if it is gone already. */
  discard(database: Queryable, entry: KeptEntry): Promise<void>
}

/** One step of a run, as far as keeping depends on it. */
export interface KeepingStep {
  readonly revision: { readonly id: string; readonly name: string; readonly message: string }
  /** All that it sends, in order; null if they are known only when it runs. */
  readonly statements: readonly string[] | null
  /** What it loses. Names are those at the start of the plan, or of the revision if {@link isRecorded}. */
  readonly losses: readonly Loss[]
  /** True if the tool wrote the statements and their losses: they are those of its operations. */
  readonly isRecorded: boolean
}

/** What a watch may use; none of it is itself watched. */
export interface KeepingSession {
  readonly database: Queryable
  readonly shelf: Shelf
  readonly warn: (message: string) => void
  /** Reports long work: `keeping 1,000,000 rows of metrics`. */
  readonly progress: (message: string) => void
}

/** The rows of one step in the registry. Each method takes part in the open transaction. */
export interface Shelf {
  /** Adds a row, and creates the registry if it is missing. */
  add(kept: Kept): Promise<KeptEntry>
  /** Changes a row. */
  change(id: number, kept: Partial<Kept>): Promise<void>
  /** Removes a row. */
  remove(id: number): Promise<void>
}

/**
 * `table`: a whole table · `column`: all values of a column that is gone · `values`: those values of a column that were changed by
 * a narrower type, a mapping or an expression · `sequence`, `type`: an object of PostgreSQL
 */
export type KeptKind = 'table' | 'column' | 'values' | 'sequence' | 'type'

/** What an entry keeps. Names are those before the upgrade, unquoted, and again after the downgrade. */
export interface Kept {
  readonly kind: KeptKind
  /** Null in the default schema. */
  readonly schema: string | null
  /** The table; for a sequence or a type, its own name. */
  readonly table: string
  readonly column: string | null
  /** Where it is: `aludel_kept_3`, `aludel_kept.3`, or a hidden column `public.users.aludel_kept_3`. For display and for `discard`. */
  readonly place: string
  /** The columns by which values find their rows. Empty where whole rows are kept. */
  readonly key: readonly string[]
  /** Rows, or values, that are kept. */
  readonly rows: number
  /** What else the dialect needs: names after the upgrade, definitions, positions. JSON. */
  readonly definitions: Readonly<Record<string, unknown>>
}

/** A row of the registry. */
export interface KeptEntry extends Kept {
  readonly id: number
  /** The revision whose upgrade set it aside. */
  readonly revision: string
  /** The name of its class. */
  readonly name: string
  /** The same for all entries of one upgrade. */
  readonly keptAt: Date
  readonly toolVersion: string
  /** The history table, without its schema: several projects may share a database. */
  readonly history: string
}

/** Whether a loss will be kept. */
export interface KeepVerdict {
  readonly loss: Loss
  /** `refused`: it is what the option is for, but it cannot be kept here, so the upgrade must not run. */
  readonly kept: 'yes' | 'no' | 'refused'
  /** Why not, as a clause: `a statement of the revision deletes the rows`. */
  readonly reason?: string
  /** What to do about a refusal. */
  readonly help?: string
}

/** What a downgrade will do with an entry. */
export interface Return {
  readonly entry: KeptEntry
  /** Rows or values that are given back: those that were not deleted or changed since. */
  readonly rows: number
  /** Rows that were inserted since and had no value; null if that cannot be known yet, or does not matter. */
  readonly since: number | null
  /** What these rows get: `NULL`, `the default 0`, `what the revision gives them`; null where there is nothing that they could get. */
  readonly gets: string | null
  /** Why it cannot be given back; the downgrade is refused then. */
  readonly obstacle?: Obstacle
}

/** Why something cannot be given back, as a sentence without a full stop, and what to do about it. */
export interface Obstacle {
  readonly message: string
  readonly help: string
  /** How many rows are in the way; 0 if it is not rows. */
  readonly rows: number
}

/** A role whose code is loaded when something is kept, given back or asked about. */
export function loadedLater(
  names: Pick<KeepingRole, 'registry' | 'registryExists'>,
  load: () => Omit<KeepingRole, 'registry' | 'registryExists'>,
): KeepingRole {
  return {
    ...names,
    createRegistry: () => load().createRegistry(),
    dropRegistry: () => load().dropRegistry(),
    nextId: (database) => load().nextId(database),
    survey: (database, steps) => load().survey(database, steps),
    setAside: (session, step) => load().setAside(session, step),
    foresee: (database, steps) => load().foresee(database, steps),
    giveBack: (session, step, entries) => load().giveBack(session, step, entries),
    discard: (database, entry) => load().discard(database, entry),
  }
}
