import { rm } from 'node:fs/promises'
import path from 'node:path'

import { AludelError } from '../../src/errors'

import type { Migrator } from '../../src/migrator'
import type { MigratorOptions } from '../../src/project/options'
import { RevisionDirectories } from '../../src/project/revisions'
import { dialectNames } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from './project'

const entities = [entity('users', { id, name: text(20) })]

describe.each(dialectNames)('with nothing to do on %s', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
    await project.migrator(entities).create('users')
    await project.migrator(entities).upgrade()
  })
  afterEach(() => project.remove())

  test('an upgrade waits for nobody, and one with something to do waits', async () => {
    const { database } = project
    const held = await database.dialect.locks.acquire(database.queryRunner, { key: 'migrations', timeoutMs: 0 })
    try {
      const options = { lockTimeoutMs: 0 }
      expect(await project.migrator(entities).upgrade('head', options)).toMatchObject({ steps: [], backup: null })
      await expect(
        project.migrator(entities).upgrade('head', { ...options, expectedSteps: ['a'] }),
      ).rejects.toMatchObject({ code: expect.not.stringMatching('ALUDEL_LOCKED') as string })
      await expect(project.migrator(entities).downgrade('base', options)).rejects.toMatchObject({
        code: 'ALUDEL_LOCKED',
      })
    } finally {
      await held.release()
    }
  })

  test('an upgrade on the cheap connection opens no DataSource, and one with something to do closes it first', async () => {
    const { dialect, queryRunner } = project.database
    const opened: string[] = []
    const options: Partial<MigratorOptions> = {
      dataSource: () => {
        opened.push('DataSource')
        return Promise.resolve(project.dataSource(entities))
      },
      readConnection: () => {
        opened.push('cheap')
        return Promise.resolve({
          dialect: dialect.name,
          name: 'app',
          query: (sql: string, parameters?: unknown[]) => queryRunner.query(sql, parameters) as Promise<object[]>,
          close: () => Promise.resolve(void opened.push('closed')),
        })
      },
    }
    const migrator = project.migrator(entities, options)
    const { to } = await migrator.upgrade()
    expect(to).toHaveLength(1)
    expect(await migrator.upgrade('heads')).toEqual(expect.objectContaining({ from: to, to, steps: [], backup: null }))
    expect(opened).toEqual(['cheap'])

    expect((await migrator.downgrade('base')).steps).toHaveLength(1)
    expect(opened).toEqual(['cheap', 'closed', 'DataSource'])
    expect((await project.migrator(entities, options).downgrade('base')).steps).toEqual([])
    expect(opened).toEqual(['cheap', 'closed', 'DataSource', 'cheap'])
  })

  test('what is wrong on the cheap connection is reported by the run, and what prevents it at once', async () => {
    const failing = (error: Error, isOpened: boolean): Partial<MigratorOptions> => ({
      readConnection: () =>
        isOpened
          ? Promise.resolve({
              dialect: project.database.dialect.name,
              name: 'app',
              query: () => Promise.reject(error),
              close: () => Promise.resolve(),
            })
          : Promise.reject(error),
    })
    const locked = new AludelError('ALUDEL_LOCKED', 'locked')
    for (const options of [failing(new Error('broken'), true), failing(locked, true), failing(locked, false)])
      expect((await project.migrator(entities, options).upgrade()).steps).toEqual([])
    const refused = new AludelError('ALUDEL_CONNECT', 'refused')
    await expect(project.migrator(entities, failing(refused, false)).upgrade()).rejects.toBe(refused)
  })

  test('an edited revision and a wrong target are told as with work to do', async () => {
    const { dialect, queryRunner } = project.database
    const warnings: string[] = []
    const options: Partial<MigratorOptions> = {
      readConnection: () =>
        Promise.resolve({
          dialect: dialect.name,
          name: 'app',
          query: (sql: string, parameters?: unknown[]) => queryRunner.query(sql, parameters) as Promise<object[]>,
          close: () => Promise.resolve(),
        }),
      onEvent: (event) => void (event.type === 'warning' && warnings.push(event.message)),
    }
    await expect(project.migrator(entities, options).upgrade('nowhere')).rejects.toMatchObject({
      code: 'ALUDEL_UNKNOWN_REVISION',
    })
    const [name = ''] = Object.keys(await project.files())
    const { [name]: content = '' } = await project.files()
    await project.write({ [name]: content.replaceAll('CREATE TABLE', 'CREATE  TABLE') })
    expect((await project.migrator(entities, options).upgrade()).steps).toEqual([])
    expect(warnings).toEqual([expect.stringContaining('edited')])
  })
})

