import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { DataSource, type DataSourceOptions } from 'typeorm'

import { sqliteType } from '../../../../tools/testing/databases'
import { Migrator } from '../../src/migrator'
import { initProject } from '../../src/project/init'
import { loadProject } from '../../src/project/project'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'aludel-declared-'))
  file('src/data-source.ts')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function file(name: string, text = ''): void {
  mkdirSync(path.dirname(path.join(directory, name)), { recursive: true })
  writeFileSync(path.join(directory, name), text)
}

/** A plain TypeORM migration. */
function migration(folder: string, stamp: number): void {
  file(`${folder}/${stamp}-step.ts`, `export class Step${stamp} {\n  async up() {}\n  async down() {}\n}\n`)
}

const stamp = 1_700_000_000_000

function sourceOf(migrations: DataSourceOptions['migrations'], more: object = {}): DataSource {
  return new DataSource({ type: sqliteType, database: ':memory:', migrations, ...more } as DataSourceOptions)
}

function project(migrations: DataSourceOptions['migrations']) {
  const one = sourceOf(migrations)
  return loadProject({
    cwd: directory,
    env: {},
    dataSource: 'src/data-source.ts',
    loadModule: () => Promise.resolve({ one }),
  })
}

const init = (migrations: DataSourceOptions['migrations'], options: { revisions?: string[] } = {}) =>
  initProject({ cwd: directory, loadModule: () => Promise.resolve({ one: sourceOf(migrations) }), ...options })

const configured = (): unknown =>
  (JSON.parse(readFileSync(path.join(directory, 'aludel.config.json'), 'utf8')) as { revisions: unknown }).revisions

