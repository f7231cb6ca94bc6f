import { existsSync } from 'node:fs'
import path from 'node:path'

import type { DataSourceOptions } from 'typeorm'

import { queryPostgres } from '../../../../tools/testing/databases'
import { type Pair, startPair } from '../../../../tools/testing/standby'
import type { MigratorOptions } from '../../src/project/options'
import type { Migrator } from '../../src/migrator'
import type { RunEvent } from '../../src/project/events'
import { entity, id, openProject, type TestProject, text } from '../migrator/project'
import { rejection } from '../run/revisions'

/** Row 25 of the fault plan, with a real standby: it is recognized before the lock, before a backup, before any change. */

const authors = entity('authors', { id, name: text(50) })
const older = entity('authors', { id, name: text(50), age: { type: 'int', nullable: true } })
const [first, age] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'] as const

let pair: Pair
let project: TestProject
const events: RunEvent[] = []
beforeAll(async () => {
  pair = await startPair()
  project = await openProject('postgres')
  await project.migrator([authors]).create('first', { revisionId: first })
  await project.migrator([older]).create('age', { revisionId: age })
  const primary = on(pair.primary)
  await primary.upgrade(first)
  await queryPostgres(`INSERT INTO authors VALUES (1, 'Ada')`, pair.primary)
  await pair.followed()
})
afterAll(async () => {
  await project.remove()
  await pair.close()
})

const on = (url: string, options: Partial<MigratorOptions> = {}): Migrator =>
  project.migrator([older], {
    dataSource: project.dataSource([older], { url } as Partial<DataSourceOptions>),
    onEvent: (event) => events.push(event),
    lockTimeoutMs: 0,
    ...options,
  })

/** The content of a server: tables with their columns, and all rows. */
const everything = (url: string) =>
  queryPostgres(
    `SELECT (SELECT json_agg(c) FROM (SELECT table_name, column_name FROM information_schema.columns
               WHERE table_schema = 'public' ORDER BY 1, 2) AS c) AS columns,
       (SELECT json_agg(a ORDER BY id) FROM authors AS a) AS authors,
       (SELECT json_agg(m ORDER BY id) FROM migrations AS m) AS history,
       (SELECT json_agg(j ORDER BY id) FROM aludel_journal AS j) AS journal`,
    url,
  )

const refused: Readonly<Record<string, (migrator: Migrator) => Promise<unknown>>> = {
  upgrade: (migrator) => migrator.upgrade(),
  'upgrade in one transaction': (migrator) => migrator.upgrade('head', { transaction: 'all' }),
  'upgrade with a lease': (migrator) => migrator.upgrade('head', { lock: 'lease' }),
  'upgrade with a backup': (migrator) => migrator.upgrade('head', { backup: 'always' }),
  downgrade: (migrator) => migrator.downgrade(),
  stamp: (migrator) => migrator.stamp(['head']),
  'forced stamp': (migrator) => migrator.stamp(['base'], { force: true }),
  'start-up': (migrator) => migrator.initialize(),
  'start-up with a fallback': (migrator) => migrator.initialize({ fallback: 'create' }),
}

describe('command that writes', () => {
  let before: unknown
  let release: () => Promise<void>
  beforeAll(async () => {
    before = await everything(pair.primary)
    // A run that asked for the lock first would report that it is taken.
    const { dialect } = project.database
    const holder = project.dataSource([], { url: pair.standby } as Partial<DataSourceOptions>)
    const runner = (await holder.initialize()).createQueryRunner()
    const lock = await dialect.locks.acquire(runner, { key: 'migrations', timeoutMs: 0 })
    release = async () => {
      await lock.release()
      await runner.release()
      await holder.destroy()
    }
  })
  afterAll(() => release())

  test.each(Object.keys(refused))('%s fails on a standby and changes nothing', async (name) => {
    // There is no other server for shadow databases either.
    const migrator = on(pair.standby, { shadow: {}, cacheDirectory: null })
    events.length = 0
    try {
      expect(await rejection(refused[name]?.(migrator) ?? Promise.resolve())).toMatchObject({
        code: 'ALUDEL_READ_ONLY',
        kind: 'failed',
        message: 'postgres is a standby, which can only be read',
        help: 'Connect to the primary. Nothing was changed.',
        details: { replica: true },
      })
    } finally {
      await migrator.close()
    }
    expect(events).toEqual([])
    expect(existsSync(path.join(project.directory, 'backups'))).toBe(false)
    await pair.followed()
    expect([await everything(pair.primary), await everything(pair.standby)]).toEqual([before, before])
  })
})

test('commands that only read work on a standby', async () => {
  const migrator = on(pair.standby)
  expect(await migrator.current({ verbose: true })).toMatchObject({ current: [first], pending: 1, findings: [] })
  const { revisions } = await migrator.history({ indicateCurrent: true })
  expect(revisions.map(({ revision, applied }) => [revision, applied])).toEqual([
    [age, false],
    [first, true],
  ])
  expect((await migrator.check({ database: true })).database).toMatchObject({ clean: true, operations: [], pending: 1 })
  expect((await migrator.plan('upgrade')).steps.map(({ revision }) => revision)).toEqual([age])
  expect((await migrator.sql('upgrade')).statements.join('\n')).toContain('ADD COLUMN "age"')
  expect((await migrator.info()).current).toEqual([first])
  expect(await migrator.unlock()).toEqual({ lock: null, removed: false })
  expect(await migrator.initialize({ migrate: false })).toMatchObject({ action: 'outdated', upToDate: false })
  expect(await rejection(migrator.current({ checkHeads: true }))).toMatchObject({ code: 'ALUDEL_NOT_AT_HEAD' })
})

test('check on a standby asks for another server to create shadow databases on', async () => {
  const migrator = on(pair.standby, { shadow: {}, cacheDirectory: null })
  expect(await rejection(migrator.check({ database: true }))).toMatchObject({
    code: 'ALUDEL_SHADOW',
    message: expect.stringContaining('CREATE DATABASE') as string,
    help: expect.stringContaining('shadow.postgres') as string,
  })
  await migrator.close()
})

test('upgrade with nothing to do succeeds on a standby', async () => {
  expect((await on(pair.standby).upgrade(first)).steps).toEqual([])
})

test('upgrade succeeds on a standby that was promoted', async () => {
  await queryPostgres('SELECT pg_promote()', pair.standby)
  expect((await on(pair.standby).upgrade()).steps).toMatchObject([{ revision: age }])
  expect(await queryPostgres('SELECT * FROM authors', pair.standby)).toEqual([{ id: 1, name: 'Ada', age: null }])
})
