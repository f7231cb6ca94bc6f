import { Checkpoint, ValidationResult, Workflow, WorkflowState } from '@aludel/models'
import type { JsonValue } from '@aludel/models'
import type { EntityManager } from 'typeorm'
import { countBy, sum, withAll } from '../counts'
import { InvalidValueError, NotFoundError, WrongStateError } from '../errors'
import { newestFirst } from '../page'
import type { Page, PageOptions } from '../page'
import { atomically, managerOf } from '../source'
import type { Source } from '../source'
import { transitions } from './transitions'
import type { WorkflowMove } from './transitions'

/** A workflow to create. */
export interface NewWorkflow {
  /** 1 to 50 characters. */
  readonly type: string
  /** Default is 0: not known. */
  readonly totalSteps?: number
  readonly inputParams?: JsonValue
  readonly metadata?: JsonValue
}

/** How far a workflow has come. Exactly one of `step` and `by` where steps are counted. */
export interface Progress {
  /** The step that is done now; not less than before, and not more than `totalSteps` where that is known. */
  readonly step?: number
  /** Steps that were done since. Default is 1, unless `step` or `percent` is given. */
  readonly by?: number
  /** 0 to 100. Default: the share of the steps, where their total is known; else it stays. */
  readonly percent?: number
}

/** Which workflows. */
export interface WorkflowFilter {
  readonly state?: WorkflowState
  readonly type?: string
}

/** Numbers of workflows. */
export interface WorkflowStatistics {
  readonly total: number
  /** For each state, including 0. */
  readonly byState: Readonly<Record<WorkflowState, number>>
}

/** What was deleted with a workflow. */
export interface DeletedWorkflow {
  readonly checkpoints: number
  /** With their recommendations, and the audit entries of these. */
  readonly validationResults: number
}

/**
 * Workflows: pieces of work in several steps, which can be paused and resumed.
 *
 * Each move is possible in some states only ({@link transitions}), and one statement: of two processes that move a workflow at once,
 * one does, and the other one gets the error that it is no longer in that state.
 *
 * @example
 * const workflows = new WorkflowService(dataSource)
 * const { id } = await workflows.create({ type: 'validation', totalSteps: 4 })
 * await workflows.start(id)
 * const { progressPercent } = await workflows.advance(id) // 25
 * await workflows.complete(id)
 */
export class WorkflowService {
  readonly #source: Source

  /** @param source a `DataSource`, initialized, or the manager of a transaction; with the entities of `@aludel/models` */
  constructor(source: Source) {
    this.#source = source
  }

