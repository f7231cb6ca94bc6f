import type { EntitySchema } from 'typeorm'

import type { BackfillQuestion, CreateConfirmation, CreateOptions } from '../../src'
import { dialectNames } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from './project'

/** How rows change with their columns: every case has rows in the table, up and down. */
describe.each(dialectNames)('migration of values on %s', (dialect) => {
  let project: TestProject

  beforeEach(async () => {
    project = await openProject(dialect)
  })

  afterEach(() => project.remove())

  const rows = (sql: string) => project.database.rows(sql)
  const yes = { confirm: () => Promise.resolve(true) }
  const people = (columns: object, rest: object = {}) => [entity('people', { id, ...columns } as never, rest)]

  async function createAndUpgrade(entities: readonly EntitySchema[], options: CreateOptions = {}) {
    const migrator = project.migrator(entities)
    const result = await migrator.create('change', options)
    await migrator.upgrade()
    const { clean, database } = await migrator.check({ database: true })
    expect([clean, database]).toMatchObject([true, { clean: true, operations: [] }])
    return result
  }

  async function undo() {
    const migrator = project.migrator([])
    await migrator.downgrade('-1')
    expect((await migrator.check({ database: true })).database).toMatchObject({ clean: true, operations: [] })
  }

  const newestFile = async () => Object.values(await project.files()).at(-1) ?? ''
  const named = (name: object = text(50)) => people({ name })

  describe('new NOT NULL column', () => {
    const wanted = people({ name: text(50), initial: text(1) })

    beforeEach(async () => {
      await createAndUpgrade(named())
      await rows(`INSERT INTO "people" ("id", "name") VALUES (1, 'Ada'), (2, 'Grace')`)
    })

    test('is filled by a backfill expression over other columns', async () => {
      const result = await createAndUpgrade(wanted, { backfill: ['people.initial=substr(name, 1, 1)'] })
      expect(result.needs).toBeUndefined()
      expect(result.answers).toEqual([
        {
          kind: 'backfill',
          flag: 'people.initial=substr(name, 1, 1)',
          text: 'fill people.initial with substr(name, 1, 1)',
        },
      ])
      expect(await newestFile()).toContain(' * Answered: --backfill "people.initial=substr(name, 1, 1)"\n')
      expect(await rows('SELECT "initial" FROM "people" ORDER BY "id"')).toEqual([{ initial: 'A' }, { initial: 'G' }])
      await undo()
      expect(await rows('SELECT "id", "name" FROM "people" ORDER BY "id"')).toEqual([
        { id: 1, name: 'Ada' },
        { id: 2, name: 'Grace' },
      ])
    })

    test('raises a question with the number of rows', async () => {
      const asked: BackfillQuestion[] = []
      await createAndUpgrade(wanted, {
        askBackfill: (question) => {
          asked.push(question)
          return Promise.resolve(`${dialect}: '?'`)
        },
      })
      expect(asked).toMatchObject([{ kind: 'new', flag: 'people.initial', rows: 2, dialects: [dialect] }])
      expect(await rows('SELECT DISTINCT "initial" FROM "people"')).toEqual([{ initial: '?' }])
    })

    test('needs an empty table if there is no backfill, or else the upgrade fails', async () => {
      await expect(project.migrator(wanted).create('change')).rejects.toMatchObject({
        code: 'ALUDEL_CONFIRMATION',
        details: { needs: [{ kind: 'noRows', column: 'people.initial', rows: 2, dialects: [dialect] }] },
        help: expect.stringContaining('--backfill "people.initial=<SQL expression>"') as string,
      })
      const migrator = project.migrator(wanted)
      await migrator.create('change', yes)
      await expect(migrator.upgrade()).rejects.toMatchObject({
        code: 'ALUDEL_STATEMENT',
        details: { statement: 1, kept: 0 },
        message: expect.stringContaining(
          'rows of people that have nothing for its new column initial, which takes no NULL: 2',
        ) as string,
      })
      expect(await rows('SELECT * FROM "people" ORDER BY "id"')).toEqual([
        { id: 1, name: 'Ada' },
        { id: 2, name: 'Grace' },
      ])
      await rows('DELETE FROM "people"')
      await migrator.upgrade()
    })

    test('is filled from a dropped column, a renamed column or a subquery', async () => {
      const { created } = await createAndUpgrade(people({ label: text(50), initial: text(1), age: { type: 'int' } }), {
        rename: ['people.name=label'],
        backfill: ['people.initial=substr(label, 1, 1)', 'people.age=(SELECT count(*) FROM people)'],
      })
      expect(created).not.toBeNull()
      expect(await rows('SELECT "label", "initial", "age" FROM "people" ORDER BY "id"')).toEqual([
        { label: 'Ada', initial: 'A', age: 2 },
        { label: 'Grace', initial: 'G', age: 2 },
      ])
      await createAndUpgrade(people({ initials: text(60), age: { type: 'int' } }), {
        noRename: ['people.label', 'people.initial'],
        backfill: [`people.initials=initial || label`],
        ...yes,
      })
      expect(await rows('SELECT "initials" FROM "people" ORDER BY "id"')).toEqual([
        { initials: 'AAda' },
        { initials: 'GGrace' },
      ])
    })
  })

  test('restores a dropped NOT NULL column by a down backfill, or else fails', async () => {
    const wide = people({ name: text(50), country: text(2) })
    await createAndUpgrade(wide)
    await rows(`INSERT INTO "people" ("id", "name", "country") VALUES (1, 'Ada', 'gb')`)
    await createAndUpgrade(named(), yes)
    expect(await newestFile()).toContain('To undo it needs: people has no rows')
    await expect(undo()).rejects.toMatchObject({ message: expect.stringContaining('column country') as string })
    expect(await rows('SELECT * FROM "people"')).toEqual([{ id: 1, name: 'Ada' }])

    await createAndUpgrade(wide, { backfill: [`people.country='gb'`] })
    await createAndUpgrade(named(), { backfill: [`down:people.country='??'`], ...yes })
    await undo()
    expect(await rows('SELECT * FROM "people"')).toEqual([{ id: 1, name: 'Ada', country: '??' }])
  })

  describe('column that becomes NOT NULL', () => {
    const nullable = named(text(50, { nullable: true }))

    beforeEach(async () => {
      await createAndUpgrade(nullable)
      await rows(`INSERT INTO "people" ("id", "name") VALUES (1, 'Ada'), (2, NULL)`)
    })

    test('gets the backfill value in place of NULL', async () => {
      await createAndUpgrade(named(), { backfill: [`people.name='person ' || id`] })
      expect(await rows('SELECT "name" FROM "people" ORDER BY "id"')).toEqual([{ name: 'Ada' }, { name: 'person 2' }])
      await undo()
      expect(await rows('SELECT "name" FROM "people" ORDER BY "id"')).toEqual([{ name: 'Ada' }, { name: 'person 2' }])
    })

    test('gets its default in place of NULL', async () => {
      await createAndUpgrade(named(text(50, { default: 'nobody' })))
      expect(await rows('SELECT "name" FROM "people" ORDER BY "id"')).toEqual([{ name: 'Ada' }, { name: 'nobody' }])
    })

    test('gets the backfill value in its new type', async () => {
      await createAndUpgrade(named({ type: 'text' }), { backfill: [`people.name='a name that is long'`] })
      expect(await rows('SELECT "name" FROM "people" ORDER BY "id"')).toEqual([
        { name: 'Ada' },
        { name: 'a name that is long' },
      ])
    })

    test('stops the upgrade while there are NULLs', async () => {
      const questions: CreateConfirmation[] = []
      const migrator = project.migrator(named())
      await migrator.create('change', {
        askBackfill: () => Promise.resolve(null),
        confirm: (question) => {
          questions.push(question)
          return Promise.resolve(true)
        },
      })
      expect(questions.map(({ destroys, conditions }) => [destroys, conditions])).toEqual([
        [[], ['people.name is NULL in no row: it becomes NOT NULL (1 row of the database is in the way)']],
      ])
      await expect(migrator.upgrade()).rejects.toMatchObject({
        message: expect.stringContaining('rows with NULL in people.name, which takes none from now on: 1') as string,
      })
      await rows(`UPDATE "people" SET "name" = '' WHERE "name" IS NULL`)
      await migrator.upgrade()
    })
  })

  describe('flags of create', () => {
    beforeEach(() => createAndUpgrade(named()))

    test.each([
      [
        { backfill: ['people.name=1'] },
        '--backfill people.name=1: no column people.name is new, or NOT NULL from now on',
      ],
      [{ using: ['people.nothing=1'] }, '--using people.nothing=1: no column people.nothing gets another type'],
      [{ backfill: ['people'] }, '--backfill people is not of the form table.column=expression'],
      [{ map: ['people.name.a=b'] }, '--map people.name.a=b: no enum value people.name.a is gone'],
    ])('are refused if malformed or without a matching change: %j', async (options, message) => {
      const wanted = people({ name: text(50), age: { type: 'int', nullable: true } })
      await expect(project.migrator(wanted).create('change', options)).rejects.toMatchObject({
        code: 'ALUDEL_USAGE',
        message,
      })
      expect(Object.keys(await project.files())).toHaveLength(1)
    })

    test('are refused if they are given for another dialect only', async () => {
      const other = dialectNames.find((name) => name !== dialect) ?? ''
      await expect(
        project.migrator(people({ name: text(50), age: { type: 'int' } })).create('change', {
          backfill: [`${other}:people.age=1`],
          ...yes,
        }),
      ).rejects.toMatchObject({ code: 'ALUDEL_USAGE' })
    })
  })

  test('tests a backfill expression with sample rows, and names what fails', async () => {
    await createAndUpgrade(named())
    const wanted = people({ name: text(50), age: { type: 'int' } })
    await expect(
      project.migrator(wanted).create('change', { backfill: ['people.age=no_such_function(name)'] }),
    ).rejects.toMatchObject({
      code: 'ALUDEL_PROOF',
      message: expect.stringContaining('no_such_function') as string,
      help: expect.stringContaining(`${dialect}:table.column`) as string,
    })
    expect(Object.keys(await project.files())).toHaveLength(1)
  })

  test('converts values by expressions of --using, up and down', async () => {
    await createAndUpgrade(people({ size: text(20) }))
    await rows(`INSERT INTO "people" ("id", "size") VALUES (1, '12 kg'), (2, '7 kg')`)
    const digits = `replace(size, ' kg', '')`
    const result = await createAndUpgrade(people({ size: { type: 'int' } }), {
      using: [
        `sqlite:people.size=CAST(${digits} AS integer)`,
        `postgres:people.size=${digits}::integer`,
        `down:people.size=size || ' kg'`,
      ]
        .filter((flag) => dialect === 'postgres' || !flag.startsWith('postgres'))
        .filter((flag) => dialect === 'sqlite' || !flag.startsWith('sqlite')),
      ...yes,
    })
    expect(result.destroys).toHaveLength(1)
    expect(await rows('SELECT "size" FROM "people" ORDER BY "id"')).toEqual([{ size: 12 }, { size: 7 }])
    await undo()
    expect(await rows('SELECT "size" FROM "people" ORDER BY "id"')).toEqual([{ size: '12 kg' }, { size: '7 kg' }])
  })

  test('stops at texts that are not numbers, and converts texts that are, up and down', async () => {
    await createAndUpgrade(people({ size: { type: 'text' } }))
    await rows(`INSERT INTO "people" ("id", "size") VALUES (1, '12'), (2, 'many')`)
    const migrator = project.migrator(people({ size: { type: 'int' } }))
    const { needs } = await migrator.create('change', yes)
    expect(needs).toMatchObject([{ kind: 'fits', column: 'people.size', rows: 1 }])
    await expect(migrator.upgrade()).rejects.toMatchObject({
      message: expect.stringContaining('rows of people.size that do not fit integer: 1') as string,
    })
    expect(await rows('SELECT "size" FROM "people" ORDER BY "id"')).toEqual([{ size: '12' }, { size: 'many' }])
    await rows(`UPDATE "people" SET "size" = '99' WHERE "id" = 2`)
    await migrator.upgrade()
    expect(await rows('SELECT "size" FROM "people" ORDER BY "id"')).toEqual([{ size: 12 }, { size: 99 }])
    await undo()
    expect(await rows('SELECT "size" FROM "people" ORDER BY "id"')).toEqual([{ size: '12' }, { size: '99' }])
  })

  test('stops at fractions in a column that becomes an integer key', async () => {
    const size = { type: 'decimal', precision: 10, scale: 2 } as const
    await createAndUpgrade([entity('people', { code: { ...text(20), primary: true }, size })])
    await rows(`INSERT INTO "people" ("code", "size") VALUES ('a', 3), ('b', 1.5)`)
    const migrator = project.migrator([entity('people', { size: { type: 'int', primary: true } })])
    const { needs } = await migrator.create('change', yes)
    expect(needs).toMatchObject([{ kind: 'fits', column: 'people.size', rows: 1 }])
    await expect(migrator.upgrade()).rejects.toMatchObject({
      message: expect.stringContaining('rows of people.size that do not fit integer: 1') as string,
    })
    expect(await rows('SELECT "code" FROM "people"')).toHaveLength(2)
    await rows(`UPDATE "people" SET "size" = 4 WHERE "code" = 'b'`)
    await migrator.upgrade()
    expect(await rows('SELECT * FROM "people" ORDER BY "size"')).toEqual([{ size: 3 }, { size: 4 }])
  })

  describe('enum values', () => {
    const mood = (values: readonly string[], more: object = {}) =>
      people({ mood: { type: 'simple-enum', enum: [...values], ...more } })

    beforeEach(async () => {
      await createAndUpgrade(mood(['good', 'so-so', 'bad'], { default: 'good' }))
      await rows(`INSERT INTO "people" ("id", "mood") VALUES (1, 'good'), (2, 'so-so'), (3, 'bad')`)
    })

    const moods = async () => (await rows('SELECT "mood" FROM "people" ORDER BY "id"')).map((row) => row['mood'])

    test('raise a question when one replaces another', async () => {
      const wanted = mood(['fine', 'so-so', 'bad'], { default: 'fine' })
      await expect(project.migrator(wanted).create('change')).rejects.toMatchObject({
        code: 'ALUDEL_RENAME_QUESTION',
        help: expect.stringMatching(
          /--rename people\.mood\.good=fine\n.*--map people\.mood\.good=so-so[\s\S]*--no-rename people\.mood\.good/,
        ) as string,
      })
      const result = await createAndUpgrade(wanted, {
        askRename: (question) => {
          expect(question).toMatchObject({ kind: 'value', column: 'mood', from: 'good', kept: ['so-so', 'bad'] })
          return Promise.resolve('fine')
        },
      })
      expect(result.destroys).toEqual([])
      expect(result.operations.map(({ op, name }) => [op, name])).toEqual([['renameValue', 'mood.good']])
      expect(await moods()).toEqual(['fine', 'so-so', 'bad'])
      await rows('INSERT INTO "people" ("id") VALUES (4)')
      await undo()
      expect(await moods()).toEqual(['good', 'so-so', 'bad', 'good'])
    })

    test('can be renamed, mapped and added in one revision', async () => {
      const result = await createAndUpgrade(mood(['bad', 'great', 'fine'], { default: 'great' }), {
        rename: ['people.mood.good=fine'],
        map: ['people.mood.so-so=bad'],
        ...yes,
      })
      expect(result.destroys).toEqual([`which rows of "people"."mood" were 'so-so': they become 'bad'`])
      expect(await newestFile()).toContain(' * Answered: --rename people.mood.good=fine --map people.mood.so-so=bad\n')
      expect(await moods()).toEqual(['fine', 'bad', 'bad'])
      await rows('INSERT INTO "people" ("id") VALUES (4)')
      await rows(`DELETE FROM "people" WHERE "id" = 4`)
      await undo()
      expect(await moods()).toEqual(['good', 'bad', 'bad'])
    })

    test('can be mapped in answer to a question', async () => {
      await createAndUpgrade(mood(['so-so', 'bad', 'new'], { default: 'so-so' }), {
        askRename: () => Promise.resolve({ map: 'bad' }),
        ...yes,
      })
      expect(await moods()).toEqual(['bad', 'so-so', 'bad'])
    })

    test('stop the upgrade if they are dropped while rows have them', async () => {
      const migrator = project.migrator(mood(['good', 'bad'], { default: 'good' }))
      const { needs } = await migrator.create('change', yes)
      expect(needs).toMatchObject([
        { kind: 'values', column: 'people.mood', rows: 1, flag: '--map people.mood.so-so=<value that stays>' },
      ])
      await expect(migrator.upgrade()).rejects.toMatchObject({
        message: expect.stringContaining('rows of people.mood with a value that goes (so-so): 1') as string,
      })
      await rows(`UPDATE "people" SET "mood" = 'bad' WHERE "mood" = 'so-so'`)
      await migrator.upgrade()
      await undo()
      expect(await moods()).toEqual(['good', 'bad', 'bad'])
    })

    test('can be renamed together with column and table', async () => {
      await createAndUpgrade(
        [entity('users', { id, humor: { type: 'simple-enum', enum: ['fine', 'so-so', 'bad'], default: 'fine' } })],
        { rename: ['people=users', 'users.mood=humor', 'users.humor.good=fine'] },
      )
      expect(await rows('SELECT "humor" FROM "users" ORDER BY "id"')).toEqual([
        { humor: 'fine' },
        { humor: 'so-so' },
        { humor: 'bad' },
      ])
      await undo()
      expect(await moods()).toEqual(['good', 'so-so', 'bad'])
    })

    test('become texts, and turn back unless a row has another text', async () => {
      await createAndUpgrade(people({ mood: text(20) }))
      expect(await moods()).toEqual(['good', 'so-so', 'bad'])
      await rows(`INSERT INTO "people" ("id", "mood") VALUES (4, 'other')`)
      await expect(undo()).rejects.toMatchObject({
        message: expect.stringContaining('rows of people.mood that are none of good, so-so, bad: 1') as string,
      })
      await rows(`DELETE FROM "people" WHERE "id" = 4`)
      await undo()
      expect(await moods()).toEqual(['good', 'so-so', 'bad'])
    })
  })

  test('renames tables, columns and indexes in one revision, with further changes', async () => {
    const before = [
      entity(
        'people',
        { id, name: text(50), note: text(80, { nullable: true }) },
        {
          indices: [{ name: 'idx_people_name', columns: ['name'] }],
          uniques: [{ name: 'uq_people_note', columns: ['note'] }],
          checks: [{ name: 'ck_people_name', expression: `"name" <> ''` }],
        },
      ),
      entity(
        'pets',
        { id, owner: { type: 'int' } },
        {
          foreignKeys: [
            { name: 'fk_pets_owner', target: 'people', columnNames: ['owner'], referencedColumnNames: ['id'] },
          ],
        },
      ),
    ]
    const after = [
      entity(
        'users',
        { id, fullName: { type: 'text' }, remark: text(80, { nullable: true }), age: { type: 'int', nullable: true } },
        {
          indices: [{ name: 'idx_users_name', columns: ['fullName'] }],
          uniques: [{ name: 'uq_users_remark', columns: ['remark'] }],
          checks: [{ name: 'ck_users_name', expression: `"fullName" <> ''` }],
        },
      ),
      entity(
        'animals',
        { id, keeper: { type: 'int', nullable: true } },
        {
          foreignKeys: [
            { name: 'fk_animals_keeper', target: 'users', columnNames: ['keeper'], referencedColumnNames: ['id'] },
          ],
        },
      ),
    ]
    await createAndUpgrade(before)
    await rows(`INSERT INTO "people" ("id", "name", "note") VALUES (1, 'Ada', 'first'), (2, 'Grace', NULL)`)
    await rows(`INSERT INTO "pets" ("id", "owner") VALUES (1, 2)`)
    const result = await createAndUpgrade(after, {
      rename: ['people=users', 'pets=animals', 'users.name=fullName', 'people.note=remark', 'animals.owner=keeper'],
    })
    expect(result.destroys).toEqual([])
    const made = result.operations.filter(({ op }) => /^(?:create|drop)(?:Table|Index)|Unique$/.test(op))
    expect(made).toEqual([])
    expect(await rows('SELECT "fullName", "remark" FROM "users" ORDER BY "id"')).toEqual([
      { fullName: 'Ada', remark: 'first' },
      { fullName: 'Grace', remark: null },
    ])
    expect(await rows('SELECT "keeper" FROM "animals"')).toEqual([{ keeper: 2 }])
    await undo()
    expect(await rows('SELECT "name", "note" FROM "people" ORDER BY "id"')).toEqual([
      { name: 'Ada', note: 'first' },
      { name: 'Grace', note: null },
    ])
    expect(await rows('SELECT "owner" FROM "pets"')).toEqual([{ owner: 2 }])
  })
})
