import { sqliteType } from '../../../../tools/testing/databases'
import { commands } from '../../src/commands/table'
import { aludel, dialects, makeDatabase, makeDirectory, removeDirectory, writeFiles } from './harness'
import type { ErrorDocument } from './shop-project'

/** Commands that set a project up, or need none. */
const withoutProject = ['migrate init', 'completion']

/** Options without which a command is not understood. */
const needed: Readonly<Record<string, readonly string[]>> = { 'metrics prune': ['--older-than', '90d'] }

describe.each(dialects)('in a TypeORM project without a configuration, with DATABASE_URL on %s', (dialect) => {
  let directory: string
  beforeEach(() => {
    directory = makeDirectory({
      'package.json': '{ "name": "app", "version": "1.0.0" }',
      'src/data-source.ts': `import { DataSource } from 'typeorm'\nexport default new DataSource({ type: '${sqliteType}', database: 'own.db' })\n`,
    })
  })
  afterEach(() => removeDirectory(directory))

  test('every command refuses, names the DataSource and init, and leaves the database as it is', async () => {
    const database = await makeDatabase(dialect)
    try {
      const options = { cwd: directory, env: { DATABASE_URL: database.url } }
      for (const { path, load } of commands.filter((one) => !withoutProject.includes(one.path.join(' ')))) {
        const { positionals } = await load()
        const words = positionals.filter(({ required }) => required === true).map(() => 'x')
        const more = needed[path.join(' ')] ?? []
        const ran = await aludel([...path, ...words, ...more, '--json', '--yes'], options)
        const { code, message, help, details } = ran.json<ErrorDocument>().error
        expect([path, ran.code, code]).toEqual([path, 2, 'ALUDEL_NO_PROJECT'])
        expect(message).toBe(
          `there is no project in ${directory}: no aludel.config.* here or above, and no --data-source`,
        )
        expect(help).toContain('There is a DataSource at src/data-source.ts.')
        expect(help).toContain('`aludel migrate init`')
        expect(details).toEqual({ config: null, dataSources: ['src/data-source.ts'] })
      }
      const tables =
        dialect === 'sqlite'
          ? "SELECT name FROM sqlite_master WHERE type = 'table'"
          : "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
      expect(await database.query(tables)).toEqual([])
    } finally {
      await database.drop()
    }
  })

  test('init sets the project up, and the commands then use its DataSource', async () => {
    const options = { cwd: directory, env: { DATABASE_URL: 'postgres://nowhere.invalid/x' } }
    expect((await aludel(['migrate', 'init'], options)).code).toBe(0)
    expect((await aludel(['migrate', 'upgrade', '--json'], options)).json()).toMatchObject({ steps: [] })
  })

  test('a configuration that says so uses the shipped entities', async () => {
    const database = await makeDatabase(dialect)
    try {
      writeFiles(directory, { 'aludel.config.json': '{ "shipped": true }' })
      const options = { cwd: directory, env: { DATABASE_URL: database.url } }
      expect((await aludel(['migrate', 'upgrade', '--json'], options)).code).toBe(0)
      expect((await aludel(['reviews', 'list', '--json'], options)).json()).toEqual({ reviews: [] })
      expect((await aludel(['migrate', 'check', '--database', '--json'], options)).json()).toMatchObject({
        clean: true,
      })
    } finally {
      await database.drop()
    }
  })
})
