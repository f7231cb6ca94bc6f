/**
 * What statements do to a database, read from their text. Backups, questions, plans, the lint and the page all use the
 * same result, which fails safe: a statement that is not known to be harmless counts as a loss, with the reason.
 *
 * The readers are `sql/postgres/` (PostgreSQL's own grammar) and `sql/sqlite/`.
 */

/** Rows, values or objects that may be lost. */
export interface Loss {
  /** `all rows of metrics`, `values of users.name`, `old values of users.name`, `whatever it does: runs code that cannot be read: DO $$…`. */
  readonly text: string
  /** Their table, as the database names it (`schema.name` outside the default schema); absent: any table. */
  readonly table?: string
  /** What kind of loss it is; absent: unknown. */
  readonly kind?: LossKind
  /** The column of the table that loses values; absent: more than one, whole rows, or unknown. */
  readonly column?: string
}

/**
 * `table`: a table is dropped, with all its rows · `column`: a column is dropped, or its values are not copied · `converted`: a
 * change of type, an expression or a mapping replaces values · `rows`: DELETE, TRUNCATE or a replacing INSERT · `overwritten`:
 * UPDATE
 */
export type LossKind = 'table' | 'column' | 'converted' | 'rows' | 'overwritten'

/**
 * A loss of an operation, from its text in a revision file. The operations have the words: see `destroys` in `operations/`.
 *
 * @example
 * lossIn('values of users.name', 'users') // { text: 'values of users.name', table: 'users', kind: 'column', column: 'name' }
 */
export function lossIn(text: string, table?: string): Loss {
  if (table === undefined) return { text }
  if (text === `all rows of ${table}`) return { text, table, kind: 'table' }
  for (const [before, kind] of [
    ['values of ', 'column'],
    ['old values of ', 'converted'],
    ['which rows of ', 'converted'],
  ] as const) {
    const start = `${before}${table}.`
    if (!text.startsWith(start)) continue
    const rest = text.slice(start.length)
    const end = before === 'which rows of ' ? rest.lastIndexOf(' were ') : rest.indexOf(', which become')
    return { text, table, kind, column: end === -1 ? rest : rest.slice(0, end) }
  }
  return { text, table }
}

/** A lock on a table (or an index) that existed before. */
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

/** What one text does: the sum of what its statements do. */
export interface StatementEffects {
  /**
   * What it does, in the words of `describeOperation`: `create table metrics`, `drop column users.name`, `update users`. Empty for
   * a part of something that another statement names.
   */
  readonly does: string
  /** The `does` of earlier statements that this one completes, and that its own stands for: the steps of a rebuild. */
  readonly instead?: readonly string[]
  /** It only reads, so executing it again does no harm. All other properties are then empty. */
  readonly reads: boolean
  /** It changes rows or the schema. False for a read, and for a statement that affects only the session (`SET`, `BEGIN`). */
  readonly writes: boolean
  readonly destroys: readonly Loss[]
  /** Only locks that block reads or writes of rows: SHARE and stronger. */
  readonly locks: readonly TableLock[]
  /** Tables that are rewritten completely. */
  readonly rewrites: readonly string[]
  /** Tables that must not exist before the plan: it creates them, and no statement before it drops or renames one. */
  readonly absent: readonly string[]
  /** False if it cannot run in a transaction. */
  readonly transactional: boolean
  /** Why its effects are unknown; `destroys` then has an entry for it. Null if they are known. */
  readonly unknown: string | null
}

/** The columns of a table that store values (not generated ones), before the first statement; undefined if unknown. */
export type ColumnsOf = (table: string) => readonly string[] | undefined

/**
 * Reads the statements of a plan in order and remembers what earlier ones created, renamed and copied: rows of a table
 * that the plan itself created are not a loss.
 */
export interface EffectsReader {
  /** @param sql one text as it is sent: one statement, or several separated by semicolons. Never throws. */
  read(sql: string): StatementEffects
}

/** What the statements of one step, in one direction, do together. */
export interface Effects {
  readonly does: readonly string[]
  readonly destroys: readonly Loss[]
  readonly locks: readonly TableLock[]
  readonly rewrites: readonly string[]
  /** Why the effects of some of them are unknown. */
  readonly unknown: readonly string[]
  /** The first statement that cannot run in a transaction; undefined if all can. */
  readonly outside?: string
}

/** What `statements` do together, without duplicates. */
export function sumOfEffects(reader: EffectsReader, statements: readonly string[]): Effects {
  const destroys = new Map<string, Loss>()
  const locks = new Map<string, TableLock>()
  const rewrites = new Set<string>()
  const does = new Set<string>()
  const unknown = new Set<string>()
  let outside: string | undefined
  for (const sql of statements) {
    const effects = reader.read(sql)
    addDoes(does, effects)
    if (effects.unknown !== null) unknown.add(effects.unknown)
    for (const loss of effects.destroys) destroys.set(loss.text, loss)
    for (const lock of effects.locks) addLock(locks, lock)
    for (const table of effects.rewrites) rewrites.add(table)
    if (!effects.transactional) outside ??= sql
  }
  return {
    does: [...does],
    destroys: [...destroys.values()],
    locks: [...locks.values()],
    rewrites: [...rewrites],
    unknown: [...unknown],
    outside,
  }
}

/** Adds what one more statement does. */
export function addDoes(all: Set<string>, { does, instead = [] }: Pick<StatementEffects, 'does' | 'instead'>): void {
  for (const part of instead) all.delete(part)
  if (does !== '') all.add(does)
}

/** Adds a lock, or replaces a weaker one on the same table or index. */
export function addLock(locks: Map<string, TableLock>, lock: TableLock): void {
  const key = `${lock.isIndex === true ? 'index ' : ''}${lock.table}`
  const held = locks.get(key)
  if (held === undefined || isStronger(lock.level, held.level)) locks.set(key, lock)
}

export function isStronger(one: LockMode, other: LockMode): boolean {
  return lockModes.indexOf(one) > lockModes.indexOf(other)
}

/** `ACCESS EXCLUSIVE metrics`, `ACCESS EXCLUSIVE index ix_metrics_name`. */
export function lockText({ level, table, isIndex }: TableLock): string {
  return `${level} ${isIndex === true ? 'index ' : ''}${table}`
}

/** The effects of a statement whose effects are unknown: it may destroy anything. */
export function unknownEffects(does: string, reason: string): StatementEffects {
  return {
    does,
    reads: false,
    writes: true,
    destroys: [{ text: `whatever it does: ${reason}` }],
    locks: [],
    rewrites: [],
    absent: [],
    transactional: true,
    unknown: reason,
  }
}
