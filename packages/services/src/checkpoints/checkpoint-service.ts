import { createHash } from 'node:crypto'
import { Checkpoint, Workflow } from '@aludel/models'
import type { JsonValue } from '@aludel/models'
import type { EntityManager } from 'typeorm'
import { CorruptDataError, InvalidValueError, NotFoundError } from '../errors'
import { atomically, managerOf } from '../source'
import type { Source } from '../source'
import { moved } from '../workflows/workflow-service'

/** A state to save. */
export interface NewCheckpoint {
  /** 1 to 100 characters. */
  readonly name: string
  /** Default: the current step of the workflow. */
  readonly stepNumber?: number
  /** Bytes, or any JSON value, which is stored as its text. */
  readonly state: Uint8Array | JsonValue
  /** Default is true. */
  readonly canResumeFrom?: boolean
}

/** A checkpoint, with a state that is as it was saved. */
export interface LoadedCheckpoint {
  readonly checkpoint: Checkpoint
  /** The bytes that were saved; the text of a JSON value. */
  readonly bytes: Buffer
  /**
   * The value that was saved.
   *
   * @throws SyntaxError if it was bytes
   */
  json(): JsonValue
}

/** A workflow that is running again. */
export interface ResumedWorkflow extends LoadedCheckpoint {
  readonly workflow: Workflow
}

/** Which checkpoints remain. */
export interface PruneOptions {
  /** The newest ones of each workflow that remain, whatever their age. */
  readonly keep: number
  /** Only those that were saved before; default: all others. */
  readonly before?: Date
  /** Only those of this workflow. */
  readonly workflowId?: string
}

/** Rows that one statement deletes: below SQLite's 32,766 parameters, and soon over for those who wait. */
const batchSize = 1000
/** Workflows whose checkpoints are ranked at once: to rank those of all for each batch would take ever longer. */
const workflowBatch = 100

/**
 * Saved states of workflows, from which they can resume.
 *
 * @example
 * const checkpoints = new CheckpointService(dataSource)
 * await checkpoints.save(id, { name: 'parsed', state: { file: 'a.md', line: 120 } })
 * const latest = await checkpoints.latest(id)
 * if (latest !== null) {
 *   const { workflow, json } = await checkpoints.resume(latest.id)
 * }
 */
export class CheckpointService {
  readonly #source: Source

  /** @param source a `DataSource`, initialized, or the manager of a transaction; with the entities of `@aludel/models` */
  constructor(source: Source) {
    this.#source = source
  }