  /**
   * Creates a workflow, which is pending.
   *
   * @throws {InvalidValueError} for a type that is empty or too long, or a number of steps that is not a whole number from 0
   */
  async create(workflow: NewWorkflow): Promise<Workflow> {
    const { type, totalSteps = 0, inputParams = null, metadata = null } = workflow
    if (type.length < 1 || type.length > 50)
      throw new InvalidValueError('type', `must have 1 to 50 characters, not ${type.length}`)
    wholeFrom0('totalSteps', totalSteps)
    const manager = managerOf(this.#source)
    return manager.save(manager.create(Workflow, { type, totalSteps, inputParams, metadata }))
  }

  /** @throws {NotFoundError} */
  async get(id: string): Promise<Workflow> {
    return find(managerOf(this.#source), id)
  }

  /** Starts a pending workflow. @throws {WrongStateError} @throws {NotFoundError} */
  async start(id: string): Promise<Workflow> {
    return this.#move(id, 'start', {})
  }

  /**
   * Notes the progress of a running workflow.
   *
   * @throws {InvalidValueError} for a step before the current one or after the last one, and a percentage outside 0 to 100
   * @throws {WrongStateError} @throws {NotFoundError}
   * @example
   * await workflows.advance(id, { step: 3 })
   * await workflows.advance(id, { percent: 80 })
   */
  async advance(id: string, progress: Progress = {}): Promise<Workflow> {
    const { percent, step, by } = progress
    if (step !== undefined && by !== undefined) throw new InvalidValueError('by', 'cannot be given together with step')
    if (step !== undefined) wholeFrom0('step', step)
    if (by !== undefined) wholeFrom0('by', by)
    if (percent !== undefined && !(Number.isSafeInteger(percent) && percent >= 0 && percent <= 100))
      throw new InvalidValueError('percent', `must be a whole number from 0 to 100, not ${percent}`)
    return atomically(this.#source, async (manager) => {
      const { currentStep, totalSteps, state } = await find(manager, id)
      const done = step ?? currentStep + (by ?? (percent === undefined ? 1 : 0))
      if (state === WorkflowState.Running) {
        if (done < currentStep)
          throw new InvalidValueError('step', `is ${done}, and step ${currentStep} is done already`)
        if (totalSteps > 0 && done > totalSteps)
          throw new InvalidValueError('step', `would be ${done}, and the workflow has ${totalSteps} steps`)
      }
      const share = totalSteps > 0 ? Math.floor((100 * done) / totalSteps) : undefined
      const progressPercent = percent ?? share
      return moved(manager, id, 'advance', {
        currentStep: done,
        ...(progressPercent === undefined ? {} : { progressPercent }),
        // Two processes that count the same step: the second one finds another current step.
        expected: { currentStep },
      })
    })
  }

  /** Pauses a running workflow. @throws {WrongStateError} @throws {NotFoundError} */
  async pause(id: string): Promise<Workflow> {
    return this.#move(id, 'pause', {})
  }

  /**
   * Resumes a paused or failed workflow where it is; `CheckpointService.resume` does so at a checkpoint.
   *
   * @throws {WrongStateError} @throws {NotFoundError}
   */
  async resume(id: string): Promise<Workflow> {
    return this.#move(id, 'resume', { errorMessage: null, completedAt: null })
  }

  /** Completes a running workflow: all of its steps are done. @throws {WrongStateError} @throws {NotFoundError} */
  async complete(id: string): Promise<Workflow> {
    return atomically(this.#source, async (manager) => {
      const { totalSteps, currentStep } = await find(manager, id)
      const all = Math.max(totalSteps, currentStep)
      return moved(manager, id, 'complete', { currentStep: all, progressPercent: 100, completedAt: new Date() })
    })
  }

  /** Notes that a workflow has failed, and why. @throws {WrongStateError} @throws {NotFoundError} */
  async fail(id: string, errorMessage: string): Promise<Workflow> {
    return this.#move(id, 'fail', { errorMessage, completedAt: new Date() })
  }

  /** Cancels a workflow that is not over. @throws {WrongStateError} @throws {NotFoundError} */
  async cancel(id: string): Promise<Workflow> {
    return this.#move(id, 'cancel', { completedAt: new Date() })
  }

  /**
   * Lists workflows, newest first, a part at a time.
   *
   * @throws {InvalidValueError} for a wrong limit or `after`
   * @example
   * let after: string | undefined
   * do {
   *   const { items, next } = await workflows.list({ state: WorkflowState.Running, after })
   *   for (const { id } of items) await workflows.pause(id)
   *   after = next ?? undefined
   * } while (after !== undefined)
   */
  async list({ state, type, ...page }: WorkflowFilter & PageOptions = {}): Promise<Page<Workflow>> {
    const query = managerOf(this.#source).createQueryBuilder(Workflow, 'workflow')
    if (state !== undefined) query.andWhere('workflow.state = :state', { state })
    if (type !== undefined) query.andWhere('workflow.type = :type', { type })
    return newestFirst(query, page)
  }

  /** Counts workflows by state. */
  async statistics({ type }: Pick<WorkflowFilter, 'type'> = {}): Promise<WorkflowStatistics> {
    const query = managerOf(this.#source).createQueryBuilder(Workflow, 'workflow')
    if (type !== undefined) query.where('workflow.type = :type', { type })
    const byState = withAll(Object.values(WorkflowState), await countBy(query, 'state'))
    return { total: sum(byState), byState }
  }

  /**
   * Deletes a workflow with everything below it: its checkpoints, its validation results, and what depends on these.
   *
   * @throws {NotFoundError}
   */
  async delete(id: string): Promise<DeletedWorkflow> {
    return atomically(this.#source, async (manager) => {
      const checkpoints = await manager.countBy(Checkpoint, { workflowId: id })
      // The database itself would only detach them.
      const { affected } = await manager.delete(ValidationResult, { workflowId: id })
      const deleted = await manager.delete(Workflow, { id })
      if (deleted.affected !== 1) throw new NotFoundError('workflow', id)
      return { checkpoints, validationResults: affected ?? 0 }
    })
  }

  #move(id: string, move: WorkflowMove, values: Partial<Workflow>): Promise<Workflow> {
    return atomically(this.#source, (manager) => moved(manager, id, move, values))
  }
}

type Changes = Partial<Workflow> & { readonly expected?: { readonly currentStep: number } }

/**
 * Moves a workflow, if it is in a state in which that is possible. One statement decides: there is no time between the question and
 * the change.
 *
 * @throws {WrongStateError} @throws {NotFoundError}
 */
export async function moved(
  manager: EntityManager,
  id: string,
  move: WorkflowMove,
  { expected, ...values }: Changes,
): Promise<Workflow> {
  const { from, to } = transitions[move]
  const query = manager
    .createQueryBuilder()
    .update(Workflow)
    .set({ ...values, state: to, updatedAt: new Date() })
    .where('id = :id AND state IN (:...from)', { id, from })
  if (expected !== undefined) query.andWhere('currentStep = :currentStep', expected)
  const { affected } = await query.execute()
  const found = await find(manager, id)
  if (affected === 1) return found
  if (from.includes(found.state))
    throw new WrongStateError(`workflow ${id} has advanced to step ${found.currentStep} meanwhile`, {
      id,
      state: found.state,
      expected: from,
    })
  throw new WrongStateError(`cannot ${move} workflow ${id}: it is ${found.state}`, {
    id,
    state: found.state,
    expected: from,
  })
}

async function find(manager: EntityManager, id: string): Promise<Workflow> {
  const found = await manager.findOneBy(Workflow, { id })
  if (found === null) throw new NotFoundError('workflow', id)
  return found
}

function wholeFrom0(path: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidValueError(path, `must be a whole number from 0, not ${value}`)
}
