import { createHash } from 'node:crypto'

import { type Effects, lockModes, lockText, type Loss, lossIn, type TableLock } from '../sql/effects'

/**
 * The effects of one direction of a revision on one database, which the tool writes into the file as
 * `static readonly effects`: it knows more than the statements show. Empty parts are left out.
 *
 * They are excluded from the checksum, because they change nothing that runs. They apply only to the statements for which
 * they were written: after an edit, the effects are read from the statements.
 */
// A type and not an interface, so that it is assignable to `Value` in render-effects.ts.
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
export type RecordedEffects = {
  /** Hash of the statements: 12 hex digits. */
  readonly statements: string
  /** Losses by table; `*` for losses outside any table. */
  readonly destroys?: Readonly<Record<string, readonly string[]>>
  /** `SHARE ROW EXCLUSIVE users`. */
  readonly locks?: readonly string[]
  readonly rewrites?: readonly string[]
  /** What must be true of the rows: `no row of users has a NULL in name`. */
  readonly needs?: readonly string[]
}

/** The value to write for these statements. */
export function recordEffects(
  statements: readonly string[],
  { destroys, locks, rewrites }: Pick<Effects, 'destroys' | 'locks' | 'rewrites'>,
  needs: readonly string[],
): RecordedEffects {
  const byTable: Record<string, string[]> = {}
  for (const { text, table = '*' } of destroys) (byTable[table] ??= []).push(text)
  return {
    statements: statementsHash(statements),
    ...(destroys.length > 0 && { destroys: byTable }),
    ...(locks.length > 0 && { locks: locks.map(lockText) }),
    ...(rewrites.length > 0 && { rewrites }),
    ...(needs.length > 0 && { needs }),
  }
}

/** The effects that a file declares. */
export interface FileEffects extends Pick<Effects, 'destroys' | 'locks' | 'rewrites'> {
  readonly needs: readonly string[]
}

/** The effects in a file; undefined if they were written for other statements, or not by the tool. */
export function effectsInFile(value: unknown, statements: readonly string[]): FileEffects | undefined {
  if (!isRecord(value) || value['statements'] !== statementsHash(statements)) return undefined
  const { destroys = {}, locks = [], rewrites = [], needs = [] } = value
  if (!isRecord(destroys) || !isTexts(locks) || !isTexts(rewrites) || !isTexts(needs)) return undefined
  const losses: Loss[] = []
  for (const [table, texts] of Object.entries(destroys)) {
    if (!isTexts(texts)) return undefined
    for (const text of texts) losses.push(lossIn(text, table === '*' ? undefined : table))
  }
  const found = locks.map(readLock)
  return found.every((lock) => lock !== undefined) ? { destroys: losses, locks: found, rewrites, needs } : undefined
}

function readLock(text: string): TableLock | undefined {
  // The longest first: SHARE is the beginning of SHARE ROW EXCLUSIVE.
  const level = lockModes.toSorted((a, b) => b.length - a.length).find((mode) => text.startsWith(`${mode} `))
  if (level === undefined) return undefined
  const rest = text.slice(level.length + 1)
  return rest.startsWith('index ')
    ? { level, table: rest.slice('index '.length), isIndex: true }
    : { level, table: rest }
}

function statementsHash(statements: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(statements)).digest('hex').slice(0, 12)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
