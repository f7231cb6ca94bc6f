import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { DataSource, EntitySchema, type Logger } from 'typeorm'

import { sqliteType } from '../../../../tools/testing/databases'
import { loadConfig } from '../../src/project/config'
import { loadDataSource, loadEntityFiles, moveDataSource, prepareDataSource } from '../../src/project/data-source'
import { initProject } from '../../src/project/init'
import { loadProject } from '../../src/project/project'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'aludel-source-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

async function file(name: string, text = ''): Promise<string> {
  const target = path.join(directory, name)
  await mkdir(path.dirname(target), { recursive: true })
  await writeFile(target, text)
  return target
}

const source = () => new DataSource({ type: sqliteType, database: ':memory:' })
/** Replaces the module loader, which has its own tests: each file "exports" what the test passes. */
const exporting = (exports: Record<string, unknown>) => () => Promise.resolve(exports)

describe('loadDataSource', () => {
  test.each([
    ['a named export', (one: DataSource) => ({ AppDataSource: one })],
    ['the default export', (one: DataSource) => ({ default: one })],
    ['a promise as the default export', (one: DataSource) => ({ default: Promise.resolve(one) })],
    [
      'a CommonJS module loaded by import()',
      (one: DataSource) => ({ default: { AppDataSource: one, __esModule: true } }),
    ],
    ['two exports of the same DataSource', (one: DataSource) => ({ default: one, AppDataSource: one })],
  ])('finds the DataSource in %s', async (_what, exports) => {
    const one = source()
    expect(await loadDataSource(await file('ds.js'), exporting(exports(one)))).toBe(one)
  })

  test('rejects a file without a DataSource and lists its exports', async () => {
    await expect(loadDataSource(await file('ds.js'), exporting({ config: {}, start: () => 1 }))).rejects.toMatchObject({
      code: 'ALUDEL_DATA_SOURCE',
      help: expect.stringContaining('config, start'),
    })
  })

  test('rejects a file that exports two DataSources', async () => {
    await expect(loadDataSource(await file('ds.js'), exporting({ a: source(), b: source() }))).rejects.toMatchObject({
      code: 'ALUDEL_DATA_SOURCE',
      message: expect.stringContaining('2 DataSources'),
    })
  })

  test('reports a file that is missing or throws', async () => {
    await expect(loadDataSource(path.join(directory, 'none.ts'), exporting({}))).rejects.toMatchObject({
      code: 'ALUDEL_DATA_SOURCE',
    })
    // Its stack would name this file, as the one that is to blame.
    const failing = () => Promise.reject(Object.assign(new Error('boom\nand more'), { stack: undefined }))
    await expect(loadDataSource(await file('ds.js'), failing)).rejects.toMatchObject({
      code: 'ALUDEL_DATA_SOURCE',
      message: expect.stringMatching(/does not load: boom$/),
    })
  })
})

describe('prepareDataSource', () => {
  const schema = new EntitySchema({ name: 'a', columns: { id: { type: 'int', primary: true } } })

  test('turns off synchronization and migrations on connect, and loads entity patterns when they are needed', async () => {
    await file('entities/a.js')
    await file('entities/b.d.ts')
    const given = new DataSource({
      type: sqliteType,
      database: ':memory:',
      entities: ['entities/*.{js,ts}'],
      migrations: ['nowhere/*.ts'],
      synchronize: true,
      migrationsRun: true,
    })
    const prepared = prepareDataSource(given, exporting({ A: schema, other: 1 }), directory)
    const passive = { migrations: [], synchronize: false, migrationsRun: false }
    expect(prepared.options).toMatchObject({ ...passive, entities: ['entities/*.{js,ts}'] })
    await loadEntityFiles(prepared)
    expect(prepared.options).toMatchObject({ ...passive, entities: [schema] })
  })

  test.each(['advanced-console', 'own'])('silences the %s logger of the project', async (kind) => {
    const logged: unknown[] = []
    const note = (...call: unknown[]): void => void logged.push(call)
    const own: Logger = {
      logQuery: note,
      logQueryError: note,
      logQuerySlow: note,
      logSchemaBuild: note,
      logMigration: note,
      log: note,
    }
    const print = jest.spyOn(console, 'log').mockImplementation(note)
    try {
      const given = new DataSource({
        type: sqliteType,
        database: ':memory:',
        logging: true,
        logger: kind === 'own' ? own : 'advanced-console',
      })
      const prepared = prepareDataSource(given, exporting({}), directory)
      await prepared.initialize()
      await prepared.query('SELECT 1')
      await prepared.destroy()
    } finally {
      print.mockRestore()
    }
    expect(logged).toEqual([])
  })

  test('rejects an entity pattern that matches no file', async () => {
    const given = new DataSource({ type: sqliteType, database: ':memory:', entities: ['none/*.ts'] })
    await expect(loadEntityFiles(prepareDataSource(given, exporting({}), directory))).rejects.toMatchObject({
      code: 'ALUDEL_ENTITIES',
      message: expect.stringContaining('none/*.ts'),
    })
  })
})

