import { readFile } from 'node:fs/promises'

import type { DataSourceOptions, MigrationInterface } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { saysOutside, type Revision, type Step } from '../revision/revision'
import { recordStatements } from '../execution/recorder'

/** Whether a revision runs in a transaction, and why not where its file does not say so. */
export interface StepMode {
  readonly transactional: boolean
  /** The statement that no transaction takes, in a revision that does not say `transaction = false`. */
  readonly because?: string
}

/** The mode of a revision whose statements are known. */
export function modeOf(declaredOutside: boolean, statements: readonly string[], dialect: Dialect): StepMode {
  if (declaredOutside) return { transactional: false }
  const because = dialect.steps.outsideTransaction(statements)
  return because === undefined ? { transactional: true } : { transactional: false, because }
}

/**
 * The mode of a revision, found by what it contains. Where its text, or that of its method, has a word that tells of a
 * statement that no transaction takes, its code runs once without a database (see {@link recordStatements}). One that asks
 * the database something, or throws, keeps the mode that its file declares.
 *
 * @param load gives an instance for that: what the code leaves in it is not for the run
 * @example
 * await findMode(migration, { revision, direction: 'upgrade' }, postgres, options, load)
 * // { transactional: false, because: 'CREATE INDEX CONCURRENTLY "i" ON "a" ("n")' }
 */
export async function findMode(
  migration: MigrationInterface,
  { revision, direction }: Pick<Step, 'revision' | 'direction'>,
  dialect: Dialect,
  driverOptions: DataSourceOptions,
  load: () => Promise<MigrationInterface>,
): Promise<StepMode> {
  if (saysOutside(migration, revision)) return { transactional: false }
  const method: unknown = Reflect.get(migration, direction === 'upgrade' ? 'up' : 'down')
  const code = typeof method === 'function' ? Function.prototype.toString.call(method) : ''
  const { telltale } = dialect.steps
  if (!telltale.test(code) && !telltale.test(await textOf(revision))) return { transactional: true }
  try {
    return modeOf(false, await recordStatements(await load(), direction, dialect, driverOptions), dialect)
  } catch {
    return { transactional: true }
  }
}

async function textOf({ path }: Revision): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    // It was there when it was loaded, or is not from a file at all.
    return ''
  }
}
