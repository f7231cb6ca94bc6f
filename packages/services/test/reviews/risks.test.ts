import { ReviewDecision, ReviewStatus, RiskDecision, entities } from '@aludel/models'
import type { DataSource } from 'typeorm'
import { ReviewService, ReviewValidationError, applyReviews } from '../../src/index'
import type { Review, Risk } from '../../src/index'
import { dialectNames, makeDatabase, openWithTables } from '../../../../tools/testing/databases'
import type { TestDatabase } from '../../../../tools/testing/databases'

const { Accept, Avoid, Mitigate, Transfer } = RiskDecision

const decision = (threatId: string, more: Partial<Review> = {}): Review => ({
  analysisId: 'gateway',
  componentId: 'ECU001',
  threatId,
  originalDecision: Mitigate,
  finalDecision: Accept,
  reviewer: 'Ana Duarte',
  justification: 'Freshness counter in place.',
  reviewDate: '2025-04-20',
  evidenceReferences: ['EV-1'],
  ...more,
})

const risk = (threatId: string, more: Partial<Risk> = {}): Risk => ({
  componentId: 'ECU001',
  threatId,
  decision: Mitigate,
  ...more,
})

/** Freezes a value with all that is in it: a write is an error. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen)
    Object.freeze(value)
  }
  return value
}

describe.each(dialectNames)('the risks of an analysis on %s', (dialect) => {
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

  test('need a review without a decision, with an open one, and after a change', async () => {
    await reviews.submitBatch([
      decision('as it was'),
      decision('applied'),
      decision('pending', { status: ReviewStatus.Pending }),
      decision('in progress', { status: ReviewStatus.InProgress }),
      decision('other decision'),
      decision('gone'),
      decision('of another component', { componentId: 'ECU002' }),
      decision('as it was', { analysisId: 'other', status: ReviewStatus.Pending }),
    ])
    const found = await reviews.needsReview('gateway', [
      risk('as it was'),
      risk('applied', { decision: Accept }),
      risk('new'),
      risk('pending'),
      risk('in progress'),
      risk('other decision', { decision: Transfer }),
      risk('of another component'),
    ])
    expect(found.risks.map((one) => [one.risk.threatId, one.state, one.review?.threatId])).toEqual([
      ['as it was', 'reviewed', 'as it was'],
      ['applied', 'reviewed', 'applied'],
      ['new', 'unreviewed', undefined],
      ['pending', 'open', 'pending'],
      ['in progress', 'open', 'in progress'],
      ['other decision', 'changed', 'other decision'],
      ['of another component', 'unreviewed', undefined],
    ])
    expect(found.needed).toEqual(found.risks.slice(2))
    expect(found.withoutRisk.map((one) => `${one.componentId} ${one.threatId}`)).toEqual([
      'ECU001 gone',
      'ECU002 of another component',
    ])
  })

  test('need a review after a change that the application knows of', async () => {
    const { updatedAt } = await reviews.submit(decision('a'))
    const stateAt = async (changedAt: Date | null): Promise<unknown> =>
      (await reviews.needsReview('gateway', [risk('a', { changedAt })])).risks[0]?.state
    expect(await stateAt(null)).toBe('reviewed')
    expect(await stateAt(updatedAt)).toBe('reviewed')
    expect(await stateAt(new Date(updatedAt.getTime() + 1))).toBe('changed')
    await reviews.submit(decision('a', { justification: 'Looked at again.' }))
    expect(await stateAt(updatedAt)).toBe('reviewed')
  })

  test('are refused when one is invalid or repeated', async () => {
    const risks = [
      risk('a'),
      { ...risk(''), decision: 'Ignore it' as never },
      null as unknown as Risk,
      risk('a'),
      risk('b', { changedAt: new Date(NaN) }),
    ]
    const error: unknown = await reviews.needsReview('gateway', risks).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ReviewValidationError)
    expect(error).toMatchObject({
      message: expect.stringMatching(/^invalid risk: \[1\]\.threatId must not be empty; /) as string,
      issues: [
        { path: '[1].threatId', reason: 'must not be empty' },
        { path: '[1].decision', reason: expect.stringContaining('not "Ignore it"') as string },
        { path: '[2]', reason: 'must be an object, not null' },
        { path: '[3]', reason: 'has the component and threat of [0]' },
        { path: '[4].changedAt', reason: 'must be a valid Date' },
      ],
    })
    await expect(reviews.applyTo('gateway', {} as never)).rejects.toThrow('invalid risk: risks must be a list')
  })

  test('get the decisions of their reviewers, in a copy of the analysis', async () => {
    await reviews.submitBatch([
      decision('a', { finalDecision: Avoid }),
      decision('b', { status: ReviewStatus.Pending }),
      decision('c'),
      decision('gone'),
    ])
    const analysis = frozen({
      title: 'Gateway',
      nested: { owner: 'Ana' },
      risks: [
        { ...risk('a'), severity: 'high', notes: ['x'] },
        { ...risk('b'), severity: 'low', notes: [] },
        { ...risk('c', { decision: Transfer }), severity: 'low', notes: [] },
        { ...risk('d'), severity: 'low', notes: [] },
      ],
    })
    const before = JSON.stringify(analysis)
    const applied = await reviews.applyTo('gateway', analysis)
    expect(JSON.stringify(analysis)).toBe(before)
    expect(applied.document).toEqual({
      ...analysis,
      risks: [
        {
          ...analysis.risks[0],
          decision: Avoid,
          review: {
            originalDecision: Mitigate,
            finalDecision: Avoid,
            reviewer: 'Ana Duarte',
            justification: 'Freshness counter in place.',
            additionalNotes: null,
            reviewDate: '2025-04-20',
            evidenceReferences: ['EV-1'],
            status: 'completed',
          },
        },
        ...analysis.risks.slice(1),
      ],
    })
    expect(applied.needed.map((one) => [one.risk.threatId, one.state])).toEqual([
      ['b', 'open'],
      ['c', 'changed'],
      ['d', 'unreviewed'],
    ])
    expect(applied.withoutRisk.map((one) => one.threatId)).toEqual(['gone'])

    const twice = await reviews.applyTo('gateway', frozen(applied.document))
    expect(twice.document).toEqual(applied.document)
  })

  test('are not changed together with the decisions that were applied, or the other way round', async () => {
    const stored = [await reviews.submit(decision('a'))]
    const { document } = applyReviews('gateway', { risks: [risk('a')] }, stored)
    stored[0]?.evidenceReferences?.push('EV-2')
    expect(document.risks[0]?.review?.evidenceReferences).toEqual(['EV-1'])
  })

  test('get no decisions of another analysis', async () => {
    const stored = [await reviews.submit(decision('a', { analysisId: 'other' }))]
    expect(() => applyReviews('gateway', { risks: [risk('a')] }, stored)).toThrow(
      'reviews[0] is of the analysis "other"',
    )
  })
})
