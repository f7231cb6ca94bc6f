import type { MigratorContext } from '../project/context'
import { describeBroken } from '../dialect/broken-objects'
import type { Dialect } from '../dialect/dialect'
import type { Statement } from '../dialect/roles/ddl'
import type { RevisionBody } from '../files/render'
import { reverseOperations } from '../operations'
import { type ProofResult, prove } from '../proof/proof'
import { compare } from '../difference/compare'
import { orderOperations } from '../difference/order'
import { emptySchema } from '../schema/schema'
import type { DialectDiff, SidePair } from './diff'
import { explainProof, refuseUnrelatedTypes } from './explain-proof'
import { type ProofRound, proveInRounds } from './proof-rounds'
import { replay } from '../shadow/replay'

interface ShadowProof {
  readonly diff: DialectDiff
  readonly body: RevisionBody
  /** Statements of a revision that is written together with it and runs before. */
  readonly before: readonly Statement[]
  readonly transactional: boolean
  /** True if the schema of the live database replaces revisions that cannot be replayed. */
  readonly fromDatabase: boolean
}

/**
 * Proves one dialect's part of a revision on shadow databases; see `prove`.
 *
 * @throws AludelError `ALUDEL_PROOF`, or `ALUDEL_CONVERSION` if values cannot be converted implicitly
 */
export async function proveOnShadow(context: MigratorContext, proof: ShadowProof): Promise<void> {
  const { diff, body } = proof
  const { dialect } = diff
  const reverse = reverseOperations(diff.operations)
  refuseUnrelatedTypes(diff, reverse)
  const { unsampled, refusal, broken } = await proveInRounds(dialect, diff, reverse, proveOnce).catch(
    (error: unknown) => {
      throw explainProof(error, diff, reverse)
    },
  )
  for (const { table, reason } of unsampled) {
    context.reporter.warn(
      `no sample row could be made for ${table} on ${dialect.name} (${reason}): its data was not part of the proof`,
    )
  }
  for (const object of broken) {
    context.reporter.warn(
      `${describeBroken(object)}. The revision creates it, and ${dialect.name} cannot compile it on a scratch database`,
    )
  }
  if (refusal !== undefined) {
    context.reporter.warn(
      `proved without rows: the sample rows were refused (${refusal}). The revision stops at such rows and changes nothing`,
    )
  }

  async function proveOnce(round: ProofRound): Promise<ProofResult> {
    const { graph } = await context.revisions.read()
    const ignoreTables = await context.connection.ignoreTables()
    const shadows = await context.shadows()
    return shadows.withRunner(dialect, async (runner) => {
      if (proof.fromDatabase) await build(dialect, runner, diff)
      else {
        await replay(dialect, runner, graph.order, 'upgrade', context.revisions.loadToReplay)
        for (const { sql } of proof.before) await runner.query(sql)
      }
      return await prove({
        dialect,
        runner,
        ignoreTables,
        from: diff.from,
        to: diff.to,
        operations: diff.operations,
        reverse,
        kept: diff.kept,
        up: body.up,
        down: body.down,
        ...round,
        transactional: proof.transactional,
      })
    })
  }
}

/** Creates the schema of a live database on a shadow, for a project whose revisions cannot be replayed. */
async function build(
  dialect: Dialect,
  runner: { query(sql: string): Promise<unknown> },
  diff: SidePair,
): Promise<void> {
  const operations = orderOperations(compare(emptySchema, diff.from), emptySchema, diff.from)
  for (const statement of dialect.ddl.render(operations, emptySchema)) await runner.query(statement.sql)
}
