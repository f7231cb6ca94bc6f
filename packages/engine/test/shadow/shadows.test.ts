import { MigratorContext } from '../../src/project/context'
import { Shadows } from '../../src/shadow/shadows'
import { openProject } from '../migrator/project'
import { dialectNames, openDatabase, type TestDatabase } from '../run/databases'

test('all who ask at the same time get the same shadow servers, which are closed together', async () => {
  const project = await openProject('postgres')
  const context = new MigratorContext({ dataSource: project.dataSource([]), revisions: project.revisions })
  try {
    const [first, second] = await Promise.all([context.shadows(), context.shadows()])
    expect(second).toBe(first)
  } finally {
    await context.close()
    await project.remove()
  }
})

describe.each(dialectNames)('shadow servers of %s', (name) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase(name)
  })
  afterEach(() => database.drop())

  test('are closed with the databases that are being opened', async () => {
    const { dialect, dataSource } = database
    const shadows = new Shadows({ template: dataSource, urls: {} })
    await shadows.server(dialect)
    const opening = shadows.open(dialect)
    // Whoever has asked for it has ended meanwhile.
    await Promise.resolve()
    await shadows.close()
    expect((await opening).dataSource.isInitialized).toBe(false)
  })
})
