import { AludelError } from '../../src/errors'
import type { MigratorOptions } from '../../src/project/options'
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