describe('moveDataSource', () => {
  test('keeps the entity prefix and history table, but drops the old URL and pool size', () => {
    const given = new DataSource({
      type: 'postgres',
      url: 'postgres://u:p@old/db',
      poolSize: 3,
      entityPrefix: 'app_',
      migrationsTableName: 'history',
    })
    const { options } = moveDataSource(given, { type: sqliteType, database: 'new.db' })
    expect(options).toMatchObject({
      type: sqliteType,
      database: 'new.db',
      entityPrefix: 'app_',
      migrationsTableName: 'history',
    })
    expect(options).not.toHaveProperty('url')
    expect(options).not.toHaveProperty('poolSize')
  })

  test('keeps the SQLite driver of the project for another file, without its key and timeout', () => {
    const prepareDatabase = () => undefined
    const given = new DataSource({
      type: sqliteType,
      database: 'old.db',
      key: 'secret',
      timeout: 7,
      prepareDatabase,
      entityPrefix: 'app_',
    })
    const { options } = moveDataSource(given, { type: 'better-sqlite3', database: 'new.db' })
    expect(options).toEqual({ type: sqliteType, database: 'new.db', prepareDatabase, entityPrefix: 'app_' })
  })

  test('drops options that only the old database type has', () => {
    const given = new DataSource({ type: 'postgres', schema: 'app', parseInt8: true, entityPrefix: 'app_' })
    const { options } = moveDataSource(given, { type: 'better-sqlite3', database: 'new.db' })
    expect(options).toEqual({ type: 'better-sqlite3', database: 'new.db', entityPrefix: 'app_' })
  })
})

describe('loadConfig', () => {
  test('finds the configuration file in a parent directory', async () => {
    await file('aludel.config.json', '{ "revisions": "here" }')
    await file('a/b/c.txt')
    const loaded = await loadConfig(path.join(directory, 'a/b'), undefined, exporting({}))
    expect(loaded).toEqual({ config: { revisions: 'here' }, path: path.join(directory, 'aludel.config.json') })
  })

  test.each([
    ['{ "revision": "typo" }', 'unknown key: revision'],
    ['[]', 'no configuration object'],
    ['{ "revisions": ', 'does not load'],
  ])('rejects the configuration %s', async (text, message) => {
    await file('aludel.config.json', text)
    await expect(loadConfig(directory, undefined, exporting({}))).rejects.toMatchObject({
      code: 'ALUDEL_CONFIG',
      message: expect.stringContaining(message),
    })
  })

  test('reports a named configuration file that is missing', async () => {
    await expect(loadConfig(directory, 'other.json', exporting({}))).rejects.toMatchObject({ code: 'ALUDEL_CONFIG' })
  })
})

