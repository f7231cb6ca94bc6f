import { deepStrictEqual } from 'node:assert'
import type { DataSource } from 'typeorm'
import { CacheEntry, Checkpoint, Metric, ReviewDecision, ReviewStatus, RiskDecision, Workflow } from '../../src/index'
import type { JsonValue } from '../../src/index'
import { dialectNames } from '../../../../tools/testing/databases'
import { useTables } from '../support/tables'

/** A document of one megabyte, with every kind of value in it. */
const megabyte: JsonValue = Array.from({ length: 9000 }, (_, index) => ({
  index,
  text: `entry ${index}: 山田 太郎 — “Nordwind” 🚗 \\ " \n\t`,
  nested: { empty: {}, none: null, list: [index, index / 7, -1 - index, true, null] },
}))

const documents: readonly (readonly [string, JsonValue])[] = [
  ['an object', { b: 1, a: [1, 2, { c: null }], 'key with "quotes"': '\\' }],
  ['an empty object', {}],
  ['an empty array', []],
  ['an empty string', ''],
  ['a string', 'plain'],
  ['a string that looks like JSON', '{"a": 1}'],
  ['a string that looks like a number', '1e3'],
  ['a string that says null', 'null'],
  ['zero', 0],
  ['an integer', 42],
  ['a large number', 1e21],
  ['the largest safe integer', Number.MAX_SAFE_INTEGER],
  ['a fraction of 17 digits', 0.12345678901234568],
  ['the smallest number', 5e-324],
  ['true', true],
  ['false', false],
  ['an array of everything', [null, true, 1, 'x', [], {}, [[null]]]],
  ['nested null', { a: null, b: { c: null }, d: [null] }],
  [
    'unicode',
    {
      ключ: '値',
      emoji: '👩‍👩‍👧',
      combined: 'e\u0301',
      separators: '\u2028\u2029',
      bom: '\ufeff',
      control: '\u0001\u001f',
    },
  ],
  ['quotes and statements', `'; DROP TABLE "workflows"; -- $1 :name ? %s`],
  ['a megabyte', megabyte],
]

