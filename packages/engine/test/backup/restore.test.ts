import { first, openRestoreProject, type RestoreProject, restorable, second } from './restore-project'

describe.each(restorable)('restoreBackup on %s', (dialect) => {
  let project: RestoreProject
  beforeEach(async () => {
    project = await openRestoreProject(dialect)
  })
  afterEach(() => project.remove())

  test('brings back rows and schema as they were, and keeps the database that it replaces', async () => {
    const migrator = project.fresh()
    const { id, path } = await migrator.createBackup()
    await migrator.upgrade('head', { backup: 'never' })
    await migrator.close()
    await project.run(`INSERT INTO authors VALUES (4, 'Dan')`)

    const result = await project.fresh().restoreBackup(id)

    expect(result).toMatchObject({ restored: id, revision: [first], path, kind: 'database', removed: [] })
    expect(await project.authors()).toEqual(['Ada', 'Bob', 'Cyd'])
    expect(await project.tables()).toEqual(['aludel_journal', 'authors', 'books', 'migrations'])
    expect(await project.fresh().current()).toMatchObject({ current: [first], pending: 1 })
    expect(await project.fresh().upgrade()).toMatchObject({ to: [second] })
  })
})
