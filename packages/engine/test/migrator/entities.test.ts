import { existsSync } from 'node:fs'
import path from 'node:path'

import { EntitySchema } from 'typeorm'

import { entity, id, openProject, type TestProject } from './project'

/** Errors of `create` when TypeORM or the database rejects an entity. */
describe('create with invalid entities', () => {
  let project: TestProject

  afterEach(() => project.remove())

  const fine = entity('fine', { id })

  async function refusal(entities: readonly EntitySchema[]) {
    const error: unknown = await project
      .migrator(entities)
      .create('first')
      .catch((caught: unknown) => caught)
    expect(await project.files()).toEqual({})
    return error
  }

  describe('on sqlite', () => {
    beforeEach(async () => {
      project = await openProject('sqlite')
    })

    test('names the property with an unknown collation', async () => {
      const things = entity('things', { id, a: { type: 'text' }, b: { type: 'text', collation: 'en_US' } })
      expect(await refusal([fine, things])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringMatching(/"things" of entity things\.b on sqlite: no such collation sequence: en_US$/),
        details: { entity: 'things', property: 'b' },
      })
    })

    test('names a generated key that SQLite cannot increment', async () => {
      const things = entity('things', { key: { type: 'bigint', primary: true, generated: 'increment' } })
      expect(await refusal([fine, things])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringContaining('entity things.key on sqlite: AUTOINCREMENT is only allowed'),
      })
    })

    test('names the entity when TypeORM fails without a useful message', async () => {
      const things = entity('things', { id, part: { type: 'int', primary: true, generated: 'increment' } })
      expect(await refusal([fine, things])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringContaining('"things" of entity things.part'),
      })
    })

    test('names the entity that TypeORM rejects without naming it', async () => {
      const elsewhere = new EntitySchema({ name: 'Elsewhere', database: 'other.db', columns: { id } })
      expect(await refusal([fine, elsewhere])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringContaining('does not accept the entity Elsewhere on sqlite'),
        details: { entity: 'Elsewhere' },
      })
    })

    test.each([true, false])(
      'refuses an entity in another database file, and does not create that file (absolute: %s)',
      async (absolute) => {
        const folder = path.join(project.directory, 'elsewhere')
        const far = path.join(absolute ? folder : path.relative(process.cwd(), folder), 'far.db')
        const error = await refusal([fine, new EntitySchema({ name: 'Far', database: far, columns: { id } })])
        expect(error).toMatchObject({
          code: 'ALUDEL_ENTITIES',
          message: `TypeORM does not accept the entity Far on sqlite: an entity is in another database file: ${far}`,
          details: { entity: 'Far' },
        })
        expect(existsSync(folder)).toBe(false)
      },
    )

    test.each([
      ['Object', Object],
      ['BigInt', BigInt],
      ['Map', Map],
    ])('suggests a column type where reflection found only %s', async (name, type) => {
      const error = await refusal([entity('things', { id, state: { type: type as never } })])
      expect(error).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: `the column state of the entity things has no type: the compiler wrote ${name} for its property`,
        help: expect.stringContaining("@Column({ type: 'varchar' })"),
        details: { entity: 'things', property: 'state' },
      })
    })

    test('refuses two entities with equally named constraints on one table', async () => {
      const twins = ['first', 'second'].map(
        (name) =>
          new EntitySchema({
            name,
            tableName: 'things',
            columns: { id, other: { type: 'int' } },
            foreignKeys: [
              {
                name: 'fk',
                target: name === 'first' ? 'fine' : 'good',
                columnNames: ['other'],
                referencedColumnNames: ['id'],
              },
            ],
          }),
      )
      expect(await refusal([fine, entity('good', { id }), ...twins])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: 'the entities first and second ask for two constraints named fk on the table "things"',
      })
    })

    test('refuses two constraints of one entity that TypeORM names equally', async () => {
      const unique = (columns: string[]) => ({ columns })
      const columns = { id, a: { type: 'int' }, b: { type: 'int' } } as const
      const things = new EntitySchema({ name: 'things', columns, uniques: [unique(['a', 'b']), unique(['b', 'a'])] })
      expect(await refusal([fine, things])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringMatching(
          /^the entity things asks for two constraints named UQ_\w+ on the table "things"$/,
        ),
        help: expect.stringContaining('give one of the two a name'),
      })
    })
  })

  describe('on postgres', () => {
    beforeEach(async () => {
      project = await openProject('postgres')
    })

    const twins = (columns: readonly object[]) =>
      ['first', 'second'].map(
        (name, place) =>
          new EntitySchema({
            name,
            tableName: 'things',
            columns: { id, ...columns[place] },
            checks: [{ name: 'ck', expression: `"id" <> ${String(place)}` }],
          }),
      )

    test('lists the entities if several map to the failing table', async () => {
      const badly = { a: { type: 'text', collation: 'nowhere' } }
      expect(await refusal([fine, ...twins([badly, badly])])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        help: expect.stringContaining('2 entities map to "things": first, second.'),
      })
    })

    test('warns when entities of one table disagree about it', async () => {
      const told: unknown[] = []
      const options = { onEvent: (event: unknown) => told.push(event) }
      await project.migrator(twins([{ a: { type: 'int' } }, { a: { type: 'text' } }]), options).create('first')
      expect(told).toContainEqual({
        type: 'warning',
        message: expect.stringMatching(
          /^the entities first, second map to one table, "things", and do not agree about column a, check ck$/,
        ),
      })
    })

    test('names the property with an unknown function', async () => {
      const things = entity('things', { id, a: { type: 'uuid', default: () => 'no_such_function()' } })
      expect(await refusal([fine, things])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringContaining('"things" of entity things.a on postgres: function no_such_function()'),
      })
    })

    test('names the property with an unknown type', async () => {
      const things = entity('things', { id, place: { type: 'geometry' } })
      expect(await refusal([fine, things])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringContaining('"things" of entity things.place on postgres: type "geometry" does not exist'),
      })
    })
  })
})
