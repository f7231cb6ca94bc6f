import path from 'node:path'

import { testRuns } from '../../../../tools/testing/runs.cjs'
import { foreignTasks, tasks } from '../adopt/foreign-tasks'
import { openProject, type TestProject } from '../migrator/project'
import { dialectNames } from '../run/databases'
import { ignoreTables } from '../support/ignore-tables'
import { randomOf, serverIsDone, TestProcess } from './process'

/** A process is started for each kill. */
jest.setTimeout(600_000)

const seed = Number(process.env['ALUDEL_SEED'] ?? '20261130')

describe.each(dialectNames)('a conversion that is killed, on %s', (dialect) => {
  let project: TestProject
  const rows = (sql: string) => project.database.rows(sql)
  const start = (statement: number): TestProcess => {
    const backups = path.join(project.directory, 'backups')
    const place = [dialect, project.database.address, project.revisions, backups]
    return new TestProcess('adopt-killed-process.ts', [...place, String(statement)])
  }
  const snapshot = async () => {
    const { dataSource, dialect: own } = project.database
    const schema = await own.introspection.read(dataSource, { ignoreTables })
    return { schema, tasks: await rows('SELECT * FROM tasks ORDER BY id') }
  }
  const make = async (): Promise<void> => {
    for (const sql of foreignTasks(dialect)) await rows(sql)
  }

  beforeEach(async () => {
    project = await openProject(dialect)
    await project.migrator([tasks(dialect)]).create('first', { revisionId: 'aaaaaaaaaaaa' })
    await make()
  })
  afterEach(() => project.remove())

  test('leaves the database as it was, or converted and recorded, and the next one does the rest', async () => {
    const before = await snapshot()
    const whole = await start(0).ended
    expect(whole).toMatchObject({ code: 0, errors: '' })
    const statements = Number(/statements (\d+)/.exec(whole.output)?.[1])
    expect(statements).toBeGreaterThan(15)
    const after = await snapshot()
    expect(after).not.toEqual(before)

    const random = randomOf(seed)
    // The last ones are the commit and what follows it.
    const points = [
      ...Array.from({ length: testRuns(3) }, () => 1 + random(statements - 4)),
      statements - 2,
      statements,
    ]
    for (const point of points) {
      await rows('DROP TABLE tasks')
      await rows('DELETE FROM migrations')
      if (dialect === 'postgres') await rows('DROP TYPE tasks_state_enum')
      await make()
      const { signal, errors } = await start(point).ended
      expect({ point, signal, errors }).toEqual({ point, signal: 'SIGKILL', errors: '' })
      await serverIsDone(project.database)
      const recorded = await rows('SELECT name FROM migrations')
      expect({ point, ...(await snapshot()) }).toEqual({ point, ...(recorded.length === 0 ? before : after) })
      if (recorded.length > 0) continue
      const migrator = project.migrator([tasks(dialect)], { lockTimeoutMs: 60_000 })
      expect((await migrator.adopt({ convert: true, backup: 'never' })).stamped).toEqual(['aaaaaaaaaaaa'])
      expect(await snapshot()).toEqual(after)
    }
  })
})
