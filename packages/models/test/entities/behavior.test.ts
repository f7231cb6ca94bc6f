import type { DataSource, ObjectLiteral } from 'typeorm'
import {
  AuditLog,
  CacheEntry,
  Checkpoint,
  Metric,
  Recommendation,
  RecommendationStatus,
  ReviewDecision,
  ReviewStatus,
  RiskDecision,
  ValidationResult,
  ValidationStatus,
  Workflow,
  WorkflowState,
} from '../../src/index'
import { dialectNames } from '../../../../tools/testing/databases'
import { useTables } from '../support/tables'

const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe.each(dialectNames)('the entities on %s', (dialect) => {
  let dataSource: DataSource
  useTables(dialect, (opened) => (dataSource = opened))

  const reload = async <T extends ObjectLiteral>(target: new () => T, where: Partial<T>): Promise<T> =>
    dataSource.getRepository(target).findOneByOrFail(where)

  describe('ids and times', () => {
    test('gives a saved instance an id, its times and the defaults', async () => {
      const workflow = new Workflow()
      workflow.type = 'validation'
      const before = Date.now()
      await dataSource.manager.save(workflow)
      expect(workflow.id).toMatch(uuid4)
      expect(workflow.createdAt.getTime()).toBeGreaterThanOrEqual(before)
      expect(workflow.updatedAt).toEqual(workflow.createdAt)
      expect(workflow).toMatchObject({
        state: WorkflowState.Pending,
        totalSteps: 0,
        currentStep: 0,
        progressPercent: 0,
      })
      const stored = await reload(Workflow, { id: workflow.id })
      expect(stored).toMatchObject({ ...workflow, inputParams: null, metadata: null, completedAt: null })
    })

    test.each([
      [
        'save of an instance',
        (type: string) => dataSource.getRepository(Workflow).save(Object.assign(new Workflow(), { type })),
      ],
      [
        'save of a created one',
        (type: string) => dataSource.getRepository(Workflow).save(dataSource.getRepository(Workflow).create({ type })),
      ],
      ['save of a plain object', (type: string) => dataSource.getRepository(Workflow).save({ type })],
      [
        'insert of an instance',
        (type: string) => dataSource.getRepository(Workflow).insert(Object.assign(new Workflow(), { type })),
      ],
      ['insert of a plain object', (type: string) => dataSource.getRepository(Workflow).insert({ type })],
      [
        'insert of several',
        (type: string) => dataSource.getRepository(Workflow).insert([{ type: `${type}, other` }, { type }]),
      ],
    ])('sets id, times and defaults on %s', async (name, write) => {
      await write(name)
      const stored = await reload(Workflow, { type: name })
      expect(stored.id).toMatch(uuid4)
      expect(stored.createdAt).toBeInstanceOf(Date)
      expect(stored.updatedAt).toEqual(stored.createdAt)
      expect(stored.state).toBe(WorkflowState.Pending)
    })

    test('keeps an id and a time that are given', async () => {
      const id = '11111111-2222-4333-8444-555555555555'
      const createdAt = new Date('2001-02-03T04:05:06.789Z')
      await dataSource.getRepository(Metric).save({ id, name: 'given', value: 1.5, createdAt })
      expect(await reload(Metric, { id })).toMatchObject({ id, createdAt, value: 1.5 })
    })

    test('advances updated_at with each save that changes something, and only then', async () => {
      const repository = dataSource.getRepository(Workflow)
      const workflow = await repository.save(repository.create({ type: 'moving' }))
      const first = workflow.updatedAt
      workflow.currentStep = 1
      await repository.save(workflow)
      const second = workflow.updatedAt
      expect(second.getTime()).toBeGreaterThan(first.getTime())
      expect((await reload(Workflow, { id: workflow.id })).updatedAt).toEqual(second)

      const loaded = await reload(Workflow, { id: workflow.id })
      await repository.save(loaded)
      expect((await reload(Workflow, { id: workflow.id })).updatedAt).toEqual(second)

      await repository.save({ id: workflow.id, currentStep: 2 })
      const third = (await reload(Workflow, { id: workflow.id })).updatedAt
      expect(third.getTime()).toBeGreaterThan(second.getTime())

      await repository.update(workflow.id, { currentStep: 3 })
      const fourth = (await reload(Workflow, { id: workflow.id })).updatedAt
      expect(fourth.getTime()).toBeGreaterThanOrEqual(third.getTime())
      expect((await reload(Workflow, { id: workflow.id })).createdAt).toEqual(workflow.createdAt)

      const chosen = new Date('2020-01-01T00:00:00.000Z')
      await repository.update(workflow.id, { updatedAt: chosen })
      expect((await reload(Workflow, { id: workflow.id })).updatedAt).toEqual(chosen)
    })

    test('advances updated_at even when the clock goes back', async () => {
      const repository = dataSource.getRepository(Workflow)
      const future = new Date(Date.now() + 3_600_000)
      const workflow = await repository.save(repository.create({ type: 'clock', createdAt: future }))
      expect(workflow.updatedAt).toEqual(future)
      workflow.totalSteps = 9
      await repository.save(workflow)
      expect(workflow.updatedAt.getTime()).toBe(future.getTime() + 1)
    })

    test('keeps the columns that were not loaded when a partial row is saved', async () => {
      const repository = dataSource.getRepository(Workflow)
      const { id, createdAt } = await repository.save(
        repository.create({ type: 'partial', state: WorkflowState.Running }),
      )
      const partial = await repository.findOneOrFail({ where: { id }, select: { id: true, type: true } })
      expect({ ...partial }).toEqual({ id, type: 'partial' })
      await repository.save(Object.assign(partial, { type: 'partial 2' }))
      expect(await reload(Workflow, { id })).toMatchObject({
        type: 'partial 2',
        createdAt,
        state: WorkflowState.Running,
      })
      expect(await repository.countBy({ type: 'partial 2' })).toBe(1)
    })

    test('gives a cache entry its own key and creation time, but no id and no update time', async () => {
      const repository = dataSource.getRepository(CacheEntry)
      const given = {
        agentId: 'agent',
        methodName: 'run',
        inputHash: 'ff',
        expiresAt: new Date('2030-01-01T00:00:00.000Z'),
      }
      const instance = await repository.save(Object.assign(new CacheEntry(), given, { cacheKey: 'instance' }))
      const plain = await repository.save({ ...given, cacheKey: 'key' })
      const stored = await reload(CacheEntry, { cacheKey: 'key' })
      expect(stored.accessCount).toBe(1)
      instance.accessCount = 2
      const changes = [await repository.save(instance), await repository.save({ cacheKey: 'key', accessCount: 2 })]
      for (const entry of [plain, stored, ...changes]) {
        expect(entry).not.toHaveProperty('id')
        expect(entry).not.toHaveProperty('updatedAt')
      }
      expect(await reload(CacheEntry, { cacheKey: 'key' })).toEqual({ ...stored, accessCount: 2 })
      expect(stored.createdAt).toBeInstanceOf(Date)
    })
  })

  describe('relations', () => {
    const tree = async (): Promise<{
      workflow: Workflow
      result: ValidationResult
      recommendation: Recommendation
    }> => {
      const { manager } = dataSource
      const workflow = await manager.save(manager.create(Workflow, { type: 'tree' }))
      await manager.save([
        manager.create(Checkpoint, { workflow, name: 'one', stepNumber: 1 }),
        manager.create(Checkpoint, { workflowId: workflow.id, name: 'two', stepNumber: 2 }),
      ])
      const result = await manager.save(manager.create(ValidationResult, { workflow, filePath: 'a.md' }))
      await manager.save(manager.create(ValidationResult, { parent: result, filePath: 'a.md' }))
      const recommendation = await manager.save(
        manager.create(Recommendation, { validation: result, type: 'style', title: 'shorter' }),
      )
      await manager.save(manager.create(AuditLog, { recommendation, action: 'created' }))
      return { workflow, result, recommendation }
    }

    test('loads relations in both directions, with their plain id columns', async () => {
      const { workflow, result, recommendation } = await tree()
      const loaded = await dataSource.getRepository(Workflow).findOneOrFail({
        where: { id: workflow.id },
        relations: {
          checkpoints: { workflow: true },
          validationResults: { children: { parent: true }, recommendations: { auditLogs: { recommendation: true } } },
        },
        order: { checkpoints: { stepNumber: 'ASC' } },
      })
      expect(loaded.checkpoints.map((each) => [each.name, each.canResumeFrom, each.workflowId])).toEqual([
        ['one', true, workflow.id],
        ['two', true, workflow.id],
      ])
      expect(loaded.checkpoints[0]?.workflow.id).toBe(workflow.id)
      const [loadedResult] = loaded.validationResults
      expect(loadedResult).toMatchObject({
        id: result.id,
        workflowId: workflow.id,
        status: ValidationStatus.Pass,
        versionNumber: 1,
      })
      expect(loadedResult?.children[0]).toMatchObject({ parentValidationId: result.id, parent: { id: result.id } })
      expect(loadedResult?.recommendations[0]).toMatchObject({
        id: recommendation.id,
        validationId: result.id,
        severity: 'medium',
        priority: 'medium',
        confidence: 0,
        status: RecommendationStatus.Pending,
      })
      expect(loadedResult?.recommendations[0]?.auditLogs[0]).toMatchObject({
        action: 'created',
        recommendationId: recommendation.id,
        recommendation: { id: recommendation.id },
      })
    })

    test('deletes the checkpoints of a deleted workflow and keeps its validations', async () => {
      const { workflow, result } = await tree()
      await dataSource.getRepository(Workflow).delete(workflow.id)
      expect(await dataSource.getRepository(Checkpoint).countBy({ workflowId: workflow.id })).toBe(0)
      expect((await reload(ValidationResult, { id: result.id })).workflowId).toBeNull()
    })

    test('deletes recommendations and logs of a deleted validation, and keeps its children', async () => {
      const { result, recommendation } = await tree()
      const child = await reload(ValidationResult, { parentValidationId: result.id })
      await dataSource.getRepository(ValidationResult).delete(result.id)
      expect((await reload(ValidationResult, { id: child.id })).parentValidationId).toBeNull()
      expect(await dataSource.getRepository(Recommendation).countBy({ validationId: result.id })).toBe(0)
      expect(await dataSource.getRepository(AuditLog).countBy({ recommendationId: recommendation.id })).toBe(0)
    })

    test('refuses a checkpoint of an unknown workflow', async () => {
      const orphan = { workflowId: '00000000-0000-4000-8000-000000000000', name: 'orphan', stepNumber: 1 }
      await expect(dataSource.getRepository(Checkpoint).save(orphan)).rejects.toThrow(/foreign key/i)
    })
  })

  describe('constraints', () => {
    const decision = {
      analysisId: 'a',
      componentId: 'c',
      threatId: 't',
      originalDecision: RiskDecision.Mitigate,
      finalDecision: RiskDecision.AcceptWithControls,
      reviewer: 'r',
      justification: 'j',
      reviewDate: '2025-04-20',
      status: ReviewStatus.Completed,
    }

    test.each([-1, 101])('refuses a progress of %d percent', async (progressPercent) => {
      const workflow = { type: 'progress', progressPercent }
      await expect(dataSource.getRepository(Workflow).save(workflow)).rejects.toThrow(/chk_workflows_progress_percent/)
    })

    test.each([-0.01, 1.5])('refuses a confidence of %d', async (confidence) => {
      const validation = await dataSource.getRepository(ValidationResult).save({ filePath: 'b.md' })
      const recommendation = { validationId: validation.id, type: 'style', title: 't', confidence }
      await expect(dataSource.getRepository(Recommendation).save(recommendation)).rejects.toThrow(
        /chk_recommendations_confidence/,
      )
    })

    test('accepts the bounds of both ranges and reads back fractions exactly', async () => {
      const workflows = await dataSource.getRepository(Workflow).save([
        { type: 'range', progressPercent: 0 },
        { type: 'range', progressPercent: 100 },
      ])
      expect(workflows).toHaveLength(2)
      const validation = await dataSource.getRepository(ValidationResult).save({ filePath: 'b.md' })
      for (const confidence of [0, 1, 0.1 + 0.2, Number.MIN_VALUE]) {
        const { id } = await dataSource
          .getRepository(Recommendation)
          .save({ validationId: validation.id, type: 'style', title: 't', confidence })
        expect((await reload(Recommendation, { id })).confidence).toBe(confidence)
      }
    })

    test('refuses a string outside an enum', async () => {
      const workflow = Object.assign(new Workflow(), { type: 'enum', state: 'lost' })
      await expect(dataSource.getRepository(Workflow).save(workflow)).rejects.toThrow(/lost|CHECK constraint failed/)
    })

    test('allows only one decision per analysis, component and threat', async () => {
      const repository = dataSource.getRepository(ReviewDecision)
      await repository.save({ ...decision })
      await repository.save({ ...decision, threatId: 't2' })
      await repository.save({ ...decision, componentId: 'c2' })
      await repository.save({ ...decision, analysisId: 'a2' })
      await expect(repository.save({ ...decision })).rejects.toThrow(/unique/i)
      const stored = await reload(ReviewDecision, { analysisId: 'a', componentId: 'c', threatId: 't' })
      expect(stored).toMatchObject({ ...decision, additionalNotes: null, evidenceReferences: null })
    })
  })
})
