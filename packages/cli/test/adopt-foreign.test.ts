// cspell:ignore tbcv
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { type AdoptOptions, type AdoptResult, Migrator } from '@aludel/engine'
import { revisionsDirectory } from '@aludel/migrations'
import { entities } from '@aludel/models'
import { DataSource } from 'typeorm'

import { dialectNames, postgresUrl, type TestDatabase } from '../../../tools/testing/databases'
import { fixtureRows, foreignDatabase, type Row, tables } from './support/tbcv'

const coreSchema = 'b7087ab96498'

describe.each(dialectNames)('a database that SQLAlchemy made, on %s', (dialect) => {
  let database: TestDatabase
  let directory: string
  let migrator: Migrator

  beforeEach(async () => {
    database = await foreignDatabase(dialect)
    directory = await mkdtemp(path.join(tmpdir(), 'aludel-foreign-'))
    migrator = new Migrator({
      dataSource: new DataSource({ ...database.options, entities: [...entities] }),
      revisions: revisionsDirectory,
      root: directory,
      shadow: { postgres: postgresUrl() },
      cacheDirectory: null,
    })
  })
  afterEach(async () => {
    await migrator.close()
    await database.drop()
    await rm(directory, { recursive: true, force: true })
  })

  const adopt = (options: AdoptOptions = {}): Promise<AdoptResult> => migrator.adopt({ convert: true, ...options })

  /** What the repositories return in a process in this time zone, by table and primary key. */
  function readThroughEntities(zone: string): Readonly<Record<string, readonly Row[]>> {
    const output = execFileSync(
      process.execPath,
      [path.join(__dirname, 'support/read-entities.cjs'), JSON.stringify(database.options)],
      { cwd: __dirname, env: { ...process.env, TZ: zone }, encoding: 'utf8', maxBuffer: 1 << 26 },
    )
    return JSON.parse(output) as Readonly<Record<string, readonly Row[]>>
  }

  test('has all its rows after the conversion, and entities read the values that it had', async () => {
    const result = await adopt()
    expect(result).toMatchObject({ tool: null, matches: coreSchema, stamped: [coreSchema], differences: [] })
    expect(result.conversion?.tables.map(({ table, rows }) => [table, rows]).sort()).toEqual(
      [...fixtureRows()].map(([table, rows]) => [table, rows.length]).sort(),
    )
    for (const zone of ['UTC', 'America/New_York']) {
      const read = readThroughEntities(zone)
      for (const table of tables) expect(sorted(read[table] ?? [])).toEqual(sorted(expectedRows(table)))
    }
  })

  test('is at its revision afterwards, and takes the next ones', async () => {
    await adopt()
    const check = await migrator.check({ database: true })
    expect(check).toMatchObject({ clean: true, database: { clean: true, pending: 1, operations: [] } })
    await expect(migrator.adopt({ convert: true })).rejects.toMatchObject({ code: 'ALUDEL_HISTORY_EXISTS' })
    expect((await migrator.upgrade()).steps).toHaveLength(1)
    expect((await migrator.check({ database: true })).database).toMatchObject({ clean: true, pending: 0 })
  })
})

/** The rows of the fixture as entities should return them. */
function expectedRows(table: string): readonly Row[] {
  return (fixtureRows().get(table) ?? []).map((row) =>
    Object.fromEntries(Object.entries(row).map(([column, value]) => [column, expected(table, column, value)])),
  )
}

function expected(table: string, column: string, value: unknown): unknown {
  if (value === null) return null
  if (Buffer.isBuffer(value)) return { bytes: value.toString('hex') }
  if (column === 'can_resume_from') return value === 1
  if (typeof value !== 'string') return value
  if (/_at$|^expires_at$|^last_accessed$/.test(column)) {
    // With milliseconds, as a Date has them.
    return { date: new Date(`${value.slice(0, 23).replace(' ', 'T')}Z`).toISOString() }
  }
  if (column === 'state' || (column === 'status' && /^[A-Z]+$/.test(value))) return value.toLowerCase()
  return table !== 'workflows' || column !== 'error_message' ? parsed(column, value) : value
}

const json =
  /^(?:metadata|input_params|rules_applied|validation_results|validation_types|comparison_data|before_state|after_state|changes)$/

function parsed(column: string, value: string): unknown {
  return json.test(column) ? (JSON.parse(value) as unknown) : value
}

function sorted(rows: readonly Row[]): readonly Row[] {
  const key = (row: Row): string => String(row['id'] ?? row['cache_key'])
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}
