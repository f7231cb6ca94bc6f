import type { QueryRunner } from 'typeorm'

import { type DialectDiff, statementsOf } from '../create/diff'
import { withEffects } from '../create/effects'
import { lintParts } from '../create/lint-parts'
import { operationToJson } from '../difference/merge-dialects'
import type { Dialect } from '../dialect/dialect'
import { listBroken } from '../dialect/broken-objects'
import type { ObjectWatch } from '../dialect/roles/running'
import { AludelError } from '../errors'
import type { MigratorContext } from '../project/context'
import { limitsOfRun } from '../project/limits'
import type { AdoptResult } from '../results'
import type { RunSettings } from '../run/settings'
import { shortSql } from '../sql/text'

/** Statements that give constraints and indexes of a database the names of its revisions. */
export interface RenamePlan extends Pick<AdoptResult, 'renames' | 'sql' | 'findings'> {
  /** Tables that are rebuilt or locked for long. */
  readonly rewrites: readonly string[]
}

/** No renames. */
export const noRenames: RenamePlan = { renames: [], sql: [], rewrites: [] }

/** The statements of renames, and what `lint` finds in them. */
export async function planRenames(context: MigratorContext, diff: DialectDiff | null): Promise<RenamePlan> {
  if (diff === null) return noRenames
  const { dialect, operations } = diff
  const body = await withEffects(diff, statementsOf(diff))
  const parts = [{ diffs: [diff], bodies: { [dialect.name]: body }, transactional: true }]
  // Nobody writes a revision, so its way back does not matter.
  const findings = (await lintParts(context, parts)).findings?.filter(({ direction }) => direction === 'upgrade') ?? []
  return {
    renames: operations.map((operation) => operationToJson(operation, [dialect.name])),
    sql: body.up.map(({ sql }) => sql),
    rewrites: body.effects?.up.rewrites ?? [],
    ...(findings.length > 0 && { findings }),
  }
}

/**
 * Sends the statements in the open transaction.
 *
 * @throws AludelError `ALUDEL_TABLE_LOCKED` when another session blocks one, `ALUDEL_STATEMENT` when one fails otherwise,
 *   `ALUDEL_BROKEN_OBJECT` when a view or a trigger no longer works
 */
export async function rename(
  { dialect, limits }: RunSettings,
  runner: QueryRunner,
  { sql }: RenamePlan,
  objects: ObjectWatch | null,
): Promise<void> {
  await dialect.running.limit(runner, limitsOfRun(limits), 'transaction')
  for (const statement of sql) await send(dialect, runner, statement)
  const broken = ((await objects?.(sql)) ?? []).filter(({ isNew }) => !isNew)
  if (broken.length > 0) {
    throw new AludelError('ALUDEL_BROKEN_OBJECT', `the renames break ${listBroken(broken)}`, {
      help: 'Nothing was changed. Change or drop what would break, and create it again afterwards.',
      details: { objects: broken.map(({ kind, name, table, error }) => ({ kind, name, table, error })) },
    })
  }
}

async function send({ errors }: Dialect, runner: QueryRunner, sql: string): Promise<void> {
  try {
    await runner.query(sql)
  } catch (error) {
    const contention = errors.contention(error)
    const database = errors.textOf(error)
    if (contention !== undefined) {
      throw new AludelError('ALUDEL_TABLE_LOCKED', `another session blocks a rename: ${database}`, {
        help: 'Nothing was changed. Run again when it is done.',
        details: { contention, blockers: [] },
        cause: error,
      })
    }
    throw new AludelError('ALUDEL_STATEMENT', `a rename failed (${shortSql(sql, 80)}): ${database}`, {
      help: 'Nothing was changed.',
      details: { sql, database },
      cause: error,
    })
  }
}
