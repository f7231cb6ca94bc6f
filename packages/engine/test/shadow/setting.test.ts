import { openProject, type TestProject } from '../migrator/project'
import { writeRevisions } from '../inspect/revision-files'

describe('what is kept of a replay', () => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject('postgres')
  })
  afterEach(() => project.remove())

  test('is not used with another schema of the DataSource', async () => {
    await writeRevisions(project, { id: 'a', message: 'add notes', up: ['CREATE TABLE "app"."notes" ("id" integer)'] })
    const inApp = project.migrator([], { dataSource: project.dataSource([], { schema: 'app' } as never) })
    expect((await inApp.schema({ at: 'head' })).tables).toHaveLength(1)
    // The history of this one is elsewhere, so nothing creates the schema "app".
    await expect(project.migrator([]).schema({ at: 'head' })).rejects.toMatchObject({ code: 'ALUDEL_REPLAY' })
  })
})