describe('loadProject', () => {
  const defaults = {
    shipped: () => Promise.resolve({ revisions: '/shipped/revisions', dialects: ['sqlite', 'postgres'] as const }),
    createDataSource: (connection: ConstructorParameters<typeof DataSource>[0]) =>
      Promise.resolve(new DataSource(connection)),
  }
  const load = (options: Partial<Parameters<typeof loadProject>[0]> = {}) =>
    loadProject({ cwd: directory, env: {}, defaults, ...options })
  const shipped = (more = '') => file('aludel.config.json', `{ "shipped": true${more} }`)

  test('prefers --database-url to DATABASE_URL, and that to the default', async () => {
    await shipped()
    const database = async (options: Parameters<typeof load>[0]) =>
      (await (await load(options)).dataSource()).options.database
    expect(await database({})).toBe(path.join(directory, 'data/aludel.db'))
    expect(await database({ env: { DATABASE_URL: 'sqlite:///env.db' } })).toBe(path.join(directory, 'env.db'))
    expect(await database({ env: { DATABASE_URL: 'sqlite:///env.db' }, databaseUrl: 'sqlite:///flag.db' })).toBe(
      path.join(directory, 'flag.db'),
    )
    expect(await database({ env: { DATABASE_URL: '' } })).toBe(path.join(directory, 'data/aludel.db'))
  })

  test('creates the directory of a SQLite file', async () => {
    await shipped()
    await (await load({ databaseUrl: 'sqlite:///deep/er/app.db' })).dataSource()
    expect((await stat(path.join(directory, 'deep/er'))).isDirectory()).toBe(true)
  })

  test('keeps the connection of a DataSource file unless --database-url is given', async () => {
    const given = new DataSource({ type: sqliteType, database: ':memory:', migrationsTableName: 'history' })
    await file('src/ds.js')
    const options = {
      dataSource: 'src/ds.js',
      env: { DATABASE_URL: 'sqlite:///env.db' },
      loadModule: exporting({ given }),
    }
    const project = await load(options)
    expect((await project.dataSource()).options.database).toBe(':memory:')
    expect(project.revisions).toEqual([path.join(directory, 'src/migrations')])
    expect(project.readConnection).toBeUndefined()
    const moved = await (await load({ ...options, databaseUrl: 'sqlite:///flag.db' })).dataSource()
    expect(moved.options).toMatchObject({ database: path.join(directory, 'flag.db'), migrationsTableName: 'history' })
  })

  test('takes revision directories from the option, then the configuration, then those that are shipped', async () => {
    await shipped()
    expect((await load()).revisions).toEqual(['/shipped/revisions'])
    await shipped(', "revisions": ["one", "two"]')
    expect((await load()).revisions).toEqual([path.join(directory, 'one'), path.join(directory, 'two')])
    expect((await load({ revisions: ['three'] })).revisions).toEqual([path.join(directory, 'three')])
  })

  test('opens nothing in a directory without a configuration, whatever DATABASE_URL names, and says what to do', async () => {
    await file('package.json', '{}')
    const env = { DATABASE_URL: 'postgres://app@db/production' }
    await expect(load({ env })).rejects.toMatchObject({
      code: 'ALUDEL_NO_PROJECT',
      kind: 'usage',
      help: expect.stringContaining('aludel migrate init --data-source path/to/data-source.ts'),
      details: { config: null, dataSources: [] },
    })
    await file('src/data-source.ts')
    await file('src/users/users.ts')
    await expect(load({ env, cwd: path.join(directory, 'src/users') })).rejects.toMatchObject({
      code: 'ALUDEL_NO_PROJECT',
      help: expect.stringContaining(
        'There is a DataSource at ../data-source.ts.\nSet the project up with `aludel migrate init`',
      ),
      details: { dataSources: ['../data-source.ts'] },
    })
  })

  test('finds DataSources with unusual names by their code, without those of builds and dependencies', async () => {
    await file('package.json', '{}')
    const text = 'export default new DataSource({})'
    for (const name of [
      'api/typeorm.config.ts',
      'dist/api/typeorm.config.js',
      'node_modules/x/typeorm.js',
      'api/Main-DataSource.mts',
    ])
      await file(name, text)
    await file('api/database.ts', '// new DataSource')
    await expect(load()).rejects.toMatchObject({
      details: { dataSources: ['api/Main-DataSource.mts', 'api/typeorm.config.ts'] },
      help: expect.stringContaining('aludel migrate init --data-source api/Main-DataSource.mts'),
    })
  })

  test('refuses a configuration that names neither a DataSource nor entities', async () => {
    await file('aludel.config.json', '{ "revisions": "here", "shipped": false }')
    await expect(load()).rejects.toMatchObject({
      code: 'ALUDEL_NO_PROJECT',
      help: expect.stringContaining('"dataSource": "./src/data-source.ts"'),
      details: { config: path.join(directory, 'aludel.config.json') },
    })
  })

  test('refuses a configuration that names a DataSource and is shipped', async () => {
    await shipped(', "dataSource": "data-source.ts"')
    await expect(load()).rejects.toMatchObject({ code: 'ALUDEL_CONFIG', details: { keys: ['shipped', 'dataSource'] } })
  })

  test.each(['"shipped": true', '"entities": "*.ts", "revisions": "here"'])(
    'needs to be told about the shipped entities and TypeORM for { %s }',
    async (config) => {
      await file('aludel.config.json', `{ ${config} }`)
      await expect(load({ defaults: undefined })).rejects.toMatchObject({ code: 'ALUDEL_CONFIG' })
      expect((await load()).revisions).toHaveLength(1)
    },
  )
})