describe.each(dialectNames)('values on %s', (dialect) => {
  let dataSource: DataSource
  useTables(dialect, (opened) => (dataSource = opened))

  test.each(documents)('reads back a JSON value unchanged: %s', async (_name, document) => {
    const repository = dataSource.getRepository(Metric)
    const { id } = await repository.save({ name: 'json', value: 1, metadata: document })
    // not `toEqual`, which takes seconds for a megabyte
    deepStrictEqual((await repository.findOneByOrFail({ id })).metadata, document)
    await repository.update(id, { metadata: null })
    expect((await repository.findOneByOrFail({ id })).metadata).toBeNull()
    await repository.update(id, { metadata: document })
    deepStrictEqual((await repository.findOneByOrFail({ id })).metadata, document)
    const inserted = await repository.insert({ name: 'json', value: 1, metadata: document })
    const other = String(inserted.identifiers[0]?.['id'])
    deepStrictEqual((await repository.findOneByOrFail({ id: other })).metadata, document)
  })

  test('include a JSON document of more than one megabyte', () => {
    expect(Buffer.byteLength(JSON.stringify(megabyte))).toBeGreaterThan(1024 * 1024)
  })

  test('stores null as NULL and a document as JSON that SQL can query', async () => {
    const repository = dataSource.getRepository(Metric)
    await repository.save({ name: 'nothing', value: 1, metadata: null })
    await repository.save({ name: 'something', value: 1, metadata: { deep: [1, null] } })
    const path = dialect === 'postgres' ? `metadata #>> '{deep,0}'` : `metadata ->> '$.deep[0]'`
    const rows: { name: string; missing: unknown; deep: unknown; kind: string }[] = await dataSource.query(
      `SELECT name, metadata IS NULL AS "missing", ${path} AS "deep",
              ${dialect === 'postgres' ? 'pg_typeof(metadata)::text' : 'typeof(metadata)'} AS "kind"
         FROM metrics WHERE name IN ('nothing', 'something') ORDER BY name`,
    )
    expect(rows.map((row) => [row.name, Boolean(row.missing), String(row.deep)])).toEqual([
      ['nothing', true, 'null'],
      ['something', false, '1'],
    ])
    expect(rows[1]?.kind).toBe(dialect === 'postgres' ? 'jsonb' : 'text')
  })

  test('keeps or refuses the character U+0000 in JSON, but never changes it', async () => {
    const repository = dataSource.getRepository(Metric)
    const saved = repository.save({ name: 'nul', value: 1, metadata: ['a\u0000b'] })
    if (dialect === 'postgres') {
      await expect(saved).rejects.toThrow(/unsupported Unicode escape sequence/)
    } else {
      const { id } = await saved
      expect((await repository.findOneByOrFail({ id })).metadata).toEqual(['a\u0000b'])
    }
  })

  test('saves a JSON document changed in place and skips an unchanged one', async () => {
    const repository = dataSource.getRepository(Workflow)
    const { id } = await repository.save({ type: 'in place', inputParams: { list: [1] }, metadata: { z: 1, a: 2 } })
    const loaded = await repository.findOneByOrFail({ id })
    const list = (loaded.inputParams as { list: number[] }).list
    list.push(2)
    await repository.save(loaded)
    const again = await repository.findOneByOrFail({ id })
    expect(again.inputParams).toEqual({ list: [1, 2] })
    await repository.save(again)
    expect((await repository.findOneByOrFail({ id })).updatedAt).toEqual(loaded.updatedAt)
  })

  test.each([
    ['empty', Buffer.alloc(0)],
    ['every byte', Buffer.from(Array.from({ length: 256 }, (_, index) => index))],
    ['text that is not UTF-8', Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28])],
    ['a megabyte', Buffer.from(Array.from({ length: 1024 * 1024 }, (_, index) => (index * 31) % 251))],
  ])('reads back a blob unchanged: %s', async (name, bytes) => {
    const { id: workflowId } = await dataSource.getRepository(Workflow).save({ type: 'blob' })
    const repository = dataSource.getRepository(Checkpoint)
    const { id } = await repository.save({ workflowId, name, stepNumber: 1, stateData: bytes })
    const loaded = await repository.findOneByOrFail({ id })
    expect(Buffer.isBuffer(loaded.stateData)).toBe(true)
    expect(loaded.stateData?.equals(bytes)).toBe(true)
    await repository.update(id, { stateData: null })
    expect((await repository.findOneByOrFail({ id })).stateData).toBeNull()
  })

  test.each([
    '2025-04-20T10:15:00.123Z',
    '2025-03-09T07:30:00.001Z',
    '2025-11-02T05:30:00.999Z',
    '2024-02-29T23:59:59.999Z',
    '1970-01-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '0001-01-01T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
  ])('reads back the instant %s unchanged and finds it in a query', async (iso) => {
    const repository = dataSource.getRepository(CacheEntry)
    const expiresAt = new Date(iso)
    await repository.save({ cacheKey: iso, agentId: 'a', methodName: 'm', inputHash: 'h', expiresAt })
    expect((await repository.findOneByOrFail({ cacheKey: iso })).expiresAt).toEqual(expiresAt)
    expect(await repository.countBy({ cacheKey: iso, expiresAt })).toBe(1)
  })

  test.each([
    ['an invalid date', new Date(Number.NaN), /expiresAt cannot hold an invalid date/],
    ['the year 10000', new Date(Date.UTC(10000, 0, 1)), /outside the years 1 to 9999/],
    ['a year before 1', new Date(-62135596800001), /outside the years 1 to 9999/],
  ])('refuses %s as an instant', async (cacheKey, expiresAt, message) => {
    const repository = dataSource.getRepository(CacheEntry)
    const entry = { cacheKey, agentId: 'a', methodName: 'm', inputHash: 'h', expiresAt }
    await expect(repository.save(entry)).rejects.toThrow(message)
    expect(await repository.countBy({ cacheKey })).toBe(0)
  })

  test('sorts instants by time and compares them in a query', async () => {
    const repository = dataSource.getRepository(Metric)
    const times = [
      '1999-12-31T23:00:00.000Z',
      '2000-01-01T00:00:00.000Z',
      '2000-01-01T00:00:00.010Z',
      '2000-10-01T00:00:00.000Z',
    ]
    for (const time of [2, 0, 3, 1]) {
      await repository.insert({ name: 'sorted', value: time, createdAt: new Date(times[time] ?? '') })
    }
    const sorted = await repository.find({ where: { name: 'sorted' }, order: { createdAt: 'ASC' } })
    expect(sorted.map((each) => each.value)).toEqual([0, 1, 2, 3])
    const late = await repository
      .createQueryBuilder('metric')
      .where('metric.name = :name AND metric.createdAt >= :from', { name: 'sorted', from: new Date(times[2] ?? '') })
      .getCount()
    expect(late).toBe(2)
  })

  test.each(['2025-04-20', '2025-03-09', '2025-11-02', '2024-02-29', '1900-01-01', '0001-01-01', '9999-12-31'])(
    'reads back the date %s unchanged and finds it in a query',
    async (reviewDate) => {
      const repository = dataSource.getRepository(ReviewDecision)
      const { id } = await repository.save({
        analysisId: 'dates',
        componentId: 'c',
        threatId: reviewDate,
        originalDecision: RiskDecision.Accept,
        finalDecision: RiskDecision.Avoid,
        reviewer: 'r',
        justification: '',
        reviewDate,
        evidenceReferences: [],
        status: ReviewStatus.InProgress,
      })
      expect((await repository.findOneByOrFail({ id })).reviewDate).toBe(reviewDate)
      expect(await repository.countBy({ analysisId: 'dates', reviewDate })).toBe(1)
    },
  )
})
