import { AuditLog } from '@aludel/models'
import { AuditLogService } from '../../src/index'
import { dialectNames, openTwice } from '../support/services'
import type { TwoConnections } from '../support/services'

describe.each(dialectNames)('AuditLogService on %s', (dialect) => {
  let connections: TwoConnections
  let audit: AuditLogService

  beforeAll(async () => {
    connections = await openTwice(dialect)
    audit = new AuditLogService(connections.dataSource)
  })
  afterEach(() => connections.dataSource.createQueryBuilder().delete().from(AuditLog).execute())
  afterAll(() => connections?.close())

  const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute))
  const fill = async (count: number): Promise<void> => {
    const rows = Array.from({ length: count }, (_, index) => ({
      action: index % 2 === 0 ? 'approve' : 'reject',
      actor: `reviewer ${index % 3}`,
      notes: `line\n${index}`,
      // Several at the same time.
      createdAt: at(Math.floor(index / 4)),
    }))
    await connections.dataSource.getRepository(AuditLog).save(rows, { chunk: 200 })
  }

  test('finds entries by action, actor and time', async () => {
    await fill(24)
    const count = async (filter: Parameters<AuditLogService['find']>[0]) => (await audit.find(filter)).items.length
    expect(await count({ action: 'approve' })).toBe(12)
    expect(await count({ actor: 'reviewer 1' })).toBe(8)
    expect(await count({ from: at(1), to: at(3) })).toBe(8)
    expect(await count({ action: 'approve', actor: 'reviewer 0', to: at(0) })).toBe(0)
    const { items, next } = await audit.find({ limit: 10 })
    const { items: more } = await audit.find({ limit: 100, after: next ?? undefined })
    expect(new Set([...items, ...more].map(({ id }) => id)).size).toBe(24)
    expect(items[0]?.createdAt).toEqual(at(5))
  })

  test('exports all entries as JSON lines, oldest first', async () => {
    await fill(1203)
    const lines: string[] = []
    for await (const line of audit.export()) lines.push(line)
    expect(lines).toHaveLength(1203)
    expect(lines.every((line) => line.endsWith('}\n') && line.split('\n').length === 2)).toBe(true)
    const entries = lines.map((line) => JSON.parse(line) as AuditLog)
    expect(new Set(entries.map(({ notes }) => notes)).size).toBe(1203)
    const times = entries.map(({ createdAt }) => String(createdAt))
    expect(times).toEqual(times.toSorted())
    const some: string[] = []
    for await (const line of audit.export({ action: 'reject', from: at(300) })) some.push(line)
    expect(some).toHaveLength(1)
    for await (const line of audit.export({ action: 'none' })) throw new Error(line)
  })

  test.each([
    [{ action: '', actor: 'a' }, 'action must have 1 to 50 characters, not 0'],
    [{ action: 'a', actor: '' }, 'actor must have 1 to 100 characters, not 0'],
    [{ action: 'a', actor: 'a', actorType: 'x'.repeat(21) }, 'actorType must have 1 to 20 characters, not 21'],
  ])('refuses %j', async (entry, message) => {
    await expect(audit.record(entry)).rejects.toMatchObject({ code: 'ALUDEL_INVALID_VALUE', message })
  })

  test('has no way to change or remove an entry', () => {
    expect(Object.getOwnPropertyNames(AuditLogService.prototype).toSorted()).toEqual([
      'constructor',
      'count',
      'export',
      'find',
      'record',
    ])
  })
})
