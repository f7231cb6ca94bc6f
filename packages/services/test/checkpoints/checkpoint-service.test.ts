import { randomUUID } from 'node:crypto'
import { Checkpoint, Workflow, WorkflowState } from '@aludel/models'
import { CheckpointService, WorkflowService } from '../../src/index'
import { dialectNames, openTwice, outcomes } from '../support/services'
import type { TwoConnections } from '../support/services'

describe.each(dialectNames)('CheckpointService on %s', (dialect) => {
  let connections: TwoConnections
  let checkpoints: CheckpointService
  let workflows: WorkflowService

  beforeAll(async () => {
    connections = await openTwice(dialect)
    checkpoints = new CheckpointService(connections.dataSource)
    workflows = new WorkflowService(connections.dataSource)
  })
  afterEach(() => connections.dataSource.createQueryBuilder().delete().from(Workflow).execute())
  afterAll(() => connections?.close())

  const running = async (): Promise<string> => {
    const { id } = await workflows.create({ type: 'validation', totalSteps: 10 })
    await workflows.start(id)
    return id
  }

  test.each([
    ['bytes', new Uint8Array([0, 255, 10])],
    ['no bytes', new Uint8Array()],
    ['an object', { file: 'ä.md', at: [1, null] }],
    ['a text', 'half way'],
    ['null', null],
  ])('loads %s as they were saved', async (_, state) => {
    const id = await running()
    const saved = await checkpoints.save(id, { name: 'parsed', state })
    const { checkpoint, bytes, json } = await checkpoints.load(saved.id)
    expect(checkpoint).toMatchObject({ workflowId: id, name: 'parsed', stepNumber: 0, canResumeFrom: true })
    if (state instanceof Uint8Array) expect(new Uint8Array(bytes)).toEqual(state)
    else expect(json()).toEqual(state)
  })

  test('does not load a state that somebody has changed', async () => {
    const { id } = await checkpoints.save(await running(), { name: 'parsed', state: { line: 1 } })
    await connections.dataSource.getRepository(Checkpoint).update(id, { stateData: Buffer.from('{"line":2}') })
    await expect(checkpoints.load(id)).rejects.toMatchObject({ code: 'ALUDEL_CORRUPT_DATA', details: { id } })
    await expect(checkpoints.resume(id)).rejects.toMatchObject({ code: 'ALUDEL_CORRUPT_DATA' })
  })

  test('loads a row of the time before states had a hash', async () => {
    const workflowId = await running()
    const { id } = await connections.dataSource
      .getRepository(Checkpoint)
      .save({ workflowId, name: 'old', stepNumber: 1, stateData: Buffer.from('1') })
    expect((await checkpoints.load(id)).json()).toBe(1)
  })

  test('lists the newest first, without states, and finds the newest to resume from', async () => {
    const id = await running()
    for (const [name, stepNumber, canResumeFrom] of [
      ['b', 2, true],
      ['c', 3, false],
      ['a', 1, true],
    ] as const)
      await checkpoints.save(id, { name, stepNumber, canResumeFrom, state: 'large' })
    const found = await checkpoints.list(id)
    expect(found.map(({ name }) => name)).toEqual(['c', 'b', 'a'])
    expect(found[0]).not.toHaveProperty('stateData')
    expect(await checkpoints.latest(id)).toMatchObject({ name: 'b' })
    expect(await checkpoints.latest(randomUUID())).toBeNull()
    expect(await checkpoints.list(randomUUID())).toEqual([])
  })

  test('resumes a paused or a failed workflow at a checkpoint', async () => {
    const id = await running()
    await workflows.advance(id, { step: 4 })
    const { id: checkpoint } = await checkpoints.save(id, { name: 'four', state: { line: 4 } })
    await workflows.advance(id, { step: 7 })
    await workflows.fail(id, 'out of paper')
    const { workflow, json } = await checkpoints.resume(checkpoint)
    expect(workflow).toMatchObject({
      state: WorkflowState.Running,
      currentStep: 4,
      progressPercent: 40,
      errorMessage: null,
      completedAt: null,
    })
    expect(json()).toEqual({ line: 4 })
    await expect(checkpoints.resume(checkpoint)).rejects.toMatchObject({ code: 'ALUDEL_WRONG_STATE' })
  })

  test('refuses to resume from a checkpoint that is not one to resume from', async () => {
    const id = await running()
    const { id: checkpoint } = await checkpoints.save(id, { name: 'x', state: 1, canResumeFrom: false })
    await workflows.pause(id)
    await expect(checkpoints.resume(checkpoint)).rejects.toMatchObject({ code: 'ALUDEL_INVALID_VALUE' })
    expect(await workflows.get(id)).toMatchObject({ state: WorkflowState.Paused })
  })

  test('lets one of two processes resume', async () => {
    const id = await running()
    const { id: checkpoint } = await checkpoints.save(id, { name: 'x', state: 1 })
    await workflows.pause(id)
    const calls = [checkpoints.resume(checkpoint), new CheckpointService(connections.other).resume(checkpoint)]
    expect(await outcomes(calls)).toEqual({ done: 1, codes: ['ALUDEL_WRONG_STATE'] })
  })

  test.each([
    [{ name: '', state: 1 }, 'name must have 1 to 100 characters, not 0'],
    [{ name: 'a', state: 1, stepNumber: -1 }, 'stepNumber must be a whole number from 0, not -1'],
    [{ name: 'a', state: (() => 1) as never }, 'state is neither bytes nor a JSON value'],
  ])('refuses to save %j', async (checkpoint, message) => {
    await expect(checkpoints.save(await running(), checkpoint)).rejects.toMatchObject({
      code: 'ALUDEL_INVALID_VALUE',
      message,
    })
  })

  test('names a workflow or a checkpoint that is not there', async () => {
    const id = randomUUID()
    const notThere = (what: string) => ({ code: 'ALUDEL_NOT_FOUND', details: { what, id } })
    await expect(checkpoints.save(id, { name: 'a', state: 1 })).rejects.toMatchObject(notThere('workflow'))
    await expect(checkpoints.load(id)).rejects.toMatchObject(notThere('checkpoint'))
    await expect(checkpoints.resume(id)).rejects.toMatchObject(notThere('checkpoint'))
  })

  test('prunes all but the newest of each workflow, and only old ones if told so', async () => {
    const [one, two] = [await running(), await running()]
    for (const id of [one, two])
      for (let stepNumber = 1; stepNumber <= 4; stepNumber += 1)
        await checkpoints.save(id, { name: `s${stepNumber}`, stepNumber, state: stepNumber })
    const names = async (id: string) => (await checkpoints.list(id)).map(({ name }) => name)
    expect(await checkpoints.prune({ keep: 1, before: new Date('2000-01-01') })).toBe(0)
    expect(await checkpoints.prune({ keep: 3, workflowId: one })).toBe(1)
    expect(await names(one)).toEqual(['s4', 's3', 's2'])
    expect(await checkpoints.prune({ keep: 2 })).toBe(3)
    expect(await names(two)).toEqual(['s4', 's3'])
    expect(await checkpoints.prune({ keep: 0, before: new Date(Date.now() + 1000) })).toBe(4)
    await expect(checkpoints.prune({ keep: -1 })).rejects.toMatchObject({ code: 'ALUDEL_INVALID_VALUE' })
  })
})
