import { existsSync } from 'node:fs'
import path from 'node:path'

import { EntitySchema } from 'typeorm'

import { entity, id, openProject, type TestProject } from './project'

/** What the error of `create` says when TypeORM or the database does not take an entity. */
describe('entities that can not be created', () => {
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

    it('names the property of a collation that is not there', async () => {
      const things = entity('things', { id, a: { type: 'text' }, b: { type: 'text', collation: 'en_US' } })
      expect(await refusal([fine, things])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringMatching(/"things" of entity things\.b on sqlite: no such collation sequence: en_US$/),
        details: { entity: 'things', property: 'b' },
      })
    })

    it('names the generated key that SQLite can not count', async () => {
      const things = entity('things', { key: { type: 'bigint', primary: true, generated: 'increment' } })
      expect(await refusal([fine, things])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringContaining('entity things.key on sqlite: AUTOINCREMENT is only allowed'),
      })
    })

    it('names the entity where the error is TypeORM’s own and says nothing', async () => {
      const things = entity('things', { id, part: { type: 'int', primary: true, generated: 'increment' } })
      expect(await refusal([fine, things])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringContaining('"things" of entity things.part'),
      })
    })

    it('finds the entity that TypeORM rejects in words that name none', async () => {
      const elsewhere = new EntitySchema({ name: 'Elsewhere', database: 'other.db', columns: { id } })
      expect(await refusal([fine, elsewhere])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringContaining('does not accept the entity Elsewhere on sqlite'),
        details: { entity: 'Elsewhere' },
      })
    })

    it('refuses an entity in a database file of its own, and does not make that file', async () => {
      const far = path.join(project.directory, 'elsewhere', 'far.db')
      const error = await refusal([fine, new EntitySchema({ name: 'Far', database: far, columns: { id } })])
      expect(error).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringContaining(
          'does not accept the entity Far on sqlite: an entity is in another database file',
        ),
        details: { entity: 'Far' },
      })
      expect(existsSync(path.dirname(far))).toBe(false)
    })

    it('says what to do about a type that the compiler did not see', async () => {
      const error = await refusal([entity('things', { id, state: { type: Object } })])
      expect(error).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        help: expect.stringContaining("@Column({ type: 'varchar' })"),
      })
    })

    it('refuses two classes that give one table two constraints of one name', async () => {
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

    it('refuses two constraints of one entity that TypeORM gives one name', async () => {
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

    it('says when several classes map to the table', async () => {
      const badly = { a: { type: 'text', collation: 'nowhere' } }
      expect(await refusal([fine, ...twins([badly, badly])])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        help: expect.stringContaining('2 entities map to "things": first, second.'),
      })
    })

    it('warns of classes that do not agree about their table', async () => {
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

    it('names the property of a function that is not there', async () => {
      const things = entity('things', { id, a: { type: 'uuid', default: () => 'no_such_function()' } })
      expect(await refusal([fine, things])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringContaining('"things" of entity things.a on postgres: function no_such_function()'),
      })
    })

    it('names the entity of a type that is not there', async () => {
      const things = entity('things', { id, place: { type: 'geometry' } })
      expect(await refusal([fine, things])).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringContaining('"things" of entity things.place on postgres: type "geometry" does not exist'),
      })
    })
  })
})
