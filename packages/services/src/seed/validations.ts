import { RecommendationStatus, ValidationStatus } from '@aludel/models'
import type { SeedPlan } from './plan'
import { kinds, Random } from './random'
import type { SeedKey } from './random'
import { areas, rules, topics } from './words'

const { Pass, Fail, Warning, Skipped, Approved, Rejected, Enhanced } = ValidationStatus

/** A status, and the least and greatest number of its issues and recommendations. */
interface Kind {
  readonly status: ValidationStatus
  readonly issues: readonly [number, number]
  readonly recommendations: readonly [number, number]
}

const failing: Kind = { status: Fail, issues: [2, 6], recommendations: [1, 4] }

/** How often each is. */
const outcomes: readonly (readonly [Kind, number])[] = [
  [{ status: Pass, issues: [0, 0], recommendations: [0, 0] }, 52],
  [{ status: Warning, issues: [1, 3], recommendations: [0, 2] }, 18],
  [failing, 15],
  [{ status: Skipped, issues: [0, 0], recommendations: [0, 0] }, 3],
  [{ status: Approved, issues: [1, 2], recommendations: [1, 2] }, 5],
  [{ status: Rejected, issues: [1, 4], recommendations: [1, 2] }, 3],
  [{ status: Enhanced, issues: [1, 3], recommendations: [1, 3] }, 4],
]

interface Outcome {
  readonly random: Random
  readonly id: string
  readonly status: ValidationStatus
  readonly issues: number
  readonly recommendations: number
}

function outcomeOf(key: SeedKey, index: number): Outcome {
  const random = new Random(key, kinds.validation, index)
  const id = random.uuid()
  const drawn = random.weighted(outcomes)
  // The first one has recommendations, so that a small number of rows has some.
  const { status, issues, recommendations } = index === 0 ? failing : drawn
  return {
    random,
    id,
    status,
    issues: random.between(...issues),
    recommendations: random.between(...recommendations),
  }
}

/** How many recommendations a validation has. */
export function recommendationsOf(key: SeedKey, validation: number): number {
  return outcomeOf(key, validation).recommendations
}

/** What other rows need to know of a validation. */
export interface ValidationFacts extends Outcome {
  readonly filePath: string
  readonly versionNumber: number
  /** The index of the one that it repeats; null if it is none. */
  readonly repeats: number | null
  /** The index of its workflow. */
  readonly workflow: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

/** Validations are made in the order of time, one file after the other, and then the next version of each. */
export function validationAt(plan: SeedPlan, index: number): ValidationFacts {
  const outcome = outcomeOf(plan.key, index)
  const place = (index * plan.started) / plan.validations
  const workflow = Math.min(plan.started - 1, Math.floor(place))
  const repeats = index >= plan.files && outcome.random.chance(0.8) ? index - plan.files : null
  const late = Math.min(0.2, plan.started / plan.validations) * 0.9 * outcome.random.share()
  return {
    ...outcome,
    filePath: filePathAt(plan.key, index % plan.files),
    versionNumber: Math.floor(index / plan.files) + 1,
    repeats,
    workflow,
    // Within its workflow, and after the validation before it.
    createdAt: plan.start + Math.floor(plan.spacing * (workflow + 0.25 + 0.4 * (place - workflow + late))),
  }
}

/** The id of a validation. */
export function validationId(key: SeedKey, index: number): string {
  return new Random(key, kinds.validation, index).uuid()
}

/** The path of a file, in a project that no other seed has. */
export function filePathAt(key: SeedKey, file: number): string {
  const random = new Random(key, kinds.file, file)
  const project = new Random(key, kinds.project, 0).hex(8)
  return `projects/${project}/docs/${random.pick(areas)}/${random.pick(topics)}-${String(file + 1)}.md`
}

/** An issue, as a validator reports it. */
export interface SeedIssue {
  readonly rule: string
  readonly line: number
  readonly message: string
  readonly severity: string
}

/** The issues of a validation; call it once for each. */
export function issuesOf({ random, issues }: ValidationFacts): readonly SeedIssue[] {
  let line = 0
  return Array.from({ length: issues }, () => {
    const [rule, message, severity] = random.pick(rules)
    line += random.between(1, 40)
    return { rule, line, message, severity }
  })
}

const severities = ['low', 'medium', 'high', 'critical'] as const

/** The severity of the worst issue; null without any. */
export function worstOf(issues: readonly SeedIssue[]): string | null {
  return severities.findLast((severity) => issues.some((issue) => issue.severity === severity)) ?? null
}

const { Proposed, Pending, Applied } = RecommendationStatus

/** The states of recommendations, and how often each is. */
const states = [
  [Proposed, 15],
  [Pending, 10],
  [RecommendationStatus.Approved, 20],
  [RecommendationStatus.Rejected, 15],
  [Applied, 40],
] as const

/** What is done with a recommendation, as the audit log calls it. */
export type Change = 'propose' | 'edit' | 'approve' | 'reject' | 'apply'

export interface RecommendationFacts {
  readonly random: Random
  readonly id: string
  readonly status: RecommendationStatus
}

/** @param place among the recommendations of its validation */
export function recommendationAt(key: SeedKey, validation: number, place: number): RecommendationFacts {
  const random = new Random(key, kinds.recommendation, validation * 8 + place)
  return { random, id: random.uuid(), status: random.weighted(states) }
}

/** What was done with a recommendation until it was in its state. */
export function changesOf(key: SeedKey, validation: number, place: number): readonly Change[] {
  const { status } = recommendationAt(key, validation, place)
  const edited: readonly Change[] = new Random(key, kinds.audit, validation * 8 + place).chance(0.15) ? ['edit'] : []
  switch (status) {
    case RecommendationStatus.Proposed:
    case RecommendationStatus.Pending:
      return ['propose', ...edited]
    case RecommendationStatus.Approved:
      return ['propose', ...edited, 'approve']
    case RecommendationStatus.Rejected:
      return ['propose', ...edited, 'reject']
    case RecommendationStatus.Applied:
      return ['propose', ...edited, 'approve', 'apply']
  }
}
