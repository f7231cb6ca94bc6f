import type { DataSource } from 'typeorm'

import type { MigratorOptions } from '../../src/project/options'
import type { Finding } from '../../src/history/findings'
import { dialectNames } from '../run/databases'
import type { Direction } from '../../src/revision/revision'
import type { RunEvent } from '../../src/project/events'
import { rejection } from '../run/revisions'
import { entity, id, openProject, type TestProject, writeRevision } from './project'

describe.each(dialectNames)('findings of a halfway revision on %s', (dialect) => {
  const items = [entity('items', { id, n: { type: 'int', default: 0 } })]
  let project: TestProject
  /** All migrators of a test share its connection; each rereads the files. */
  let connected: DataSource
  /** The first revision is created once. */
  let written: Readonly<Record<string, string>> | undefined
  const open = (options: Partial<MigratorOptions> = {}) =>
    project.migrator(items, { dataSource: connected, ...options })

  beforeEach(async () => {
    project = await openProject(dialect)
    connected = await project.database.connect({ entities: items })
    if (written === undefined) {
      await open().create('first', { revisionId: 'aaaaaaaaaaaa' })
      written = await project.files()
    } else await project.write(written)
    await open().upgrade()
  })
  afterEach(() => project.remove())

  const write = (up: readonly string[], down: readonly string[] = [], mode?: string): Promise<void> =>
    writeRevision(project, 'more', up, mode === undefined ? { down } : { down, mode })
  const run = (sql: string): string => `await queryRunner.query(${JSON.stringify(sql)})`
  const make = (table: string): string => run(`CREATE TABLE "${table}" ("n" integer)`)
  const drop = (table: string): string => run(`DROP TABLE "${table}"`)
  const findings = async (): Promise<readonly Finding[] | undefined> =>
    (await open().current({ verbose: true })).findings
  const rows = (sql: string) => project.database.rows(sql)
  const listen = () => {
    const warnings: string[] = []
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'warning') warnings.push(event.message)
    }
    return { warnings, onEvent }
  }
  const planned = async (direction: Direction, target: string) => {
    const { warnings, onEvent } = listen()
    const { steps } = await open({ onEvent }).plan(direction, target)
    return { warnings, stopped: steps.map(({ stopped }) => stopped) }
  }

  test('report progress, error and the command to resume of an upgrade', async () => {
    await write([make('b'), make('c'), make('d')], [drop('d'), drop('c'), drop('b')])
    await rows('CREATE TABLE "c" ("n" integer)')
    expect(await rejection(open().upgrade())).toMatchObject({ code: 'ALUDEL_STATEMENT_HALFWAY' })
    const found = {
      kind: 'halfway',
      revision: 'bbbbbbbbbbbb',
      name: 'More1999999999999',
      path: expect.stringMatching(/1999999999999-more\.ts$/) as string,
      message: 'the upgrade of bbbbbbbbbbbb (more) stopped half-way: 1 statement is done and stays',
      mend: ['aludel migrate upgrade bbbbbbbbbbbb'],
      stopped: {
        direction: 'upgrade',
        statements: 1,
        inDoubt: false,
        by: 'test@host',
        at: expect.stringMatching(/Z$/) as string,
        error: expect.stringMatching(/failed at statement 2.*already exists/) as string,
      },
    }
    expect(await findings()).toMatchObject([found])
    const { database } = await open().check({ database: true })
    expect(database).toMatchObject({ clean: false, findings: [found] })
    expect((await open().repair({})).findings).toMatchObject([found])
    expect(await planned('upgrade', 'head')).toEqual({ warnings: [], stopped: [found.stopped] })
    expect(await planned('downgrade', 'base')).toEqual({
      warnings: [`${found.message}; this run does not resume it`],
      stopped: [undefined],
    })
    const { warnings, onEvent } = listen()
    await open({ onEvent }).downgrade('base', { confirm: () => Promise.resolve(true), backup: 'never' })
    // The warning appears once, for the plan that was confirmed.
    expect(warnings).toEqual([`${found.message}; this run does not resume it`])
    await open().upgrade('aaaaaaaaaaaa')
    await open({ onEvent }).downgrade('base', { backup: 'never' })
    expect(warnings).toHaveLength(2)
    await open().upgrade('aaaaaaaaaaaa')
    await rows('DROP TABLE "c"')
    await open().upgrade('bbbbbbbbbbbb')
    expect(await findings()).toEqual([])
  })

  test('name the command that resumes the downgrade of that revision alone', async () => {
    await write([make('b'), make('c'), make('d')], [drop('d'), drop('c'), drop('b')])
    await open().upgrade()
    await rows('DROP TABLE "c"')
    expect(await rejection(open().downgrade())).toMatchObject({ code: 'ALUDEL_STATEMENT_HALFWAY' })
    expect(await findings()).toMatchObject([
      {
        message: 'the downgrade of bbbbbbbbbbbb (more) stopped half-way: 1 statement is done and stays',
        mend: ['aludel migrate downgrade bbbbbbbbbbbb@-1'],
        stopped: { direction: 'downgrade', statements: 1 },
      },
    ])
    expect(await planned('downgrade', '-1')).toMatchObject({ warnings: [], stopped: [{ direction: 'downgrade' }] })
    await rows('CREATE TABLE "c" ("n" integer)')
    const { steps } = await open().downgrade('bbbbbbbbbbbb@-1')
    expect(steps).toMatchObject([{ revision: 'bbbbbbbbbbbb' }])
    expect(await findings()).toEqual([])
  })

  test('report finished batches even if no statement is finished', async () => {
    await rows('CREATE TABLE "t" ("id" integer NOT NULL PRIMARY KEY, "n" integer CHECK ("n" < 10))')
    await rows('INSERT INTO "t" ("id", "n") VALUES (1, 1), (2, 2), (3, 7)')
    await write([`await batched(queryRunner, { table: 't', key: 'id', size: 1, update: { n: '"n" + 5' } })`])
    expect(await rejection(open().upgrade())).toMatchObject({ code: 'ALUDEL_STATEMENT_HALFWAY' })
    expect(await findings()).toMatchObject([
      {
        message: 'the upgrade of bbbbbbbbbbbb (more) stopped half-way: batches of statement 1 are done and stay',
        stopped: { statements: 0 },
      },
    ])
    await rows('UPDATE "t" SET "n" = 0 WHERE "id" = 3')
    await open().upgrade()
    expect(await findings()).toEqual([])
  })

  test('omit a run that left nothing, and one that a stamp settled', async () => {
    await write([make('c'), make('d')])
    await rows('CREATE TABLE "c" ("n" integer)')
    expect(await rejection(open().upgrade())).toMatchObject({ code: 'ALUDEL_STATEMENT' })
    expect(await findings()).toEqual([])
    await write([make('b'), make('c')], [], '')
    expect(await rejection(open().upgrade())).toMatchObject({ code: 'ALUDEL_STATEMENT' })
    expect(await findings()).toEqual([])
    await write([make('b'), make('c')])
    expect(await rejection(open().upgrade())).toMatchObject({ code: 'ALUDEL_STATEMENT_HALFWAY' })
    expect(await findings()).toHaveLength(1)
    await open().stamp(['bbbbbbbbbbbb'], { force: true })
    expect(await findings()).toEqual([])
    await open().stamp(['aaaaaaaaaaaa'], { force: true })
    expect(await findings()).toEqual([])
  })
})
