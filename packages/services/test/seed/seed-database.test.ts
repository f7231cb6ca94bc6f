import { createHash } from 'node:crypto'
import { Checkpoint, entities, ReviewDecision } from '@aludel/models'
import type { DataSource } from 'typeorm'
import { makeDatabase, openWithTables } from '../../../../tools/testing/databases'
import type { TestDatabase } from '../../../../tools/testing/databases'
import {
  AuditLogService,
  browseReviews,
  CheckpointService,
  MetricService,
  readStatistics,
  RecommendationService,
  seedDatabase,
  ValidationService,
  WorkflowService,
} from '../../src/index'
import { dialectNames } from '../support/services'
import type { DialectName } from '../support/services'

interface Opened {
  readonly dataSource: DataSource
  close(): Promise<void>
}

async function open(dialect: DialectName): Promise<Opened> {
  const database: TestDatabase = await makeDatabase(dialect)
  const dataSource = await openWithTables(database, entities)
  return {
    dataSource,
    close: async () => {
      await dataSource.destroy()
      await database.drop()
    },
  }
}

/** All rows of all tables, as the entities have them, as one text. */
async function contentsOf(dataSource: DataSource): Promise<string> {
  const all: unknown[] = []
  for (const entity of entities) {
    const [key] = dataSource.getMetadata(entity).primaryColumns
    const property = key?.propertyName ?? 'id'
    const rows = await dataSource.getRepository<Record<string, unknown>>(entity as never).find()
    all.push(rows.sort((a, b) => (String(a[property]) < String(b[property]) ? -1 : 1)))
  }
  return JSON.stringify(all, canonical, 1)
}

/** PostgreSQL does not keep the order of the keys of a JSON object. */
function canonical(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

describe.each(dialectNames)('seedDatabase on %s', (dialect) => {
  let opened: Opened
  beforeEach(async () => {
    opened = await open(dialect)
  })
  afterEach(() => opened.close())

  test('inserts the rows of the seed, which are the same on every database and in every release', async () => {
    const { dataSource } = opened
    const progress: number[] = []
    const result = await seedDatabase(dataSource, {
      rows: 1500,
      seed: 'demo',
      onProgress: ({ done }) => progress.push(done),
    })
    expect(result).toMatchObject({ seed: 'demo', until: '2026-01-01T00:00:00.000Z', rows: 1500, inserted: 1500 })
    expect(result.tables.map(({ name }) => name)).toHaveLength(8)
    expect(result.tables.reduce((sum, { rows }) => sum + rows, 0)).toBe(1500)
    expect(progress.at(-1)).toBe(1500)
    const digest = createHash('sha256')
      .update(await contentsOf(dataSource))
      .digest('hex')
    // If the rows are to become others, raise the version in seed/random.ts.
    expect(digest).toBe('38bcfc6fc6f6ee10a52f75b0ff0f4c23c066a690d7faee1f8af5fbb78b45f8cb')
  })

  test('gives rows that every service reads', async () => {
    const { dataSource } = opened
    await seedDatabase(dataSource, { rows: 800 })
    const { items } = await new WorkflowService(dataSource).list({ limit: 1 })
    expect(items).toHaveLength(1)
    const checkpoints = await dataSource.getRepository(Checkpoint).find({ select: { id: true } })
    for (const { id } of checkpoints)
      expect((await new CheckpointService(dataSource).load(id)).json()).toBeInstanceOf(Object)
    const validations = new ValidationService(dataSource)
    const [latest] = (await validations.list({ limit: 1 })).items
    const repeated = (await validations.list({ limit: 500 })).items.find(
      ({ parentValidationId }) => parentValidationId !== null,
    )
    expect(await validations.latest(latest?.filePath ?? '')).toMatchObject({ id: latest?.id })
    const compared = await validations.compare(repeated?.parentValidationId ?? '', repeated?.id ?? '')
    expect(Object.keys(compared)).toEqual(['added', 'resolved', 'kept'])
    const [open] = (await new RecommendationService(dataSource).list({ status: 'proposed' as never, limit: 1 })).items
    await new RecommendationService(dataSource).approve(open?.id ?? '', { actor: 'Ana Duarte' })
    const trail = await new AuditLogService(dataSource).find({ recommendationId: open?.id ?? '' })
    expect(trail.items.map(({ action }) => action)).toEqual(expect.arrayContaining(['propose', 'approve']))
    const metrics = new MetricService(dataSource)
    const [name = ''] = await metrics.names()
    const [all] = await metrics.aggregate(name, { from: new Date(0), to: new Date('2026-01-01'), percentiles: [0.5] })
    expect(all?.count).toBeGreaterThan(0)
    expect((await browseReviews(dataSource, { limit: 5 })).reviews).toHaveLength(5)
    const { workflows, cache, auditLogs } = await readStatistics(dataSource)
    expect(workflows.total).toBe(32)
    expect(cache.entries).toBe(48)
    expect(auditLogs.byAction['propose']).toBeGreaterThan(10)
  })

  test('refuses a database that has rows, and names the tables', async () => {
    const { dataSource } = opened
    await seedDatabase(dataSource, { rows: 100 })
    await dataSource.getRepository(ReviewDecision).clear()
    await expect(seedDatabase(dataSource, { rows: 100, seed: 'other' })).rejects.toMatchObject({
      code: 'ALUDEL_NOT_EMPTY',
      kind: 'refused',
      message: expect.stringMatching(/^the database has rows in workflows, checkpoints, .*metrics$/) as string,
    })
    const added = await seedDatabase(dataSource, { rows: 100, seed: 'other', append: true })
    expect(added.inserted).toBe(100)
  })

  test('stops between two batches, says where, and inserts the rest when it is repeated', async () => {
    const { dataSource } = opened
    const controller = new AbortController()
    const stopped = await seedDatabase(dataSource, {
      rows: 900,
      signal: controller.signal,
      onProgress: ({ table }) => {
        if (table === 'recommendations') controller.abort()
      },
    })
    const { aborted, inserted } = stopped
    expect(aborted?.table).toBe('audit_logs')
    expect(aborted?.done).toBe(inserted)
    expect(inserted).toBeLessThan(900)
    const rest = await seedDatabase(dataSource, { rows: 900, append: true })
    expect(rest.inserted).toBe(900 - inserted)
    const whole = await open(dialect)
    try {
      await seedDatabase(whole.dataSource, { rows: 900 })
      expect(await contentsOf(dataSource)).toBe(await contentsOf(whole.dataSource))
    } finally {
      await whole.close()
    }
  })

  test.each([0, 1.5, 10_000_001, Number.NaN])('refuses %d rows', async (rows) => {
    await expect(seedDatabase(opened.dataSource, { rows })).rejects.toMatchObject({ code: 'ALUDEL_INVALID_VALUE' })
  })

  test('ends time where it is told to', async () => {
    const until = new Date('2030-06-01T12:00:00Z')
    await seedDatabase(opened.dataSource, { rows: 200, until })
    const { items } = await new WorkflowService(opened.dataSource).list({ limit: 1 })
    const age = until.getTime() - (items[0]?.createdAt.getTime() ?? 0)
    expect(age).toBeGreaterThan(0)
    expect(age).toBeLessThan(2 * 3_600_000)
  })
})
