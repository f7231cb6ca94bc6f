import { AludelError } from '../../errors'
import type { AdoptObstacle, AdoptResult } from '../../results'
import { preflight } from '../../run/preflight'
import { underLock } from '../../run/session'
import { settingsOf } from '../../run/settings'
import { sameData } from '../../schema/json'
import { plural } from '../../text'
import { type Adoption, changedMeanwhile, confirmOrRefuse, differing, foundIn } from '../adoption'
import { compareWith, isEqual, type Match, unprovedIn } from '../../inspect/match/match'
import { readLive, surveyDatabase } from '../survey'
import { takeOver } from '../take-over'
import { watchRows } from './kept-rows'
import { planConversion } from './plan'
import { obstacleLines } from './words'

/**
 * Converts a database to the schema of a revision, and records it: in one transaction, at whose end the schema must be that of the
 * revision, and every row and value as it was or as the plan says.
 *
 * @throws AludelError `ALUDEL_ADOPT_CONVERSION` with `convert: true` if a row or a value would be lost, and those of `planConversion`,
 *   `takeOver` and `underLock`
 */
export async function adoptConverted(adoption: Adoption, match: Match): Promise<AdoptResult> {
  const { context, dialect, runner, survey, options } = adoption
  const heads = match.heads.map(({ id }) => id)
  const [nearest = ''] = heads
  const planned = await planConversion(context, dialect, runner, match, survey.live, options)
  if (planned.obstacles.length > 0) {
    if (options.convert === 'offer') return { ...differing(adoption, match), obstacles: planned.obstacles }
    throw cannotConvert(nearest, planned.obstacles)
  }
  const plan: AdoptResult = {
    ...foundIn(survey),
    ...{ matches: nearest, nearest, stamped: heads },
    unproved: (await unprovedIn(context, dialect, survey.state.graph, match)).map(({ id }) => id),
    conversion: planned.conversion,
  }
  await confirmOrRefuse(options, plan)
  await preflight(context, dialect, runner)
  return underLock(await settingsOf(context, dialect, runner), async (session) => {
    const { queryRunner } = session
    const { ignoreTables, live, state } = await surveyDatabase(context, dialect, queryRunner)
    const again = await planConversion(context, dialect, queryRunner, match, live, options)
    if (again.obstacles.length > 0) throw cannotConvert(nearest, again.obstacles)
    const isAgreed =
      sameData(again.conversion.operations, planned.conversion.operations) &&
      sameData(again.conversion.sql, planned.conversion.sql)
    if (!isAgreed || !sameData(state.names, survey.state.names)) throw changedMeanwhile()
    const { backup, backupDirectory } = options
    const { conversion, losses, changes, enums } = again
    context.reporter.progress(`converting ${plural(conversion.tables.length, 'table')}`)
    const done = await takeOver(context, dialect, session, {
      ...{ backup, backupDirectory, heads },
      changes: {
        ...{ kind: 'conversion', sql: conversion.sql, rewrites: conversion.rewrites, losses },
        watchRows: () => watchRows(dialect, queryRunner, changes, enums),
      },
      isThere: async () =>
        isEqual(
          await compareWith(
            context,
            dialect,
            match,
            (await readLive(context, dialect, queryRunner, ignoreTables)).schema,
          ),
        ),
    })
    return { ...plan, conversion, ...done }
  })
}

function cannotConvert(nearest: string, obstacles: readonly AdoptObstacle[]): AludelError {
  return new AludelError(
    'ALUDEL_ADOPT_CONVERSION',
    `the database cannot be converted to ${nearest} without a loss: ${plural(obstacles.length, 'obstacle')}`,
    {
      help: [...obstacles.flatMap(obstacleLines), 'Nothing was changed.'].join('\n'),
      details: { nearest, obstacles },
    },
  )
}
