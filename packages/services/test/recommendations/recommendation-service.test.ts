import { randomUUID } from 'node:crypto'
import { AuditLog, Recommendation, RecommendationStatus, ValidationResult } from '@aludel/models'
import { AuditLogService, RecommendationService } from '../../src/index'
import { dialectNames, openTwice, outcomes } from '../support/services'
import type { TwoConnections } from '../support/services'

const ana = { actor: 'Ana Duarte' }
const ben = { actor: 'Ben Brown' }
const content = { type: 'link', title: 'Mend the link' }

describe.each(dialectNames)('RecommendationService on %s', (dialect) => {
  let connections: TwoConnections
  let recommendations: RecommendationService
  let audit: AuditLogService
  let validationId: string

  beforeAll(async () => {
    connections = await openTwice(dialect)
    recommendations = new RecommendationService(connections.dataSource)
    audit = new AuditLogService(connections.dataSource)
  })
  beforeEach(async () => {
    const { id } = await connections.dataSource.getRepository(ValidationResult).save({ filePath: 'a.md' })
    validationId = id
  })
  afterEach(async () => {
    for (const entity of [AuditLog, ValidationResult])
      await connections.dataSource.createQueryBuilder().delete().from(entity).execute()
  })
  afterAll(() => connections?.close())

  const proposed = async (): Promise<string> => (await recommendations.propose(validationId, content, ana)).id
  /** Oldest first. */
  const entries = async (): Promise<AuditLog[]> => (await audit.find()).items.toReversed()

  test('proposes, approves and applies, and records each of them with what changed', async () => {
    const { id } = await recommendations.propose(
      validationId,
      { ...content, confidence: 0.5 },
      { actor: 'linter', actorType: 'agent' },
    )
    const approved = await recommendations.approve(id, { ...ana, notes: 'Checked.' })
    expect(approved).toMatchObject({
      status: 'approved',
      reviewedBy: 'Ana Duarte',
      reviewNotes: 'Checked.',
      reviewedAt: expect.any(Date) as Date,
    })
    expect(await recommendations.apply(id, ben)).toMatchObject({ status: 'applied', appliedBy: 'Ben Brown' })
    const [first, second, third] = await entries()
    expect(first).toMatchObject({
      action: 'propose',
      actor: 'linter',
      actorType: 'agent',
      recommendationId: id,
      beforeState: null,
      afterState: { id, title: content.title, status: 'proposed' },
    })
    expect(second).toMatchObject({
      action: 'approve',
      actor: 'Ana Duarte',
      actorType: 'human',
      notes: 'Checked.',
      beforeState: { status: 'proposed', reviewedBy: null },
      afterState: { status: 'approved', reviewedBy: 'Ana Duarte' },
      changes: {
        status: { from: 'proposed', to: 'approved' },
        reviewedBy: { from: null, to: 'Ana Duarte' },
        reviewNotes: { from: null, to: 'Checked.' },
        reviewedAt: { from: null, to: approved.reviewedAt?.toISOString() },
      },
    })
    expect(third).toMatchObject({ action: 'apply', changes: { status: { from: 'approved', to: 'applied' } } })
  })

  test('lets one of two reviewers decide, and tells the other one who was first', async () => {
    const second = new RecommendationService(connections.other)
    for (let turn = 0; turn < 5; turn += 1) {
      const id = await proposed()
      const calls = [recommendations.approve(id, ana), second.reject(id, ben)]
      expect(await outcomes(calls)).toEqual({ done: 1, codes: ['ALUDEL_WRONG_STATE'] })
      const { status, reviewedBy } = await recommendations.get(id)
      expect([`${status} by ${reviewedBy}`]).toEqual([
        status === RecommendationStatus.Approved ? 'approved by Ana Duarte' : 'rejected by Ben Brown',
      ])
      const { items } = await audit.find({ recommendationId: id })
      expect(items).toHaveLength(2)
      await expect(recommendations.approve(id, ben)).rejects.toThrow(
        `cannot approve recommendation ${id}: it is ${status} by ${reviewedBy}`,
      )
    }
  })

  test.each([
    ['apply', RecommendationStatus.Proposed],
    ['apply', RecommendationStatus.Rejected],
    ['approve', RecommendationStatus.Applied],
    ['reject', RecommendationStatus.Approved],
    ['edit', RecommendationStatus.Approved],
  ] as const)('refuses to %s what is %s, and changes nothing', async (move, status) => {
    const id = await proposed()
    await connections.dataSource.getRepository(Recommendation).update(id, { status })
    const call = move === 'edit' ? recommendations.edit(id, { title: 'x' }, ana) : recommendations[move](id, ana)
    await expect(call).rejects.toMatchObject({ code: 'ALUDEL_WRONG_STATE', details: { id, state: status } })
    expect(await recommendations.get(id)).toMatchObject({ status, title: content.title })
    expect(await entries()).toHaveLength(1)
  })

  test('edits fields, and stores nothing without a difference', async () => {
    const id = await proposed()
    const edited = await recommendations.edit(id, { title: 'Remove the link', metadata: { by: [1] } }, ben)
    expect(edited).toMatchObject({ title: 'Remove the link', type: 'link', metadata: { by: [1] } })
    expect((await entries()).at(-1)).toMatchObject({
      action: 'edit',
      changes: {
        title: { from: content.title, to: 'Remove the link' },
        metadata: { from: null, to: { by: [1] } },
      },
    })
    expect(await recommendations.edit(id, { title: 'Remove the link' }, ben)).toEqual(edited)
    expect(await entries()).toHaveLength(2)
  })

  test('decides about several at once: all, or none', async () => {
    const ids = [await proposed(), await proposed(), await proposed()]
    const done = await recommendations.all('approve', ids, ana)
    expect(done.map(({ id, status }) => [id, status])).toEqual(ids.map((id) => [id, 'approved']))
    const more = await proposed()
    await expect(recommendations.all('reject', [more, ...ids], ana)).rejects.toMatchObject({
      code: 'ALUDEL_WRONG_STATE',
    })
    expect(await recommendations.get(more)).toMatchObject({ status: 'proposed' })
    expect(await recommendations.all('apply', [], ana)).toEqual([])
    await expect(recommendations.all('apply', [more, more], ana)).rejects.toThrow(`ids has ${more} more than once`)
  })

  test('does not let two bulk decisions wait for each other', async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, proposed))
    const second = new RecommendationService(connections.other)
    const calls = [recommendations.all('approve', ids, ana), second.all('reject', ids.toReversed(), ben)]
    expect(await outcomes(calls)).toEqual({ done: 1, codes: ['ALUDEL_WRONG_STATE'] })
    const statuses = await Promise.all(ids.map(async (id) => (await recommendations.get(id)).status))
    expect(new Set(statuses).size).toBe(1)
  })

  test('deletes one, and keeps what was recorded about it', async () => {
    const [id, kept] = [await proposed(), await proposed()]
    await recommendations.delete(id, { ...ben, notes: 'Twice.' })
    await expect(recommendations.get(id)).rejects.toMatchObject({ code: 'ALUDEL_NOT_FOUND' })
    expect(await entries()).toMatchObject([
      { action: 'propose', recommendationId: null, afterState: { id } },
      { action: 'propose', recommendationId: kept },
      { action: 'delete', recommendationId: null, beforeState: { id, title: content.title }, notes: 'Twice.' },
    ])
  })

  test.each([
    [{ type: '', title: 'a' }, 'type must have 1 to 50 characters, not 0'],
    [{ type: 'a', title: 'x'.repeat(201) }, 'title must have 1 to 200 characters, not 201'],
    [{ type: 'a', title: 'a', confidence: 1.1 }, 'confidence must be from 0 to 1, not 1.1'],
    [{ type: 'a', title: 'a', confidence: Number.NaN }, 'confidence must be from 0 to 1, not NaN'],
  ])('refuses %j', async (wrong, message) => {
    await expect(recommendations.propose(validationId, wrong, ana)).rejects.toMatchObject({
      code: 'ALUDEL_INVALID_VALUE',
      message,
    })
    await expect(recommendations.approve(await proposed(), { actor: '' })).rejects.toThrow('actor must have 1 to 100')
    expect(await entries()).toHaveLength(1)
  })

  test('names what is not there', async () => {
    const id = randomUUID()
    for (const call of [recommendations.approve(id, ana), recommendations.delete(id, ana), recommendations.get(id)])
      await expect(call).rejects.toMatchObject({ code: 'ALUDEL_NOT_FOUND', details: { what: 'recommendation' } })
    await expect(recommendations.propose(id, content, ana)).rejects.toMatchObject({ details: { what: 'validation' } })
  })

  test('undoes the change and its entry together with the transaction of the caller', async () => {
    const id = await proposed()
    const undone = connections.dataSource.transaction(async (manager) => {
      await new RecommendationService(manager).approve(id, ana)
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await recommendations.get(id)).toMatchObject({ status: 'proposed' })
    expect(await entries()).toHaveLength(1)
  })

  test('lists by state, type and validation', async () => {
    const ids = [await proposed(), await proposed()]
    await recommendations.approve(ids[0] ?? '', ana)
    const found = async (filter: object) => (await recommendations.list(filter)).items.map(({ id }) => id)
    expect(await found({ status: RecommendationStatus.Approved })).toEqual([ids[0]])
    expect((await found({ validationId, type: 'link' })).toSorted()).toEqual(ids.toSorted())
    expect(await found({ type: 'other' })).toEqual([])
  })
})