describe('initProject', () => {
  test('creates the project files once and keeps them on a second run', async () => {
    await file('src/data-source.ts')
    await file('package.json', '{\n\t"name": "app",\n\t"scripts": { "build": "tsc" }\n}\n')
    const init = () => initProject({ cwd: directory, loadModule: exporting({ one: source() }) })
    const names = ['aludel.config.json', 'src/migrations/', 'package.json (script "migrate")']
    const inside = ['src/migrations/README.md', 'src/migrations/revision.ts.template']
    const [config, folder, script] = names
    const written = [config, folder, ...inside, script]
    expect(await init()).toEqual({ written, kept: [], revisions: ['src/migrations'], found: 0 })
    expect(await init()).toEqual({ written: [], kept: names, revisions: ['src/migrations'], found: 0 })
    expect(JSON.parse(await readFile(path.join(directory, 'aludel.config.json'), 'utf8'))).toEqual({
      $schema: './node_modules/@aludel/engine/config.schema.json',
      dataSource: './src/data-source.ts',
      revisions: './src/migrations',
    })
  })

  test.each([
    'typeorm-ts-node-commonjs migration:run -d ./src/utils/connect.ts',
    'ts-node -r tsconfig-paths/register ./node_modules/typeorm/cli.js migration:generate --dataSource=src/utils/connect.ts',
    'npm run typeorm -- --dataSource "src/utils/connect.ts" migration:run',
    'npm run build && typeorm migration:run -d dist/connect.js; pnpm typeorm -d src/utils/connect.ts schema:log',
  ])('prefers the DataSource file of a script: %s', async (script) => {
    await file('src/data-source.ts')
    await file('src/utils/connect.ts')
    await file('dist/connect.js')
    const scripts = { other: 'docker run -d src/data-source.ts', gone: 'typeorm -d src/gone.ts', migrations: script }
    await file('package.json', JSON.stringify({ scripts }))
    await initProject({ cwd: directory, loadModule: exporting({ one: source() }) })
    expect(JSON.parse(await readFile(path.join(directory, 'aludel.config.json'), 'utf8'))).toMatchObject({
      dataSource: './src/utils/connect.ts',
    })
  })

  test('asks which DataSource it is when scripts name several', async () => {
    await file('one.ts')
    await file('two.ts')
    await file(
      'package.json',
      JSON.stringify({ scripts: { one: 'typeorm migration:run -d one.ts', two: 'typeorm migration:run -d two.ts' } }),
    )
    await expect(initProject({ cwd: directory, loadModule: exporting({ one: source() }) })).rejects.toMatchObject({
      message: '2 files have a DataSource: one.ts, two.ts',
      help: 'Name the one to use: aludel migrate init --data-source one.ts',
    })
  })

  test('explains the revision folder in it, also in one that exists, and replaces no file there', async () => {
    await file('data-source.js')
    await file('package.json', '{ "type": "module" }')
    await file('migrations/README.md', 'ours\n')
    const { written } = await initProject({ cwd: directory, loadModule: exporting({ one: source() }) })
    expect(written).toContain('migrations/revision.js.template')
    expect(written).not.toContain('migrations/README.md')
    expect(await readFile(path.join(directory, 'migrations/README.md'), 'utf8')).toBe('ours\n')
    const template = await readFile(path.join(directory, 'migrations/revision.js.template'), 'utf8')
    expect(template).toMatch(/^\{\{doc\}\}\nexport class \{\{class\}\} \{\n/)
  })

  test('allows npm to run the install scripts of the drivers that the project has, unless it has decided already', async () => {
    await file('src/data-source.ts')
    const manifest = async () => JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8')) as object
    const init = () => initProject({ cwd: directory, loadModule: exporting({ one: source() }) })
    await file(
      'package.json',
      '{ "dependencies": { "better-sqlite3": "12", "pg": "8" }, "devDependencies": { "sqlite3": "6" }, "allowScripts": { "sqlite3@6.0.1": false } }',
    )
    expect(await init()).toMatchObject({
      written: expect.arrayContaining(['package.json (allowScripts "better-sqlite3")']),
      kept: ['package.json (allowScripts "sqlite3")'],
    })
    expect(await manifest()).toMatchObject({ allowScripts: { 'sqlite3@6.0.1': false, 'better-sqlite3': true } })
    expect(await init()).toMatchObject({ written: [] })
  })

  test.each(['pnpm-lock.yaml', '../package-lock.json'])(
    'leaves install scripts to the owner of %s, which decides elsewhere',
    async (lockFile) => {
      await file(path.join('app', lockFile))
      await file('app/data-source.ts')
      await file('app/package.json', '{ "dependencies": { "better-sqlite3": "12" } }')
      const cwd = path.join(directory, 'app')
      await initProject({ cwd, loadModule: exporting({ one: source() }) })
      expect(await readFile(path.join(cwd, 'package.json'), 'utf8')).not.toContain('allowScripts')
    },
  )

  test('names the schema of the command line where pnpm has installed nothing else', async () => {
    await file('node_modules/@aludel/cli/config.schema.json', '{}')
    await file('data-source.ts')
    await initProject({ cwd: directory, loadModule: exporting({ one: source() }) })
    expect(JSON.parse(await readFile(path.join(directory, 'aludel.config.json'), 'utf8'))).toMatchObject({
      $schema: './node_modules/@aludel/cli/config.schema.json',
    })
  })

  test('takes the only file that constructs a DataSource, and asks which one where there are several', async () => {
    await file('package.json', '{}')
    await file('api/typeorm.config.ts', 'export default new DataSource({})')
    const init = () => initProject({ cwd: directory, loadModule: exporting({ one: source() }) })
    expect(await init()).toMatchObject({ revisions: ['api/migrations'] })
    await file('api/database.ts', 'export default new DataSource({})')
    await expect(init()).rejects.toMatchObject({
      code: 'ALUDEL_DATA_SOURCE',
      message: '2 files have a DataSource: api/database.ts, api/typeorm.config.ts',
    })
  })

  test('finds the schema for editors in a parent directory, where a repository of several packages has it', async () => {
    await file('node_modules/@aludel/engine/config.schema.json', '{}')
    await file('apps/one/data-source.ts')
    const cwd = path.join(directory, 'apps/one')
    await initProject({ cwd, loadModule: exporting({ one: source() }) })
    expect(JSON.parse(await readFile(path.join(cwd, 'aludel.config.json'), 'utf8'))).toMatchObject({
      $schema: '../../node_modules/@aludel/engine/config.schema.json',
    })
  })

  test('fails without a DataSource file and names where it looked', async () => {
    await expect(initProject({ cwd: directory })).rejects.toMatchObject({
      code: 'ALUDEL_DATA_SOURCE',
      help: expect.stringContaining('src/data-source.ts'),
    })
  })
})
