import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { Migrator } from '@aludel/engine'
import { coreEntities, entities } from '@aludel/models'
import { DataSource } from 'typeorm'

import { dialectNames, makeDatabase, postgresUrl } from '../../../tools/testing/databases'

const shipped = path.resolve(__dirname, '../../migrations/src/revisions')

/**
 * What `create` writes differently since: TypeORM overlooks a named check before a line break at the end of a table. The shipped
 * revision keeps its text, as every revision that databases have applied, and has the hash of its statements.
 */
const since = [
  ['<= 100)\n)`)', '<= 100))`)'],
  ['6af59ca61c49', '39a9451a66b9'],
] as const

/** Texts of the revision files in order, without the timestamps, which differ each time. */
async function texts(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).sort()
  const all = await Promise.all(names.map((name) => readFile(path.join(directory, name), 'utf8')))
  return all.map((text) => text.replace(/\b\d{13}\b|(?<=[A-Za-z])\d{13}\b/g, 'TIMESTAMP'))
}

describe('the shipped revisions', () => {
  let directory: string

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'aludel-shipped-'))
  })

  afterEach(() => rm(directory, { recursive: true, force: true }))

  test('equal what create generates from the entities, with no difference left', async () => {
    const write = async (list: readonly (new () => object)[], message: string, revisionId?: string) => {
      const migrator = new Migrator({
        dataSource: new DataSource({ type: 'better-sqlite3', database: ':memory:', entities: [...list] }),
        revisions: directory,
        root: directory,
        dialects: ['sqlite', 'postgres'],
        shadow: { postgres: postgresUrl() },
      })
      try {
        return await migrator.create(message, revisionId === undefined ? {} : { revisionId })
      } finally {
        await migrator.close()
      }
    }
    await write(coreEntities, 'core schema', 'b7087ab96498')
    await write(entities, 'review decisions', 'a6e70699678c')
    const expected = (await texts(shipped)).map((text) =>
      since.reduce((all, [then, now]) => all.replace(then, now), text),
    )
    expect(await texts(directory)).toEqual(expected)
    expect((await write(entities, 'nothing')).created).toBeNull()
  })

  test('pass the tests that are beside them', async () => {
    const migrator = new Migrator({
      dataSource: new DataSource({ type: 'better-sqlite3', database: ':memory:' }),
      revisions: shipped,
      dialects: dialectNames,
      shadow: { postgres: postgresUrl() },
    })
    try {
      const { tests } = await migrator.test()
      expect(tests.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
      expect(tests).toHaveLength(3 * dialectNames.length)
    } finally {
      await migrator.close()
    }
  })

  test.each(dialectNames)('recognize a %s database that was migrated when they had other ids', async (dialect) => {
    const before = { b7087ab96498: 'a1c0de000001', a6e70699678c: 'a1c0de000002' }
    for (const name of (await readdir(shipped)).filter((one) => one.endsWith('.ts'))) {
      const text = await readFile(path.join(shipped, name), 'utf8')
      const old = Object.entries(before).reduce((all, [now, then]) => all.replaceAll(now, then), text)
      await writeFile(path.join(directory, name), old)
    }
    const database = await makeDatabase(dialect)
    const migrator = (revisions: string) =>
      new Migrator({
        dataSource: new DataSource({ ...database.options, entities: [...entities] }),
        revisions,
        root: directory,
        shadow: { postgres: postgresUrl() },
      })
    const then = migrator(directory)
    const now = migrator(shipped)
    try {
      expect((await then.upgrade()).to).toEqual(['a1c0de000002'])
      expect(await now.current({ verbose: true })).toMatchObject({
        current: ['a6e70699678c'],
        upToDate: true,
        unknown: [],
        findings: [],
      })
      expect(await now.check({ database: true })).toMatchObject({ clean: true, database: { clean: true, pending: 0 } })
      expect(await now.downgrade('-1', { backup: 'never', confirm: () => Promise.resolve(true) })).toMatchObject({
        from: ['a6e70699678c'],
        to: ['b7087ab96498'],
      })
      expect((await now.upgrade()).to).toEqual(['a6e70699678c'])
    } finally {
      await then.close()
      await now.close()
      await database.drop()
    }
  })
})
