import { list } from '../model/format'
import { lossesOf } from '../model/plan'
import type { PlanStep } from '../model/plan'
import { Tag } from './parts'

/** What to know of a step before it runs, each in a word: it loses something, rewrites a table, … */
export function StepTags({ step }: { step: PlanStep }) {
  const losses = lossesOf(step)
  const kept = step.keeps?.filter((it) => it.kept) ?? []
  return (
    <>
      {step.stopped !== undefined && (
        <Tag tone="amber" icon="warning">
          stopped half-way
        </Tag>
      )}
      {step.edited && (
        <Tag tone="amber" icon="warning">
          edited
        </Tag>
      )}
      {losses.length > 0 && (
        <Tag tone="red" icon="loss" title={losses.join('\n')}>
          loses data
        </Tag>
      )}
      {kept.length > 0 && (
        <Tag icon="shield" title={kept.map((it) => it.text).join('\n')}>
          kept
        </Tag>
      )}
      {step.unknown.length > 0 && (
        <Tag tone="amber" icon="warning" title={step.unknown.join('\n')}>
          unknown effects
        </Tag>
      )}
      {step.rewrites.length > 0 && (
        <Tag tone="amber" icon="rewrite">
          rewrites {list(step.rewrites, 2)}
        </Tag>
      )}
      {!step.transactional && <Tag title="It runs outside a transaction: what is done stays done">no transaction</Tag>}
    </>
  )
}
