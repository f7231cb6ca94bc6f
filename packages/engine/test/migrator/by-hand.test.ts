import { byHand } from './by-hand'
import { entity, openProject, text, type TestProject } from './project'

/** Handwritten revisions between two generated ones, and entities that rely on them. */
describe('create after a handwritten revision', () => {
  let project: TestProject

  beforeEach(async () => {
    project = await openProject('postgres')
  })

  afterEach(() => project.remove())

  const serial = { type: 'int', primary: true, generated: 'increment' } as const

  test('does not change the serial key of a renamed table', async () => {
    await project.migrator([entity('people', { id: serial, name: text(20) })]).create('first')
    await byHand(project, 'by hand', ['ALTER TABLE "people" RENAME TO "persons"'])
    const persons = [entity('persons', { id: serial, name: text(20) })]
    expect(await project.migrator(persons).check()).toMatchObject({
      // The sequence and the key keep the names that the table gave them; their names are all that may change.
      operations: expect.not.arrayContaining([expect.objectContaining({ op: 'alterColumn' })]),
    })
    const { operations } = await project.migrator(persons).create('second')
    expect(operations.map(({ op }) => op).filter((op) => !op.startsWith('rename'))).toEqual([])
    await project.migrator(persons).upgrade()
    await project.database.rows(`INSERT INTO "persons" ("name") VALUES ('Ada')`)
    expect(await project.database.rows('SELECT "id" FROM "persons"')).toEqual([{ id: 1 }])
    expect((await project.migrator(persons).check({ database: true })).clean).toBe(true)
  })

  test('accepts entities that use what only that revision creates', async () => {
    await byHand(project, 'by hand', [
      'CREATE SEQUENCE "ticket_seq" START 100',
      `CREATE FUNCTION "shout"(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper(t)'`,
      'CREATE EXTENSION "uuid-ossp"',
      'CREATE DOMAIN "posint" AS integer CHECK (VALUE > 0)',
      `CREATE TYPE "mood" AS ENUM ('old')`,
      'CREATE TABLE "gone" ("id" int PRIMARY KEY, "m" "mood" NOT NULL)',
    ])
    const things = [
      entity('gone', { id: { type: 'int', primary: true }, m: { type: 'enum', enum: ['old'], enumName: 'mood' } }),
      entity('things', {
        id: { type: 'int', primary: true, default: () => `nextval('ticket_seq')` },
        key: { type: 'uuid', default: () => 'uuid_generate_v4()' },
        loud: { type: 'text', default: () => `shout('a')` },
        m: { type: 'enum', enum: ['old', 'new'], enumName: 'other_mood' },
      }),
    ]
    const result = await project.migrator(things).create('things', { names: 'rename' })
    expect(result.operations.map(({ op, name, table }) => `${op} ${name ?? table ?? ''}`).sort()).toEqual([
      'createEnum other_mood',
      'createTable things',
      'renameConstraint gone_pkey',
    ])
    await project.migrator(things).upgrade()
    await project.database.rows(`INSERT INTO "things" ("m") VALUES ('new')`)
    expect(await project.database.rows('SELECT "id", "loud" FROM "things"')).toEqual([{ id: 100, loud: 'A' }])
    expect(await project.migrator(things).check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })
  })
})