describe.each(dialectNames)('at head on %s, with the summary of an earlier command', (dialect) => {
  let project: TestProject
  let asked: string[]
  beforeEach(async () => {
    project = await openProject(dialect)
    await project.migrator(entities).create('users')
    // Times of files are coarse, so those of new files are not trusted.
    const now = Date.now.bind(Date)
    jest.spyOn(Date, 'now').mockImplementation(() => now() + 60_000)
    await project.migrator(entities).upgrade()
    asked = []
  })
  afterEach(() => {
    jest.restoreAllMocks()
    return project.remove()
  })

  /** A new process: nothing was read, and reading the content of a file fails. */
  function migrator(): Migrator {
    const { queryRunner } = project.database
    return project.migrator(entities, {
      cacheDirectory: path.join(project.directory, 'cache'),
      readConnection: () =>
        Promise.resolve({
          dialect,
          name: 'app',
          query: (sql: string, parameters?: unknown[]) => {
            asked.push(sql)
            return queryRunner.query(sql, parameters) as Promise<object[]>
          },
          close: () => Promise.resolve(),
        }),
    })
  }

  /** Whether a command knew all it needed from the summary, so that it did not even parse the cache of the directory. */
  async function usesSummary(work: () => Promise<unknown>): Promise<boolean> {
    const spy = jest.spyOn(RevisionDirectories.prototype, 'read')
    try {
      await work()
      return spy.mock.calls.length === 0
    } finally {
      spy.mockRestore()
    }
  }

  test('current, upgrade and a start-up give what they give without it', async () => {
    const [current, upgraded, started] = [
      await migrator().current(),
      await migrator().upgrade('heads'),
      await migrator().initialize(),
    ]
    expect(current).toMatchObject({ pending: 0, upToDate: true, unknown: [] })
    expect(await usesSummary(async () => expect(await migrator().current()).toEqual(current))).toBe(true)
    expect(await usesSummary(async () => expect(await migrator().upgrade('heads')).toEqual(upgraded))).toBe(true)
    expect(await usesSummary(async () => expect(await migrator().upgrade()).toEqual(upgraded))).toBe(true)
    expect(await usesSummary(async () => expect(await migrator().initialize()).toEqual(started))).toBe(true)
    asked = []
    await migrator().current()
    expect(asked).toHaveLength(2)
  })

  test.each([
    ['a revision that is not applied', 'DELETE FROM "migrations"', { pending: 1, upToDate: false }],
    [
      'a revision without a file',
      `INSERT INTO "migrations" ("timestamp", "name") VALUES (1, 'Gone1')`,
      { pending: 0, unknown: ['Gone1'] },
    ],
    [
      'another revision in its place',
      `UPDATE "migrations" SET "name" = 'Gone1'`,
      { pending: 1, unknown: ['Gone1'], upToDate: false },
    ],
  ])('finds %s', async (_what, sql, expected) => {
    await migrator().current()
    await project.database.rows(sql)
    expect(await migrator().current()).toMatchObject(expected)
  })

  test('finds a new file, a changed one and one that is gone', async () => {
    await migrator().current()
    const before = await project.files()
    const [name = ''] = Object.keys(before)
    const content = before[name] ?? ''
    const second = content
      .replace(/class (\w+?)\d{13}/, 'class Second2000000000000')
      .replace(/revision = '\w+'/, `revision = 'cccccccccccc'`)
      .replace(/downRevision = null/, `downRevision = '${/revision = '(\w+)'/.exec(content)?.[1] ?? ''}'`)
    await project.write({ '2000000000000-second.ts': second })
    expect(await migrator().current()).toMatchObject({ pending: 1, heads: ['cccccccccccc'] })
    await rm(path.join(project.revisions, '2000000000000-second.ts'))
    expect(await migrator().current()).toMatchObject({ pending: 0 })

    const warnings: string[] = []
    await project.write({ [name]: content.replaceAll('CREATE TABLE', 'CREATE  TABLE') })
    await migrator().current()
    const edited = project.migrator(entities, {
      cacheDirectory: path.join(project.directory, 'cache'),
      onEvent: (event) => void (event.type === 'warning' && warnings.push(event.message)),
    })
    await edited.upgrade()
    expect(warnings).toEqual([expect.stringContaining('edited')])

    await rm(path.join(project.revisions, name))
    expect(await migrator().current()).toMatchObject({ pending: 0, heads: [], unknown: [expect.any(String)] })
  })

  test('finds a run that stopped half-way', async () => {
    await migrator().current()
    const [revision] = (await migrator().current()).current
    await project.database.rows(
      `INSERT INTO "aludel_journal" ("run_id", "revision", "name", "direction", "statement", "progress", "checksum", "started_at",
       "finished_at", "duration_ms", "actor", "tool_version", "outcome", "history")
       SELECT 'run', '${revision ?? ''}', "name", 'downgrade', 1, '{}', '', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 1, 'a@b', '1', 'failed',
       'migrations' FROM "migrations"`,
    )
    expect(await migrator().current()).toMatchObject({
      upToDate: false,
      halfway: [expect.objectContaining({ kind: 'halfway', revision })],
    })
    expect(await migrator().initialize()).toMatchObject({ action: 'none', upToDate: false })
  })
})
