import { readFile } from 'node:fs/promises'
import path from 'node:path'

import type { Migrator } from '../../src/migrator'
import { entity, id, openProject, type TestProject, text } from '../migrator/project'
import { dialectNames } from '../run/databases'
import { rejection } from '../run/revisions'
import { idOf, writeRevisions } from './revision-files'

const [a, b, c] = [idOf('a'), idOf('b'), idOf('c')]

describe.each(dialectNames)('Migrator.describe on %s', (dialect) => {
  let project: TestProject
  let migrator: Migrator
  const reopen = (): void => {
    migrator = project.migrator([])
  }
  beforeEach(async () => {
    project = await openProject(dialect)
    reopen()
  })
  afterEach(() => project.remove())

  const users = {
    id: 'a',
    message: 'make users',
    branchLabels: ['people'],
    up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" text)'],
    undo: ['DROP TABLE "users"'],
  }
  const shorter = {
    id: 'b',
    message: 'forget names',
    down: ['a'],
    up: ['ALTER TABLE "users" DROP COLUMN "name"', 'DELETE FROM "users" WHERE "id" < 5'],
    undo: ['ALTER TABLE "users" ADD COLUMN "name" text'],
  }

  test('describes a pending revision from its file alone', async () => {
    await writeRevisions(project, users, shorter)
    const found = await migrator.describe('head')
    expect(found).toMatchObject({
      revision: b,
      down: [a],
      message: 'forget names',
      applied: false,
      isHead: true,
      isCurrent: false,
      file: `migrations/1763750000001-${b}.ts`,
      language: 'ts',
      transactional: true,
      does: ['drop column users.name', 'delete from users'],
      destroys: ['values of users.name', expect.stringContaining('users')],
      unknown: [],
      needs: [],
      locks: dialect === 'postgres' ? ['ACCESS EXCLUSIVE users'] : [],
      sql: { [dialect]: { up: shorter.up, down: shorter.undo } },
      runs: [],
      findings: [],
    })
    expect(found).not.toHaveProperty('unread')
    expect(found.source).toBe(await readFile(found.path, 'utf8'))
    expect(Object.keys(found.sql)).toEqual([dialect])
  })

  test('describes what create has written, with its needs, as the plan does', async () => {
    await project.migrator([entity('users', { id, name: text(20, { nullable: true }) })]).create('make users')
    const shrunk = project.migrator([entity('users', { id, name: text(5) })])
    await shrunk.upgrade()
    await shrunk.create('require shorter names', { confirm: () => Promise.resolve(true) })
    const found = await shrunk.describe('head')
    const [step] = (await shrunk.plan('upgrade')).steps
    if (step === undefined) throw new Error('nothing is pending')
    const { does, destroys, unknown, needs, locks, rewrites, sql, transactional } = step
    expect(found).toMatchObject({ destroys, unknown, needs, locks, rewrites, transactional })
    expect(found.sql[dialect]?.up).toEqual(sql)
    expect(found.does).toEqual(does)
    expect(found.needs).not.toEqual([])
  })

  test('lists its runs, and when and by whom it was applied', async () => {
    await writeRevisions(project, users, shorter)
    await migrator.upgrade()
    await migrator.downgrade('-1')
    await migrator.upgrade()
    const found = await migrator.describe('current')
    expect(found).toMatchObject({ revision: b, applied: true, isCurrent: true, appliedBy: 'test@host' })
    expect(found.runs.map(({ direction, outcome }) => `${direction} ${outcome}`)).toEqual([
      'upgrade done',
      'downgrade done',
      'upgrade done',
    ])
    expect(found.appliedAt).toBe(found.runs[0]?.finishedAt)
    expect((await migrator.describe('a')).runs).toHaveLength(1)
  })

  test('reports only what is wrong with this revision', async () => {
    await writeRevisions(project, users, shorter)
    await migrator.upgrade()
    const file = path.join(project.revisions, `1763750000001-${b}.ts`)
    await project.write({ [path.basename(file)]: (await readFile(file, 'utf8')).replace('< 5', '< 6') })
    reopen()
    expect((await migrator.describe('b')).findings).toMatchObject([{ kind: 'edited', revision: b }])
    expect((await migrator.describe('a')).findings).toEqual([])
  })

  test('reports how far a run came that stopped', async () => {
    await writeRevisions(project, users, {
      ...{ id: 'b', message: 'half', down: ['a'], transaction: false },
      up: ['CREATE TABLE "one" ("n" integer)', 'SELECT nothing FROM nowhere_at_all'],
    })
    await rejection(migrator.upgrade())
    const found = await migrator.describe('b')
    expect(found).toMatchObject({ applied: false, halfway: 'upgrade', transactional: false })
    expect(found.findings).toMatchObject([{ kind: 'halfway', stopped: { statements: 1 } }])
    expect(found.runs[0]?.error).toContain('nowhere_at_all')
    expect((await migrator.describe('a')).halfway).toBeUndefined()
  })

  test('runs no code of the file, and says why statements are not known', async () => {
    const revision = (order: string): string => `import type { MigrationInterface, QueryRunner } from 'typeorm'

throw new Error('this file was executed')

export class Odd${order} implements MigrationInterface {
  static readonly revision = '${c}'
  static readonly downRevision = null
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE "t" ("n" integer)')
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('t')
  }
}
`
    const name = '1763750000000-odd.ts'
    await project.write({ [name]: revision('1763750000000') })
    const found = await migrator.describe('c')
    expect(found.sql).toEqual({ [dialect]: { up: ['CREATE TABLE "t" ("n" integer)'], down: [] } })
    expect(found.unread).toEqual([
      { dialect, direction: 'downgrade', reason: expect.stringContaining('queryRunner.dropTable') as string },
    ])
    expect(found.does).toEqual(['create table t'])

    await project.write({
      [name]: revision('1763750000000').replace('query(\'CREATE TABLE "t" ("n" integer)\'', "getTable('t'"),
    })
    reopen()
    const unread = await migrator.describe('c')
    expect(unread.sql).toEqual({})
    expect(unread.unread).toHaveLength(2)
    expect(unread).toMatchObject({ does: ['run code'], destroys: [expect.stringContaining('whatever it does')] })
    expect(unread.unknown).toHaveLength(1)
  })

  test('has the statements of each dialect of the project', async () => {
    await project.write({
      '1763750000000-two.ts': `import type { MigrationInterface, QueryRunner } from 'typeorm'
export class Two1763750000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    if (queryRunner.connection.options.type === 'postgres') await queryRunner.query('CREATE TABLE "p" ("n" integer)')
    else await queryRunner.query('CREATE TABLE "s" ("n" integer)')
  }
  async down(): Promise<void> {}
}
`,
    })
    const both = project.migrator([], { dialects: ['sqlite', 'postgres'] })
    const { sql, does } = await both.describe('head')
    expect(sql).toEqual({
      sqlite: { up: ['CREATE TABLE "s" ("n" integer)'], down: [] },
      postgres: { up: ['CREATE TABLE "p" ("n" integer)'], down: [] },
    })
    expect(does).toEqual([dialect === 'sqlite' ? 'create table s' : 'create table p'])
  })

  test('finds a revision that a squash replaces', async () => {
    await writeRevisions(project, users, shorter)
    await migrator.upgrade()
    const { created } = await migrator.squash('base:head')
    reopen()
    const squash = await migrator.describe('head')
    expect(squash).toMatchObject({ revision: created?.revision, replaces: [a, b] })
    const replaced = await migrator.describe(a)
    expect(replaced).toMatchObject({ revision: a, message: 'make users', isHead: false })
    expect(replaced.runs).toHaveLength(1)
  })

  test('refuses what is not one revision', async () => {
    await writeRevisions(project, users, { ...users, id: 'b', branchLabels: [], up: [] })
    expect(await rejection(migrator.describe('heads'))).toMatchObject({ code: 'ALUDEL_AMBIGUOUS_REVISION' })
    expect(await rejection(migrator.describe('base'))).toMatchObject({ code: 'ALUDEL_UNKNOWN_REVISION' })
    expect(await rejection(migrator.describe('zz'))).toMatchObject({ code: 'ALUDEL_UNKNOWN_REVISION' })
    expect(await rejection(migrator.describe('../a'))).toMatchObject({ kind: 'usage' })
    expect((await migrator.describe('people')).revision).toBe(a)
  })
})
