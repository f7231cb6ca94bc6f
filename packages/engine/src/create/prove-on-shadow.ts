import type { Context } from '../context'
import type { Dialect, Statement } from '../dialect/dialect'
import type { RevisionBody } from '../files/render'
import { reverseOperations } from '../operations'
import type { Operation } from '../operations/operation'
import { prove } from '../proof/proof'
import { compare } from '../schema/compare'
import { LineageOfNames } from '../schema/lineage-of-names'
import { needsOf } from '../schema/needs'
import { orderOperations } from '../schema/order'
import { emptySchema, type ObjectName } from '../schema/schema'
import { emptyTables } from './answers'
import type { DialectDiff, SidePair } from './diff'
import { explainProof } from './explain-proof'
import { replay } from './replay'

/** What is proved, and where. */
export interface ShadowProof {
  readonly diff: DialectDiff
  readonly body: RevisionBody
  /** Statements of what is written together with it, and comes first. */
  readonly before: readonly Statement[]
  readonly transactional: boolean
  /** True where the live database stands for revisions that can not be replayed. */
  readonly fromDatabase: boolean
}

/**
 * Proves one dialect's part of a revision on shadow databases; see `prove`.
 *
 * @throws AludelError `ALUDEL_PROOF`, and what explains it better
 */
export async function proveOnShadow(context: Context, proof: ShadowProof): Promise<void> {
  const { diff, body } = proof
  const { dialect } = diff
  const reverse = reverseOperations(diff.operations)
  const empty = emptyTables(needsOf(diff.operations, diff.from))
  // What goes back only into empty tables is proved twice: with rows as far as that goes, and there and back without them.
  const emptyBack = tablesBefore(emptyTables(needsOf(reverse, diff.to)), reverse, diff)
  if (emptyBack.length > 0) await proveOnce({ emptyTables: empty, onlyUp: true }, false)
  await proveOnce({ emptyTables: [...empty, ...emptyBack], onlyUp: false }, emptyBack.length === 0)

  async function proveOnce(
    what: { readonly emptyTables: readonly ObjectName[]; readonly onlyUp: boolean },
    warns: boolean,
  ): Promise<void> {
    const { graph } = await context.files()
    const ignoreTables = await context.ignoreTables()
    const shadows = await context.shadows()
    const { unsampled } = await shadows.withDatabase(dialect, async ({ dataSource }) => {
      const runner = dataSource.createQueryRunner()
      try {
        if (proof.fromDatabase) await build(dialect, runner, diff)
        else {
          await replay(dialect, runner, graph.order, 'upgrade', context.load)
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
          up: body.up,
          down: body.down,
          ...what,
          transactional: proof.transactional,
        })
      } catch (error) {
        throw explainProof(error, diff, reverse)
      } finally {
        await runner.release()
      }
    })
    if (!warns && !what.onlyUp) return
    for (const { table, reason } of unsampled) {
      context.emit({
        type: 'warning',
        message: `no sample row could be made for ${table} on ${dialect.name} (${reason}): its data was not part of the proof`,
      })
    }
  }
}

/** Makes the schema of a live database on a shadow, for a project whose revisions can not be replayed. */
async function build(
  dialect: Dialect,
  runner: { query(sql: string): Promise<unknown> },
  diff: SidePair,
): Promise<void> {
  const operations = orderOperations(compare(emptySchema, diff.from), emptySchema, diff.from)
  for (const statement of dialect.render(operations, emptySchema)) await runner.query(statement.sql)
}

/** The names that tables have before operations, of those that they have behind them. */
function tablesBefore(tables: readonly ObjectName[], reverse: readonly Operation[], diff: DialectDiff): ObjectName[] {
  const names = new LineageOfNames(diff.to)
  for (const operation of reverse) names.follow(operation)
  return tables.flatMap((table) => names.tableNow(table) ?? [])
}
