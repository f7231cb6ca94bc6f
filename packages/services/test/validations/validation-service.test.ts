import { randomUUID } from 'node:crypto'
import { Recommendation, ValidationResult, ValidationStatus } from '@aludel/models'
import { ValidationService, compareIssues } from '../../src/index'
import { dialectNames, openTwice } from '../support/services'
import type { TwoConnections } from '../support/services'

const { Pass, Fail, Warning } = ValidationStatus

describe.each(dialectNames)('ValidationService on %s', (dialect) => {
  let connections: TwoConnections
  let validations: ValidationService

  beforeAll(async () => {
    connections = await openTwice(dialect)
    validations = new ValidationService(connections.dataSource)
  })
  afterEach(() => connections.dataSource.createQueryBuilder().delete().from(ValidationResult).execute())
  afterAll(() => connections?.close())

  test('numbers the versions of each path, hashes the content, and finds the latest', async () => {
    const first = await validations.record({ filePath: 'a.md', content: 'text', results: { issues: [] } })
    expect(first).toMatchObject({
      versionNumber: 1,
      status: Pass,
      contentHash: '982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1',
      parentValidationId: null,
      validationResults: { issues: [] },
    })
    const second = await validations.record({ filePath: 'a.md', status: Fail, severity: 'high', repeats: true })
    expect(second).toMatchObject({ versionNumber: 2, parentValidationId: first.id, contentHash: null })
    expect(await validations.record({ filePath: 'a.md', repeats: first.id })).toMatchObject({
      versionNumber: 3,
      parentValidationId: first.id,
    })
    expect(await validations.record({ filePath: 'b.md', repeats: true })).toMatchObject({
      versionNumber: 1,
      parentValidationId: null,
    })
    expect(await validations.latest('a.md')).toMatchObject({ versionNumber: 3 })
    expect(await validations.latest('none.md')).toBeNull()
    const { items } = await validations.list({ filePath: 'a.md' })
    expect(items.map(({ versionNumber }) => versionNumber).toSorted()).toEqual([1, 2, 3])
  })

  test('gives two processes different versions', async () => {
    const services = [validations, new ValidationService(connections.other)]
    const recorded = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (services[index % 2] ?? validations).record({ filePath: 'a.md' })),
    )
    const versions = recorded.map(({ versionNumber }) => versionNumber).toSorted((a, b) => a - b)
    expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test('refuses a path of no or too many characters, and a parent that is not there', async () => {
    await expect(validations.record({ filePath: '' })).rejects.toMatchObject({ code: 'ALUDEL_INVALID_VALUE' })
    await expect(validations.record({ filePath: 'x'.repeat(1025) })).rejects.toMatchObject({
      code: 'ALUDEL_INVALID_VALUE',
    })
    const id = randomUUID()
    for (const call of [
      validations.record({ filePath: 'a.md', repeats: id }),
      validations.get(id),
      validations.compare(id, id),
    ])
      await expect(call).rejects.toMatchObject({ code: 'ALUDEL_NOT_FOUND', details: { what: 'validation', id } })
    expect(await validations.latest('a.md')).toBeNull()
  })

  test('compares the issues of two results', async () => {
    const earlier = await validations.record({ filePath: 'a.md', results: [{ rule: 'a', line: 1 }, { rule: 'b' }] })
    const later = await validations.record({
      filePath: 'a.md',
      results: { issues: [{ line: 1, rule: 'a' }, { rule: 'c' }] },
    })
    expect(await validations.compare(earlier.id, later.id)).toEqual({
      added: [{ rule: 'c' }],
      resolved: [{ rule: 'b' }],
      kept: [{ line: 1, rule: 'a' }],
    })
    const none = await validations.record({ filePath: 'a.md', results: 'text' })
    expect(await validations.compare(none.id, later.id)).toMatchObject({ resolved: [], kept: [] })
  })

  test('counts by status and severity, also of a part', async () => {
    for (const [status, severity] of [
      [Pass, null],
      [Fail, 'high'],
      [Fail, 'low'],
      [Warning, 'low'],
    ] as const)
      await validations.record({ filePath: 'a.md', status, severity })
    await validations.record({ filePath: 'b.md', status: Fail, severity: 'high', runId: 'run 1' })
    expect(await validations.counts()).toMatchObject({
      total: 5,
      byStatus: { pass: 1, fail: 3, warning: 1, skipped: 0 },
      bySeverity: [
        { severity: 'high', count: 2 },
        { severity: 'low', count: 2 },
        { severity: null, count: 1 },
      ],
    })
    expect(await validations.counts({ runId: 'run 1' })).toMatchObject({ total: 1, byStatus: { fail: 1, pass: 0 } })
  })

  test('lists results without recommendations', async () => {
    const [one, two] = [await validations.record({ filePath: 'a.md' }), await validations.record({ filePath: 'b.md' })]
    await connections.dataSource.getRepository(Recommendation).save({ validationId: one.id, type: 'fix', title: 'Fix' })
    const { items } = await validations.withoutRecommendations()
    expect(items.map(({ id }) => id)).toEqual([two.id])
    expect(await validations.withoutRecommendations({ filePath: 'a.md' })).toEqual({ items: [], next: null })
  })

  test('counts in parts of time, in UTC', async () => {
    const save = (createdAt: string, status = Pass) =>
      connections.dataSource
        .getRepository(ValidationResult)
        .save({ filePath: 'a.md', status, createdAt: new Date(createdAt) })
    await save('2026-03-28T23:59:59.999Z')
    await save('2026-03-29T00:00:00.000Z', Fail)
    await save('2026-03-29T23:59:59.999Z')
    await save('2026-03-30T00:00:00.000Z')
    const [from, to] = [new Date('2026-03-28T00:00:00Z'), new Date('2026-03-30T00:00:00Z')]
    expect(await validations.trend({ interval: 'day', from, to })).toMatchObject([
      { from: new Date('2026-03-28T00:00:00Z'), total: 1, byStatus: { pass: 1, fail: 0 } },
      { from: new Date('2026-03-29T00:00:00Z'), total: 2, byStatus: { pass: 1, fail: 1 } },
    ])
    expect(await validations.trend({ interval: 'hour', from: to, filePath: 'a.md' })).toMatchObject([
      { from: new Date('2026-03-30T00:00:00Z'), total: 1 },
    ])
    expect(await validations.trend({ interval: 'week', from: new Date('2027-01-01') })).toEqual([])
  })
})

describe('compareIssues', () => {
  test('counts an issue as often as it occurs', () => {
    expect(compareIssues(['a', 'a', 'b'], ['a', 'b', 'b'])).toEqual({ added: ['b'], resolved: ['a'], kept: ['a', 'b'] })
  })

  test('tells values apart that only look alike', () => {
    expect(compareIssues([1, null, [1, 2]], ['1', {}, [2, 1]])).toMatchObject({ kept: [] })
  })
})
