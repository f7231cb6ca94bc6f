import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../../dialect/dialect'
import type { KeepingStep } from '../../dialect/roles/keeping'
import { writtenStatements } from '../../execution/written'
import { effectsOfPart } from '../../execution/written-effects'
import { Keeping, planKeeping } from '../../kept/keeping'
import type { MigratorContext } from '../../project/context'
import type { Schema } from '../../schema/schema'
import { writtenColumns } from '../../schema/written-columns'
import { toolVersion } from '../../version'
import type { ModelStep } from './timed-steps'

/**
 * Prepares what upgrades with `keepDropped` set aside on a scratch database, as a run prepares it on the live one: its statements copy
 * or move what they would drop, and lock it for that.
 *
 * @param schema of the database before the steps
 */
export async function keepingIn(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  steps: readonly ModelStep[],
  schema: Schema,
): Promise<Keeping | undefined> {
  const upgrades = steps.filter(({ direction }) => direction === 'upgrade')
  if (upgrades.length === 0) return undefined
  const { name: history } = await context.connection.history()
  const reader = await dialect.sql.readEffects(() => Promise.resolve(writtenColumns(schema)))
  const planned: KeepingStep[] = []
  for (const { revision, direction } of upgrades) {
    const read = await writtenStatements(revision, direction, dialect, runner.connection.options.type)
    const part =
      'unread' in read ? { ...read, statements: null, recorded: undefined } : { ...read, recorded: read.effects }
    const losses = effectsOfPart(part, reader).destroys
    planned.push({ revision, statements: part.statements, losses, isRecorded: part.recorded !== undefined })
  }
  const silent = { warn: () => undefined, progress: () => undefined }
  const options = { dialect, history, toolVersion, now: () => context.now(), ...silent }
  return new Keeping(options, await planKeeping(options, runner, 'upgrade', planned, true))
}
