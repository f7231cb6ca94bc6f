import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { DataSource } from 'typeorm'
import { entities } from '../../src/index'
import { dialectNames, makeDatabase, openWithTables } from '../../../../tools/testing/databases'
import type { TestDatabase } from '../../../../tools/testing/databases'

/** Minutes behind UTC in July, to be sure that the process really is in that zone. */
const zones = {
  UTC: 0,
  'America/New_York': 240,
  'Pacific/Auckland': -720,
  'Asia/Kolkata': -330,
  'Africa/Monrovia': 0,
} as const

const instants = [
  '2025-04-20T10:15:00.123Z',
  // the hours that New York skips and repeats
  '2025-03-09T06:59:59.999Z',
  '2025-03-09T07:30:00.000Z',
  '2025-11-02T05:30:00.000Z',
  '2025-11-02T06:30:00.000Z',
  // and Auckland
  '2025-09-27T14:00:00.001Z',
  '2025-04-05T14:30:00.000Z',
  '1970-01-01T00:00:00.000Z',
  // offsets with seconds: Monrovia until 1972, everyone before 1883
  '1971-06-01T12:00:00.500Z',
  '1850-01-01T12:00:00.500Z',
  '9999-12-31T23:59:59.999Z',
]
const dates = ['2025-03-09', '2025-04-06', '2025-09-28', '2025-11-02', '2025-12-31', '2026-01-01', '1970-01-01']

describe.each(dialectNames)('times on %s', (dialect) => {
  let database: TestDatabase
  let dataSource: DataSource

  beforeAll(async () => {
    database = await makeDatabase(dialect)
    dataSource = await openWithTables(database, entities)
    if (dialect === 'postgres') {
      const name = new URL(String('url' in database.options ? database.options.url : '')).pathname.slice(1)
      await dataSource.query(`ALTER DATABASE "${name}" SET timezone TO 'Asia/Tokyo'`)
    }
    await dataSource.destroy()
  })
  afterAll(() => database?.drop())

  test('are the same in every time zone, whichever zone wrote them', async () => {
    const expectedInstants: string[][] = []
    const expectedDates: string[][] = []
    for (const [zone, offset] of Object.entries(zones)) {
      expectedInstants.push(...instants.map((iso) => [`${zone} ${iso}`, iso, iso]))
      expectedDates.push(...dates.map((date) => [`${zone} ${date}`, date]))
      const read = await inZone(zone, { options: database.options, instants, dates })
      expect(read.offset).toBe(offset)
      expect(sorted(read.instants)).toEqual(sorted(expectedInstants))
      expect(sorted(read.dates)).toEqual(sorted(expectedDates))
    }
  })
})

async function inZone(
  zone: string,
  input: object,
): Promise<{ offset: number; instants: string[][]; dates: string[][] }> {
  const register = require.resolve('../../../../tools/testing/register.cjs')
  const child = join(__dirname, '../support/child.cjs')
  const environment = { ...process.env, TZ: zone, NODE_OPTIONS: '' }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--require', register, child, JSON.stringify(input)],
    { env: environment },
  )
  return JSON.parse(stdout) as { offset: number; instants: string[][]; dates: string[][] }
}

function sorted(rows: string[][]): string[] {
  return rows.map((row) => row.join(' | ')).sort()
}
