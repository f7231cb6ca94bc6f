import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

import { postgresMajor } from '../../../../tools/testing/databases'
import { writePlainMigration } from './by-hand'
import { entity, id, openProject, type TestProject, text } from './project'

const keepAll = ['index:*', 'check:*', 'exclusion:*', 'policy:*', 'trigger:*', 'view:*', 'function:*', 'domain:*']
const unmanaged = [...keepAll, 'column:t.by_hand', 'table:by_hand', 'foreignKey:by_hand.*']
const yes = { confirm: () => Promise.resolve(true) }

const email = text(50)
const wide = { type: 'text' } as const
const number = { type: 'int' } as const
const mood = (...values: string[]) => ({ type: 'enum', enum: values, enumName: 'mood' }) as const
const before = mood('ok', 'sad', 'gone')
const after = mood('ok', 'sad')
const t = (columns: Parameters<typeof entity>[1]) => [entity('t', { id, ...columns })]

@Entity('t')
@Index('ix_email', ['email'], { concurrent: true })
class IndexedT {
  @PrimaryColumn('int') id!: number
  @Column('text') email!: string
}

describe('create with kept unmanaged objects', () => {
  let project: TestProject

  beforeEach(async () => {
    project = await openProject('postgres')
  })

  afterEach(() => project.remove())

  async function start(columns: Parameters<typeof entity>[1], byHand: readonly string[], rows: readonly string[] = []) {
    const migrator = project.migrator(t(columns), { unmanaged })
    await migrator.create('first')
    await writePlainMigration(project, byHand)
    await migrator.upgrade()
    for (const sql of rows) await project.database.rows(sql)
  }

  const rename = (answers: readonly string[]) => ({ ...yes, rename: answers })

  /** Writes the revision, and runs it up, down and up; the entities and the database agree with it after each upgrade. */
  async function change(columns: Parameters<typeof entity>[1], options = {}) {
    const migrator = project.migrator(t(columns), { unmanaged })
    const { sql } = await migrator.create('second', { ...yes, ...options })
    await migrator.upgrade()
    const checked = await project.migrator(t(columns), { unmanaged }).check({ database: true })
    expect(checked).toMatchObject({ clean: true, operations: [], database: { clean: true } })
    await migrator.downgrade('-1')
    await migrator.upgrade()
    return sql.postgres?.up ?? []
  }

  const refused = (columns: Parameters<typeof entity>[1]) =>
    project.migrator(t(columns), { unmanaged }).create('second', yes)

  const definitions = async (sql: string) =>
    (await project.database.rows(sql)).map(({ text: definition }) => definition)

  test('keeps expressions of indexes, checks, exclusions and generated columns when varchar becomes text', async () => {
    await start(
      { email },
      [
        'CREATE UNIQUE INDEX ix_lower ON t (lower(email))',
        `CREATE INDEX ix_some ON t (id) WHERE email <> '' AND email IN ('a', 'b')`,
        'ALTER TABLE t ADD CONSTRAINT ck_lower CHECK (lower(email) = email)',
        `ALTER TABLE t ADD CONSTRAINT ck_some CHECK (email NOT IN ('x', 'y'))`,
        'ALTER TABLE t ADD CONSTRAINT ex_upper EXCLUDE USING btree (upper(email) WITH =)',
        'ALTER TABLE t ADD by_hand text GENERATED ALWAYS AS (upper(email)) STORED',
        'CREATE INDEX ix_generated ON t (by_hand)',
      ],
      [`INSERT INTO t (id, email) VALUES (1, 'a')`],
    )
    await change({ email: wide })
    expect(
      await definitions(
        `SELECT pg_get_indexdef(indexrelid) AS text FROM pg_index WHERE indexrelid = 'ix_lower'::regclass`,
      ),
    ).toEqual(['CREATE UNIQUE INDEX ix_lower ON public.t USING btree (lower(email))'])
    expect(await project.database.rows('SELECT id, email, by_hand FROM t')).toEqual([
      { id: 1, email: 'a', by_hand: 'A' },
    ])
    await expect(project.database.rows(`INSERT INTO t (id, email) VALUES (2, 'B')`)).rejects.toThrow(/ck_lower/)
    await expect(project.database.rows(`INSERT INTO t (id, email) VALUES (2, 'a')`)).rejects.toThrow(
      /ix_lower|ex_upper/,
    )
  })

  test('keeps expressions over two columns, one of them renamed as well', async () => {
    await start({ email, other: number }, [
      'CREATE INDEX ix_both ON t ((email || other::text))',
      'ALTER TABLE t ADD CONSTRAINT ck_both CHECK (email <> other::text AND other > -5)',
    ])
    await change({ address: wide, other: { type: 'numeric' } }, rename(['t.email=address']))
    expect(
      await definitions(`SELECT pg_get_constraintdef(oid, true) AS text FROM pg_constraint WHERE conname = 'ck_both'`),
    ).toEqual([expect.stringMatching(/address <> other::text/)])
  })

  test('writes the concurrent index of the same change after a view and a check that the change rewords', async () => {
    await start({ email }, [
      'ALTER TABLE t ADD CONSTRAINT ck_lower CHECK (lower(email) = email)',
      'CREATE VIEW addresses AS SELECT lower(email) AS address FROM t',
    ])
    const migrator = project.migrator([IndexedT], { unmanaged: ['view:addresses', 'check:t.ck_lower'] })
    const { sql, more } = await migrator.create('second', yes)
    expect(sql.postgres?.up).toContain('CREATE INDEX CONCURRENTLY "ix_email" ON "t" ("email")')
    expect(more).toHaveLength(1)
    await migrator.upgrade()
    await migrator.downgrade('-2')
  })

  test('recreates functions with a rebuilt enum, and everything that calls them', async () => {
    await start(
      { mood: before },
      [
        `CREATE FUNCTION rank(mood) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT CASE $1 WHEN 'ok' THEN 1 ELSE 2 END $$`,
        `CREATE FUNCTION any_of(p mood[], q mood DEFAULT 'ok') RETURNS SETOF mood LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT unnest(p); END $$`,
        `CREATE FUNCTION all_moods() RETURNS TABLE (one mood) LANGUAGE sql AS $$ SELECT t.mood FROM t $$`,
        `CREATE PROCEDURE note(mood) LANGUAGE sql AS $$ SELECT 1 $$`,
        ...(postgresMajor < 14
          ? []
          : [
              'CREATE FUNCTION better(mood) RETURNS boolean RETURN rank($1) = 1',
              'CREATE FUNCTION how_many() RETURNS bigint BEGIN ATOMIC; SELECT count(*) FROM t WHERE rank(mood) = 1; END',
              'CREATE VIEW counted AS SELECT how_many() AS n',
            ]),
        'CREATE INDEX ix_rank ON t (rank(mood))',
        'ALTER TABLE t ADD CONSTRAINT ck_rank CHECK (rank(mood) > 0)',
        'ALTER TABLE t ADD by_hand int GENERATED ALWAYS AS (rank(mood)) STORED',
        'CREATE VIEW ranks AS SELECT rank(mood) AS n FROM t',
        'CREATE POLICY ranked ON t USING (EXISTS (SELECT FROM ranks WHERE n > 0))',
        `CREATE DOMAIN short_mood AS mood CHECK (VALUE <> 'sad')`,
        'CREATE FUNCTION shorten(short_mood) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      ],
      [
        `INSERT INTO t (id, mood) VALUES (1, 'sad')`,
        'REVOKE ALL ON FUNCTION rank(mood) FROM PUBLIC',
        'GRANT EXECUTE ON FUNCTION rank(mood) TO pg_monitor',
        `COMMENT ON FUNCTION rank(mood) IS 'by hand'`,
      ],
    )
    await change({ mood: after })
    expect(await project.database.rows('SELECT by_hand, (SELECT n FROM ranks) AS n FROM t')).toEqual([
      { by_hand: 2, n: 2 },
    ])
    expect(await project.database.rows(`SELECT any_of(ARRAY['ok']::mood[])::text AS one`)).toEqual([{ one: 'ok' }])
    expect(
      await project.database.rows(
        `SELECT has_function_privilege('pg_monitor', oid, 'EXECUTE') AS monitor,
           has_function_privilege('pg_read_all_stats', oid, 'EXECUTE') AS stats, obj_description(oid, 'pg_proc') AS comment
         FROM pg_proc WHERE proname = 'rank' AND pronamespace = 'public'::regnamespace`,
      ),
    ).toEqual([{ monitor: true, stats: false, comment: 'by hand' }])
  })

  describe('refuses, names and explains', () => {
    test.each<[string, Parameters<typeof entity>[1], Parameters<typeof entity>[1], string[], string, RegExp]>([
      [
        'a view over a dropped column',
        { email, other: email },
        { email },
        ['CREATE VIEW report AS SELECT id, other FROM t'],
        'view:report',
        /column t\.other, which is dropped/,
      ],
      [
        'a policy of another table that reads a dropped column',
        { email, other: email },
        { email },
        [
          'CREATE TABLE by_hand (id int)',
          `CREATE POLICY own ON by_hand USING (EXISTS (SELECT FROM t WHERE other = 'a'))`,
        ],
        'policy:by_hand.own',
        /column t\.other, which is dropped/,
      ],
      [
        'an index on a removed value',
        { mood: before },
        { mood: after },
        [`CREATE INDEX ix_gone ON t (id) WHERE mood = 'gone'`],
        'index:t.ix_gone',
        /type mood, which changes/,
      ],
      [
        'a check without a meaning for the new type',
        { other: number },
        { other: wide },
        ['ALTER TABLE t ADD CONSTRAINT ck_other CHECK (other > 0)'],
        'check:t.ck_other',
        /column t\.other, which changes from integer to text/,
      ],
      [
        'a view without a meaning for the new type',
        { other: number },
        { other: wide },
        ['CREATE VIEW report AS SELECT other + 1 AS next FROM t'],
        'view:report',
        /which changes from integer to text/,
      ],
      [
        'a function with a dropped enum',
        { mood: before },
        { mood: wide },
        [`CREATE FUNCTION rank(mood) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$`],
        'function:rank(mood)',
        /type mood, which is dropped/,
      ],
      [
        'a column of a domain over a rebuilt enum',
        { mood: before },
        { mood: after },
        ['CREATE DOMAIN short_mood AS mood', 'CREATE TABLE by_hand (one short_mood)'],
        'domain:short_mood',
        /type mood, which changes/,
      ],
    ])('%s', async (_, from, to, byHand, pattern, uses) => {
      await start(from, byHand)
      const files = await project.files()
      await expect(refused(to)).rejects.toMatchObject({
        code: 'ALUDEL_CANNOT_KEEP',
        kind: 'refused',
        message: expect.stringMatching(
          new RegExp(`^${pattern.replaceAll(/[.()]/g, '\\$&')} cannot be kept on postgres: (?!.*CASCADE)`),
        ) as string,
        help: expect.stringMatching(new RegExp(`${uses.source}[\\s\\S]*--drop '`)) as string,
        details: { dialect: 'postgres', unmanaged: [pattern] },
      })
      expect(await project.files()).toEqual(files)
    })

    test('a rule, which no pattern can name, without a request for a conversion', async () => {
      await start({ email }, [`CREATE RULE no_delete AS ON DELETE TO t WHERE old.email = 'a' DO INSTEAD NOTHING`])
      await expect(refused({ email: wide })).rejects.toMatchObject({
        code: 'ALUDEL_CANNOT_KEEP',
        message: expect.stringMatching(/rule no_delete on table t/) as string,
        details: { unmanaged: [] },
      })
    })

    test('a generated column that reads a dropped column, until it is dropped as well', async () => {
      await start({ email, other: email }, ['ALTER TABLE t ADD by_hand text GENERATED ALWAYS AS (lower(other)) STORED'])
      await expect(refused({ email })).rejects.toMatchObject({
        code: 'ALUDEL_UNMANAGED_QUESTION',
        details: { unmanaged: [{ pattern: 'column:t.by_hand', blockedBy: 'column t.other, which is dropped' }] },
      })
      await change({ email }, { drop: ['column:t.by_hand'] })
    })
  })

  test('accepts the change once the object in its way is dropped by a flag', async () => {
    await start({ email, other: email }, ['CREATE VIEW report AS SELECT id, other FROM t'])
    const migrator = project.migrator(t({ email }))
    await migrator.create('second', { ...yes, drop: ['view:report'] })
    await migrator.upgrade()
    await migrator.downgrade('-1')
    expect(await project.database.rows('SELECT * FROM report')).toEqual([])
  })
})
