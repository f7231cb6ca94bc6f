import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { listBroken } from '../dialect/broken-objects'
import type { ObjectWatch } from '../dialect/roles/running'
import { AludelError, refuseAborted } from '../errors'
import type { RunSettings } from '../run/settings'
import { shortSql } from '../sql/text'

/** Changes of a database that is taken over. */
export interface Changes {
  /** What they are, in error messages. */
  readonly kind: 'rename' | 'conversion'
  readonly sql: readonly string[]
}

/**
 * Sends the statements in the open transaction.
 *
 * @throws AludelError `ALUDEL_TABLE_LOCKED` when another session blocks one, `ALUDEL_STATEMENT` when one fails otherwise,
 *   `ALUDEL_BROKEN_OBJECT` when a view or a trigger no longer works, `ALUDEL_INTERRUPTED`
 */
export async function sendChanges(
  { dialect, signal }: RunSettings,
  runner: QueryRunner,
  { kind, sql }: Changes,
  objects: ObjectWatch | null,
): Promise<void> {
  for (const statement of sql) {
    refuseAborted(signal, ' before the end', 'Nothing was changed.')
    await inWords(dialect, kind, statement, () => runner.query(statement))
  }
  const broken = ((await objects?.(sql)) ?? []).filter(({ isNew }) => !isNew)
  if (broken.length > 0) {
    throw new AludelError(
      'ALUDEL_BROKEN_OBJECT',
      `the ${kind}${kind === 'rename' ? 's break' : ' breaks'} ${listBroken(broken)}`,
      {
        help: 'Nothing was changed. Change or drop what would break, and create it again afterwards.',
        details: { objects: broken.map(({ kind: what, name, table, error }) => ({ kind: what, name, table, error })) },
      },
    )
  }
}

/** Words the failure of a statement. */
export async function inWords<T>(
  { errors }: Dialect,
  kind: Changes['kind'],
  sql: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const contention = errors.contention(error)
    const database = errors.textOf(error)
    if (contention !== undefined) {
      throw new AludelError('ALUDEL_TABLE_LOCKED', `another session blocks ${named[kind]}: ${database}`, {
        help: 'Nothing was changed. Run again when it is done.',
        details: { contention, blockers: [] },
        cause: error,
      })
    }
    throw new AludelError('ALUDEL_STATEMENT', `${named[kind]} failed (${shortSql(sql, 80)}): ${database}`, {
      help: 'Nothing was changed.',
      details: { sql, database },
      cause: error,
    })
  }
}

const named = { rename: 'a rename', conversion: 'the conversion' } as const
