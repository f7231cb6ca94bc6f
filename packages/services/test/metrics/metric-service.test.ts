import { Metric } from '@aludel/models'
import { MetricService } from '../../src/index'
import { dialectNames, openTwice } from '../support/services'
import type { TwoConnections } from '../support/services'

describe.each(dialectNames)('MetricService on %s', (dialect) => {
  let connections: TwoConnections
  let metrics: MetricService

  beforeAll(async () => {
    connections = await openTwice(dialect)
    metrics = new MetricService(connections.dataSource)
  })
  afterEach(() => connections.dataSource.getRepository(Metric).clear())
  afterAll(() => connections?.close())

  const start = new Date('2026-03-29T00:00:00Z')
  const after = (seconds: number): Date => new Date(start.getTime() + seconds * 1000)

  test('aggregates values as a hand does', async () => {
    const values = [3, 1, 2, 10, -4]
    await metrics.record(values.map((value, index) => ({ name: 'ms', value, at: after(index) })))
    await metrics.record({ name: 'other', value: 99, at: start, metadata: { unit: 'ms' } })
    const percentiles = [0, 0.25, 0.5, 0.9, 1]
    expect(await metrics.aggregate('ms', { from: start, to: after(60), percentiles })).toEqual([
      {
        from: start,
        count: 5,
        sum: 12,
        average: 2.4,
        minimum: -4,
        maximum: 10,
        percentiles: { '0': -4, '0.25': 1, '0.5': 2, '0.9': expect.closeTo(7.2, 10) as number, '1': 10 },
      },
    ])
    expect(await metrics.names()).toEqual(['ms', 'other'])
  })

  test('aggregates in parts of time, and leaves out the empty ones', async () => {
    await metrics.record([
      { name: 'ms', value: 1, at: after(0) },
      { name: 'ms', value: 3, at: after(59.999) },
      { name: 'ms', value: 5, at: after(180) },
    ])
    const parts = await metrics.aggregate('ms', { from: start, to: after(3600), everySeconds: 60, percentiles: [0.5] })
    expect(parts).toMatchObject([
      { from: start, count: 2, average: 2, percentiles: { '0.5': 2 } },
      { from: after(180), count: 1, average: 5, percentiles: { '0.5': 5 } },
    ])
    expect(await metrics.aggregate('ms', { from: after(60), to: after(180) })).toEqual([])
    expect(await metrics.aggregate('none', { from: start })).toEqual([])
  })

  const onPostgres = dialect === 'postgres' ? test : test.skip
  onPostgres('agrees with the percentiles of PostgreSQL on many values', async () => {
    const values = Array.from({ length: 997 }, (_, index) => Math.sin(index) * 1000)
    await metrics.record(values.map((value) => ({ name: 'ms', value, at: start })))
    const shares = [0.01, 0.5, 0.75, 0.95, 0.999]
    const rows: { p: number[] }[] = await connections.dataSource.query(
      'SELECT percentile_cont($1::double precision[]) WITHIN GROUP (ORDER BY "value") AS p FROM "metrics"',
      [shares],
    )
    const [found] = await metrics.aggregate('ms', { from: start, percentiles: shares })
    shares.forEach((share, index) => expect(found?.percentiles[String(share)]).toBeCloseTo(rows[0]?.p[index] ?? NaN, 9))
  })

  test('records thousands in one transaction, or none', async () => {
    const many = Array.from({ length: 2500 }, (_, value) => ({ name: 'ms', value, at: start }))
    await metrics.record(many)
    expect(await metrics.aggregate('ms', { from: start, percentiles: [0.5] })).toMatchObject([
      { count: 2500, sum: 3_123_750, percentiles: { '0.5': 1249.5 } },
    ])
    const wrong = [...many, { name: 'ms', value: Number.NaN }]
    await expect(metrics.record(wrong)).rejects.toMatchObject({
      code: 'ALUDEL_INVALID_VALUE',
      message: '[2500].value must be a finite number, not NaN',
    })
    await metrics.record([])
    expect(await connections.dataSource.getRepository(Metric).count()).toBe(2500)
  })

  test.each([
    [{ everySeconds: 0 }, 'everySeconds must be a whole number from 1, not 0'],
    [{ everySeconds: 1.5 }, 'everySeconds must be a whole number from 1, not 1.5'],
    [{ percentiles: [0.5, 95] }, 'percentiles[1] must be from 0 to 1, not 95'],
  ])('refuses %j', async (options, message) => {
    await expect(metrics.aggregate('ms', { from: start, ...options })).rejects.toMatchObject({ message })
    await expect(metrics.record({ name: '', value: 1 })).rejects.toThrow('name must have 1 to 100 characters, not 0')
  })

  test('counts before it deletes, by name too, and stops after a batch when it is told to', async () => {
    const many = (name: string, length: number) =>
      Array.from({ length }, (_, index) => ({ name, value: index, at: after(index) }))
    await metrics.record([...many('ms', 2500), ...many('tokens', 300)])
    expect(await metrics.summary()).toEqual([
      { name: 'ms', count: 2500 },
      { name: 'tokens', count: 300 },
    ])
    expect(await metrics.count()).toBe(2800)
    expect(await metrics.count({ before: after(200), name: 'tokens' })).toBe(200)
    expect(await metrics.prune(after(200), { name: 'tokens' })).toBe(200)
    const controller = new AbortController()
    const deleted: number[] = []
    const options = {
      signal: controller.signal,
      onProgress: (count: number) => {
        deleted.push(count)
        controller.abort()
      },
    }
    expect(await metrics.prune(after(10_000), options)).toBe(1000)
    expect(deleted).toEqual([1000])
    expect(await metrics.count()).toBe(1600)
    expect(await metrics.prune(after(10_000))).toBe(1600)
    expect(await metrics.summary()).toEqual([])
  })

  test('deletes what is older, and nothing else', async () => {
    await metrics.record(Array.from({ length: 1300 }, (_, index) => ({ name: 'ms', value: index, at: after(index) })))
    expect(await metrics.prune(after(1200))).toBe(1200)
    expect(await metrics.prune(after(1200))).toBe(0)
    expect(await metrics.aggregate('ms', { from: start })).toMatchObject([{ count: 100, minimum: 1200 }])
  })
})
