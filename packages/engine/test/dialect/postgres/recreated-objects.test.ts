import { Column, Entity, Index, PrimaryColumn, ViewColumn, ViewEntity } from 'typeorm'

import { postgresMajor } from '../../../../../tools/testing/databases'
import { watchRecreated } from '../../../src/dialect/postgres/recreated-objects'
import { byHand } from '../../migrator/by-hand'
import { entity, type EntityOption, id, openProject, type TestProject, text } from '../../migrator/project'

const yes = { confirm: () => Promise.resolve(true) }

/** A table, a view of it, and a materialized view of that view. */
function entities(length: number): readonly EntityOption[] {
  @ViewEntity({ name: 'names', expression: 'SELECT "id", "name" FROM "people"' })
  class Names {
    @ViewColumn() id!: number
    @ViewColumn() name!: string
  }
  @ViewEntity({
    name: 'Cached Names',
    materialized: true,
    dependsOn: [Names],
    expression: 'SELECT "id", "name" FROM "names"',
  })
  class CachedNames {
    @ViewColumn() id!: number
    @ViewColumn() name!: string
  }
  return [entity('people', { id, name: text(length) }), Names, CachedNames]
}

const escape = (sql: string): string => sql.replace(/[()]/g, '\\$&')

describe('watchRecreated', () => {
  const role = `aludel_reader_${String(process.pid)}`
  let project: TestProject
  beforeEach(async () => {
    project = await openProject('postgres')
    await project.database.rows(`CREATE ROLE ${role}`)
  })
  afterEach(async () => {
    await project.database.rows(`DROP OWNED BY ${role} CASCADE`)
    await project.database.rows(`DROP ROLE ${role}`)
    await project.remove()
  })

  const rows = (sql: string) => project.database.rows(sql)
  const state = () =>
    rows(`SELECT c.relname AS name, pg_get_userbyid(c.relowner) AS owner, obj_description(c.oid) AS comment,
        (SELECT string_agg(g.privilege_type || CASE WHEN g.is_grantable THEN '*' ELSE '' END, ' ' ORDER BY g.privilege_type)
          FROM aclexplode(c.relacl) g WHERE g.grantee = '${role}'::regrole OR g.grantee = 0) AS rights,
        (SELECT string_agg(a.attname || ' ' || g.privilege_type, ' ') FROM pg_attribute a, aclexplode(a.attacl) g
          WHERE a.attrelid = c.oid AND g.grantee = '${role}'::regrole) AS columns,
        (SELECT string_agg(col_description(c.oid, a.attnum), ' ') FROM pg_attribute a WHERE a.attrelid = c.oid) AS remarks
        FROM pg_class c WHERE c.relkind IN ('v', 'm') AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname`)

  test('keeps privileges, owners and comments of the views', async () => {
    await project.migrator(entities(50)).create('first')
    await project.migrator(entities(50)).upgrade()
    await rows(`GRANT SELECT ON names TO ${role} WITH GRANT OPTION`)
    await rows(`GRANT UPDATE ("name") ON names TO ${role}`)
    await rows(`GRANT SELECT ON "Cached Names" TO PUBLIC`)
    await rows(`COMMENT ON VIEW names IS 'it''s read by reports'`)
    await rows(`COMMENT ON COLUMN names.name IS 'first and last'`)
    await rows(`ALTER MATERIALIZED VIEW "Cached Names" OWNER TO ${role}`)
    await rows(`GRANT SELECT ON people TO ${role}`)
    const before = await state()
    expect(before).toMatchObject([
      { name: 'Cached Names', owner: role },
      { name: 'names', rights: 'SELECT*', columns: 'name UPDATE', comment: `it's read by reports` },
    ])

    await project.migrator(entities(80)).create('second', yes)
    const warnings: string[] = []
    const migrator = project.migrator(entities(80), {
      onEvent: (event) => {
        if (event.type === 'warning') warnings.push(event.message)
      },
    })
    await migrator.upgrade()
    expect(await state()).toEqual(before)
    await migrator.downgrade('-1')
    expect(await state()).toEqual(before)
    expect(warnings).toEqual([])
  })

  test('warns about an owner that the role of the run may not restore', async () => {
    const group = `${role}_group`
    await rows(`CREATE ROLE ${group}`)
    const { queryRunner } = project.database
    const warnings: string[] = []
    try {
      await rows(`GRANT ${group} TO ${role}`)
      // Up to PostgreSQL 14, every role may create objects there.
      await rows('REVOKE CREATE ON SCHEMA public FROM PUBLIC')
      await rows(`GRANT CREATE ON SCHEMA public TO ${role}`)
      await rows('CREATE VIEW names AS SELECT 1 AS id')
      await rows(`ALTER VIEW names OWNER TO ${group}`)
      await queryRunner.startTransaction()
      await queryRunner.query(`SET LOCAL ROLE ${role}`)
      const watch = watchRecreated((message) => warnings.push(message)).step(queryRunner, { statements: null })
      await watch.before('DROP VIEW "names"')
      await queryRunner.query('DROP VIEW "names"')
      await watch.before('CREATE VIEW "names" AS SELECT 2 AS id')
      await queryRunner.query('CREATE VIEW "names" AS SELECT 2 AS id')
      await watch.finish()
      await queryRunner.commitTransaction()
      expect(await rows('SELECT id FROM names')).toEqual([{ id: 2 }])
      expect(warnings).toEqual([
        `relation public.names was recreated, and this role may not restore: ALTER VIEW public.names OWNER TO ${group}`,
      ])
    } finally {
      await rows(`DROP OWNED BY ${group}`)
      await rows(`DROP ROLE ${group}`)
    }
  })

  describe('of the objects around a changed column and a changed enum type', () => {
    const shop = (length: number, states: readonly string[]): readonly EntityOption[] => {
      @Entity('people')
      class People {
        @PrimaryColumn('int') id!: number
        @Column('varchar', { length }) name!: string
        @Column({ type: 'varchar', generatedType: 'STORED', asExpression: 'upper("name")' }) shout!: string
        @Column('enum', { enum: [...states], enumName: 'state' }) state!: string
      }
      @ViewEntity({ name: 'names', expression: 'SELECT "id", "name", "state" FROM "people"' })
      class Names {
        @ViewColumn() id!: number
        @ViewColumn() name!: string
      }
      return [People, Names]
    }
    const byHand = [
      `ALTER VIEW names SET (security_barrier = true)`,
      `ALTER VIEW names ALTER COLUMN name SET DEFAULT 'nobody'`,
      `CREATE RULE kept AS ON DELETE TO names DO INSTEAD NOTHING`,
      `GRANT SELECT ("id", "shout") ON people TO ${role}`,
      `ALTER TABLE people ALTER COLUMN shout SET STATISTICS 500`,
      `ALTER TABLE people ALTER COLUMN shout SET (n_distinct = 7)`,
      `ALTER TABLE people ALTER COLUMN shout SET STORAGE EXTERNAL`,
      `CREATE STATISTICS shouting (ndistinct) ON shout, state FROM people`,
      `COMMENT ON STATISTICS shouting IS 'of names'`,
      `ALTER STATISTICS shouting SET STATISTICS 50`,
      ...(postgresMajor < 14 ? [] : [`CREATE STATISTICS louder ON id, (lower(shout)) FROM people`]),
      `ALTER STATISTICS shouting OWNER TO ${role}`,
      `REVOKE USAGE ON TYPE state FROM PUBLIC`,
      `GRANT USAGE ON TYPE state TO ${role}`,
      `COMMENT ON TYPE state IS 'of a person'`,
      `ALTER TYPE state OWNER TO ${role}`,
    ]
    const catalog = () =>
      rows(`SELECT what, thing FROM (
        SELECT 'option' AS what, unnest(reloptions) AS thing FROM pg_class WHERE relname = 'names'
        UNION ALL SELECT 'default', pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'names'::regclass
        UNION ALL SELECT 'rule', pg_get_ruledef(oid) FROM pg_rewrite WHERE ev_class = 'names'::regclass AND rulename = 'kept'
        UNION ALL SELECT 'column ' || attname, row(attacl, attoptions, attstorage, attstattarget)::text FROM pg_attribute
          WHERE attrelid = 'people'::regclass AND attnum > 0 AND NOT attisdropped
        UNION ALL SELECT 'statistics ' || stxname,
          row(stxkind, pg_get_userbyid(stxowner), stxstattarget, obj_description(oid, 'pg_statistic_ext'),
            (SELECT array_agg(DISTINCT attname ORDER BY attname) FROM pg_attribute WHERE attrelid = stxrelid AND attnum = ANY (stxkeys)))::text
          FROM pg_statistic_ext
        UNION ALL SELECT 'type', row(typacl, pg_get_userbyid(typowner), obj_description(oid, 'pg_type'))::text FROM pg_type WHERE typname = 'state'
      ) AS things ORDER BY what, thing`)

    test('keeps parameters, rules, rights, statistics and owners, up and down', async () => {
      const before = await migrated()
      const warnings: string[] = []
      const migrator = project.migrator(shop(80, ['on', 'gone']), {
        onEvent: (event) => {
          if (event.type === 'warning') warnings.push(event.message)
        },
      })
      await migrator.upgrade()
      expect(await rows(`SELECT unnest(enum_range(NULL::state))::text AS state`)).toEqual([
        { state: 'on' },
        { state: 'gone' },
      ])
      expect(await catalog()).toEqual(before)
      await migrator.downgrade('-1')
      expect(await catalog()).toEqual(before)
      expect(warnings).toEqual([])
    })

    test('keeps them in a script for psql', async () => {
      const before = await migrated()
      const { statements } = await project.migrator(shop(80, ['on', 'gone'])).sql('upgrade')
      for (const sql of statements) if (!sql.startsWith('\\')) await rows(sql)
      expect(await project.migrator(shop(80, ['on', 'gone'])).check()).toMatchObject({ clean: true })
      expect(await catalog()).toEqual(before)
    })

    async function migrated(): Promise<unknown> {
      await project.migrator(shop(50, ['on', 'off', 'gone'])).create('first')
      await project.migrator(shop(50, ['on', 'off', 'gone'])).upgrade()
      for (const sql of byHand) await rows(sql)
      await project.migrator(shop(80, ['on', 'gone'])).create('second', yes)
      return catalog()
    }
  })

  test('keeps a view within the rights of its reader, and finds a view of the database that is not', async () => {
    const [{ modern }] = (await rows(`SELECT current_setting('server_version_num')::int >= 150000 AS modern`)) as [
      { modern: boolean },
    ]
    const security = modern ? 'security_invoker' : 'security_barrier'
    const people = (length: number): readonly EntityOption[] => {
      @ViewEntity({ name: 'names', expression: 'SELECT "id", "name" FROM "people"' })
      class Names {
        @ViewColumn() id!: number
        @ViewColumn() name!: string
      }
      return [entity('people', { id, name: text(length) }), Names]
    }
    const byHand = (text: string) =>
      text
        .replace(
          /async up[^}]*}/,
          `async up(queryRunner: QueryRunner): Promise<void> { await queryRunner.query('ALTER VIEW names SET (${security} = true)') }`,
        )
        .replace(
          /async down[^}]*}/,
          `async down(queryRunner: QueryRunner): Promise<void> { await queryRunner.query('ALTER VIEW names RESET (${security})') }`,
        )
    await project.migrator(people(50)).create('first')
    await project.migrator(people(50)).create('secure names', { autogenerate: false })
    const [name = '', file = ''] = Object.entries(await project.files())[1] ?? []
    await project.write({ [name]: byHand(file) })
    await project.migrator(people(50)).upgrade()
    expect(await project.migrator(people(50)).check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })

    await project.migrator(people(80)).create('longer', yes)
    expect(Object.values(await project.files())[2]).toContain(`WITH (${security} = 'true')`)
    await project.migrator(people(80)).upgrade()
    const options = () => rows(`SELECT unnest(reloptions) AS option FROM pg_class WHERE relname = 'names'`)
    expect(await options()).toEqual([{ option: `${security}=true` }])

    await rows(`ALTER VIEW names RESET (${security})`)
    expect(await project.migrator(people(80)).check({ database: true })).toMatchObject({
      database: { clean: false, operations: [{ description: expect.stringContaining('names') as string }] },
    })
  })

  test('keeps what a revision has set on an index of a materialized view that is recreated', async () => {
    const people = (length: number): readonly EntityOption[] => {
      @ViewEntity({ name: 'names', materialized: true, expression: 'SELECT "id", "name" FROM "people"' })
      @Index('names_id', ['id'])
      class Names {
        @ViewColumn() id!: number
        @ViewColumn() name!: string
      }
      return [entity('people', { id, name: text(length) }), Names]
    }
    await project.migrator(people(50)).create('first')
    await byHand(project, 'index', [
      `COMMENT ON INDEX names_id IS 'fast'`,
      `ALTER INDEX names_id SET (fillfactor = 70)`,
    ])
    await project.migrator(people(50)).upgrade()
    await project.migrator(people(80)).create('longer', yes)
    await project.migrator(people(80)).upgrade()
    expect(
      await rows(`SELECT reloptions, obj_description(oid) AS comment FROM pg_class WHERE relname = 'names_id'`),
    ).toEqual([{ reloptions: ['fillfactor=70'], comment: 'fast' }])
    expect(await project.migrator(people(80)).check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })
  })

  test('takes from a recreated function the right of everyone to execute it', async () => {
    await rows(`CREATE FUNCTION secret(a int) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`)
    await rows('REVOKE EXECUTE ON FUNCTION secret FROM PUBLIC')
    await rows(`GRANT EXECUTE ON FUNCTION secret TO ${role}`)
    await rows(`COMMENT ON FUNCTION secret IS 'of the house'`)
    const state = () =>
      rows(
        `SELECT proacl::text AS rights, obj_description(oid, 'pg_proc') AS comment FROM pg_proc WHERE proname = 'secret'`,
      )
    const before = await state()
    await run(
      'DROP FUNCTION secret(int)',
      `CREATE FUNCTION secret(a int) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 2::bigint'`,
    )
    expect(await rows('SELECT secret(1) AS answer')).toEqual([{ answer: '2' }])
    expect(await state()).toEqual(before)
  })

  test('keeps a trigger disabled, an index clustered and its table replicated by it, and comments', async () => {
    await rows(`CREATE TABLE t (id int NOT NULL, CONSTRAINT positive CHECK (id > 0))`)
    await rows(`CREATE UNIQUE INDEX t_id ON t (id)`)
    await rows(`CREATE INDEX t_double ON t ((id * 2))`)
    await rows(`ALTER INDEX t_double ALTER COLUMN 1 SET STATISTICS 300`)
    await rows(`ALTER TABLE t CLUSTER ON t_id, REPLICA IDENTITY USING INDEX t_id`)
    await rows(`CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`)
    await rows(`CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()`)
    await rows(`ALTER TABLE t DISABLE TRIGGER g`)
    await rows(`COMMENT ON CONSTRAINT positive ON t IS 'why'`)
    await rows(`COMMENT ON TRIGGER g ON t IS 'how'`)
    const state = () =>
      rows(`SELECT relreplident AS replica,
          (SELECT string_agg(row(indisclustered, indisreplident)::text, ' ' ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = t.oid) AS indexes,
          (SELECT attstattarget FROM pg_attribute WHERE attrelid = 't_double'::regclass) AS target,
          (SELECT row(tgenabled, obj_description(oid, 'pg_trigger'))::text FROM pg_trigger WHERE tgrelid = t.oid) AS trigger,
          (SELECT obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE conname = 'positive') AS "check"
        FROM pg_class t WHERE t.oid = 't'::regclass`)
    const before = await state()
    await run(
      'DROP TRIGGER g ON t',
      'DROP INDEX t_id, t_double',
      'ALTER TABLE t DROP CONSTRAINT positive',
      'ALTER TABLE t ALTER COLUMN id TYPE bigint',
      'ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0)',
      'CREATE UNIQUE INDEX t_id ON t (id)',
      'CREATE INDEX t_double ON t ((id * 2))',
      'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()',
    )
    expect(await state()).toEqual(before)
  })

  test('leaves alone what a revision sets anew, takes away, or drops for good', async () => {
    await rows('CREATE TABLE t (id int, a int)')
    await rows('CREATE VIEW v WITH (security_barrier) AS SELECT id FROM t')
    await rows(`COMMENT ON VIEW v IS 'old'`)
    await rows(`GRANT SELECT ON v TO ${role}`)
    await rows('CREATE VIEW w AS SELECT a FROM t')
    await rows(`GRANT SELECT ON w, t TO ${role}`)
    await run(
      'DROP VIEW v',
      'DROP VIEW w',
      `REVOKE SELECT ON t FROM ${role}`,
      'CREATE VIEW v WITH (security_barrier = false) AS SELECT id, a FROM t',
      `COMMENT ON VIEW v IS 'new'`,
    )
    expect(
      await rows(`SELECT relname AS name, reloptions::text AS options, obj_description(oid, 'pg_class') AS comment,
          has_table_privilege('${role}', oid, 'SELECT') AS readable
        FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace = 'public'::regnamespace ORDER BY relname`),
    ).toEqual([
      { name: 't', options: null, comment: null, readable: false },
      { name: 'v', options: '{security_barrier=false}', comment: 'new', readable: true },
    ])
  })

  describe('of a view, an index and a column that a revision written by hand recreates', () => {
    const people = entity('people', { id, name: text(50) })
    const warnings: string[] = []
    const migrator = () =>
      project.migrator([people], {
        onEvent: (event) => {
          if (event.type === 'warning') warnings.push(event.message)
        },
      })
    const write = (name: string, ...statements: readonly string[]): Promise<void> =>
      project.write({
        [`${name}.js`]: `exports.${name} = class ${name} {
          async up(queryRunner) {\n${statements.map((sql) => `await queryRunner.query(${JSON.stringify(sql)})`).join('\n')}\n}
          async down() {}
        }`,
      })
    const properties = () =>
      rows(`SELECT (SELECT reloptions::text FROM pg_class WHERE relname = 'names') AS view,
        (SELECT row(reloptions, obj_description(oid, 'pg_class'))::text FROM pg_class WHERE relname = 'ix_name') AS index,
        (SELECT col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = 'people'::regclass AND attname = 'name') AS comment,
        has_table_privilege('${role}', 'names', 'SELECT') AS readable`)
    const lost = [
      `COMMENT ON COLUMN public.people.name IS 'first and last'`,
      `COMMENT ON INDEX public.ix_name IS 'for reports'`,
      `ALTER INDEX public.ix_name SET (fillfactor = '50')`,
      `ALTER VIEW public.names SET (security_barrier = 'true')`,
    ]

    beforeEach(async () => {
      warnings.length = 0
      await write(
        'First1700000000001',
        'CREATE TABLE people (id int PRIMARY KEY, name varchar(50) NOT NULL)',
        'CREATE VIEW names WITH (security_barrier) AS SELECT id, name FROM people',
        'CREATE INDEX ix_name ON people (name) WITH (fillfactor = 50)',
        `COMMENT ON INDEX ix_name IS 'for reports'`,
        `COMMENT ON COLUMN people.name IS 'first and last'`,
      )
      await migrator().upgrade()
      await rows(`GRANT SELECT ON names TO ${role}`)
      await write(
        'Second1700000000002',
        'DROP VIEW names',
        'ALTER TABLE people DROP COLUMN name',
        `ALTER TABLE people ADD COLUMN name varchar(50) NOT NULL DEFAULT ''`,
        'CREATE INDEX ix_name ON people (name)',
        'CREATE VIEW names AS SELECT id, name FROM people',
      )
    })

    const after = [{ view: null, index: '(,)', comment: null, readable: true }]

    test('restores rights, and reports what the schema holds, as the replay does not restore it', async () => {
      await migrator().upgrade('head', { backup: 'never' })
      expect(await properties()).toEqual(after)
      for (const sql of lost)
        expect(warnings).toContainEqual(
          expect.stringMatching(
            new RegExp(`was recreated, and the revision does not set what it had: ${escape(sql)}$`),
          ),
        )
      expect(warnings).toHaveLength(lost.length)
      expect((await migrator().check({ database: true })).database).toMatchObject({ clean: true })
    })

    test('does the same in a script', async () => {
      const { statements } = await migrator().sql('upgrade')
      for (const sql of statements) if (!sql.startsWith('\\')) await rows(sql)
      expect(await properties()).toEqual(after)
      expect(statements.join('\n')).toContain('does not set what it had: %')
    })
  })

  describe('of parts that go with a recreated object', () => {
    const shop = (factor: number, isIndexed: boolean): readonly EntityOption[] => {
      @Entity('people')
      class People {
        @PrimaryColumn('int') id!: number
        @Column('varchar', { length: factor * 10 }) name!: string
        @Column({ type: 'int', generatedType: 'STORED', asExpression: `"id" * ${String(factor)}` }) times!: number
      }
      if (isIndexed) Index('ix_of_entity', ['times'])(People)
      @ViewEntity({ name: 'names', materialized: true, expression: 'SELECT "id", "name" FROM "people"' })
      class Names {
        @ViewColumn() id!: number
        @ViewColumn() name!: string
      }
      return [People, Names]
    }
    const byHand = [
      'CREATE INDEX "Of operator" ON people (times, id) WHERE times > 3',
      `COMMENT ON INDEX "Of operator" IS 'for the reports'`,
      'ALTER TABLE people ADD CONSTRAINT small CHECK (times < 1000)',
      'ALTER TABLE people ADD CONSTRAINT once UNIQUE (times)',
      'CREATE UNIQUE INDEX first_names ON names (id)',
    ]
    const parts = () =>
      rows(`SELECT coalesce(pg_get_indexdef(c.oid), '') AS text, obj_description(c.oid, 'pg_class') AS comment FROM pg_class c
          WHERE c.relkind = 'i' AND c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'PK%' AND c.relname NOT LIKE '%journal%' AND c.relname NOT LIKE 'aludel%'
        UNION ALL SELECT conname || pg_get_constraintdef(oid), NULL FROM pg_constraint WHERE contype = 'c' AND conrelid = 'people'::regclass
        ORDER BY text`)

    beforeEach(async () => {
      await project.migrator(shop(5, true)).create('first')
      await project.migrator(shop(5, true)).upgrade()
      for (const sql of byHand) await rows(sql)
      await rows(`INSERT INTO people (id, name) VALUES (1, 'Ann'), (2, 'Ben')`)
    })
    const withoutEntityIndex = async () =>
      ((await parts()) as { text: string }[]).filter(({ text }) => !text.includes('ix_of_entity'))

    test('restores those that only the database has, up and down', async () => {
      const before = await withoutEntityIndex()
      expect(before).toHaveLength(4)
      await project.migrator(shop(7, false)).create('second', yes)
      const migrator = project.migrator(shop(7, false))
      await migrator.upgrade()
      expect(await rows('SELECT times FROM people ORDER BY id')).toEqual([{ times: 7 }, { times: 14 }])
      expect(await parts()).toEqual(before)
      await migrator.downgrade('-1')
      expect(await withoutEntityIndex()).toEqual(before)
      expect(await parts()).toHaveLength(5)
    })

    test('restores them in a script for psql', async () => {
      const before = await withoutEntityIndex()
      await project.migrator(shop(7, false)).create('second', yes)
      const { statements } = await project.migrator(shop(7, false)).sql('upgrade')
      for (const sql of statements) if (!sql.startsWith('\\')) await rows(sql)
      expect(await parts()).toEqual(before)
    })
  })

  test('does not bring back the index that a replaced view no longer has', async () => {
    const report = (factor: number, isIndexed: boolean, materialized = true): EntityOption[] => {
      @ViewEntity({
        name: 'report',
        materialized,
        expression: `SELECT "id" * ${String(factor)} AS "times" FROM "people"`,
      })
      class Report {
        @ViewColumn() times!: number
      }
      if (isIndexed) Index('ix_report', ['times'])(Report)
      return [entity('people', { id }), Report]
    }
    const warnings: string[] = []
    const migrator = (entities: EntityOption[]) =>
      project.migrator(entities, {
        onEvent: (event) => {
          if (event.type === 'warning') warnings.push(event.message)
        },
      })
    const indexes = () => rows(`SELECT indexname AS name FROM pg_indexes WHERE tablename = 'report' ORDER BY 1`)
    await migrator(report(2, true)).create('first')
    await migrator(report(2, true)).upgrade()
    await rows('CREATE INDEX ix_operator ON report (times)')
    await migrator(report(3, false)).create('second', yes)
    const later = migrator(report(3, false))
    await later.upgrade()
    expect(await indexes()).toEqual([{ name: 'ix_operator' }])
    await later.downgrade('-1')
    expect(await indexes()).toEqual([{ name: 'ix_operator' }, { name: 'ix_report' }])
    expect(warnings).toEqual([])
  })

  test('alters a generated column in place if only its length changes', async () => {
    const people = (type: 'varchar' | 'numeric', size: object): EntityOption[] => {
      @Entity('people')
      class People {
        @PrimaryColumn('int') id!: number
        @Column({ type, ...size, generatedType: 'STORED', asExpression: `"id" * 1.25` }) price!: string
      }
      return [People]
    }
    for (const [type, small, large] of [
      ['varchar', { length: 10 }, { length: 80 }],
      ['numeric', { precision: 8, scale: 2 }, { precision: 12, scale: 2 }],
    ] as const) {
      const { operations } = await project.migrator(people(type, small)).create(`small ${type}`, yes)
      expect(operations.length).toBeGreaterThan(0)
      await project.migrator(people(type, small)).upgrade()
      await rows('INSERT INTO people (id) VALUES (1), (3) ON CONFLICT DO NOTHING')
      const { sql, destroys } = await project.migrator(people(type, large)).create(`large ${type}`)
      expect(destroys).toEqual([])
      const alter = expect.stringMatching(/^ALTER TABLE "people" ALTER COLUMN "price" TYPE [^"]*$/) as string
      expect(sql.postgres).toEqual({ up: [alter], down: [alter] })
      const migrator = project.migrator(people(type, large))
      await migrator.upgrade()
      const values = await rows('SELECT price::text FROM people ORDER BY id')
      expect(values).toEqual([{ price: '1.25' }, { price: '3.75' }])
      expect((await migrator.check({ database: true })).database).toMatchObject({ clean: true })
      await migrator.downgrade('-1')
      expect(await rows('SELECT price::text FROM people ORDER BY id')).toEqual(values)
      await migrator.upgrade()
    }
  })

  test('does not bring back the comment of a recreated column that the entity no longer has', async () => {
    const people = (expression: string, comment?: string): EntityOption[] => {
      @Entity('people')
      class People {
        @PrimaryColumn('int') id!: number
        @Column({ type: 'int', generatedType: 'STORED', asExpression: expression, comment }) twice!: number
      }
      return [People]
    }
    await project.migrator(people('"id" * 2', 'doubled')).create('first')
    await project.migrator(people('"id" * 2', 'doubled')).upgrade()
    await project.migrator(people('"id" * 3')).create('second', yes)
    await project.migrator(people('"id" * 3')).upgrade()
    expect(await project.migrator(people('"id" * 3')).check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })
  })

  test('leaves alone what only changes its name', async () => {
    await rows('CREATE TABLE t (id int, a int, b int, c int, d int)')
    await rows(`GRANT SELECT (a), UPDATE (c) ON t TO ${role}`)
    await rows('CREATE VIEW v AS SELECT 1 AS id')
    await rows('CREATE VIEW w AS SELECT 2 AS id')
    await rows(`GRANT SELECT ON v TO ${role}`)
    await rows(`GRANT UPDATE ON w TO ${role}`)
    await run(
      'ALTER VIEW v RENAME TO x',
      'ALTER VIEW w RENAME TO v',
      'ALTER VIEW x RENAME TO w',
      'ALTER TABLE t RENAME COLUMN a TO before',
      'ALTER TABLE t ADD COLUMN a int',
      'ALTER TABLE t DROP COLUMN c',
      'ALTER TABLE t RENAME COLUMN d TO c',
    )
    const rights = await rows(`SELECT c.relname || coalesce('.' || a.attname, '') AS name, g.privilege_type AS right
      FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r',
        aclexplode(CASE c.relkind WHEN 'r' THEN a.attacl ELSE c.relacl END) g
      WHERE c.relnamespace = 'public'::regnamespace AND g.grantee = '${role}'::regrole ORDER BY 1`)
    expect(rights).toEqual([
      { name: 't.before', right: 'SELECT' },
      { name: 'v', right: 'UPDATE' },
      { name: 'w', right: 'SELECT' },
    ])
  })

  test('restores a view that is replaced by a new one under its name', async () => {
    await rows('CREATE VIEW v AS SELECT 1 AS id')
    await rows(`GRANT SELECT ON v TO ${role}`)
    await run('CREATE VIEW new AS SELECT 2 AS id', 'DROP VIEW v', 'ALTER VIEW new RENAME TO v')
    expect(await rows(`SELECT has_table_privilege('${role}', 'v', 'SELECT') AS readable`)).toEqual([{ readable: true }])
  })

  /** Runs statements as a revision whose statements are known only when it runs. */
  async function run(...statements: readonly string[]): Promise<void> {
    const { queryRunner } = project.database
    const warnings: string[] = []
    const watch = watchRecreated((message) => warnings.push(message)).step(queryRunner, { statements: null })
    await queryRunner.startTransaction()
    for (const sql of statements) {
      await watch.before(sql)
      await queryRunner.query(sql)
    }
    await watch.finish()
    await queryRunner.commitTransaction()
    expect(warnings).toEqual([])
  }
})
