import { dialectNames } from '../run/databases'
import { openProject, type TestProject } from '../migrator/project'
import { allRows, loadMade, madeByTools } from './made-by-tools'

describe.each(dialectNames)('a %s database', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  test.each(madeByTools(dialect))('that %s made is adopted', async (name) => {
    await loadMade(project.database, name)
    const before = await allRows(project.database)
    const began = Date.now()
    const { tool, others, stamped, created, ignore } = await project.migrator([]).adopt()
    const took = Date.now() - began
    process.stderr.write(`${name} ${dialect} ${took} ms ${JSON.stringify({ tool, others, ignore })}\n`)
    expect(stamped).toEqual([created?.revision])
    expect(await allRows(project.database)).toEqual(before)
    const { database } = await project.migrator([]).check({ database: true })
    expect(database).toMatchObject({ clean: true, pending: 0 })
  })
})
