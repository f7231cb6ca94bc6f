import type { RunEvent } from '../../src/project/events'
import { dialectNames } from '../run/databases'
import { rejection } from '../run/revisions'
import { entity, id, openProject, type TestProject, writeRevision } from './project'

describe.each(dialectNames)('batched in a revision file on %s', (dialect) => {
  const n = { type: 'int', default: 0 } as const
  const items = [entity('items', { id, n })]
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
    await project.migrator(items).create('first', { revisionId: 'aaaaaaaaaaaa' })
  })
  afterEach(() => project.remove())

  const write = (name: string, up: string, mode?: string): Promise<void> =>
    writeRevision(project, name, [up], mode === undefined ? {} : { mode })
  const placeholder = dialect === 'sqlite' ? '?' : '$1'
  const call = `await batched(queryRunner, {
      table: 'items', key: 'id', where: '"n" < ${placeholder}', parameters: [5], size: 2, update: { n: '"n" + 5' },
    })`
  const script = '/* one statement instead of batches of 2 by id */ UPDATE "items" SET "n" = "n" + 5 WHERE "n" < 5'
  const fill = async (): Promise<void> => {
    await project.database.rows('INSERT INTO "items" ("id", "n") VALUES (1, 1), (2, 2), (3, 7)')
  }
  const values = async (): Promise<unknown[]> =>
    (await project.database.rows('SELECT "n" FROM "items" ORDER BY "n"')).map((row) => row['n'])

  test('becomes one statement in a plan and a script, with the same effect', async () => {
    await write('backfill', call)
    await project.migrator(items).upgrade('aaaaaaaaaaaa')
    await fill()
    const plan = await project.migrator(items).plan('upgrade', 'head')
    expect(plan.steps).toMatchObject([{ sql: [script], destroys: ['old values of items.n'], transactional: false }])
    const { statements } = await project.migrator(items).sql('upgrade', 'head')
    expect(statements).toContain(`${script};`)
    await project.database.rows(script)
    expect(await values()).toEqual([6, 7, 7])
    const events: RunEvent[] = []
    await project.migrator(items, { onEvent: (event) => events.push(event) }).upgrade()
    expect(await values()).toEqual([6, 7, 7])
    expect(events.filter((event) => event.type === 'batch')).toMatchObject([{ name: 'items', done: 0, total: 0 }])
  })

  test('becomes one statement in a script even if the revision queries the database', async () => {
    await write(
      'backfill',
      `const rows = await queryRunner.query('SELECT 1 AS "n"')\n    if (rows.length === 1) ${call}`,
    )
    await project.migrator(items).upgrade('aaaaaaaaaaaa')
    expect((await project.migrator(items).sql('upgrade', 'head')).statements).toContain(`${script};`)
  })

  test('is left open in a plan and refused in a script if its update is a function', async () => {
    await write(
      'backfill',
      `await batched(queryRunner, {
      table: 'items', key: 'id', update: ({ rows, query }) => query('DELETE FROM "items" WHERE ' + rows).then(() => undefined),
    })`,
    )
    await project.migrator(items).upgrade('aaaaaaaaaaaa')
    await fill()
    expect((await project.migrator(items).plan('upgrade', 'head')).steps).toMatchObject([
      {
        sql: [],
        destroys: [expect.stringMatching(/^whatever it does: its statements are known only when it runs .*/)],
      },
    ])
    expect(await rejection(project.migrator(items).sql('upgrade', 'head'))).toMatchObject({
      code: 'ALUDEL_OFFLINE',
      message: expect.stringMatching(/the revision uses batched with a function, which a script cannot do/),
    })
    await project.migrator(items).upgrade('head', { backup: 'never' })
    expect(await values()).toEqual([])
  })

  test('hides its table of cursors from check and verify', async () => {
    await write('backfill', call)
    await project.migrator(items).upgrade()
    expect(await project.database.rows('SELECT * FROM "aludel_batches"')).toEqual([])
    expect(await project.migrator(items).check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })
    expect(await project.migrator(items).verify()).toMatchObject({ revisions: [{ up: 'ok' }, { up: 'ok' }] })
  })

  test('is refused without `transaction = false`, and the error shows that line', async () => {
    await write('backfill', call, '')
    await project.migrator(items).upgrade('aaaaaaaaaaaa')
    await fill()
    expect(await rejection(project.migrator(items).upgrade())).toMatchObject({
      code: 'ALUDEL_TRANSACTION_MODE',
      help: expect.stringMatching(/readonly transaction = false/),
    })
    expect(await values()).toEqual([1, 2, 7])
  })
})
