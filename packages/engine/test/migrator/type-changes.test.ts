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

  test('refuses values that would change, and counts them before anything is written', async () => {
    const narrowed = {
      rounded_interval: [{ type: 'interval' }, { type: 'interval', precision: 0 }, '1 day 03:04:05.678', '1 day'],
      rounded_time: [{ type: 'time' }, { type: 'time', precision: 3 }, '03:04:05.6789', '03:04:05.678'],
      rounded_moment: [
        { type: 'timestamp' },
        { type: 'timestamp', precision: 0 },
        '2020-01-02 03:04:05.6',
        '2020-01-02',
      ],
      leading_zeros: [text(20), { type: 'int' }, '007', '7'],
      phone_number: [text(20), { type: 'bigint' }, '+4930123456', '4930123456'],
      last_space: [text(20), { type: 'char', length: 8 }, 'a ', 'a'],
      leap_second: [text(20), { type: 'time' }, '23:59:60', '23:59:59'],
      day_or_month: [text(20), { type: 'date' }, '01/02/2003', '2003-02-01'],
      same_keys: [{ type: 'json' }, { type: 'jsonb' }, '{"a":1,"a":2}', '{"a":2}'],
      too_large: [{ type: 'double precision' }, { type: 'real' }, '1e300', '1e30'],
      nested_list: [{ type: 'int', array: true }, { type: 'int' }, '{{1}}', '{1}'],
    } as const
    const names = Object.keys(narrowed) as (keyof typeof narrowed)[]
    const tables = (at: 0 | 1) => names.map((name) => entity(name, { id, v: narrowed[name][at] } as never))
    await apply(tables(0))
    for (const name of names) await rows(`INSERT INTO "${name}" VALUES (1, '${narrowed[name][2]}')`)
    const { migrator, result } = await change(tables(1))
    const counts = new Map(result.needs?.map(({ kind, column, rows: count }) => [column, [kind, count]]))
    expect(counts).toEqual(new Map(names.map((name) => [`${name}.v`, ['fits', 1]])))
    const refused = new Set<string>()
    while (refused.size < names.length) {
      const error = await migrator.upgrade('head', noBackup).then(
        () => undefined,
        (found: unknown) => found as Error,
      )
      expect(error).toMatchObject({ code: 'ALUDEL_STATEMENT', details: { kept: 0 } })
      const name = /rows of (\w+)\.v that do not fit .*: 1/.exec(error?.message ?? '')?.[1] as keyof typeof narrowed
      expect(refused.has(name)).toBe(false)
      refused.add(name)
      await rows(`UPDATE "${name}" SET "v" = '${narrowed[name][3]}'`)
    }
    expect([...refused].sort()).toEqual([...names].sort())
    await migrator.upgrade('head', noBackup)
  })

  test('asks which time zone is meant, and writes it into the header', async () => {
    const tables = (at: 0 | 1) => [
      entity('gains', { id, at: { type: at === 0 ? 'timestamp' : 'timestamptz' } }),
      entity('loses', { id, at: { type: at === 0 ? 'timestamptz' : 'timestamp' } }),
      entity('reads', { id, at: at === 0 ? text(40) : { type: 'timestamptz' } }),
      entity('keeps', { id, at: at === 0 ? { type: 'timestamptz' } : text(40) }),
    ]
    await apply(tables(0))
    await expect(project.migrator(tables(1)).create('zone')).rejects.toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
      help: expect.stringContaining(`--using "gains.at=at AT TIME ZONE '<zone>'"`) as string,
    })
    const { needs } = await apply(tables(1))
    const asked = needs?.filter(({ kind }) => kind === 'zone')
    expect(asked?.map(({ column }) => column)).toEqual(['gains.at', 'loses.at', 'reads.at'])
    const file = Object.values(await project.files()).at(-1)
    for (const table of ['gains', 'loses', 'reads'])
      expect(file).toContain(`the session's time zone (TimeZone) is the one of ${table}.at`)
    await undo()
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

  test('proves changes to unlike types with sample rows', async () => {
    const changes = {
      number_to_boolean: [{ type: 'int' }, { type: 'boolean' }, '1', 'true'],
      digits_to_boolean: [{ type: 'numeric', precision: 5, scale: 2 }, { type: 'boolean' }, '1', 'true'],
      boolean_to_number: [{ type: 'boolean' }, { type: 'int' }, 'true', '1'],
      text_to_enum: [text(20), { type: 'enum', enum: ['good', 'bad'] }, 'good', 'good'],
      text_to_boolean: [text(20), { type: 'boolean' }, 'true', 'true'],
      text_to_address: [text(40), { type: 'inet' }, '10.0.0.1', '10.0.0.1/32'],
    } as const
    const names = Object.keys(changes) as (keyof typeof changes)[]
    const tables = (at: 0 | 1) => names.map((name) => entity(name, { id, v: changes[name][at] } as never))
    await apply(tables(0))
    for (const name of names) await rows(`INSERT INTO "${name}" VALUES (1, '${changes[name][2]}')`)
    await apply(tables(1))
    expect(warnings).toEqual([])
    for (const name of names) expect(await rows(`SELECT "v"::text FROM "${name}"`)).toEqual([{ v: changes[name][3] }])
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
      await apply(things({ a: { type: 'int' }, b: { type: 'json' } }))
      for (const type of ['uuid', 'jsonpath'])
        await expect(change(things({ a: { type: 'bigint' }, b: { type } }))).rejects.toMatchObject({
          code: 'ALUDEL_CONVERSION',
          message: expect.stringContaining('things.b') as string,
        })
    })
  })
})
