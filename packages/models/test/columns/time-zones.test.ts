import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { entities } from '../../src/index'
import { dialectNames, makeDatabase, openWithTables } from '../../../../tools/testing/databases'
import type { TestDatabase } from '../../../../tools/testing/databases'

/** Minutes from UTC in July, as `getTimezoneOffset` returns them, to check that the process is in that zone. */
const offsets: Readonly<Record<string, number>> = {
  UTC: 0,
  'America/New_York': 240,
  'Pacific/Auckland': -720,
  'Asia/Kolkata': -330,
  'Africa/Monrovia': 0,
}

/**
 * The zones of each process, which starts in the first of them. There are two processes, because an error from a zone that a
 * driver keeps from its start would cancel out if the same process wrote and read the values.
 */
const processes = [
  ['America/New_York', 'UTC', 'Asia/Kolkata'],
  ['Pacific/Auckland', 'Africa/Monrovia'],
] as const

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

const databases: TestDatabase[] = []

beforeAll(async () => {
  for (const dialect of dialectNames) {
    const database = await makeDatabase(dialect)
    databases.push(database)
    const dataSource = await openWithTables(database, entities)
    if (dialect === 'postgres') {
      const name = new URL(String('url' in database.options ? database.options.url : '')).pathname.slice(1)
      await dataSource.query(`ALTER DATABASE "${name}" SET timezone TO 'Asia/Tokyo'`)
    }
    await dataSource.destroy()
  }
})
afterAll(async () => {
  for (const database of databases) await database.drop()
})

test('each time zone reads back the same instants and dates, whichever zone wrote them, on each dialect', async () => {
  const written: string[] = []
  for (const zones of processes) {
    const read = await inZones(zones, { databases: databases.map(({ options }) => options), zones, instants, dates })
    for (const zone of zones) {
      written.push(zone)
      const here = read.filter((one) => one.zone === zone)
      expect(here.map(({ dialect }) => dialect)).toEqual(databases.map(({ options }) => options.type))
      for (const { dialect, offset, ...values } of here) {
        expect([dialect, zone, offset]).toEqual([dialect, zone, offsets[zone]])
        const expected = (texts: readonly string[], times: number) =>
          written.flatMap((by) => texts.map((text) => [`${by} ${text}`, ...Array.from({ length: times }, () => text)]))
        expect(sorted(values.instants)).toEqual(sorted(expected(instants, 2)))
        expect(sorted(values.dates)).toEqual(sorted(expected(dates, 1)))
      }
    }
  }
  expect(written.sort()).toEqual(Object.keys(offsets).sort())
})

/** The values that a database returned in a zone. */
interface Read {
  readonly zone: string
  readonly dialect: string
  readonly offset: number
  readonly instants: readonly (readonly string[])[]
  readonly dates: readonly (readonly string[])[]
}

async function inZones(zones: readonly string[], input: object): Promise<readonly Read[]> {
  const register = require.resolve('../../../../tools/testing/register.cjs')
  const child = join(__dirname, '../support/child.cjs')
  const environment = { ...process.env, TZ: zones[0], NODE_OPTIONS: '' }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--require', register, child, JSON.stringify(input)],
    { env: environment },
  )
  return JSON.parse(stdout) as readonly Read[]
}

function sorted(rows: readonly (readonly string[])[]): string[] {
  return rows.map((row) => row.join(' | ')).sort()
}
