import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { RunEvent } from '../../src/project/events'
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

  test('reports a database that cannot be reached as without entity files', async () => {
    const entities = [path.join(project.directory, 'none', '*.js')]
    const place = dialect === 'sqlite' ? { database: project.directory } : { url: 'postgres://u@127.0.0.1:1/none' }
    const migrator = project.migrator([], { dataSource: project.dataSource([], { entities, ...place } as never) })
    await expect(migrator.current()).rejects.toMatchObject({
      code: dialect === 'sqlite' ? expect.stringMatching(/^ALUDEL_/) : 'ALUDEL_CONNECT',
    })
  })
})
