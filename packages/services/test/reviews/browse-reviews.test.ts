import { ReviewDecision, ReviewStatus, RiskDecision, entities } from '@aludel/models'
import type { DataSource } from 'typeorm'
import { ReviewService, browseReviews } from '../../src/index'
import type { BrowseReviewsOptions, Review } from '../../src/index'
import { dialectNames, makeDatabase, openWithTables } from '../../../../tools/testing/databases'
import type { TestDatabase } from '../../../../tools/testing/databases'

const decision = (number: number, more: Partial<Review> = {}): Review => ({
  analysisId: 'gateway',
  componentId: `ECU${String(number).padStart(3, '0')}`,
  threatId: 'Replay',
  originalDecision: RiskDecision.Mitigate,
  finalDecision: RiskDecision.Accept,
  reviewer: 'Ana',
  justification: 'Fine.',
  reviewDate: '2025-04-20',
  ...more,
})

describe.each(dialectNames)('browseReviews on %s', (dialect) => {
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

  /** Submits a review later than those before: of equal times, nobody knows which is first. */
  const submitLater = async (...from: Parameters<typeof decision>): Promise<void> => {
    const before = Date.now()
    while (Date.now() === before) await new Promise((resolve) => setTimeout(resolve, 1))
    await reviews.submit(decision(...from))
  }

  const components = async (options?: BrowseReviewsOptions): Promise<string[]> =>
    (await browseReviews(dataSource, options)).reviews.map(({ componentId }) => componentId)

  test('shows each review on one page, the last changed one first, also where times are equal', async () => {
    // One batch: several get the same time.
    await reviews.submitBatch([1, 2, 3, 4, 5, 6, 7].map((number) => decision(number)))
    const pages: string[][] = []
    let before: string | undefined
    do {
      const page = await browseReviews(dataSource, { limit: 3, before })
      pages.push(page.reviews.map(({ componentId }) => componentId))
      before = page.next ?? undefined
    } while (before !== undefined)
    expect(pages.map(({ length }) => length)).toEqual([3, 3, 1])
    expect(pages.flat().sort()).toEqual(['ECU001', 'ECU002', 'ECU003', 'ECU004', 'ECU005', 'ECU006', 'ECU007'])
  })

  test('continues after a review although others were added meanwhile', async () => {
    for (const number of [1, 2, 3]) await submitLater(number)
    const first = await browseReviews(dataSource, { limit: 2 })
    await submitLater(4)
    expect(first.reviews.map(({ componentId }) => componentId)).toEqual(['ECU003', 'ECU002'])
    expect(await components({ limit: 2, before: first.next! })).toEqual(['ECU001'])
  })

  test('filters by status and by text, in which % and _ mean themselves', async () => {
    await submitLater(1, { status: ReviewStatus.Pending, justification: '100 % sure' })
    await submitLater(2, { justification: '100 times' })
    await submitLater(3, { reviewer: 'BO_B' })
    expect(await components({ search: '100 %' })).toEqual(['ECU001'])
    expect(await components({ search: 'o_b' })).toEqual(['ECU003'])
    expect(await components({ search: 'n_a' })).toEqual([])
    expect(await components({ status: 'completed' })).toEqual(['ECU003', 'ECU002'])
    expect(await components({ status: 'completed', search: 'ecu002' })).toEqual(['ECU002'])
  })

  test('counts all reviews by status', async () => {
    await reviews.submitBatch([decision(1, { status: ReviewStatus.Pending }), decision(2), decision(3)])
    const { counts } = await browseReviews(dataSource, { search: 'ecu001' })
    expect(counts).toEqual({ pending: 1, in_progress: 0, completed: 2 })
  })

  test.each<[string, BrowseReviewsOptions]>([
    ['a status that does not exist', { status: 'open' }],
    ['a place that no page has', { before: 'x' }],
  ])('refuses %s', async (_what, options) => {
    await expect(browseReviews(dataSource, options)).rejects.toMatchObject({ code: 'ALUDEL_USAGE', kind: 'usage' })
  })
})
