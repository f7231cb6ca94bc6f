import { ReviewDecision, ReviewStatus, RiskDecision, entities } from '@aludel/models'
import type { DataSource } from 'typeorm'
import { ReviewService, ReviewValidationError, listReviews } from '../../src/index'
import type { Review } from '../../src/index'
import { dialectNames, makeDatabase, openWithTables } from '../../../../tools/testing/databases'
import type { TestDatabase } from '../../../../tools/testing/databases'

const decision: Review = {
  analysisId: 'gateway-v2',
  componentId: 'ECU001',
  threatId: 'Replay attack',
  originalDecision: RiskDecision.Mitigate,
  finalDecision: RiskDecision.AcceptWithControls,
  reviewer: 'Ana Duarte',
  justification: 'Freshness counter in place.',
  reviewDate: '2025-04-20',
}

describe.each(dialectNames)('ReviewService on %s', (dialect) => {
  let database: TestDatabase
  let dataSource: DataSource
  let reviews: ReviewService

  beforeAll(async () => {
    database = await makeDatabase(dialect)
    dataSource = await openWithTables(database, entities)
    reviews = new ReviewService(dataSource)
  })
  afterEach(() => dataSource.getRepository(ReviewDecision).clear())
  afterAll(async () => {
    await dataSource?.destroy()
    await database?.drop()
  })

  const count = (): Promise<number> => dataSource.getRepository(ReviewDecision).count()

  test('submits a review and finds it again', async () => {
    const stored = await reviews.submit({ ...decision, evidenceReferences: ['EV-1', ''], additionalNotes: '' })
    expect(stored).toBeInstanceOf(ReviewDecision)
    expect(stored).toMatchObject({
      ...decision,
      evidenceReferences: ['EV-1', ''],
      additionalNotes: '',
      status: ReviewStatus.Completed,
    })
    expect(stored.id).toHaveLength(36)
    expect(await reviews.findByAnalysis('gateway-v2')).toEqual([stored])
    expect(await reviews.findByAnalysis('Gateway-v2')).toEqual([])
  })

  test('replaces an earlier decision about the same threat', async () => {
    const first = await reviews.submit({ ...decision, additionalNotes: 'n/a', status: ReviewStatus.Pending })
    const second = await reviews.submit({ ...decision, finalDecision: RiskDecision.Avoid })
    expect(second).toMatchObject({
      id: first.id,
      createdAt: first.createdAt,
      finalDecision: RiskDecision.Avoid,
      additionalNotes: null,
      status: ReviewStatus.Completed,
    })
    expect(second.updatedAt.getTime()).toBeGreaterThan(first.updatedAt.getTime())
    expect(await reviews.submit({ ...decision, finalDecision: RiskDecision.Avoid })).toEqual(second)
    expect(await count()).toBe(1)
  })

  test('leaves one row when several reviews of a threat are submitted at once', async () => {
    await Promise.all([1, 2, 3, 4].map((each) => reviews.submit({ ...decision, reviewer: `reviewer ${each}` })))
    expect(await count()).toBe(1)
    const wrong = reviews.submitBatch([{ ...decision, reviewer: '' }]).catch(() => 'refused')
    const right = reviews.submitBatch([{ ...decision, threatId: 'right' }])
    expect([await wrong, (await right).length]).toEqual(['refused', 1])
  })

  test('stores a batch larger than one statement and returns it in the given order', async () => {
    const batch = Array.from({ length: 1201 }, (_, index) => ({ ...decision, threatId: `threat ${1200 - index}` }))
    const stored = await reviews.submitBatch(batch)
    expect(stored.map((row) => row.threatId)).toEqual(batch.map((each) => each.threatId))
    expect(await count()).toBe(1201)
    expect(await reviews.submitBatch([])).toEqual([])
  })

  test('refuses a whole batch when reviews in it are invalid, and names each place', async () => {
    const batch = [
      decision,
      { ...decision, threatId: 'b', reviewDate: '2025-02-30' },
      Object.assign({ ...decision }, { threatId: '', finalDecision: 'Ignore it' }),
      { ...decision, threatId: 'd', evidenceReferences: ['x', 1 as unknown as string] },
      { ...decision },
    ]
    const error: unknown = await reviews.submitBatch(batch).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ReviewValidationError)
    expect(error).toMatchObject({
      code: 'ALUDEL_REVIEWS',
      issues: [
        { path: '[1].reviewDate', reason: 'is no date of the calendar: "2025-02-30"' },
        { path: '[2].threatId', reason: 'must not be empty' },
        {
          path: '[2].finalDecision',
          reason: 'must be one of Accept, Accept with Controls, Transfer, Avoid, Mitigate, not "Ignore it"',
        },
        { path: '[3].evidenceReferences[1]', reason: 'must be a string, not 1' },
        { path: '[4]', reason: 'has the analysis, component and threat of [0]' },
      ],
    })
    expect(await count()).toBe(0)
  })

  test('stores the valid reviews of a batch, and returns the reasons for the other ones', async () => {
    const batch = [
      { ...decision, threatId: 'a', reviewDate: '2025-02-30' },
      { ...decision, threatId: 'b' },
      null as unknown as Review,
      { ...decision, threatId: 'a' },
      { ...decision, threatId: 'b', reviewer: 'somebody else' },
      Object.assign({ ...decision, threatId: 'c' }, { reviewer: '', status: 'done' as never }),
    ]
    const { stored, refused } = await reviews.submitValid(batch)
    expect(stored.map(({ threatId, reviewer }) => [threatId, reviewer])).toEqual([
      ['b', 'Ana Duarte'],
      ['a', 'Ana Duarte'],
    ])
    expect(refused).toEqual([
      { index: 0, issues: [{ path: 'reviewDate', reason: 'is no date of the calendar: "2025-02-30"' }] },
      { index: 2, issues: [{ path: '', reason: 'must be an object, not null' }] },
      { index: 4, issues: [{ path: '', reason: 'has the analysis, component and threat of [1]' }] },
      {
        index: 5,
        issues: [
          { path: 'reviewer', reason: 'must not be empty' },
          { path: 'status', reason: 'must be one of pending, in_progress, completed, not "done"' },
        ],
      },
    ])
    expect(await count()).toBe(2)
    expect(await reviews.submitValid([])).toEqual({ stored: [], refused: [] })
    await expect(reviews.submitBatch(batch)).rejects.toThrow(
      'invalid review decision: [0].reviewDate is no date of the calendar: "2025-02-30"; [2] must be an object, not null',
    )
  })

  test('stores none of the valid reviews of a batch if the database refuses one', async () => {
    await dataSource.query("CREATE UNIQUE INDEX refuse ON review_decisions (reviewer) WHERE reviewer = 'same'")
    try {
      const same = ['x', 'y'].map((threatId) => ({ ...decision, threatId, reviewer: 'same' }))
      await expect(reviews.submitValid([{ ...decision, reviewer: '' }, decision, ...same])).rejects.toThrow(/unique/i)
      expect(await count()).toBe(0)
    } finally {
      await dataSource.query('DROP INDEX refuse')
    }
  })

  test('is a part of the transaction of a caller', async () => {
    const error = new Error('the caller changed its mind')
    const work = dataSource.transaction(async (manager) => {
      const inside = new ReviewService(manager)
      await inside.submit(decision)
      expect(await inside.status('gateway-v2')).toMatchObject({ total: 1 })
      throw error
    })
    await expect(work).rejects.toBe(error)
    expect(await count()).toBe(0)
  })

  test('gets one review by what identifies it', async () => {
    const stored = await reviews.submit(decision)
    expect(await reviews.get(decision)).toEqual(stored)
    await expect(reviews.get({ ...decision, threatId: 'none' })).rejects.toMatchObject({ code: 'ALUDEL_NOT_FOUND' })
  })

  test.each([
    [{}, ['a1', 'a2', 'b1', 'b2', 'c1', 'c2']],
    [{ analysisId: 'b' }, ['b1', 'b2']],
    [{ analysisId: 'b', componentId: 'ECU001' }, ['b1', 'b2']],
    [{ analysisId: 'b', componentId: 'ECU001', threatId: '2' }, ['b2']],
    [{ componentId: 'ECU002' }, []],
    [{ status: ReviewStatus.Pending }, ['a2', 'b2', 'c2']],
    [{ status: 'completed' as const, finalDecision: RiskDecision.AcceptWithControls }, ['a1', 'b1', 'c1']],
    [{ finalDecision: 'Avoid' as const }, []],
    [{ reviewer: 'Ana Duarte' }, ['a1', 'a2', 'b1', 'b2', 'c1', 'c2']],
  ])('lists reviews of %j, a part at a time', async (filter, expected) => {
    await reviews.submitBatch(
      ['a', 'b', 'c'].flatMap((analysisId) => [
        { ...decision, analysisId, threatId: '1' },
        { ...decision, analysisId, threatId: '2', status: ReviewStatus.Pending },
      ]),
    )
    for (const limit of [1, 2, 4, 1000]) {
      const found: string[] = []
      let after: string | undefined
      do {
        const { items, next } = await reviews.list({ ...filter, limit, after })
        expect(items.length).toBeLessThanOrEqual(limit)
        found.push(...items.map((row) => `${row.analysisId}${row.threatId}`))
        after = next ?? undefined
      } while (after !== undefined)
      expect(found).toEqual(expected)
    }
  })

  test.each([
    [{ limit: 0 }, 'limit must be a whole number from 1 to 1000, not 0'],
    [{ after: 'x' }, 'after is not the `next` of a list'],
    [{ after: Buffer.from('["a"]').toString('base64url') }, 'after is not the `next` of a list'],
    [{ status: 'done' as never }, 'status must be one of pending, in_progress, completed, not "done"'],
  ])('refuses to list %j', async (options, message) => {
    await expect(reviews.list(options)).rejects.toMatchObject({ code: 'ALUDEL_INVALID_VALUE', message })
  })

  test('counts the reviews of every analysis, a part at a time', async () => {
    await reviews.submitBatch(
      ['b', 'a', 'c'].flatMap((analysisId, index) =>
        Array.from({ length: index + 1 }, (_, number) => ({ ...decision, analysisId, threatId: `${number}` })),
      ),
    )
    const first = await reviews.statuses({ limit: 2 })
    expect(first.items.map(({ analysisId, total }) => [analysisId, total])).toEqual([
      ['a', 2],
      ['b', 1],
    ])
    const { items, next } = await reviews.statuses({ limit: 2, after: first.next ?? '' })
    expect(next).toBeNull()
    expect(items).toEqual([await reviews.status('c')])
  })

  test('rolls back a batch that the database refuses', async () => {
    const batch = Array.from({ length: 600 }, (_, index) => ({ ...decision, threatId: `threat ${index}` }))
    const index = 'CREATE UNIQUE INDEX refuse ON review_decisions (reviewer) WHERE reviewer <> '
    await dataSource.query(`${index}'Ana Duarte'`)
    try {
      const last = [
        { ...decision, threatId: 'x', reviewer: 'same' },
        { ...decision, threatId: 'y', reviewer: 'same' },
      ]
      await expect(reviews.submitBatch([...batch, ...last])).rejects.toThrow(/unique/i)
      expect(await count()).toBe(0)
    } finally {
      await dataSource.query('DROP INDEX refuse')
    }
  })

  test('refuses an invalid review and lists every reason', async () => {
    const wrong = Object.assign(
      { ...decision },
      { analysisId: 'x'.repeat(101), reviewer: undefined as unknown as string, status: 'done' as never },
    )
    await expect(reviews.submit(wrong)).rejects.toThrow(
      'invalid review decision: analysisId is longer than 100 characters (101); reviewer is missing; ' +
        'status must be one of pending, in_progress, completed, not "done"',
    )
    await expect(reviews.submit({ ...decision, justification: 'a\u0000' })).rejects.toThrow(
      /justification contains .*U\+0000/,
    )
    expect(await count()).toBe(0)
  })

  test('counts reviews by status and by decision', async () => {
    await reviews.submitBatch([
      decision,
      { ...decision, threatId: 'b', status: ReviewStatus.Pending },
      { ...decision, threatId: 'c', finalDecision: RiskDecision.Avoid },
      { ...decision, threatId: 'd', finalDecision: RiskDecision.Avoid, status: ReviewStatus.InProgress },
      { ...decision, analysisId: 'other' },
    ])
    expect(await reviews.status('gateway-v2')).toEqual({
      analysisId: 'gateway-v2',
      total: 4,
      byStatus: { pending: 1, in_progress: 1, completed: 2 },
      byFinalDecision: { Accept: 0, 'Accept with Controls': 2, Transfer: 0, Avoid: 2, Mitigate: 0 },
    })
    expect(await reviews.status('none')).toMatchObject({
      total: 0,
      byStatus: { pending: 0, in_progress: 0, completed: 0 },
    })
  })

  test('sorts the reviews of an analysis by component and threat in character order', async () => {
    const keys = [
      ['b', 'B'],
      ['a', 'z'],
      ['B', 'é'],
      ['a', 'Z'],
    ] as const
    await reviews.submitBatch(keys.map(([componentId, threatId]) => ({ ...decision, componentId, threatId })))
    const found = await reviews.findByAnalysis('gateway-v2')
    expect(found.map((row) => `${row.componentId} ${row.threatId}`)).toEqual(['B é', 'a Z', 'a z', 'b B'])
  })

  test('lists reviews by analysis and status up to a limit', async () => {
    await reviews.submitBatch(
      ['a', 'b', 'c'].flatMap((analysisId) => [
        { ...decision, analysisId, threatId: '1' },
        { ...decision, analysisId, threatId: '2', status: ReviewStatus.Pending },
      ]),
    )
    const shown = async (options: Parameters<typeof listReviews>[1]): Promise<string[]> =>
      (await listReviews(dataSource, options)).map((row) => `${row.analysisId}${row.threatId}`)
    expect(await shown({})).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2'])
    expect(await shown({ analysis: 'b' })).toEqual(['b1', 'b2'])
    expect(await shown({ status: 'pending' })).toEqual(['a2', 'b2', 'c2'])
    expect(await shown({ status: 'completed', limit: 2 })).toEqual(['a1', 'b1'])
    expect(await shown({ analysis: 'c', status: 'in_progress' })).toEqual([])
    expect(await shown({ limit: 0 })).toEqual([])
    await expect(listReviews(dataSource, { status: 'done' })).rejects.toMatchObject({
      code: 'ALUDEL_REVIEWS',
      message: 'there is no review status "done"',
    })
    await expect(listReviews(dataSource, { limit: 1.5 })).rejects.toThrow(/limit/)
  })
})
