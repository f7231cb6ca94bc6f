import type { EntitySchema } from 'typeorm'

import type { CreateOptions } from '../../src'
import type { RunEvent } from '../../src/project/events'
import { entity, id, openProject, type TestProject, text } from './project'

const things = (columns: object, rest: object = {}) => [entity('things', { id, ...columns } as never, rest)]
const yes = { confirm: () => Promise.resolve(true) }
const noBackup = { backup: 'never' } as const

/** Changes of a column's type whose values PostgreSQL itself would change, or refuse with an error of its own. */
describe('a change of type on PostgreSQL', () => {
  let project: TestProject
  const warnings: string[] = []

  beforeEach(async () => {
    project = await openProject('postgres')
    warnings.length = 0
  })

  afterEach(() => project.remove())

  const rows = (sql: string) => project.database.rows(sql)
  const onEvent = (event: RunEvent): void => {
    if (event.type === 'warning') warnings.push(event.message)
  }

  async function change(entities: readonly EntitySchema[], options: CreateOptions = {}) {
    const migrator = project.migrator(entities, { onEvent })
    const result = await migrator.create('change', { ...yes, ...options })
    return { migrator, result }
  }

  async function apply(entities: readonly EntitySchema[], options: CreateOptions = {}) {
    const { migrator, result } = await change(entities, options)
    await migrator.upgrade('head', noBackup)
    const { clean, database } = await migrator.check({ database: true })
    expect([clean, database]).toMatchObject([true, { clean: true, operations: [] }])
    return result
  }

  const undo = () => project.migrator([]).downgrade('-1', noBackup)

  test('keeps all digits of real and double precision as money', async () => {
    await apply(things({ r: { type: 'real' }, d: { type: 'double precision' } }))
    await rows(`INSERT INTO "things" VALUES (1, 1234567, 12345678901234567)`)
    await apply(things({ r: { type: 'money' }, d: { type: 'money' } }))
    expect(await rows('SELECT "r"::numeric::text AS r, "d"::numeric::text AS d FROM "things"')).toEqual([
      { r: '1234567.00', d: '12345678901234568.00' },
    ])
    await undo()
    expect(await rows('SELECT "r"::text, "d"::text FROM "things"')).toEqual([
      { r: '1.234567e+06', d: '1.2345678901234568e+16' },
    ])
  })

  test('keeps an address as it is printed when it becomes a text, and gives it back', async () => {
    await apply(things({ ip: { type: 'inet' }, ips: { type: 'inet', array: true } }))
    await rows(`INSERT INTO "things" VALUES (1, '10.0.0.1', '{10.0.0.1,::1}'), (2, '::1/64', '{}')`)
    await apply(things({ ip: { type: 'varchar' }, ips: { type: 'text', array: true } }))
    expect(await rows('SELECT "ip", "ips"::text FROM "things" ORDER BY "id"')).toEqual([
      { ip: '10.0.0.1', ips: '{10.0.0.1,::1}' },
      { ip: '::1/64', ips: '{}' },
    ])
    await undo()
    expect(await rows('SELECT format($$%s$$, "ip") AS ip FROM "things" ORDER BY "id"')).toEqual([
      { ip: '10.0.0.1' },
      { ip: '::1/64' },
    ])
  })

  test('returns from double precision to real where every value fits, and refuses those that do not', async () => {
    await apply(things({ v: { type: 'real' } }))
    await rows(`INSERT INTO "things" VALUES (1, 0.1), (2, 'NaN'), (3, 1e-45)`)
    const { needs } = await apply(things({ v: { type: 'double precision' } }))
    expect(needs).toBeUndefined()
    await undo()
    expect(await rows('SELECT "v"::text FROM "things" ORDER BY "id"')).toEqual([
      { v: '0.1' },
      { v: 'NaN' },
      { v: '1e-45' },
    ])
    await project.migrator(things({ v: { type: 'double precision' } })).upgrade('head', noBackup)
    await rows(`INSERT INTO "things" VALUES (4, 1e300), (5, 1e-300), (6, 0.1234567890123)`)
    await expect(undo()).rejects.toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringContaining('rows of things.v that do not fit real: 3') as string,
    })
  })

  test.each([
    ['interval', { type: 'interval' }, { type: 'interval', precision: 0 }, '1 day 03:04:05.678', '1 day 03:04:05'],
    ['time', { type: 'time' }, { type: 'time', precision: 3 }, '03:04:05.6789', '03:04:05.678'],
    [
      'timestamp',
      { type: 'timestamp' },
      { type: 'timestamp', precision: 0 },
      '2020-01-02 03:04:05.6',
      '2020-01-02 03:04:05',
    ],
    ['integer', text(20), { type: 'int' }, '007', '7'],
    ['bigint', text(20), { type: 'bigint' }, '+4930123456', '4930123456'],
    ['character', text(20), { type: 'char', length: 8 }, 'a ', 'a'],
    ['time', text(20), { type: 'time' }, '23:59:60', '23:59:59'],
    ['date', text(20), { type: 'date' }, '01/02/2003', '2003-02-01'],
    ['jsonb', { type: 'json' }, { type: 'jsonb' }, '{"a":1,"a":2}', '{"a":2}'],
    ['real', { type: 'double precision' }, { type: 'real' }, '1e300', '1e30'],
    ['integer', { type: 'int', array: true }, { type: 'int' }, '{{1}}', '{1}'],
  ])(
    'refuses a value that would change as %s, and counts it before anything is written',
    async (type, before, after, bad, good) => {
      await apply(things({ v: before }))
      await rows(`INSERT INTO "things" VALUES (1, '${bad}')`)
      const { migrator, result } = await change(things({ v: after }))
      expect(result.needs).toMatchObject([{ kind: 'fits', column: 'things.v', rows: 1 }])
      await expect(migrator.upgrade('head', noBackup)).rejects.toMatchObject({
        code: 'ALUDEL_STATEMENT',
        message: expect.stringMatching(new RegExp(`rows of things\\.v that do not fit ${type}.*: 1`)) as string,
        details: { kept: 0 },
      })
      await rows(`UPDATE "things" SET "v" = '${good}'`)
      await migrator.upgrade('head', noBackup)
    },
  )

  test.each([
    ['timestamp becomes timestamptz', { type: 'timestamp' }, { type: 'timestamptz' }],
    ['timestamptz becomes timestamp', { type: 'timestamptz' }, { type: 'timestamp' }],
    ['a text becomes timestamptz', text(40), { type: 'timestamptz' }],
  ])('asks which time zone is meant, and writes it into the header, where %s', async (_title, before, after) => {
    await apply(things({ at: before }))
    const words = "the session's time zone (TimeZone) is the one of things.at"
    const migrator = project.migrator(things({ at: after }))
    await expect(migrator.create('zone')).rejects.toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
      help: expect.stringContaining(`--using "things.at=at AT TIME ZONE '<zone>'"`) as string,
    })
    const { needs } = await migrator.create('zone', yes)
    expect(needs).toContainEqual(
      expect.objectContaining({ kind: 'zone', column: 'things.at', text: expect.stringContaining(words) as string }),
    )
    expect(Object.values(await project.files()).at(-1)).toContain(words)
    await migrator.upgrade('head', noBackup)
  })

  test('asks nothing about the time zone if --using names it', async () => {
    await apply(things({ at: { type: 'timestamp' } }))
    await rows(`INSERT INTO "things" VALUES (1, '2020-07-01 12:00')`)
    const zone = `at AT TIME ZONE 'Europe/Berlin'`
    const { needs } = await apply(things({ at: { type: 'timestamptz' } }), {
      using: [`things.at=${zone}`, `down:things.at=${zone}`],
    })
    expect(needs).toBeUndefined()
    expect(await rows(`SELECT "at" AT TIME ZONE 'UTC' = '2020-07-01 10:00' AS same FROM "things"`)).toEqual([
      { same: true },
    ])
    await undo()
    expect(await rows(`SELECT "at"::text FROM "things"`)).toEqual([{ at: '2020-07-01 12:00:00' }])
  })

  test.each([
    ['int becomes boolean', { type: 'int' }, { type: 'boolean' }, '1', 'true'],
    ['numeric becomes boolean', { type: 'numeric', precision: 5, scale: 2 }, { type: 'boolean' }, '1', 'true'],
    ['boolean becomes int', { type: 'boolean' }, { type: 'int' }, 'true', '1'],
    ['a text becomes an enum', text(20), { type: 'enum', enum: ['good', 'bad'] }, 'good', 'good'],
    [
      'a text becomes a uuid',
      text(40),
      { type: 'uuid' },
      '00000000-0000-4000-8000-000000000001',
      '00000000-0000-4000-8000-000000000001',
    ],
    ['a text becomes a boolean', text(20), { type: 'boolean' }, 'true', 'true'],
  ])('proves the change with sample rows where %s', async (_title, before, after, value, expected) => {
    await apply(things({ v: before }))
    await rows(`INSERT INTO "things" VALUES (1, '${value}')`)
    await apply(things({ v: after }))
    expect(warnings).toEqual([])
    expect(await rows(`SELECT "v"::text FROM "things"`)).toEqual([{ v: expected }])
    await undo()
  })

  describe('of several columns of one table', () => {
    const four = (type: string, last = type) =>
      things(
        { a: { type, default: 1 }, b: { type }, c: { type, nullable: true }, d: { type: last } },
        { indices: [{ name: 'ix_d', columns: ['d', 'a'] }], checks: [{ name: 'ck_a', expression: 'a < b' }] },
      )

    test('rewrites the table once, up and down, with one count of its rows', async () => {
      await apply(four('int'))
      await rows('INSERT INTO "things" SELECT g, 1, 2, NULL, g FROM generate_series(1, 100) g')
      await rows('CREATE TABLE public.rewrites (n int)')
      await rows(
        'CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO public.rewrites VALUES (1); END $f$',
      )
      await rows('CREATE EVENT TRIGGER et ON table_rewrite EXECUTE FUNCTION note()')
      const { migrator, result } = await change(four('bigint'))
      const [up, down] = [result.sql.postgres?.up ?? [], result.sql.postgres?.down ?? []]
      expect(up).toHaveLength(1)
      expect(up[0]?.match(/ TYPE bigint/g)).toHaveLength(4)
      expect(down.map((sql) => sql.slice(0, 8))).toEqual(['DO $do$ ', 'ALTER TA'])
      await migrator.upgrade('head', noBackup)
      expect(await rows('SELECT count(*)::int AS n FROM public.rewrites')).toEqual([{ n: 1 }])
      await undo()
      expect(await rows('SELECT count(*)::int AS n FROM public.rewrites')).toEqual([{ n: 2 }])
      expect(
        await rows('SELECT count(*)::int AS n, sum("d")::int AS d FROM "things" WHERE "a" = 1 AND "b" = 2'),
      ).toEqual([{ n: 100, d: 5050 }])
    })

    test('counts the violating rows of each column in one statement, and names the first column that has some', async () => {
      await apply(four('bigint'))
      await rows('INSERT INTO "things" VALUES (1, 1, 3000000000, 3000000000, 1), (2, 1, 2, 3000000000, 1)')
      const { migrator, result } = await change(four('int', 'smallint'))
      expect(result.needs?.map(({ column, rows: count }) => [column, count])).toEqual([
        ['things.a', 0],
        ['things.b', 1],
        ['things.c', 2],
        ['things.d', 0],
      ])
      for (const [message, fix] of [
        ['rows of things.b that do not fit integer: 1', 'UPDATE "things" SET "b" = 2'],
        ['rows of things.c that do not fit integer: 2', 'UPDATE "things" SET "c" = NULL'],
      ] as const) {
        await expect(migrator.upgrade('head', noBackup)).rejects.toMatchObject({
          message: expect.stringContaining(message) as string,
          details: { statement: 1, kept: 0 },
        })
        await rows(fix)
      }
      await migrator.upgrade('head', noBackup)
      expect((await migrator.check({ database: true })).database?.clean).toBe(true)
    })

    test('converts every column from the row as it was, with the conversions of --using', async () => {
      await apply(things({ a: { type: 'int' }, b: { type: 'int' } }))
      await rows('INSERT INTO "things" VALUES (1, 1, 2)')
      await apply(things({ a: { type: 'text' }, b: { type: 'text' } }), {
        using: [
          `things.a=a || ' of ' || b`,
          `things.b=(a + b)::text`,
          'down:things.a=1',
          'down:things.b=b::integer - 1',
        ],
      })
      expect(await rows('SELECT "a", "b" FROM "things"')).toEqual([{ a: '1 of 2', b: '3' }])
      await undo()
      expect(await rows('SELECT "a", "b" FROM "things"')).toEqual([{ a: 1, b: 2 }])
    })

    test('names the column whose values cannot be converted, and not another one of the same statement', async () => {
      await apply(things({ a: { type: 'int' }, b: { type: 'int' } }))
      await expect(change(things({ a: { type: 'bigint' }, b: { type: 'uuid' } }))).rejects.toMatchObject({
        code: 'ALUDEL_CONVERSION',
        message: expect.stringContaining('things.b') as string,
      })
    })
  })
})
