import type { Migrator } from '../../src/migrator'
import type { SchemaDocument } from '../../src/results'
import { openProject, type TestProject } from '../migrator/project'
import { dialectNames } from '../run/databases'
import { rejection } from '../run/revisions'
import { idOf, writeRevisions, type WrittenRevision } from './revision-files'

const isServer = { sqlite: false, postgres: true }

describe.each(dialectNames)('Migrator.schema on %s', (dialect) => {
  let project: TestProject
  let migrator: Migrator
  beforeEach(async () => {
    project = await openProject(dialect)
    migrator = project.migrator([])
  })
  afterEach(() => project.remove())

  const onServer = isServer[dialect]
  const key = onServer ? '"id" integer GENERATED ALWAYS AS IDENTITY' : '"id" integer PRIMARY KEY AUTOINCREMENT'
  const revisions: readonly WrittenRevision[] = [
    {
      id: 'a',
      message: 'make teams and users',
      up: [
        `CREATE TABLE "teams" (${key}, "name" varchar(20) NOT NULL DEFAULT 'x', "upper" text GENERATED ALWAYS AS (upper("name")) STORED` +
          `${onServer ? ', CONSTRAINT "pk_teams" PRIMARY KEY ("id")' : ''}, CONSTRAINT "uq_name" UNIQUE ("name"))`,
        'CREATE TABLE "users" ("a" integer NOT NULL, "b" integer NOT NULL, "team_id" integer, "age" integer, ' +
          'CONSTRAINT "pk_users" PRIMARY KEY ("a", "b"), CONSTRAINT "ck_age" CHECK ("age" > 0), ' +
          'CONSTRAINT "fk_team" FOREIGN KEY ("team_id") REFERENCES "teams" ("id") ON DELETE CASCADE)',
        'CREATE INDEX "ix_users" ON "users" ("age" DESC, lower("a"' + `${onServer ? '::text' : ''})) WHERE "age" > 5`,
        'CREATE VIEW "adults" AS SELECT "a" FROM "users" WHERE "age" > 17',
        ...(onServer
          ? [
              `CREATE TYPE "mood" AS ENUM ('glad', 'sad')`,
              'CREATE SEQUENCE "numbers"',
              'CREATE SCHEMA "app"',
              'CREATE TABLE "app"."notes" ("id" serial, "mood" "mood", "at" tstzrange, EXCLUDE USING gist ("at" WITH &&))',
              `COMMENT ON TABLE "app"."notes" IS 'What people feel'`,
              `COMMENT ON COLUMN "app"."notes"."mood" IS 'today'`,
            ]
          : []),
      ],
    },
    { id: 'b', message: 'forget ages', down: ['a'], up: ['ALTER TABLE "teams" ADD COLUMN "size" integer'] },
  ]

  test('describes the objects of the database', async () => {
    await writeRevisions(project, ...revisions)
    await migrator.upgrade('a')
    await project.database.rows(`INSERT INTO "teams" ("name") VALUES ('one'), ('two')`)
    await project.database.rows('ANALYZE')
    const found = await migrator.schema()
    expect(found).toMatchObject({ at: 'live', dialect })
    expect(found.tables.map(({ name }) => name)).toEqual([...(onServer ? ['app.notes'] : []), 'teams', 'users'])
    const [teams, users] = found.tables.slice(-2)
    expect(teams).toEqual({
      name: 'teams',
      columns: [
        {
          ...{ name: 'id', type: 'integer', nullable: false },
          identity: onServer ? 'always' : 'autoincrement',
        },
        {
          ...{ name: 'name', type: onServer ? 'character varying(20)' : 'varchar(20)', nullable: false },
          default: onServer ? `'x'::character varying` : `'x'`,
        },
        { name: 'upper', type: 'text', nullable: true, generated: expect.stringMatching(/upper/) as string },
      ],
      primaryKey: { name: onServer ? 'pk_teams' : null, columns: ['id'] },
      foreignKeys: [],
      uniques: [{ name: 'uq_name', columns: ['name'] }],
      checks: [],
      indexes: [],
      rows: 2,
      bytes: expect.any(Number) as number,
    })
    expect(users).toMatchObject({
      primaryKey: { name: 'pk_users', columns: ['a', 'b'] },
      foreignKeys: [{ name: 'fk_team', columns: ['team_id'], table: 'teams', references: ['id'], onDelete: 'CASCADE' }],
      checks: [{ name: 'ck_age', expression: expect.stringContaining('age') as string }],
      indexes: [
        {
          name: 'ix_users',
          columns: [expect.stringMatching(/^age DESC/) as string, expect.stringContaining('lower(') as string],
          unique: false,
          where: expect.stringContaining('5') as string,
        },
      ],
    })
    expect(users?.foreignKeys[0]).not.toHaveProperty('onUpdate')
    expect(found.views).toEqual([{ name: 'adults', sql: expect.stringContaining('17') as string, materialized: false }])
    expect(found.enums).toEqual(onServer ? [{ name: 'mood', values: ['glad', 'sad'] }] : [])
    expect(found.sequences).toEqual(onServer ? [{ name: 'numbers' }] : [])
    if (!onServer) return
    expect(found.tables[0]).toMatchObject({
      comment: 'What people feel',
      columns: [
        { name: 'id', default: `nextval('app.notes_id_seq')`, nullable: false },
        { name: 'mood', type: '"mood"', comment: 'today' },
        { name: 'at', type: 'tstzrange' },
      ],
      exclusions: [{ name: 'notes_at_excl', definition: expect.stringContaining('gist') as string }],
    })
  })

  test('describes only the tables and views that are named', async () => {
    await writeRevisions(project, ...revisions)
    await migrator.upgrade()
    const named = await migrator.schema({ tables: ['adults', 'users'] })
    expect(named.tables.map(({ name }) => name)).toEqual(['users'])
    expect(named.tables[0]?.bytes).not.toBeUndefined()
    expect(named.views).toHaveLength(1)
    expect([named.enums, named.sequences]).toEqual([[], []])
    if (onServer) expect((await migrator.schema({ at: 'head', tables: ['app.notes'] })).enums).toHaveLength(1)
    const error = await rejection(migrator.schema({ tables: ['teams', 'user'] }))
    expect(error).toMatchObject({
      code: 'ALUDEL_USAGE',
      message: 'there is no table or view "user"',
      help: 'Nearest: users.',
    })
  })

  test('replays a revision, which needs no database of the project', async () => {
    await writeRevisions(project, ...revisions)
    const columns = ({ tables }: SchemaDocument) =>
      tables.find(({ name }) => name === 'teams')?.columns.map(({ name }) => name)
    const first = await migrator.schema({ at: 'a' })
    expect(first.at).toBe(idOf('a'))
    expect(columns(first)).toEqual(['id', 'name', 'upper'])
    expect(first.tables[0]).not.toHaveProperty('rows')
    const head = await migrator.schema({ at: 'head' })
    expect(head.at).toBe(idOf('b'))
    expect(columns(head)).toEqual(['id', 'name', 'upper', 'size'])
    expect(await migrator.schema({ at: 'base' })).toEqual({
      ...{ at: 'base', dialect, tables: [], enums: [], views: [], sequences: [] },
    })
    expect((await migrator.schema()).tables).toEqual([])
    await migrator.upgrade('a')
    const { at, ...live } = await migrator.schema({ at: 'current' })
    expect({ at, ...live }).toEqual(first)
  })

  test('has what a revision needs besides its parents, and no other branch', async () => {
    await writeRevisions(
      project,
      { id: 'a', message: 'base', up: ['CREATE TABLE "a" ("n" integer)'] },
      { id: 'b', message: 'left', down: ['a'], up: ['CREATE TABLE "b" ("n" integer)'] },
      { id: 'c', message: 'right', down: ['a'], dependsOn: ['b'], up: ['CREATE TABLE "c" ("n" integer)'] },
      { id: 'd', message: 'other', down: ['a'], up: ['CREATE TABLE "d" ("n" integer)'] },
    )
    const names = async (at: string) => (await migrator.schema({ at })).tables.map(({ name }) => name)
    expect(await names('c')).toEqual(['a', 'b', 'c'])
    expect(await names('d')).toEqual(['a', 'd'])
    const heads = await migrator.schema({ at: 'heads' })
    expect(heads.tables).toHaveLength(4)
    expect(heads.at.split(',').sort()).toEqual([idOf('b'), idOf('c'), idOf('d')])
  })

  test('compares revisions and the database', async () => {
    await writeRevisions(project, ...revisions)
    await migrator.upgrade('a')
    const words = async (from: string, to: string) => {
      const found = await migrator.schemaDifference({ from, to })
      return { ...found, operations: found.operations.map(({ description }) => description) }
    }
    expect(await words('live', 'head')).toEqual({
      from: 'live',
      to: idOf('b'),
      operations: ['add column teams.size integer'],
    })
    expect((await words('head', 'live')).operations).toEqual(['drop column teams.size'])
    expect((await words('a', 'live')).operations).toEqual([])
    expect((await words('live', 'live')).operations).toEqual([])
    expect((await words('a', 'b')).operations).toEqual(['add column teams.size integer'])
    await project.database.rows('CREATE TABLE "extra" ("n" integer)')
    expect((await words('a', 'live')).operations).toEqual([expect.stringContaining('create table extra')])
    const { operations } = await migrator.schemaDifference({ from: 'live', to: 'base' })
    expect(operations).toContainEqual(
      expect.objectContaining({ op: 'dropTable', table: 'extra', destroys: true, dialects: [dialect] }),
    )
  })

  test('shows names as they are', async () => {
    const table = `odd "table'; DROP`
    await writeRevisions(project, {
      ...{ id: 'a', message: 'odd' },
      up: [`CREATE TABLE "odd ""table'; DROP" ("<b>" integer, "ü ""x""" text DEFAULT '<script>')`],
    })
    await migrator.upgrade()
    for (const at of ['live', 'head']) {
      const { tables } = await migrator.schema({ at })
      expect(tables).toMatchObject([{ name: table, columns: [{ name: '<b>' }, { name: 'ü "x"' }] }])
      expect(tables[0]?.columns[1]?.default).toContain('<script>')
    }
    expect((await migrator.schema()).tables[0]?.bytes).not.toBeNull()
  })

  test('refuses what is not a revision', async () => {
    await writeRevisions(project, ...revisions)
    for (const at of ['zz', 'a:b', '', 'live@head'])
      expect(await rejection(migrator.schema({ at }))).toMatchObject({ kind: 'usage' })
  })
})

test('Migrator.schemaDifference does not count what a run creates besides its revisions', async () => {
  if (!dialectNames.includes('postgres')) return
  const project = await openProject('postgres')
  try {
    await project.database.rows('CREATE EXTENSION IF NOT EXISTS "uuid-ossp"')
    const dataSource = project.dataSource([], { schema: 'own' } as object)
    const migrator = project.migrator([], { dataSource })
    await writeRevisions(project, { id: 'a', message: 'one', up: ['CREATE TABLE "own"."t" ("n" integer)'] })
    await project.database.rows('CREATE SCHEMA "own"')
    await migrator.upgrade()
    for (const [from, to] of [
      ['live', 'head'],
      ['head', 'live'],
    ] as const)
      expect((await migrator.schemaDifference({ from, to })).operations).toEqual([])
  } finally {
    await project.remove()
  }
})
