import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { parseDatabaseUrl } from '../../src/dialect/database-url'
import { dialectNameOf, dialectNames, loadDialect, registerDialect } from '../../src/dialect/registry'
import { Migrator } from '../../src/migrator'
import { ThirdDatabase } from './third/database'
import { driverType, entry, locked, third, thirdName } from './third/dialect'

const first = 'aaaaaaaaaaaa'
const second = 'bbbbbbbbbbbb'

/** The text of a revision file. */
function revision(name: string, id: string, down: string | null, up: string, back: string): string {
  return `module.exports.${name} = class ${name} {
  static revision = '${id}'
  static downRevision = ${down === null ? 'null' : `'${down}'`}
  async up(queryRunner) {
    await queryRunner.query('${up}')
  }
  async down(queryRunner) {
    await queryRunner.query('${back}')
  }
}
`
}

let directory: string
let database: ThirdDatabase
let migrator: Migrator
let remove: () => void

beforeEach(async () => {
  remove = registerDialect(thirdName, entry)
  directory = await mkdtemp(path.join(tmpdir(), 'aludel-third-'))
  const files = {
    '1700000000001-walls.cjs': revision('Walls1700000000001', first, null, 'RAISE walls', 'LOWER walls'),
    '1700000000002-roof.cjs': revision('Roof1700000000002', second, first, 'RAISE roof', 'LOWER roof'),
  }
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text)
  database = new ThirdDatabase()
  migrator = new Migrator({
    dataSource: database.dataSource(),
    revisions: directory,
    root: directory,
    cacheDirectory: null,
    actor: 'test@host',
  })
})
afterEach(async () => {
  await migrator.close()
  database.close()
  remove()
  await rm(directory, { recursive: true, force: true })
})

describe('a dialect that is only a folder and an entry of the registry', () => {
  test('is found by the type of its DataSource and listed after the built-in ones', () => {
    expect(dialectNames()).toEqual(['sqlite', 'postgres', 'third'])
    expect(loadDialect(dialectNameOf(driverType))).toBe(third)
  })

  test('upgrades and downgrades two revisions under its own lock', async () => {
    const up = await migrator.upgrade()
    expect(up.steps.map((step) => step.revision)).toEqual([first, second])
    expect(database.recorded).toEqual(['RAISE walls', 'RAISE roof'])
    expect(locked).toMatchObject({ now: 0 })
    expect(locked.times).toBeGreaterThan(0)

    const down = await migrator.downgrade('base')
    expect(down.steps.map((step) => step.revision)).toEqual([second, first])
    expect(database.recorded.slice(2)).toEqual(['LOWER roof', 'LOWER walls'])
  })

  test('reports the plan, the current revision and the history of its database', async () => {
    const plan = await migrator.plan('upgrade')
    expect(plan.steps.map((step) => step.revision)).toEqual([first, second])
    expect(plan.steps.map(({ does, sql, locks }) => ({ does, sql, locks }))).toEqual([
      { does: ['raise walls'], sql: ['RAISE walls'], locks: [] },
      { does: ['raise roof'], sql: ['RAISE roof'], locks: [] },
    ])
    expect(database.recorded).toEqual([])
    expect(await migrator.current()).toMatchObject({ current: [], pending: 2, database: { dialect: 'third' } })

    await migrator.upgrade('+1')
    expect(await migrator.current()).toMatchObject({ current: [first], pending: 1, upToDate: false })
    const { revisions } = await migrator.history({ indicateCurrent: true })
    expect(revisions.map(({ revision, applied }) => [revision, applied])).toEqual([
      [second, false],
      [first, true],
    ])
  })

  test('reads its own database URLs', () => {
    expect(parseDatabaseUrl('third+fast://anywhere', '/', {})).toEqual({ type: driverType, database: 'anywhere' })
    expect(() => parseDatabaseUrl('oracle://u:p@h/d', '/', {})).toThrow(
      expect.objectContaining({
        help: expect.stringMatching(/sqlite:.*\n.*postgres:.*\n {7}third:/s) as string,
      }) as Error,
    )
  })

  test('writes the frame of an offline script', async () => {
    const { statements } = await migrator.sql('upgrade', `${first}:${second}`)
    expect(statements.slice(0, 1)).toEqual(['-- third'])
    expect(statements).toEqual(expect.arrayContaining(['begin;', 'RAISE roof;', 'commit;']))
  })
})

test('names the types of every registered dialect when a DataSource has another', () => {
  expect(() => dialectNameOf('oracle')).toThrow(
    expect.objectContaining({
      code: 'ALUDEL_DIALECT',
      help: 'Supported types: better-sqlite3, sqlite, postgres, third.',
    }) as Error,
  )
})
