import type { Plan } from '../../../src/api/types'

export type PlanStep = Plan['steps'][number]

/** A plan in a few numbers and lists, for what is decided at a glance. */
export interface PlanSummary {
  readonly steps: number
  /** Steps that lose something which is not kept. */
  readonly losing: readonly PlanStep[]
  /** What would be lost, without what is kept. */
  readonly losses: readonly string[]
  /** Lost, but kept in the database for a downgrade. */
  readonly kept: readonly string[]
  /** Tables that are rewritten, with their sizes where they are known. */
  readonly rewrites: readonly { readonly name: string; readonly bytes: number | null }[]
  /** Tables that nobody else can read or write meanwhile. */
  readonly exclusive: readonly string[]
  /** Steps that run outside a transaction. */
  readonly outside: number
  /** Steps whose statements are known only when they run. */
  readonly unknown: number
  /** The step in the middle of which an earlier run stopped. */
  readonly resumed: PlanStep | undefined
}

export function summarize(steps: readonly PlanStep[]): PlanSummary {
  return {
    steps: steps.length,
    losing: steps.filter((step) => lossesOf(step).length > 0),
    losses: steps.flatMap(lossesOf),
    kept: steps.flatMap((step) => (step.keeps ?? []).filter((it) => it.kept).map((it) => it.text)),
    rewrites: unique(steps.flatMap((step) => step.rewrites)).map((name) => ({ name, bytes: bytesOf(steps, name) })),
    exclusive: unique(steps.flatMap((step) => step.locks.flatMap(exclusiveTable))),
    outside: steps.filter((step) => !step.transactional).length,
    unknown: steps.filter((step) => step.unknown.length > 0).length,
    resumed: steps.find((step) => step.stopped !== undefined),
  }
}

/** What a step loses and does not keep. */
export function lossesOf(step: Pick<PlanStep, 'destroys' | 'keeps'>): readonly string[] {
  const { keeps } = step
  if (keeps === undefined) return step.destroys
  return step.destroys.filter((text) => !keeps.some((it) => it.kept && it.text === text))
}

/** The table of a lock that blocks even those who only read: `orders` of `ACCESS EXCLUSIVE "orders"`. */
function exclusiveTable(lock: string): readonly string[] {
  const table = /^ACCESS EXCLUSIVE (.+)$/.exec(lock)?.[1]
  return table === undefined ? [] : [table.replaceAll('"', '')]
}

function bytesOf(steps: readonly PlanStep[], name: string): number | null {
  for (const { tables } of steps) {
    const table = tables.find((it) => it.name === name.replaceAll('"', ''))
    if (table !== undefined) return table.bytes
  }
  return null
}

function unique(items: readonly string[]): readonly string[] {
  return [...new Set(items)]
}