  /**
   * Saves a state of a workflow, with a hash that is verified when it is loaded.
   *
   * @throws {NotFoundError} if there is no such workflow @throws {InvalidValueError}
   */
  async save(
    workflowId: string,
    { name, stepNumber, state, canResumeFrom = true }: NewCheckpoint,
  ): Promise<Checkpoint> {
    if (name.length < 1 || name.length > 100)
      throw new InvalidValueError('name', `must have 1 to 100 characters, not ${name.length}`)
    if (stepNumber !== undefined && !(Number.isSafeInteger(stepNumber) && stepNumber >= 0))
      throw new InvalidValueError('stepNumber', `must be a whole number from 0, not ${stepNumber}`)
    const bytes = state instanceof Uint8Array ? Buffer.from(state) : Buffer.from(textOf(state))
    return atomically(this.#source, async (manager) => {
      const workflow = await manager.findOneBy(Workflow, { id: workflowId })
      if (workflow === null) throw new NotFoundError('workflow', workflowId)
      const checkpoint = manager.create(Checkpoint, {
        workflowId,
        name,
        stepNumber: stepNumber ?? workflow.currentStep,
        stateData: bytes,
        validationHash: hashOf(bytes),
        canResumeFrom,
      })
      return manager.save(checkpoint)
    })
  }

  /** The checkpoints of a workflow, newest first: the greatest step, then the latest time. Without their states. */
  async list(workflowId: string): Promise<readonly Omit<Checkpoint, 'stateData'>[]> {
    return newest(managerOf(this.#source), workflowId).getMany()
  }

  /** The newest checkpoint from which a workflow can resume; null if there is none. Without its state. */
  async latest(workflowId: string): Promise<Omit<Checkpoint, 'stateData'> | null> {
    return newest(managerOf(this.#source), workflowId)
      .andWhere('checkpoint.canResumeFrom = :can', { can: true })
      .limit(1)
      .getOne()
  }

  /**
   * Loads a checkpoint with its state.
   *
   * @throws {NotFoundError} @throws {CorruptDataError} if the state is not the one that was saved
   */
  async load(id: string): Promise<LoadedCheckpoint> {
    return load(managerOf(this.#source), id)
  }

  /**
   * Lets a paused or failed workflow run again from a checkpoint: its current step is that of the checkpoint.
   *
   * @throws {NotFoundError} @throws {CorruptDataError} @throws {WrongStateError} if the workflow is not paused or failed
   * @throws {InvalidValueError} if the checkpoint is not one to resume from
   */
  async resume(id: string): Promise<ResumedWorkflow> {
    return atomically(this.#source, async (manager) => {
      const loaded = await load(manager, id)
      const { workflowId, stepNumber, canResumeFrom } = loaded.checkpoint
      if (!canResumeFrom) throw new InvalidValueError('id', `is of a checkpoint that is not one to resume from: ${id}`)
      const { totalSteps } = (await manager.findOneBy(Workflow, { id: workflowId })) ?? { totalSteps: 0 }
      const workflow = await moved(manager, workflowId, 'resume', {
        errorMessage: null,
        completedAt: null,
        currentStep: stepNumber,
        ...(totalSteps === 0 ? {} : { progressPercent: Math.min(100, Math.floor((100 * stepNumber) / totalSteps)) }),
      })
      return { ...loaded, workflow }
    })
  }

  /**
   * Deletes old checkpoints, in batches.
   *
   * @returns the number of deleted ones
   * @throws {InvalidValueError}
   * @example
   * await checkpoints.prune({ keep: 3 })
   */
  async prune({ keep, before, workflowId }: PruneOptions): Promise<number> {
    if (!Number.isSafeInteger(keep) || keep < 0)
      throw new InvalidValueError('keep', `must be a whole number from 0, not ${keep}`)
    let deleted = 0
    let last: string | undefined
    do {
      const workflows: readonly string[] =
        workflowId === undefined ? await crowded(managerOf(this.#source), keep, last ?? '') : [workflowId]
      if (workflows.length > 0) deleted += await this.#pruneSome(workflows, keep, before)
      last = workflowId === undefined && workflows.length === workflowBatch ? workflows.at(-1) : undefined
    } while (last !== undefined)
    return deleted
  }

  async #pruneSome(workflows: readonly string[], keep: number, before: Date | undefined): Promise<number> {
    let deleted = 0
    for (;;) {
      const found = await atomically(this.#source, async (manager) => {
        const ids = await surplus(manager, workflows, keep, before)
        if (ids.length > 0) await manager.delete(Checkpoint, ids)
        return ids.length
      })
      deleted += found
      if (found < batchSize) return deleted
    }
  }
}

/** Workflows with more checkpoints than that, in their order, after another one. */
async function crowded(manager: EntityManager, keep: number, after: string): Promise<string[]> {
  const rows: { workflow: string }[] = await manager
    .createQueryBuilder(Checkpoint, 'checkpoint')
    .select('checkpoint.workflowId', 'workflow')
    .where('checkpoint.workflowId > :after', { after })
    .groupBy('checkpoint.workflowId')
    .having('COUNT(*) > :keep', { keep })
    .orderBy('checkpoint.workflowId')
    .limit(workflowBatch)
    .getRawMany()
  return rows.map(({ workflow }) => workflow)
}

/** Ids of checkpoints that are not among the newest of their workflow. */
async function surplus(
  manager: EntityManager,
  workflows: readonly string[],
  keep: number,
  before: Date | undefined,
): Promise<string[]> {
  const ranked = manager
    .createQueryBuilder()
    .subQuery()
    .select('checkpoint.id', 'id')
    .addSelect('checkpoint.createdAt', 'at')
    .addSelect(
      'ROW_NUMBER() OVER (PARTITION BY checkpoint.workflowId ORDER BY checkpoint.stepNumber DESC, checkpoint.createdAt DESC, checkpoint.id DESC)',
      'place',
    )
    .from(Checkpoint, 'checkpoint')
    .where('checkpoint.workflowId IN (:...workflows)', { workflows })
  const query = manager
    .createQueryBuilder()
    .select('ranked.id', 'id')
    .from(ranked.getQuery(), 'ranked')
    .setParameters(ranked.getParameters())
    .where('ranked.place > :keep', { keep })
    .limit(batchSize)
  if (before !== undefined) query.andWhere('ranked.at < :before', { before })
  const rows: { id: string }[] = await query.getRawMany()
  return rows.map(({ id }) => id)
}

function newest(manager: EntityManager, workflowId: string) {
  const columns = ['id', 'workflowId', 'name', 'stepNumber', 'validationHash', 'canResumeFrom', 'createdAt']
  return manager
    .createQueryBuilder(Checkpoint, 'checkpoint')
    .select(columns.map((column) => `checkpoint.${column}`))
    .where('checkpoint.workflowId = :workflowId', { workflowId })
    .orderBy('checkpoint.stepNumber', 'DESC')
    .addOrderBy('checkpoint.createdAt', 'DESC')
    .addOrderBy('checkpoint.id', 'DESC')
}

async function load(manager: EntityManager, id: string): Promise<LoadedCheckpoint> {
  const checkpoint = await manager.findOneBy(Checkpoint, { id })
  if (checkpoint === null) throw new NotFoundError('checkpoint', id)
  const bytes = checkpoint.stateData ?? Buffer.alloc(0)
  const found = hashOf(bytes)
  // Rows of the application that used the table before have none.
  if (checkpoint.validationHash !== null && checkpoint.validationHash !== found)
    throw new CorruptDataError(
      `the state of checkpoint ${id} is not the one that was saved`,
      'Resume from an earlier checkpoint, or from the beginning.',
      { id, workflowId: checkpoint.workflowId, expected: checkpoint.validationHash, found },
    )
  return { checkpoint, bytes, json: () => JSON.parse(bytes.toString()) as JsonValue }
}

function textOf(value: JsonValue): string {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new InvalidValueError('state', 'is neither bytes nor a JSON value')
  return text
}

/** The first half of the SHA-256, in hex digits: the column has 32 characters. */
function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}
