import type { EntitySchema } from 'typeorm'

import type { CreateOptions } from '../../src'
import { entity, id, openProject, type TestProject, text } from './project'

/** Cases that exist only on PostgreSQL: schemas, arrays, exact types, types of keys. */
describe('migration of PostgreSQL values', () => {
  let project: TestProject

  beforeEach(async () => {
    project = await openProject('postgres')
  })

  afterEach(() => project.remove())

  const rows = (sql: string) => project.database.rows(sql)
  const yes = { confirm: () => Promise.resolve(true) }

  async function createAndUpgrade(entities: readonly EntitySchema[], options: CreateOptions = {}) {
    const migrator = project.migrator(entities)
    const result = await migrator.create('change', { ...yes, ...options })
    await migrator.upgrade()
    const { clean, database } = await migrator.check({ database: true })
    expect([clean, database]).toMatchObject([true, { clean: true, operations: [] }])
    return result
  }

  const undo = () => project.migrator([]).downgrade('-1')

  test('moves a table to another schema and renames it if its old name is taken there', async () => {
    const other = entity(
      'other',
      { id: { ...id, primaryKeyConstraintName: 'pk_other' } },
      { schema: 'audit', tableName: 'items' },
    )
    await createAndUpgrade([entity('items', { id, name: text(20) }), other])
    await rows(`INSERT INTO "items" ("id", "name") VALUES (1, 'kept')`)
    const { destroys } = await createAndUpgrade(
      [entity('things', { id, name: text(20) }, { schema: 'audit' }), other],
      {
        rename: ['items=audit.things'],
      },
    )
    expect(destroys).toEqual([])
    expect(await rows('SELECT "name" FROM "audit"."things"')).toEqual([{ name: 'kept' }])
    await undo()
    expect(await rows('SELECT "name" FROM "items"')).toEqual([{ name: 'kept' }])
  })

  test.each(['n', 'found', 'sqlstate'])('guards a column called %s', async (name) => {
    const columns = (length: number, nullable: boolean, moods: readonly string[]) => [
      entity('things', {
        id,
        [name]: text(length, { nullable }),
        [`${name}_mood`]: { type: 'enum', enum: [...moods], nullable: true },
      }),
    ]
    await createAndUpgrade(columns(40, true, ['a $do$ b', 'c']))
    await rows(`INSERT INTO "things" ("id", "${name}", "${name}_mood") VALUES (1, 'a', 'c')`)
    await createAndUpgrade(columns(10, false, ['c']), { noRename: [`things.${name}_mood.a $do$ b`] })
    await createAndUpgrade(columns(60, true, ['c', 'd']))
    expect(await rows(`SELECT "${name}" AS value FROM "things"`)).toEqual([{ value: 'a' }])
    await rows(`INSERT INTO "things" ("id") VALUES (2)`)
    await project.migrator(columns(60, false, ['c', 'd'])).create('required', yes)
    await expect(project.migrator([]).upgrade()).rejects.toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringContaining(`things.${name}`) as string,
    })
  })

  const parents = (type: string) => [
    entity('parents', { id: { type: type as 'int', primary: true } }),
    entity(
      'children',
      { id, parent: { type: type as 'int' } },
      {
        foreignKeys: [
          {
            name: 'fk_children',
            target: 'parents',
            columnNames: ['parent'],
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          },
        ],
      },
    ),
  ]

  test('changes the type of a key and its foreign keys, or asks for --using', async () => {
    await createAndUpgrade(parents('int'))
    await rows('INSERT INTO "parents" ("id") VALUES (1), (2)')
    await rows('INSERT INTO "children" ("id", "parent") VALUES (1, 2)')
    await createAndUpgrade(parents('bigint'))
    await rows('INSERT INTO "parents" ("id") VALUES (3000000000)')
    await expect(undo()).rejects.toMatchObject({
      message: expect.stringContaining('rows of parents.id that do not fit integer: 1') as string,
    })
    await rows('DELETE FROM "parents" WHERE "id" = 3000000000')
    await undo()

    await expect(project.migrator(parents('uuid')).create('uuid', yes)).rejects.toMatchObject({
      code: 'ALUDEL_CONVERSION',
      help: expect.stringMatching(/--using "parents\.id=.*\n.*--using "children\.parent=/) as string,
    })
    const uuid = (column: string) => `lpad(to_hex(${column}), 32, '0')::uuid`
    const number = (column: string) => `('x' || right(${column}::text, 8))::bit(32)::integer`
    await project.migrator(parents('bigint')).upgrade()
    await createAndUpgrade(parents('uuid'), {
      using: [
        `parents.id=${uuid('id')}`,
        `children.parent=${uuid('parent')}`,
        `down:parents.id=${number('id')}`,
        `down:children.parent=${number('parent')}`,
      ],
    })
    expect(await rows('SELECT count(*)::int AS n FROM "children" JOIN "parents" ON "parents"."id" = "parent"')).toEqual(
      [{ n: 1 }],
    )
    await undo()
    expect(await rows('SELECT "parent" FROM "children"')).toEqual([{ parent: '2' }])
  })

  test.each([
    ['an array of several values becomes a scalar', { type: 'int', array: true }, '{1,2}', '{7}', { type: 'int' }, 7],
    [
      'decimal digits are dropped',
      { type: 'numeric', precision: 10, scale: 2 },
      '1.55',
      '1.50',
      { type: 'numeric', precision: 10, scale: 1 },
      '1.5',
    ],
    ['a text is cut', text(20), 'too long for it', 'short', text(6), 'short'],
    [
      'a time of day is dropped',
      { type: 'timestamp' },
      '2020-01-02 03:04',
      '2020-01-02',
      { type: 'date' },
      '2020-01-02',
    ],
  ])('stops the upgrade where %s', async (_name, before, bad, good, after, expected) => {
    const things = (column: object) => [entity('things', { id, v: column } as never)]
    await createAndUpgrade(things(before))
    await rows(`INSERT INTO "things" ("id", "v") VALUES (1, '${bad}')`)
    const migrator = project.migrator(things(after))
    const { needs } = await migrator.create('narrow', yes)
    expect(needs).toMatchObject([{ kind: 'fits', column: 'things.v', rows: 1 }])
    await expect(migrator.upgrade()).rejects.toMatchObject({
      message: expect.stringContaining('rows of things.v that do not fit') as string,
    })
    await rows(`UPDATE "things" SET "v" = '${good}'`)
    await migrator.upgrade()
    expect(await rows(`SELECT ${after.type === 'date' ? '"v"::text' : '"v"'} FROM "things"`)).toEqual([{ v: expected }])
    await undo()
  })
})
