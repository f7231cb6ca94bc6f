import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { hasPgTools } from '../../../../tools/testing/pg-tools'
import type { RunEvent } from '../../src/project/events'
import { dialectNames } from '../run/databases'
import { migration } from './plain-migration'
import { entity, id, openProject, type TestProject, text } from './project'

const observable = dialectNames.filter((name) => name === 'sqlite' || hasPgTools)
// On an older server of PostgreSQL alone, there may be no pg_dump for it.
const onObservable = observable.length === 0 ? describe.skip.each(dialectNames) : describe.each(observable)

onObservable('verify with an observer on %s', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  test('reports nothing for revisions that restore everything and give what the entities describe', async () => {
    const users = entity('users', {
      id,
      name: text(50, { default: 'x', unique: true }),
      age: { type: 'int', nullable: true },
    })
    const migrator = project.migrator([users])
    await migrator.create('users')
    expect(await migrator.verify(undefined, { observe: true })).toEqual({
      revisions: [expect.objectContaining({ up: 'ok', down: 'ok', message: '', rows: 'none', observed: true })],
      entities: [{ dialect, differences: [] }],
    })
  })

  test('reports an object of the entities that no revision creates, and one that no entity describes', async () => {
    await project.write(
      migration(
        'Users1700000000001',
        ['CREATE TABLE "users" ("id" integer PRIMARY KEY NOT NULL, "old" integer)'],
        ['DROP TABLE "users"'],
      ),
    )
    const users = entity('users', { id, name: text(50) })
    const { revisions, entities } = await project.migrator([users]).verify(undefined, { observe: true })
    expect(revisions).toEqual([expect.objectContaining({ up: 'ok', down: 'ok' })])
    expect(entities?.[0]?.differences).toEqual([
      expect.stringMatching(/^missing: column .*users.* name/i),
      expect.stringMatching(/^extra: column .*users.* old.* integer$/i),
    ])
  })

  test('accepts a name that no entity gives, and an unmanaged object', async () => {
    await project.write(
      migration(
        'Users1700000000001',
        [
          'CREATE TABLE "users" ("id" integer NOT NULL, "name" varchar(50) NOT NULL, CONSTRAINT "old_pk" PRIMARY KEY ("id"), CONSTRAINT "old_name" UNIQUE ("name"))',
          'CREATE INDEX "ix_by_hand" ON "users" ("name")',
          'CREATE TABLE "other" ("id" integer NOT NULL)',
        ],
        ['DROP TABLE "other"', 'DROP TABLE "users"'],
      ),
    )
    const users = entity('users', { id, name: text(50, { unique: true }) })
    const options = { unmanaged: ['index:users.ix_by_hand', 'table:other'] }
    const { entities } = await project.migrator([users], options).verify(undefined, { observe: true })
    expect(entities).toEqual([{ dialect, differences: [] }])
    const strict = await project.migrator([users]).verify(undefined, { observe: true })
    expect(strict.entities?.[0]?.differences).toHaveLength(3)
  })

  test('compares the entities only where the range ends with the last revision', async () => {
    await project.write({
      ...migration(
        'One1700000000001',
        ['CREATE TABLE "users" ("id" integer PRIMARY KEY NOT NULL)'],
        ['DROP TABLE "users"'],
      ),
      ...migration('Two1700000000002', ['CREATE TABLE "other" ("id" integer)'], ['DROP TABLE "other"']),
    })
    const migrator = project.migrator([entity('users', { id })])
    const [first] = (await migrator.verify()).revisions
    const range = `${String(first?.revision)}:${String(first?.revision)}`
    expect(await migrator.verify(range, { observe: true })).toMatchObject({ revisions: [{ down: 'ok' }], entities: [] })
  })

  test('says nothing of an observer, and of entities, where none was asked for', async () => {
    await project.write(migration('One1700000000001', ['CREATE TABLE "t" ("id" integer)'], ['DROP TABLE "t"']))
    const result = await project.migrator([]).verify()
    expect(Object.keys(result)).toEqual(['revisions'])
    expect(Object.keys(result.revisions[0] ?? {})).not.toContain('observed')
  })
})

const onSqlite = dialectNames.includes('sqlite') ? describe : describe.skip
onSqlite('verify with sqlite_master', () => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject('sqlite')
  })
  afterEach(() => project.remove())

  const rebuild = (definition: string): string[] => [
    `CREATE TABLE "new_t" ${definition}`,
    'INSERT INTO "new_t" ("id", "name") SELECT "id", "name" FROM "t"',
    'DROP TABLE "t"',
    'ALTER TABLE "new_t" RENAME TO "t"',
  ]
  const first = (definition: string): Record<string, string> =>
    migration('Table1700000000001', [`CREATE TABLE "t" ${definition}`], ['DROP TABLE "t"'])

  test('finds a conflict clause that a down forgets, and the introspection does not model', async () => {
    await project.write({
      ...first('("id" integer PRIMARY KEY NOT NULL, "name" text NOT NULL ON CONFLICT IGNORE)'),
      ...migration(
        'Next1700000000002',
        ['ALTER TABLE "t" ADD COLUMN "more" integer'],
        rebuild('("id" integer PRIMARY KEY NOT NULL, "name" text NOT NULL)'),
      ),
    })
    const plain = await project.migrator([]).verify()
    expect(plain.revisions.map(({ down }) => down)).toEqual(['ok', 'ok'])
    const { revisions } = await project.migrator([]).verify(undefined, { observe: true })
    expect(revisions[1]).toMatchObject({
      down: 'differs',
      message:
        'after down, the schema is not the one before up: missing: column t . name: text not null on conflict ignore (sqlite_master); extra: column t . name: text not null',
    })
  })

  test('accepts another spelling of the same table', async () => {
    await project.write({
      ...first(`(id INTEGER primary key not null, name text default ('x') unique references t(id) on delete set null)`),
      ...migration(
        'Next1700000000002',
        ['ALTER TABLE "t" ADD COLUMN "more" integer'],
        rebuild(
          `("name" text DEFAULT 'x' NULL, "id" integer NOT NULL, UNIQUE ("name"), FOREIGN KEY ("name") REFERENCES "t" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, PRIMARY KEY ("id"))`,
        ),
      ),
    })
    const { revisions } = await project.migrator([]).verify(undefined, { observe: true })
    expect(revisions.map(({ down, message }) => [down, message])).toEqual([
      ['ok', ''],
      ['ok', ''],
    ])
  })
})

const anyPostgres = dialectNames.includes('postgres') ? test : test.skip
anyPostgres('verify without a fitting pg_dump warns, and verifies without the observer', async () => {
  const project = await openProject('postgres')
  const empty = await mkdtemp(path.join(tmpdir(), 'aludel-tools-'))
  try {
    await project.write(migration('One1700000000001', ['CREATE TABLE "t" ("id" integer)'], ['DROP TABLE "t"']))
    const events: RunEvent[] = []
    const migrator = project.migrator([], { backups: { tools: empty }, onEvent: (event) => events.push(event) })
    expect(await migrator.verify(undefined, { observe: true })).toEqual({
      revisions: [expect.objectContaining({ up: 'ok', down: 'ok', observed: false })],
      entities: [],
    })
    expect(events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))).toEqual([
      expect.stringMatching(
        /^postgres is verified without the observer: there is no pg_dump in .* name their folder with backup\.tools$/,
      ),
    ])
  } finally {
    await project.remove()
    await rm(empty, { recursive: true })
  }
})
