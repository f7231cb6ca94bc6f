import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { EntitySchema } from 'typeorm'

import type { RunEvent } from '../../src/project/events'
import { loadProject } from '../../src/project/project'
import { dialectNames } from '../run/databases'
import { openProject, type TestProject } from '../migrator/project'
import { byHand } from '../migrator/by-hand'

describe.each(dialectNames)('a project on %s whose entity files throw', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  test('is answered by current, history, heads and show, which load no entity', async () => {
    const revision = await byHand(project, 'first', ['CREATE TABLE t (id integer)'], ['DROP TABLE t'])
    await project.migrator([]).upgrade()
    const folder = path.join(project.directory, 'entities')
    await mkdir(folder)
    await writeFile(path.join(folder, 'broken.js'), `throw new Error('the entity was loaded')\n`)
    const entities = [path.join(folder, '*.js')]
    const events: RunEvent[] = []
    const broken = () =>
      project.migrator([], {
        dataSource: project.dataSource([], { entities } as never),
        onEvent: (event) => events.push(event),
      })

    await expect(broken().upgrade()).rejects.toThrow('the entity was loaded')
    expect(await broken().current()).toMatchObject({ current: [revision], pending: 0, upToDate: true })
    expect(await broken().current({ verbose: true })).toMatchObject({ current: [revision], findings: [] })
    expect(await broken().history({ indicateCurrent: true })).toMatchObject({
      revisions: [{ revision, applied: true, isCurrent: true }],
    })
    expect(await broken().history()).toMatchObject({ revisions: [{ revision, applied: null }] })
    expect(await broken().heads()).toMatchObject({ heads: [{ revision }] })
    expect(await broken().show('head')).toMatchObject({ revisions: [{ revision }] })
    expect(events).toEqual([])
  })

  test('is answered by commands that load no entity, when the project is found as the command line finds it', async () => {
    await byHand(project, 'first', ['CREATE TABLE t (id integer)'], ['DROP TABLE t'])
    await project.migrator([]).upgrade()
    await mkdir(path.join(project.directory, 'entities'))
    await writeFile(path.join(project.directory, 'entities', 'broken.js'), `throw new Error('the entity was loaded')\n`)
    await writeFile(path.join(project.directory, 'data-source.js'), '')
    const given = project.dataSource([], { entities: ['entities/*.js'] } as never)
    const { dataSource } = await loadProject({
      cwd: project.directory,
      env: {},
      dataSource: 'data-source.js',
      revisions: [project.revisions],
      loadModule: async (file) =>
        file.endsWith('data-source.js') ? { given } : ((await import(file)) as Record<string, unknown>),
    })
    const migrator = project.migrator([], { dataSource: () => dataSource() })
    expect(await migrator.current({ verbose: true })).toMatchObject({ upToDate: true })
    expect(await migrator.history({ indicateCurrent: true })).toMatchObject({ revisions: [{ isCurrent: true }] })
    expect(await migrator.info()).toMatchObject({ upToDate: true })
    expect(await migrator.unlock({})).toMatchObject({ removed: false })
    await expect(migrator.check()).rejects.toMatchObject({
      code: 'ALUDEL_ENTITIES',
      message: expect.stringContaining('the entity was loaded') as string,
    })
  })

  test('reports a database that cannot be reached as without entity files', async () => {
    const entities = [path.join(project.directory, 'none', '*.js')]
    const place = dialect === 'sqlite' ? { database: project.directory } : { url: 'postgres://u@127.0.0.1:1/none' }
    const migrator = project.migrator([], { dataSource: project.dataSource([], { entities, ...place } as never) })
    await expect(migrator.current()).rejects.toMatchObject({
      code: dialect === 'sqlite' ? expect.stringMatching(/^ALUDEL_/) : 'ALUDEL_CONNECT',
    })
  })
})

test('current, history -i, db info and unlock create no extension that an entity needs', async () => {
  const project = await openProject('postgres')
  try {
    const columns = { id: { type: 'uuid', primary: true, generated: 'uuid' } } as const
    const entities = [new EntitySchema({ name: 'things', columns })]
    const dataSource = project.dataSource(entities, { uuidExtension: 'uuid-ossp' } as never)
    const migrator = project.migrator([], { dataSource })
    await migrator.current()
    await migrator.history({ indicateCurrent: true })
    await migrator.info()
    await migrator.unlock({})
    const extensions = () => project.database.rows(`SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'`)
    expect(await extensions()).toEqual([])
    await migrator.upgrade()
    expect(await extensions()).toEqual([{ extname: 'uuid-ossp' }])
  } finally {
    await project.remove()
  }
})
