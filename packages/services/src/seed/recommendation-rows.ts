import { RecommendationStatus } from '@aludel/models'
import type { SeedPlan } from './plan'
import { kinds, Random } from './random'
import type { SeedRow } from './row'
import { changesOf, recommendationAt, recommendationsOf, validationAt } from './validations'
import type { Change, RecommendationFacts } from './validations'
import { agents, justifications, people, recommendations } from './words'

/** Every recommendation with what is known of its validation. */
function* everyRecommendation(plan: SeedPlan): Iterable<Proposed> {
  for (let validation = 0; validation < plan.validations; validation += 1) {
    const count = recommendationsOf(plan.key, validation)
    if (count === 0) continue
    const { id: validationId, filePath, createdAt: validatedAt } = validationAt(plan, validation)
    for (let place = 0; place < count; place += 1) {
      const changes = changesOf(plan.key, validation, place)
      const facts = recommendationAt(plan.key, validation, place)
      yield {
        ...facts,
        validation,
        place,
        validationId,
        filePath,
        changes,
        times: timesOf(plan, facts, validatedAt, changes),
      }
    }
  }
}

interface Proposed extends RecommendationFacts {
  readonly validation: number
  readonly place: number
  readonly validationId: string
  readonly filePath: string
  readonly changes: readonly Change[]
  /** Of each change; milliseconds since 1970. */
  readonly times: readonly number[]
}

const hour = 3_600_000

/** Somebody looks at a proposal within two days, unless that is after the end. */
function timesOf(
  { end }: SeedPlan,
  { random }: RecommendationFacts,
  validatedAt: number,
  changes: readonly Change[],
): readonly number[] {
  let time = validatedAt
  return changes.map((change) => {
    const delay = change === 'propose' ? random.between(1, 2000) : random.between(hour / 6, 48 * hour)
    time += Math.max(1, Math.min(delay, Math.floor((end - time) * 0.4)))
    return time
  })
}

export function* recommendationRows(plan: SeedPlan): Iterable<SeedRow> {
  for (const one of everyRecommendation(plan)) {
    const { random, id, validationId, status, changes, times, filePath } = one
    const [type, title] = random.pick(recommendations)
    const line = random.between(1, 400)
    const timeOf = (...wanted: readonly Change[]): Date | null => {
      const time = times[changes.findIndex((change) => wanted.includes(change))]
      return time === undefined ? null : new Date(time)
    }
    const reviewedAt = timeOf('approve', 'reject')
    const appliedAt = timeOf('apply')
    const severity = random.pick(['low', 'medium', 'high'])
    yield {
      id,
      validationId,
      type,
      title: `${title} in line ${String(line)}`,
      description: random.chance(0.7) ? `Found while ${filePath} was validated.` : null,
      scope: `line ${String(line)}`,
      instruction: random.chance(0.8) ? `${title}.` : null,
      rationale: random.chance(0.4) ? random.pick(justifications) : null,
      severity,
      originalContent: `before ${String(line)}`,
      proposedContent: `after ${String(line)}`,
      diff: `-before ${String(line)}\n+after ${String(line)}\n`,
      confidence: random.between(30, 100) / 100,
      priority: severity === 'high' ? 'high' : random.pick(['low', 'medium']),
      status,
      reviewedBy: reviewedAt === null ? null : reviewerOf(plan, one),
      reviewedAt,
      reviewNotes: reviewedAt !== null && random.chance(0.5) ? random.pick(justifications) : null,
      appliedAt,
      appliedBy: appliedAt === null ? null : 'enhancer',
      metadata: random.chance(0.3) ? { model: `m-${String(random.between(1, 3))}` } : null,
      createdAt: new Date(times[0] ?? 0),
      updatedAt: new Date(times.at(-1) ?? 0),
    }
  }
}

function reviewerOf({ key }: SeedPlan, { validation, place }: Pick<Proposed, 'validation' | 'place'>): string {
  return new Random(key, kinds.audit, 2 ** 41 + validation * 8 + place).pick(people)
}

/** The states between the changes. */
const after: Readonly<Record<Change, RecommendationStatus>> = {
  propose: RecommendationStatus.Proposed,
  edit: RecommendationStatus.Proposed,
  approve: RecommendationStatus.Approved,
  reject: RecommendationStatus.Rejected,
  apply: RecommendationStatus.Applied,
}

export function* auditRows(plan: SeedPlan): Iterable<SeedRow> {
  for (const one of everyRecommendation(plan)) {
    let before: object | null = null
    for (const [step, action] of one.changes.entries()) {
      const random = new Random(plan.key, kinds.audit, 2 ** 40 + (one.validation * 8 + one.place) * 8 + step)
      const isHuman = action === 'approve' || action === 'reject' || action === 'edit'
      const isLast = step === one.changes.length - 1
      // One that waits was proposed, and put into the queue of the reviewers.
      const status = isLast ? one.status : after[action]
      const state = {
        id: one.id,
        status,
        reviewedBy: action === 'propose' || action === 'edit' ? null : reviewerOf(plan, one),
      }
      yield {
        id: random.uuid(),
        recommendationId: one.id,
        action,
        actor: isHuman ? reviewerOf(plan, one) : action === 'apply' ? 'enhancer' : random.pick(agents),
        actorType: isHuman ? 'human' : 'agent',
        beforeState: before,
        afterState: state,
        changes: before === null ? null : changesBetween(before, state),
        notes: isHuman && random.chance(0.4) ? random.pick(justifications) : null,
        metadata: null,
        createdAt: new Date(one.times[step] ?? 0),
      }
      before = state
    }
  }
}

function changesBetween(before: object, now: object): object {
  const old = before as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    Object.entries(now).flatMap(([field, to]) =>
      old[field] === to ? [] : [[field, { from: old[field], to: to as unknown }]],
    ),
  )
}
