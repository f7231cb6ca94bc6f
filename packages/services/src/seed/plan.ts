import { WorkflowState } from '@aludel/models'
import { failures, workflowTypes } from './words'
import { kinds, Random } from './random'
import type { SeedKey } from './random'
import { changesOf, recommendationsOf } from './validations'

/** How many rows of each table are made, and over which time. */
export interface SeedPlan {
  readonly key: SeedKey
  readonly workflows: number
  /** The first ones, which have begun. */
  readonly started: number
  readonly checkpoints: number
  readonly validations: number
  /** Files that are validated, each about four times. */
  readonly files: number
  readonly recommendations: number
  readonly auditLogs: number
  readonly cacheEntries: number
  readonly reviews: number
  readonly metrics: number
  /** Milliseconds between two workflows. */
  readonly spacing: number
  /** When the first one begins, and the end of all; milliseconds since 1970. */
  readonly start: number
  readonly end: number
}

/** Shares of all rows; recommendations, checkpoints and audit entries follow from them, and metrics are the rest. */
const shares = { workflows: 0.04, validations: 0.18, cacheEntries: 0.06, reviews: 0.08 } as const

const minute = 60_000
const year = 365 * 24 * 60 * minute

/**
 * Divides rows among the tables. From some 50 rows, every table has some.
 *
 * @param end no row is of this time or later
 */
export function planRows(key: SeedKey, rows: number, end: Date): SeedPlan {
  for (let validations = Math.floor(rows * shares.validations); ;) {
    const plan = withValidations(key, rows, validations, end.getTime())
    if (plan.metrics >= 1 || validations === 0) return plan
    // Chance has given these validations more recommendations than there is room for.
    validations -= Math.max(1, Math.floor(validations / 50))
  }
}

function withValidations(key: SeedKey, rows: number, validations: number, end: number): SeedPlan {
  const workflows = validations === 0 ? 0 : Math.max(1, Math.round(rows * shares.workflows))
  const open = Math.min(workflows - 1, Math.ceil(workflows * 0.04))
  const spacing = Math.min(40 * minute, Math.floor(year / Math.max(1, workflows)))
  const cacheEntries = Math.floor(rows * shares.cacheEntries)
  const reviews = Math.floor(rows * shares.reviews)
  const without = {
    key,
    workflows,
    started: workflows - Math.floor(Math.max(0, open) / 3),
    validations,
    files: Math.max(1, Math.round(validations / 4)),
    cacheEntries,
    reviews,
    spacing,
    start: end - spacing * Math.max(1, workflows),
    end,
  }
  let [checkpoints, recommendations, auditLogs] = [0, 0, 0]
  for (let index = 0; index < workflows; index += 1) checkpoints += checkpointCount(workflowAt(without, index))
  for (let index = 0; index < validations; index += 1) {
    const count = recommendationsOf(key, index)
    recommendations += count
    for (let place = 0; place < count; place += 1) auditLogs += changesOf(key, index, place).length
  }
  const others = workflows + checkpoints + validations + recommendations + auditLogs + cacheEntries + reviews
  return { ...without, checkpoints, recommendations, auditLogs, metrics: rows - others }
}

/** What other rows need to know of a workflow. */
export interface WorkflowFacts {
  readonly random: Random
  readonly id: string
  readonly type: string
  readonly state: WorkflowState
  readonly totalSteps: number
  readonly currentStep: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** Null while it is not over. */
  readonly completedAt: number | null
  readonly updatedAt: number
  readonly errorMessage: string | null
}

type WorkflowPlan = Pick<SeedPlan, 'key' | 'workflows' | 'started' | 'spacing' | 'start'>

const { Pending, Running, Paused, Completed, Failed, Cancelled } = WorkflowState

/** A workflow: old ones are over, the newest ones are at work or wait. */
export function workflowAt(plan: WorkflowPlan, index: number): WorkflowFacts {
  const random = new Random(plan.key, kinds.workflow, index)
  const id = random.uuid()
  const type = random.weighted(workflowTypes)
  const totalSteps = random.between(2, 8)
  const state = stateAt(plan, index, random)
  const done = {
    [Pending]: 0,
    [Running]: random.between(0, totalSteps - 1),
    [Paused]: random.between(1, totalSteps - 1),
    [Completed]: totalSteps,
    [Failed]: random.between(0, totalSteps - 1),
    [Cancelled]: random.between(0, totalSteps - 1),
  }
  const createdAt = plan.start + Math.floor(plan.spacing * (index + 0.2 * random.share()))
  const isOver = state === Completed || state === Failed || state === Cancelled
  const lastChange = plan.start + Math.floor(plan.spacing * (index + 0.8 + 0.15 * random.share()))
  return {
    random,
    id,
    type,
    state,
    totalSteps,
    currentStep: done[state],
    createdAt,
    completedAt: isOver ? lastChange : null,
    updatedAt: state === Pending ? createdAt : lastChange,
    errorMessage: state === Failed ? random.pick(failures) : null,
  }
}

function stateAt({ workflows, started }: WorkflowPlan, index: number, random: Random): WorkflowState {
  const ended = random.weighted([
    [Completed, 85],
    [Failed, 10],
    [Cancelled, 5],
  ])
  if (index >= started) return Pending
  const open = Math.min(workflows - 1, Math.ceil(workflows * 0.04)) - (workflows - started)
  if (index < started - open) return ended
  return (started - index) % 2 === 1 ? Running : Paused
}

/** The checkpoints that remain of a workflow: those of its last steps. */
export function checkpointCount({ currentStep }: Pick<WorkflowFacts, 'currentStep'>): number {
  return Math.min(currentStep, 3)
}
