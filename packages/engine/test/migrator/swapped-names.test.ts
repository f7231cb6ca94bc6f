import type { CreateOptions } from '../../src'
import { dialectNames } from '../run/databases'
import { entity, type EntityOption, id, openProject, type TestProject, text } from './project'

/** Names that swap, or that move along a chain: create cannot ask about these renames, so the caller names them. */
describe.each(dialectNames)('create with swapped names on %s', (dialect) => {
  let project: TestProject

  beforeEach(async () => {
    project = await openProject(dialect)
  })

  afterEach(() => project.remove())

  const rows = (sql: string) => project.database.rows(sql)

  async function createAndUpgrade(entities: readonly EntityOption[], options: CreateOptions = {}) {
    const migrator = project.migrator(entities)
    const result = await migrator.create('change', options)
    await migrator.upgrade()
    const { clean, database } = await migrator.check({ database: true })
    expect([clean, database]).toMatchObject([true, { clean: true, operations: [] }])
    return result
  }

  async function undoAndRedo(entities: readonly EntityOption[], undone: () => Promise<void>) {
    const migrator = project.migrator(entities)
    await migrator.downgrade('-1')
    expect((await migrator.check({ database: true })).database).toMatchObject({ clean: true, operations: [] })
    await undone()
    await migrator.upgrade()
    expect((await migrator.check({ database: true })).database).toMatchObject({ clean: true, operations: [] })
  }

  const unique = { ...text(50), unique: true }

  test('swaps two columns with their index, check and unique constraint', async () => {
    const people = (first: object, last: object) => [
      entity('people', { id, given: first, family: last } as never, {
        indices: [{ name: 'by_family', columns: ['family'] }],
        checks: [{ name: 'ck', expression: `"family" <> ''` }],
      }),
    ]
    await createAndUpgrade(people(text(50), unique))
    await rows(`INSERT INTO "people" ("id", "given", "family") VALUES (1, 'Ada', 'Lovelace')`)
    const swapped = people(unique, text(50))
    const result = await createAndUpgrade(swapped, { rename: ['people.given=family', 'people.family=given'] })
    expect(result.destroys).toEqual([])
    expect(result.operations.slice(0, 3)).toMatchObject([
      { op: 'renameColumn', name: 'given', to: 'aludel_aside_1' },
      { op: 'renameColumn', name: 'family', to: 'given' },
      { op: 'renameColumn', name: 'aludel_aside_1', to: 'family' },
    ])
    const are = async (row: object) => expect(await rows('SELECT * FROM "people"')).toEqual([row])
    await are({ id: 1, given: 'Lovelace', family: 'Ada' })
    await undoAndRedo(swapped, () => are({ id: 1, given: 'Ada', family: 'Lovelace' }))
    await are({ id: 1, given: 'Lovelace', family: 'Ada' })
  })

  test('renames columns in a chain', async () => {
    const versions = (...names: string[]) => [
      entity('versions', { id, ...Object.fromEntries(names.map((name) => [name, text(50)])) }),
    ]
    await createAndUpgrade(versions('first', 'second'))
    await rows(`INSERT INTO "versions" VALUES (1, 'a', 'b')`)
    const chained = versions('second', 'third')
    const { help } = (await project
      .migrator(chained)
      .create('change')
      .catch((error: unknown) => error)) as { help: string }
    expect(help).toContain('--rename versions.first=third')
    const result = await createAndUpgrade(chained, {
      rename: ['versions.first=second', 'versions.second=third'],
    })
    expect(result.destroys).toEqual([])
    expect(await rows('SELECT "second", "third" FROM "versions"')).toEqual([{ second: 'a', third: 'b' }])
    await undoAndRedo(chained, async () => {
      expect(await rows('SELECT "first", "second" FROM "versions"')).toEqual([{ first: 'a', second: 'b' }])
    })
  })

  test('gives a column the name of a dropped one', async () => {
    const users = (columns: object) => [entity('users', { id, ...columns } as never)]
    await createAndUpgrade(users({ name: text(50), full_name: text(50) }))
    await rows(`INSERT INTO "users" VALUES (1, 'ada', 'Ada Lovelace')`)
    const only = users({ name: text(50) })
    const result = await createAndUpgrade(only, {
      rename: ['users.full_name=name'],
      noRename: ['users.name'],
      confirm: () => Promise.resolve(true),
    })
    expect(result.destroys).toEqual(['values of "users"."name_old"'])
    expect(await rows('SELECT * FROM "users"')).toEqual([{ id: 1, name: 'Ada Lovelace' }])
  })

  test('swaps two tables with a foreign key between them', async () => {
    const key = { name: 'fk', referencedColumnNames: ['id'] }
    const before = [
      entity('posts', { id, title: unique }),
      entity(
        'drafts',
        { id, text: text(50), post_id: { type: 'int' } },
        { foreignKeys: [{ ...key, target: 'posts', columnNames: ['post_id'] }] },
      ),
    ]
    const after = [
      entity('drafts', { id, heading: unique }),
      entity(
        'posts',
        { id, text: text(50), post_id: { type: 'int' } },
        { foreignKeys: [{ ...key, target: 'drafts', columnNames: ['post_id'] }] },
      ),
    ]
    await createAndUpgrade(before)
    await rows(`INSERT INTO "posts" VALUES (7, 'published')`)
    await rows(`INSERT INTO "drafts" VALUES (1, 'draft', 7)`)
    const result = await createAndUpgrade(after, {
      rename: ['posts=drafts', 'drafts=posts', 'drafts.title=heading'],
    })
    expect(result.destroys).toEqual([])
    expect(await rows('SELECT * FROM "drafts"')).toEqual([{ id: 7, heading: 'published' }])
    expect(await rows('SELECT * FROM "posts"')).toEqual([{ id: 1, text: 'draft', post_id: 7 }])
    await undoAndRedo(after, async () => {
      expect(await rows('SELECT * FROM "posts"')).toEqual([{ id: 7, title: 'published' }])
      expect(await rows('SELECT * FROM "drafts"')).toEqual([{ id: 1, text: 'draft', post_id: 7 }])
    })
  })

  test('swaps two values of an enum', async () => {
    const type = dialect === 'postgres' ? 'enum' : 'simple-enum'
    const mood = (more: object = {}) => [
      entity('moods', { id, mood: { type, enum: ['high', 'low', 'none'], default: 'low', ...more } }),
    ]
    await createAndUpgrade(mood())
    await rows(`INSERT INTO "moods" VALUES (1, 'high'), (2, 'low'), (3, 'none')`)
    const moods = async () => (await rows('SELECT "mood" FROM "moods" ORDER BY "id"')).map((row) => row['mood'])
    const result = await createAndUpgrade(mood({ default: 'high' }), {
      rename: ['moods.mood.high=low', 'moods.mood.low=high'],
    })
    expect(result.destroys).toEqual([])
    expect(await moods()).toEqual(['low', 'high', 'none'])
    await undoAndRedo(mood({ default: 'high' }), async () => {
      expect(await moods()).toEqual(['high', 'low', 'none'])
    })
  })

  test('renames swapped indexes and does not rebuild them', async () => {
    const lists = (first: string, second: string) => [
      entity(
        'lists',
        { id, a: text(50), b: text(50) },
        {
          indices: [
            { name: 'ix_1', columns: [first] },
            { name: 'ix_2', columns: [second] },
          ],
        },
      ),
    ]
    await createAndUpgrade(lists('a', 'b'))
    const result = await createAndUpgrade(lists('b', 'a'))
    expect(new Set(result.operations.map(({ op }) => op))).toEqual(new Set(['renameIndex']))
    await undoAndRedo(lists('b', 'a'), async () => undefined)
  })

  test('lets a view read the column that has the name now', async () => {
    const view = (columns: object) => [
      entity('facts', { id, ...columns } as never),
      entity('readings', { claim: { type: 'text', primary: true } }, {
        type: 'view',
        expression: 'SELECT "claim" FROM "facts"',
      } as never),
    ]
    const entities = view({ claim: text(50), proof: text(50) })
    await createAndUpgrade(entities)
    await rows(`INSERT INTO "facts" ("id", "claim", "proof") VALUES (1, 'c', 'p')`)
    await createAndUpgrade(entities, { rename: ['facts.claim=proof', 'facts.proof=claim'] })
    expect(await rows('SELECT "claim" FROM "readings"')).toEqual([{ claim: 'p' }])
    await undoAndRedo(entities, async () => {
      expect(await rows('SELECT "claim" FROM "readings"')).toEqual([{ claim: 'c' }])
    })
  })

  test('renames columns in a chain and references a new table under the name of a renamed one', async () => {
    const tables = (items: object, rest: object = {}) => [
      entity('items', { id, ...items } as never, rest),
      entity('places', { id, label: text(50) }),
    ]
    await createAndUpgrade(tables({ a: text(50), b: text(50) }))
    await rows(`INSERT INTO "items" VALUES (1, 'a', 'b')`)
    await rows(`INSERT INTO "places" VALUES (7, 'kept')`)
    const key = { name: 'fk', target: 'places', columnNames: ['place'], referencedColumnNames: ['id'] }
    const after = [
      ...tables({ b: text(50), c: text(50), place: { type: 'int', nullable: true } }, { foreignKeys: [key] }),
      entity('labels', { id, label: text(50) }),
    ]
    await createAndUpgrade(after, { rename: ['items.a=b', 'items.b=c', 'places=labels'] })
    const are = async (sql: string, row: object) => expect(await rows(sql)).toEqual([row])
    await are('SELECT "b", "c" FROM "items"', { b: 'a', c: 'b' })
    await are('SELECT * FROM "labels"', { id: 7, label: 'kept' })
    await undoAndRedo(after, async () => {
      await are('SELECT * FROM "items"', { id: 1, a: 'a', b: 'b' })
      await are('SELECT * FROM "places"', { id: 7, label: 'kept' })
    })
  })

  test('renames a referenced column and adds a new one under its old name', async () => {
    const key = { name: 'fk', target: 'goods', columnNames: ['good'], referencedColumnNames: ['code'] }
    const before = [
      entity('goods', { id, code: unique }),
      entity('logs', { id, good: text(50) }, { foreignKeys: [key] }),
    ]
    await createAndUpgrade(before)
    await rows(`INSERT INTO "goods" VALUES (1, 'x')`)
    const after = [entity('goods', { id, value: unique, code: { type: 'int', default: 0 } })]
    await createAndUpgrade(after, {
      rename: ['goods.code=value'],
      noRename: ['logs'],
      confirm: () => Promise.resolve(true),
    })
    expect(await rows('SELECT "value", "code" FROM "goods"')).toEqual([{ value: 'x', code: 0 }])
    await undoAndRedo(after, async () => {
      expect(await rows('SELECT * FROM "goods"')).toEqual([{ id: 1, code: 'x' }])
      await rows(`INSERT INTO "logs" VALUES (1, 'x')`)
      await rows('DELETE FROM "logs"')
    })
  })
})
