/**
 * What statements do to a database, read from their text. Backups, questions, plans, the lint and the page all take the
 * same answer, so it fails safe: what is not positively known to be harmless counts as a loss, with the reason.
 *
 * The readers are `sql/postgres/` (PostgreSQL's own grammar) and `sql/sqlite/`.
 */

/** Rows, values or objects that may be gone afterwards. */
export interface Loss {
  /** `all rows of metrics`, `values of users.name`, `old values of users.name`, `whatever it does: runs code that cannot be read: DO $$…`. */
  readonly text: string
  /** The table that has them, as the database names it (`schema.name` outside the default schema); absent: any. */
  readonly table?: string
}

/** A lock on a table (or an index) that was there before. */
export interface TableLock {
  /** In PostgreSQL's words: `ACCESS EXCLUSIVE`. */
  readonly level: LockMode
  readonly table: string
  readonly isIndex?: true
}

/** Table-level locks of PostgreSQL, weakest first: https://www.postgresql.org/docs/current/explicit-locking.html */
export const lockModes = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const
export type LockMode = (typeof lockModes)[number]

/** What one text does: the sum of its statements. */
export interface StatementEffects {
  /** What it does, in the words of `describeOperation`: `create table metrics`, `drop column users.name`, `update users`. */
  readonly does: string
  /** It looks at something and changes nothing: to execute it again does no harm. Nothing else is then set. */
  readonly reads: boolean
  /** It changes rows or the schema. False for what only reads, and for what concerns the session alone (`SET`, `BEGIN`). */
  readonly writes: boolean
  readonly destroys: readonly Loss[]
  /** Only those that block somebody who reads or writes rows: SHARE and stronger. */
  readonly locks: readonly TableLock[]
  /** Tables that are written anew as a whole. */
  readonly rewrites: readonly string[]
  /** False: no transaction takes it. */
  readonly transactional: boolean
  /** Why it cannot be known what it does; `destroys` has an entry for it, too. Null: it is known. */
  readonly unknown: string | null
}

/** Columns that hold values of their own, of a table as it is before the first statement; undefined: not known. */
export type ColumnsOf = (table: string) => readonly string[] | undefined

/**
 * Reads the statements of a plan in their order and keeps in mind what earlier ones have made, renamed and copied: rows of
 * a table that the plan has created itself are no loss.
 */
export interface EffectsReader {
  /** @param sql one text as it is sent: one statement, or several with semicolons between them. Never throws. */
  read(sql: string): StatementEffects
}

/** What the statements of one step, in one direction, do together. */
export interface Effects {
  readonly does: readonly string[]
  readonly destroys: readonly Loss[]
  readonly locks: readonly TableLock[]
  readonly rewrites: readonly string[]
  /** Why it is not known what some of them do. */
  readonly unknown: readonly string[]
  /** The first statement that no transaction takes; undefined: all of them may be in one. */
  readonly outside?: string
}

/** What `statements` do together, each thing once. */
export function sumOfEffects(reader: EffectsReader, statements: readonly string[]): Effects {
  const destroys = new Map<string, Loss>()
  const locks = new Map<string, TableLock>()
  const rewrites = new Set<string>()
  const does = new Set<string>()
  const unknown = new Set<string>()
  let outside: string | undefined
  for (const sql of statements) {
    const effects = reader.read(sql)
    does.add(effects.does)
    if (effects.unknown !== null) unknown.add(effects.unknown)
    for (const loss of effects.destroys) destroys.set(loss.text, loss)
    for (const lock of effects.locks) {
      const key = `${lock.isIndex === true ? 'index ' : ''}${lock.table}`
      const held = locks.get(key)
      if (held === undefined || isStronger(lock.level, held.level)) locks.set(key, lock)
    }
    for (const table of effects.rewrites) rewrites.add(table)
    if (!effects.transactional) outside ??= sql
  }
  return {
    does: [...does],
    destroys: [...destroys.values()],
    locks: [...locks.values()],
    rewrites: [...rewrites],
    unknown: [...unknown],
    ...(outside !== undefined && { outside }),
  }
}

export function isStronger(one: LockMode, other: LockMode): boolean {
  return lockModes.indexOf(one) > lockModes.indexOf(other)
}

/** `ACCESS EXCLUSIVE metrics`, `ACCESS EXCLUSIVE index ix_metrics_name`. */
export function lockText({ level, table, isIndex }: TableLock): string {
  return `${level} ${isIndex === true ? 'index ' : ''}${table}`
}

/** What nobody can know the effects of. */
export function unknownEffects(does: string, reason: string): StatementEffects {
  return {
    does,
    reads: false,
    writes: true,
    destroys: [{ text: `whatever it does: ${reason}` }],
    locks: [],
    rewrites: [],
    transactional: true,
    unknown: reason,
  }
}
