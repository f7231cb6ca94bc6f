import { randomUUID } from 'node:crypto'
import { AuditLog, Checkpoint, Recommendation, ValidationResult, Workflow, WorkflowState } from '@aludel/models'
import { WorkflowService, transitions } from '../../src/index'
import type { WorkflowMove } from '../../src/index'
import { dialectNames, openTwice, outcomes } from '../support/services'
import type { TwoConnections } from '../support/services'

describe.each(dialectNames)('WorkflowService on %s', (dialect) => {
  let connections: TwoConnections
  let workflows: WorkflowService

  beforeAll(async () => {
    connections = await openTwice(dialect)
    workflows = new WorkflowService(connections.dataSource)
  })
  afterEach(async () => {
    const { dataSource } = connections
    for (const entity of [AuditLog, Recommendation, ValidationResult, Checkpoint, Workflow])
      await dataSource.createQueryBuilder().delete().from(entity).execute()
  })
  afterAll(() => connections?.close())

  /** Moves of which the last one leads to the state. */
  const ways: Readonly<Record<WorkflowState, readonly WorkflowMove[]>> = {
    pending: [],
    running: ['start'],
    paused: ['start', 'pause'],
    completed: ['start', 'complete'],
    failed: ['start', 'fail'],
    cancelled: ['cancel'],
  }
  const move = (id: string, name: WorkflowMove): Promise<Workflow> =>
    name === 'fail' ? workflows.fail(id, 'out of paper') : workflows[name](id)
  const inState = async (state: WorkflowState, totalSteps = 0): Promise<string> => {
    const { id } = await workflows.create({ type: 'validation', totalSteps })
    for (const name of ways[state]) await move(id, name)
    return id
  }

  test('creates a pending workflow with what it is given', async () => {
    const given = { type: 'validation', totalSteps: 3, inputParams: { files: ['a.md'] }, metadata: [1, null] }
    const created = await workflows.create(given)
    expect(await workflows.get(created.id)).toMatchObject({
      ...given,
      state: WorkflowState.Pending,
      currentStep: 0,
      progressPercent: 0,
      completedAt: null,
    })
  })

  test('lists each row once where another program has stored microseconds', async () => {
    const ids: string[] = []
    for (let index = 0; index < 5; index += 1) ids.push((await workflows.create({ type: 'a' })).id)
    const { dataSource } = connections
    for (const [index, id] of ids.entries())
      await dataSource.query(
        `UPDATE workflows SET created_at = '2025-04-20 10:15:00.12300${index}${dialect === 'postgres' ? 'Z' : ''}' WHERE id = '${id}'`,
      )
    const found: string[] = []
    let after: string | undefined
    do {
      const { items, next } = await workflows.list({ limit: 2, after })
      found.push(...items.map(({ id }) => id))
      after = next ?? undefined
    } while (after !== undefined)
    expect(found).toEqual(ids.toReversed())
  })

  test('continues a list after a row that is no longer there', async () => {
    for (let index = 0; index < 3; index += 1) {
      await workflows.create({ type: 'a' })
      await connections.dataSource.query(`UPDATE workflows SET type = 'b${index}' WHERE type = 'a'`)
    }
    const { items, next } = await workflows.list({ limit: 1 })
    await workflows.delete(items[0]?.id ?? '')
    expect((await workflows.list({ after: next ?? '' })).items).toHaveLength(2)
  })

  test.each([
    [{ type: '' }, 'type must have 1 to 50 characters, not 0'],
    [{ type: 'x'.repeat(51) }, 'type must have 1 to 50 characters, not 51'],
    [{ type: 'a', totalSteps: -1 }, 'totalSteps must be a whole number from 0, not -1'],
    [{ type: 'a', totalSteps: 1.5 }, 'totalSteps must be a whole number from 0, not 1.5'],
  ])('refuses %j', async (given, message) => {
    await expect(workflows.create(given)).rejects.toMatchObject({ code: 'ALUDEL_INVALID_VALUE', message })
    expect(await workflows.statistics()).toMatchObject({ total: 0 })
  })

  const states = Object.values(WorkflowState)
  const moves = Object.keys(transitions) as WorkflowMove[]
  test.each(states.flatMap((state) => moves.map((name) => [state, name] as const)))(
    'allows of a workflow that is %s to %s exactly what the table says',
    async (state, name) => {
      const id = await inState(state)
      const before = await workflows.get(id)
      expect(before.state).toBe(state)
      const { from, to } = transitions[name]
      if (from.includes(state)) expect(await move(id, name)).toMatchObject({ id, state: to })
      else {
        await expect(move(id, name)).rejects.toMatchObject({
          code: 'ALUDEL_WRONG_STATE',
          message: `cannot ${name} workflow ${id}: it is ${state}`,
          details: { id, state, expected: from },
        })
        expect(await workflows.get(id)).toEqual(before)
      }
    },
  )

  test.each(moves)('names a workflow that is not there: %s', async (name) => {
    const id = randomUUID()
    await expect(move(id, name)).rejects.toMatchObject({ code: 'ALUDEL_NOT_FOUND', details: { what: 'workflow', id } })
  })

  test('counts steps, and computes the percentage where their number is known', async () => {
    const id = await inState(WorkflowState.Running, 3)
    expect(await workflows.advance(id)).toMatchObject({ currentStep: 1, progressPercent: 33 })
    expect(await workflows.advance(id, { by: 0 })).toMatchObject({ currentStep: 1, progressPercent: 33 })
    expect(await workflows.advance(id, { percent: 50 })).toMatchObject({ currentStep: 1, progressPercent: 50 })
    expect(await workflows.advance(id, { step: 3 })).toMatchObject({ currentStep: 3, progressPercent: 100 })
    const open = await inState(WorkflowState.Running)
    expect(await workflows.advance(open, { by: 7 })).toMatchObject({ currentStep: 7, progressPercent: 0 })
  })

  test.each([
    [{ step: 0 }, 'step is 0, and step 1 is done already'],
    [{ step: 4 }, 'step would be 4, and the workflow has 3 steps'],
    [{ by: 3 }, 'step would be 4, and the workflow has 3 steps'],
    [{ by: -1 }, 'by must be a whole number from 0, not -1'],
    [{ step: 2, by: 1 }, 'by cannot be given together with step'],
    [{ percent: 101 }, 'percent must be a whole number from 0 to 100, not 101'],
    [{ percent: Number.NaN }, 'percent must be a whole number from 0 to 100, not NaN'],
  ])('refuses the progress %j', async (progress, message) => {
    const id = await inState(WorkflowState.Running, 3)
    await workflows.advance(id)
    await expect(workflows.advance(id, progress)).rejects.toMatchObject({ code: 'ALUDEL_INVALID_VALUE', message })
    expect(await workflows.get(id)).toMatchObject({ currentStep: 1 })
  })

  test('notes when and why a workflow is over, and forgets it when it is resumed', async () => {
    const failed = await inState(WorkflowState.Failed)
    expect(await workflows.get(failed)).toMatchObject({
      errorMessage: 'out of paper',
      completedAt: expect.any(Date) as Date,
    })
    expect(await workflows.resume(failed)).toMatchObject({ errorMessage: null, completedAt: null })
    const done = await workflows.complete(await inState(WorkflowState.Running, 4))
    expect(done).toMatchObject({ currentStep: 4, progressPercent: 100, completedAt: expect.any(Date) as Date })
  })

  test('lets one of two processes make a move', async () => {
    const { other } = connections
    for (let turn = 0; turn < 5; turn += 1) {
      const id = await inState(WorkflowState.Running)
      const calls = [workflows.pause(id), new WorkflowService(other).pause(id)]
      expect(await outcomes(calls)).toEqual({ done: 1, codes: ['ALUDEL_WRONG_STATE'] })
    }
  })

  test('never counts a step twice', async () => {
    const id = await inState(WorkflowState.Running)
    const services = [workflows, new WorkflowService(connections.other)]
    const { done, codes } = await outcomes(
      Array.from({ length: 12 }, (_, index) => (services[index % 2] ?? workflows).advance(id)),
    )
    expect(new Set(codes)).toEqual(codes.length === 0 ? new Set() : new Set(['ALUDEL_WRONG_STATE']))
    expect((await workflows.get(id)).currentStep).toBe(done)
  })

  test('lists the newest first, a part at a time, also where many have the same time', async () => {
    const { dataSource } = connections
    const at = new Date('2026-01-01T00:00:00.000Z')
    const rows = Array.from({ length: 25 }, (_, index) => ({
      type: index % 5 === 0 ? 'rare' : 'common',
      createdAt: new Date(at.getTime() + Math.floor(index / 10)),
    }))
    for (const row of rows) await dataSource.getRepository(Workflow).save(row)
    const seen: Workflow[] = []
    let after: string | undefined
    let parts = 0
    do {
      const { items, next } = await workflows.list({ limit: 7, after })
      seen.push(...items)
      after = next ?? undefined
      parts += 1
      // What comes meanwhile moves nothing.
      await workflows.create({ type: 'late' })
    } while (after !== undefined)
    expect(parts).toBe(4)
    expect(new Set(seen.map(({ id }) => id)).size).toBe(25)
    const times = seen.map(({ createdAt }) => createdAt.getTime())
    expect(times).toEqual(times.toSorted((a, b) => b - a))
    expect((await workflows.list({ type: 'rare' })).items).toHaveLength(5)
    expect(await workflows.list({ type: 'rare', state: WorkflowState.Running })).toEqual({ items: [], next: null })
  })

  test.each([
    [{ limit: 0 }, 'limit must be a whole number from 1 to 1000, not 0'],
    [{ limit: 1001 }, 'limit must be a whole number from 1 to 1000, not 1001'],
    [{ after: 'nonsense' }, 'after is not the `next` of a list'],
    [{ after: Buffer.from('["never","x"]').toString('base64url') }, 'after is not the `next` of a list'],
  ])('refuses a list of %j', async (options, message) => {
    await expect(workflows.list(options)).rejects.toMatchObject({ code: 'ALUDEL_INVALID_VALUE', message })
  })

  test('counts by state', async () => {
    for (const state of [WorkflowState.Running, WorkflowState.Running, WorkflowState.Failed]) await inState(state)
    await workflows.create({ type: 'other' })
    const none = { pending: 0, running: 0, paused: 0, completed: 0, failed: 0, cancelled: 0 }
    expect(await workflows.statistics()).toEqual({ total: 4, byState: { ...none, running: 2, failed: 1, pending: 1 } })
    expect(await workflows.statistics({ type: 'other' })).toEqual({ total: 1, byState: { ...none, pending: 1 } })
  })

  test('deletes a workflow with everything below it, and nothing else', async () => {
    const { dataSource } = connections
    const [id, kept] = [await inState(WorkflowState.Running), await inState(WorkflowState.Running)]
    for (const workflowId of [id, kept]) {
      await dataSource.getRepository(Checkpoint).save({ workflowId, name: 'one', stepNumber: 1 })
      const { id: validationId } = await dataSource
        .getRepository(ValidationResult)
        .save({ workflowId, filePath: 'a.md' })
      const { id: recommendationId } = await dataSource
        .getRepository(Recommendation)
        .save({ validationId, type: 'fix', title: 'Fix it' })
      await dataSource.getRepository(AuditLog).save({ recommendationId, action: 'proposed' })
    }
    expect(await workflows.delete(id)).toEqual({ checkpoints: 1, validationResults: 1 })
    for (const entity of [Workflow, Checkpoint, ValidationResult, Recommendation, AuditLog])
      expect(await dataSource.getRepository(entity).count()).toBe(1)
    await expect(workflows.delete(id)).rejects.toMatchObject({ code: 'ALUDEL_NOT_FOUND' })
    expect(await workflows.get(kept)).toMatchObject({ id: kept })
  })

  test('takes part in a transaction of the caller', async () => {
    const { dataSource } = connections
    const undone = dataSource.transaction(async (manager) => {
      const joined = new WorkflowService(manager)
      const { id } = await joined.create({ type: 'validation' })
      expect(await joined.start(id)).toMatchObject({ state: WorkflowState.Running })
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await workflows.statistics()).toMatchObject({ total: 0 })
    await new WorkflowService(dataSource.manager).create({ type: 'validation' })
    expect(await workflows.statistics()).toMatchObject({ total: 1 })
  })
})
