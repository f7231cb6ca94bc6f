import type { QueryRunner } from 'typeorm'

import type { MigratorContext } from '../project/context'
import { replay, runAlone } from '../shadow/replay'
import type { Dialect } from '../dialect/dialect'
import { isAludelError, messageOf } from '../errors'
import { describeOperation } from '../operations'
import type { VerifyResult } from '../results'
import type { Revision } from '../revision/revision'
import { compare } from '../difference/compare'
import { withoutExtraExtensions } from '../schema/extensions'
import type { Schema } from '../schema/schema'
import { statementOf } from '../shadow/statements'

type Verdict = VerifyResult['revisions'][number]

/**
 * Runs each revision up, down and up on a shadow database of every dialect, and compares the schema after its down with
 * that before its up.
 *
 * @param revisions ids to verify; the revisions below them are only run
 */
export async function verifyRevisions(context: MigratorContext, revisions: ReadonlySet<string>): Promise<VerifyResult> {
  const verdicts: Verdict[] = []
  for (const dialect of await context.connection.dialects())
    verdicts.push(...(await verifyOn(context, dialect, revisions)))
  return { revisions: verdicts }
}

async function verifyOn(context: MigratorContext, dialect: Dialect, judged: ReadonlySet<string>): Promise<Verdict[]> {
  const { graph } = await context.revisions.read()
  const needed = graph.ancestors(judged, { dependencies: true })
  const order = graph.order.filter(({ id }) => needed.has(id))
  const verdicts: Verdict[] = []
  let next = 0
  // After a down that does not restore the schema, the next revisions need a fresh shadow database.
  while (next < order.length) {
    const start = next
    next = await (
      await context.shadows()
    ).withRunner(dialect, (runner) => verifyFrom(context, dialect, runner, order, start, judged, verdicts))
  }
  return verdicts
}

/** Verifies revisions from `start` until one breaks the shadow database; returns the index of the next one. */
async function verifyFrom(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  order: readonly Revision[],
  start: number,
  judged: ReadonlySet<string>,
  verdicts: Verdict[],
): Promise<number> {
  const ignoreTables = await context.connection.ignoreTables()
  await replay(dialect, runner, order.slice(0, start), 'upgrade', context.revisions.load)
  for (const [index, revision] of order.entries()) {
    if (index < start) continue
    context.reporter.progress(`verifying ${revision.id} on ${dialect.name}`)
    if (!judged.has(revision.id)) {
      await replay(dialect, runner, [revision], 'upgrade', context.revisions.load)
      continue
    }
    const verdict = await judge(context, dialect, runner, revision, () =>
      dialect.introspection.read(runner, { ignoreTables }),
    )
    verdicts.push(verdict)
    // The revisions after one that does not run cannot be verified.
    if (verdict.up === 'failed' && verdict.down === 'failed') return order.length
    if (verdict.up === 'failed' || verdict.down !== 'ok') return index + 1
  }
  return order.length
}

async function judge(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  revision: Revision,
  read: () => Promise<Schema>,
): Promise<Verdict> {
  const verdict = (up: Verdict['up'], down: Verdict['down'], message: string): Verdict => ({
    revision: revision.id,
    dialect: dialect.name,
    up,
    down,
    message,
  })
  const before = await read()
  try {
    await replay(dialect, runner, [revision], 'upgrade', context.revisions.load)
  } catch (error) {
    return verdict('failed', 'failed', messageOf(error))
  }

  try {
    await runAlone(dialect, runner, revision, 'downgrade', context.revisions.load)
  } catch (error) {
    return isAludelError(error) || statementOf(error) !== undefined
      ? verdict('ok', 'failed', dialect.errors.textOf(error))
      : // A `down` that throws its own error declares the revision irreversible.
        verdict('ok', 'irreversible', messageOf(error))
  }
  const differences = compare(withoutExtraExtensions(await read(), before), before, { unmanaged: context.ignored })
  if (differences.length > 0) {
    return verdict(
      'ok',
      'differs',
      `after down, restoring the schema before up still needs: ${differences.slice(0, 3).map(describeOperation).join('; ')}${differences.length > 3 ? ' …' : ''}`,
    )
  }
  try {
    await runAlone(dialect, runner, revision, 'upgrade', context.revisions.load)
  } catch (error) {
    return verdict('failed', 'ok', `after down, up fails: ${dialect.errors.textOf(error)}`)
  }
  return verdict('ok', 'ok', '')
}
