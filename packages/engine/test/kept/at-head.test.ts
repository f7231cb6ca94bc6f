import { initializeDatabase } from '../../src/initialize-database'
import { dialectNames } from '../run/databases'
import { idOf, type KeptProject, openKept, type TestRevision } from './project'

const revisions: readonly TestRevision[] = [
  { up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "note" text)'], down: [] },
  { up: ['ALTER TABLE "users" DROP COLUMN "note"'], down: ['ALTER TABLE "users" ADD COLUMN "note" text'] },
]

/** Most runs of a deployment find nothing to do, and they are short. */
describe.each(dialectNames)('an upgrade at head on %s', (dialect) => {
  let project: KeptProject
  let now = new Date(Date.UTC(2026, 0, 1))
  beforeEach(async () => {
    now = new Date(Date.UTC(2026, 0, 1))
    project = await openKept(dialect)
  })
  afterEach(() => project.remove())

  /** Each migrator begins as a new process does. */
  const migrator = (keepDropped: boolean | { readonly for: string } = { for: '30d' }) =>
    project.of(revisions, { clock: () => now, keepDropped })
  const past = expect.stringContaining('1 thing that was kept is past its time') as string

  async function keepNote(): Promise<void> {
    await (await migrator()).upgrade(idOf('a'))
    await project.run(`INSERT INTO users VALUES (1, 'x')`)
    await (await migrator()).upgrade('head', { backup: 'never' })
  }

  test('warns of what is past its time, each time', async () => {
    await keepNote()
    await (await migrator()).upgrade()
    expect(project.warnings).toEqual([])
    now = new Date(Date.UTC(2026, 1, 15))
    for (const target of ['head', 'head', 'heads', idOf('b')]) {
      await (await migrator()).upgrade(target)
      expect(project.warnings.splice(0)).toEqual([past])
    }
    await (await migrator(true)).upgrade()
    expect(project.warnings).toEqual([])
  })

  test('warns at the start of an application', async () => {
    await keepNote()
    now = new Date(Date.UTC(2026, 1, 15))
    for (let start = 0; start < 2; start += 1) {
      const dataSource = project.dataSource([])
      const { action, warnings } = await initializeDatabase({
        dataSource,
        revisions: project.revisions,
        root: project.directory,
        keepDropped: { for: '30d' },
        clock: () => now,
      })
      await dataSource.destroy()
      expect({ action, warnings }).toEqual({ action: 'none', warnings: [past] })
    }
  })

  test('asks the database no more than before, if nothing is kept', async () => {
    await (await migrator(false)).upgrade()
    const counts: number[] = []
    for (const keepDropped of [false, { for: '30d' }]) {
      const queries: string[] = []
      const start = async (): Promise<void> => {
        const dataSource = project.dataSource([], {
          logging: ['query'],
          logger: {
            logQuery: (query: string) => void queries.push(query),
            logQueryError: () => undefined,
            logQuerySlow: () => undefined,
            logSchemaBuild: () => undefined,
            logMigration: () => undefined,
            log: () => undefined,
          },
        })
        await dataSource.initialize()
        queries.length = 0
        await initializeDatabase({ dataSource, revisions: project.revisions, root: project.directory, keepDropped })
        await dataSource.destroy()
      }
      // The first start reads the files, the second one their summary.
      await start()
      await start()
      counts.push(queries.length)
    }
    expect(counts).toEqual([2, 2])
  })
})
