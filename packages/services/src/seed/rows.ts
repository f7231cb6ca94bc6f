import {
  AuditLog,
  CacheEntry,
  Checkpoint,
  Metric,
  Recommendation,
  ReviewDecision,
  ValidationResult,
  Workflow,
} from '@aludel/models'
import { cacheRows, metricRows, reviewRows } from './other-rows'
import { checkpointCount, workflowAt } from './plan'
import type { SeedPlan } from './plan'
import { kinds, Random, sha256 } from './random'
import { auditRows, recommendationRows } from './recommendation-rows'
import type { SeedRow } from './row'
import { issuesOf, validationAt, validationId, worstOf } from './validations'
import { agents, people } from './words'

/** The rows of one table. */
export interface SeedTable {
  readonly entity: new () => object
  readonly rows: number
  /** Makes them one after the other; the same ones every time. */
  make(): Iterable<SeedRow>
}

/** The tables in an order in which rows that others refer to come first. */
export function tablesOf(plan: SeedPlan): readonly SeedTable[] {
  return [
    { entity: Workflow, rows: plan.workflows, make: () => workflows(plan) },
    { entity: Checkpoint, rows: plan.checkpoints, make: () => checkpoints(plan) },
    { entity: ValidationResult, rows: plan.validations, make: () => validations(plan) },
    { entity: Recommendation, rows: plan.recommendations, make: () => recommendationRows(plan) },
    { entity: AuditLog, rows: plan.auditLogs, make: () => auditRows(plan) },
    { entity: CacheEntry, rows: plan.cacheEntries, make: () => cacheRows(plan) },
    { entity: Metric, rows: plan.metrics, make: () => metricRows(plan) },
    { entity: ReviewDecision, rows: plan.reviews, make: () => reviewRows(plan) },
  ]
}

function* workflows(plan: SeedPlan): Iterable<SeedRow> {
  for (let index = 0; index < plan.workflows; index += 1) {
    const { random, ...facts } = workflowAt(plan, index)
    const { totalSteps, currentStep, completedAt } = facts
    yield {
      ...facts,
      inputParams: { files: random.between(1, 40), strict: random.chance(0.3) },
      metadata: random.chance(0.5) ? { startedBy: random.pick(people), tags: [random.pick(agents)] } : null,
      progressPercent: Math.floor((100 * currentStep) / totalSteps),
      createdAt: new Date(facts.createdAt),
      updatedAt: new Date(facts.updatedAt),
      completedAt: completedAt === null ? null : new Date(completedAt),
    }
  }
}

function* checkpoints(plan: SeedPlan): Iterable<SeedRow> {
  for (let index = 0; index < plan.workflows; index += 1) {
    const workflow = workflowAt(plan, index)
    const { id: workflowId, createdAt, updatedAt, currentStep, totalSteps } = workflow
    const count = checkpointCount(workflow)
    for (let place = 0; place < count; place += 1) {
      const random = new Random(plan.key, kinds.checkpoint, index * 4 + place)
      const stepNumber = currentStep - count + place + 1
      const stateData = Buffer.from(
        JSON.stringify({ step: stepNumber, file: random.between(1, 40), pending: [random.hex(8), random.hex(8)] }),
      )
      yield {
        id: random.uuid(),
        workflowId,
        name: `step ${String(stepNumber)} of ${String(totalSteps)}`,
        stepNumber,
        stateData,
        validationHash: sha256(stateData).slice(0, 32),
        canResumeFrom: random.chance(0.9),
        createdAt: new Date(createdAt + Math.floor(((updatedAt - createdAt) * stepNumber) / (totalSteps + 1))),
      }
    }
  }
}

function* validations(plan: SeedPlan): Iterable<SeedRow> {
  for (let index = 0; index < plan.validations; index += 1) {
    const facts = validationAt(plan, index)
    const { random, id, status, filePath, versionNumber, repeats } = facts
    const issues = issuesOf(facts)
    const createdAt = new Date(facts.createdAt)
    yield {
      id,
      // Some were not part of a workflow.
      workflowId: random.chance(0.9) ? workflowAt(plan, facts.workflow).id : null,
      filePath,
      rulesApplied: ['MD', 'LINK', 'CODE', 'TERM'].filter(() => random.chance(0.8)),
      validationResults: { issues, words: random.between(200, 6000) },
      validationTypes: ['structure', ...(random.chance(0.6) ? ['links'] : [])],
      parentValidationId: repeats === null ? null : validationId(plan.key, repeats),
      comparisonData: repeats === null ? null : { previousVersion: versionNumber - 1, issues: issues.length },
      notes: random.chance(0.1) ? `checked by ${random.pick(people)}` : null,
      severity: worstOf(issues),
      status,
      contentHash: sha256(`${filePath} ${String(versionNumber)}`),
      astHash: random.hex(64),
      runId: `run-${String(facts.workflow + 1)}`,
      fileHash: random.hex(64),
      versionNumber,
      createdAt,
      updatedAt: createdAt,
    }
  }
}