describe('a project without revision directories of its own', () => {
  beforeEach(() => {
    migration('db/migrations', stamp)
    migration('db/more/users', stamp + 1)
    migration('db/more/orders', stamp + 2)
  })

  test.each<[string, readonly string[], readonly string[]]>([
    ['a glob', ['db/migrations/*.ts'], ['db/migrations']],
    ['a glob of two languages', ['db/migrations/*{.ts,.js}'], ['db/migrations']],
    ['a directory', ['db/migrations'], ['db/migrations']],
    ['a file', [`db/migrations/${stamp}-step.ts`], ['db/migrations']],
    ['a file that is missing', ['db/migrations/none.ts'], ['db/migrations']],
    ['a glob over several directories', ['db/more/**/*.ts'], ['db/more/orders', 'db/more/users']],
    ['several globs', ['db/more/users/*.ts', './db/migrations/*.ts'], ['db/more/users', 'db/migrations']],
    ['a glob without a file', ['db/later/*.ts'], ['db/later']],
    ['a glob of a build that is missing', ['dist/migrations/*.js', 'db/migrations/*.ts'], ['db/migrations']],
    ['an exclusion', ['db/more/**/*.ts', '!db/more/users/*.ts'], ['db/more/orders']],
    ['nothing', [], ['src/migrations']],
  ])('takes %s of the DataSource', async (_what, migrations, expected) => {
    const { revisions } = await project([...migrations])
    expect(revisions).toEqual(expected.map((one) => path.join(directory, one)))
  })

  test('takes the sources of a build, also one that is missing, and the build where it is alone', async () => {
    const source = async () => (await project(['dist/migrations/*.js'])).revisions
    const at = (name: string) => [path.join(directory, name)]
    migration('src/migrations', stamp + 3)
    expect(await source()).toEqual(at('src/migrations'))
    file(`dist/migrations/${stamp + 3}-step.js`, `exports.Step${stamp + 3} = class { up() {} down() {} }`)
    expect(await source()).toEqual(at('src/migrations'))
    file('dist/data-source.js')
    const compiled = await loadProject({
      cwd: directory,
      env: {},
      dataSource: 'dist/data-source.js',
      loadModule: () => Promise.resolve({ one: sourceOf([path.join(directory, 'dist/migrations/*.js')]) }),
    })
    expect(compiled.revisions).toEqual(at('dist/migrations'))
    rmSync(path.join(directory, 'src/migrations'), { recursive: true })
    expect(await source()).toEqual(at('dist/migrations'))
  })

  test('starts from the configuration file in a subdirectory of a project', async () => {
    file('aludel.config.json', '{ "dataSource": "src/data-source.ts" }')
    const loadModule = () => Promise.resolve({ one: sourceOf(['db/migrations/*.ts']) })
    const { revisions } = await loadProject({ cwd: path.join(directory, 'src'), env: {}, loadModule })
    expect(revisions).toEqual([path.join(directory, 'db/migrations')])
  })

  test('takes absolute globs, and those in an object', async () => {
    const { revisions } = await project({ first: path.join(directory, 'db/migrations/*.ts') })
    expect(revisions).toEqual([path.join(directory, 'db/migrations')])
  })

  test('still knows them when the DataSource was prepared before', async () => {
    const one = sourceOf(['db/migrations/*.ts'])
    const load = () =>
      loadProject({
        cwd: directory,
        env: {},
        dataSource: 'src/data-source.ts',
        loadModule: () => Promise.resolve({ one }),
      })
    const first = await load()
    await first.dataSource()
    expect(one.options.migrations).toEqual([])
    expect((await load()).revisions).toEqual(first.revisions)
  })

  test('reads several folders and the history in a table of another name', async () => {
    const one = sourceOf(['db/migrations/*.ts', 'db/more/**/*.ts'], { migrationsTableName: 'schema_history' })
    const { revisions, dataSource } = await loadProject({
      cwd: directory,
      env: {},
      dataSource: 'src/data-source.ts',
      loadModule: () => Promise.resolve({ one }),
    })
    const migrator = new Migrator({ dataSource: () => dataSource(), revisions, root: directory, cacheDirectory: null })
    try {
      const database = await dataSource()
      await database.initialize()
      await database.query('CREATE TABLE schema_history (id integer PRIMARY KEY, timestamp bigint, name varchar)')
      await database.query(`INSERT INTO schema_history (timestamp, name) VALUES (${stamp}, 'Step${stamp}')`)
      expect(await migrator.current()).toMatchObject({ pending: 2, upToDate: false })
    } finally {
      await migrator.close()
      await one.destroy()
    }
  })

  test('explains what to do about listed classes, which have no file', async () => {
    class Step1600000000000 {
      up(): Promise<void> {
        return Promise.resolve()
      }
      down(): Promise<void> {
        return Promise.resolve()
      }
    }
    const expected = {
      code: 'ALUDEL_CONFIG',
      message: 'the DataSource lists 1 migration class without a file: Step1600000000000',
      help: expect.stringContaining('--revisions DIR'),
    }
    await expect(project([Step1600000000000])).rejects.toMatchObject(expected)
    await expect(init([Step1600000000000])).rejects.toMatchObject(expected)
    // Its file is anywhere in the project, but not where dependencies and builds are.
    migration('node_modules/other/migrations', 1_600_000_000_000)
    migration('dist/migrations', 1_600_000_000_000)
    await expect(project([Step1600000000000])).rejects.toMatchObject(expected)
    migration('lib/storage', 1_600_000_000_000)
    expect((await project([Step1600000000000])).revisions).toEqual([path.join(directory, 'lib/storage')])
    rmSync(path.join(directory, 'lib'), { recursive: true })
    // Its file is where revisions are looked for by default.
    migration('src/migrations', 1_600_000_000_000)
    expect((await project([Step1600000000000])).revisions).toEqual([path.join(directory, 'src/migrations')])
  })
})

describe('initProject', () => {
  test('writes the directories that the DataSource names, and counts their revisions', async () => {
    for (let number = 0; number < 40; number++) migration(number % 2 === 0 ? 'db/a' : 'db/b', stamp + number)
    expect(await init(['db/a/*.ts', 'db/b'])).toEqual({
      written: ['aludel.config.json', 'db/a/README.md', 'db/a/revision.ts.template'],
      kept: ['db/a/', 'db/b/'],
      revisions: ['db/a', 'db/b'],
      found: 40,
    })
    expect(configured()).toEqual(['./db/a', './db/b'])
  })

  test('prefers --revisions, also several, and then needs no DataSource that loads', async () => {
    migration('one', stamp)
    const result = await initProject({
      cwd: directory,
      revisions: ['one', 'two'],
      loadModule: () => Promise.reject(new Error('no environment')),
    })
    expect(result).toMatchObject({ kept: ['one/'], found: 1 })
    const inside = ['README.md', 'revision.ts.template']
    const written = [...inside.map((name) => `one/${name}`), 'two/', ...inside.map((name) => `two/${name}`)]
    expect(result.written).toEqual(['aludel.config.json', ...written])
    expect(configured()).toEqual(['./one', './two'])
  })

  test('writes nothing when the DataSource does not load', async () => {
    const failing = () => Promise.reject(new Error('no environment'))
    await expect(initProject({ cwd: directory, loadModule: failing })).rejects.toMatchObject({
      code: 'ALUDEL_DATA_SOURCE',
    })
    expect(() => configured()).toThrow()
  })
})
