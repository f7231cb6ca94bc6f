import { DataSource, type DataSourceOptions, DefaultNamingStrategy } from 'typeorm'

import type { ShadowDatabase, ShadowServer } from '../../../src/dialect/roles/shadow'
import { createEntities } from '../../../src/dialect/postgres/create-entities'
import { openShadow } from '../../../src/dialect/postgres/shadow'
import { entities } from './entities'
import { ignoreTables } from '../../support/ignore-tables'
import { read, runScript, TestDatabases, uniqueName, urlOf, withRunner } from './support'
import { introspect } from '../../../src/dialect/postgres/introspect'
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm'

import { postgresMajor, sqliteType } from '../../../../../tools/testing/databases'
@Entity('notes')
class Note {
  @PrimaryGeneratedColumn('uuid') id!: string
  @Column({ type: 'varchar', length: 20, nullable: true }) text!: string
}

@Entity({ name: 'elsewhere', schema: 'other' })
class Elsewhere {
  @PrimaryGeneratedColumn() id!: number
}

const databases = new TestDatabases()
const servers: ShadowServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})
afterAll(() => databases.close())

const template = (options: Partial<DataSourceOptions>): DataSource =>
  new DataSource({ type: 'postgres', entities: [Note], ...options } as DataSourceOptions)

async function open(dataSource: DataSource, url?: string): Promise<ShadowServer> {
  const server = await openShadow({ template: dataSource, ...(url === undefined ? {} : { url }) })
  servers.push(server)
  return server
}

async function shadowNames(): Promise<string[]> {
  const rows = await (
    await databases.admin()
  ).query<{ name: string }[]>(`SELECT datname AS name FROM pg_database WHERE datname ~ $1`, [
    `^aludel_shadow_${String(process.pid)}_`,
  ])
  return rows.map(({ name }) => name)
}

describe('a kept shadow database', () => {
  test('is the origin of copies, and is removed with the server', async () => {
    const server = await open(template({ url: urlOf(await databases.create()) }))
    const database = await server.open()
    await database.dataSource.query('CREATE TABLE "t" ("id" serial PRIMARY KEY, "a" text)')
    await database.dataSource.query(`INSERT INTO "t" ("a") VALUES ('kept')`)
    const before = (await shadowNames()).length
    const origin = await server.keep(database)
    expect(database.dataSource.isInitialized).toBe(false)
    const [first, second] = [await origin?.copy(), await origin?.copy()]
    if (origin === undefined || first === undefined || second === undefined) throw new Error('it is not kept')
    expect(first.dataSource.hasMetadata(Note)).toBe(true)
    await first.dataSource.query(`INSERT INTO "t" ("a") VALUES ('of the first')`)
    expect(await first.dataSource.query('SELECT * FROM "t" ORDER BY 1')).toEqual([
      { id: 1, a: 'kept' },
      { id: 2, a: 'of the first' },
    ])
    expect(await second.dataSource.query('SELECT * FROM "t"')).toEqual([{ id: 1, a: 'kept' }])
    // A copy can be kept as well.
    const next = await server.keep(second)
    const third = await next?.copy()
    expect(await third?.dataSource.query('SELECT * FROM "t"')).toEqual([{ id: 1, a: 'kept' }])
    await first.drop()
    await origin.drop()
    expect(await shadowNames()).toHaveLength(before + 1)
    await server.close()
    expect(await shadowNames()).toHaveLength(before - 1)
  })
})

describe("openShadow on the template's own server", () => {
  /** The database of the template: it only identifies the server, and nothing is written to it. */
  let base: string
  beforeAll(async () => {
    base = await databases.create()
  })

  test('connects what it has described, so that the entities are read once', async () => {
    let names = 0
    class Counting extends DefaultNamingStrategy {
      override columnName(propertyName: string, customName: string, prefixes: string[]): string {
        names++
        return super.columnName(propertyName, customName, prefixes)
      }
    }
    const server = await open(template({ url: urlOf(base), namingStrategy: new Counting() }))
    const described = await server.describe()
    expect(await shadowNames()).toEqual([])
    const once = names
    const { dataSource } = await server.open()
    expect(dataSource).toBe(described.dataSource)
    expect(names).toBe(once)
    await dataSource.synchronize()
    expect((await read(dataSource)).tables.map((table) => table.name)).toEqual(['notes'])
    expect(await dataSource.query('SELECT current_database() AS name')).toEqual([{ name: (await shadowNames())[0] }])
    const other = await server.open()
    expect(other.dataSource).not.toBe(dataSource)
    expect((await read(other.dataSource)).tables).toEqual([])
  })

  test('opens a new empty database each time, and removes it on drop or close', async () => {
    const server = await open(template({ url: urlOf(base) }))
    const [first, second] = [await server.open(), await server.open()]
    expect(await shadowNames()).toHaveLength(2)
    await first.dataSource.synchronize()
    expect((await read(first.dataSource)).tables.map((table) => table.name)).toEqual(['notes'])
    expect((await read(second.dataSource)).tables).toEqual([])
    // Even while a session is connected to it.
    first.dataSource.createQueryRunner()
    await withRunner(first.dataSource, (runner) => runner.query('SELECT 1'))
    await first.drop()
    await first.drop()
    expect(await shadowNames()).toHaveLength(1)
    await server.close()
    expect(second.dataSource.isInitialized).toBe(false)
    expect(await shadowNames()).toEqual([])
    expect((await read(await databases.open({}, base))).tables).toEqual([])
  })

  describe('when a database is given back', () => {
    /** What the catalogs contain about a database, without object ids. */
    const fingerprint = async (dataSource: DataSource): Promise<unknown> => {
      const [row] = await dataSource.query<object[]>(
        `SELECT (SELECT count(*) FROM pg_class WHERE relpersistence <> 't') AS classes, (SELECT count(*) FROM pg_proc) AS routines,
           (SELECT count(*) FROM pg_type) AS types, (SELECT count(*) FROM pg_depend) AS dependencies,
           (SELECT json_agg(json_build_array(nspname, pg_get_userbyid(nspowner), nspacl, obj_description(oid)) ORDER BY nspname)
            FROM pg_namespace WHERE nspname !~ '^pg_(?:toast_)?temp') AS schemas,
           (SELECT json_agg(extname ORDER BY extname) FROM pg_extension) AS extensions,
           current_setting('search_path') AS path, current_setting('TimeZone') AS zone, current_user AS role,
           (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory') AS locks,
           (SELECT count(*) FROM pg_prepared_statements) AS prepared`,
      )
      return row
    }
    const databaseOf = async ({ dataSource }: ShadowDatabase): Promise<unknown> =>
      (await dataSource.query<{ name: string }[]>('SELECT current_database()::text AS name'))[0]?.name

    const entitiesOfAll = [Note, Elsewhere]

    test('reuses it in its original state, with the extensions and the schema that the entities need', async () => {
      const server = await open(template({ url: urlOf(base), entities: entitiesOfAll, schema: 'own' }))
      const first = await server.open()
      const [name, before] = [await databaseOf(first), await fingerprint(first.dataSource)]
      await createEntities(first.dataSource)
      await runScript(
        first.dataSource,
        `CREATE TYPE "mood" AS ENUM ('good', 'bad');
         CREATE TABLE public."t" ("id" serial PRIMARY KEY, "mood" "mood" DEFAULT 'good');
         CREATE VIEW public."v" AS SELECT * FROM public."t";
         CREATE FUNCTION public."f"() RETURNS integer LANGUAGE sql AS 'SELECT 1';
         CREATE EXTENSION "citext";
         CREATE STATISTICS public."s" ON "id", "mood" FROM public."t";
         CREATE TEMPORARY TABLE "mine" ("id" integer);
         SET TimeZone = 'Asia/Tokyo';
         SET search_path = pg_catalog;
         SELECT pg_advisory_lock(42);
         PREPARE "p" AS SELECT 1;
        `,
      )
      await first.giveBack()
      const second = await server.open()
      expect(await databaseOf(second)).toBe(name)
      expect(await fingerprint(second.dataSource)).toEqual(before)
      expect((await read(second.dataSource)).tables).toEqual([])
      await createEntities(second.dataSource)
      const another = await server.open()
      expect(await databaseOf(another)).not.toBe(name)
      await createEntities(another.dataSource)
      expect(await read(second.dataSource)).toEqual(await read(another.dataSource))
    })

    const traces = [
      [
        'a setting of the database',
        `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''UTC''', current_database()); END $$`,
      ],
      [
        'rights on the database',
        `DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO PUBLIC', current_database()); END $$`,
      ],
      ['default privileges', 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC'],
      ['a large object', 'SELECT lo_create(0)'],
      ['a cast', 'CREATE CAST (text AS bytea) WITHOUT FUNCTION'],
      ['a publication', 'CREATE PUBLICATION "news"'],
      ['a foreign data wrapper', 'CREATE FOREIGN DATA WRAPPER "elsewhere"'],
      ['an open transaction', 'BEGIN'],
    ] as const

    test('removes it if it has traces that cannot be reset, such as settings, privileges or large objects', async () => {
      const server = await open(template({ url: urlOf(base) }))
      let shadow = await server.open()
      for (const [what, sql] of traces) {
        const name = await databaseOf(shadow)
        await shadow.dataSource.query(sql)
        await shadow.giveBack()
        shadow = await server.open()
        expect([what, await databaseOf(shadow)]).not.toEqual([what, name])
        expect([what, await shadowNames()]).toEqual([what, [await databaseOf(shadow)]])
      }
    })

    // Before PostgreSQL 15, the schema public belongs to the superuser, and only the superuser can recreate it.
    const again = postgresMajor >= 15
    test(`${again ? 'reuses' : 'removes'} it for a user who may only create databases`, async () => {
      const role = uniqueName('maker')
      const admin = await databases.admin()
      await admin.query(`CREATE ROLE "${role}" LOGIN CREATEDB PASSWORD 'pass'`)
      try {
        const server = await open(template({ url: urlOf(base, { name: role, password: 'pass' }), entities: [Note] }))
        try {
          const first = await server.open()
          const [made, before] = [await databaseOf(first), await fingerprint(first.dataSource)]
          await createEntities(first.dataSource)
          await first.giveBack()
          const second = await server.open()
          expect((await databaseOf(second)) === made).toBe(again)
          expect(await fingerprint(second.dataSource)).toEqual(before)
        } finally {
          await server.close()
        }
      } finally {
        await admin.query(`DROP ROLE "${role}"`)
      }
    })

    test('removes it if a session is still connected to it', async () => {
      const server = await open(template({ url: urlOf(base) }))
      const first = await server.open()
      const name = await databaseOf(first)
      await first.dataSource.createQueryRunner().query('SELECT 1')
      await first.giveBack()
      expect(await databaseOf(await server.open())).not.toBe(name)
    })

    test('creates another one for different options, and removes all of them on close', async () => {
      const server = await open(template({ url: urlOf(base) }))
      const first = await server.open()
      await first.giveBack()
      const bare = await server.open({ entities: [] })
      expect(bare.dataSource.entityMetadatas).toEqual([])
      expect(await shadowNames()).toHaveLength(2)
      await bare.giveBack()
      expect(await shadowNames()).toHaveLength(1)
      await server.close()
      expect(await shadowNames()).toEqual([])
    })
  })

  test('keeps table and connection options of the template, but nothing that runs automatically', async () => {
    const told: string[] = []
    const logger = {
      logQuery: (sql: string) => told.push(sql),
      logQueryError: () => 0,
      logQuerySlow: () => 0,
      logSchemaBuild: () => 0,
      logMigration: () => 0,
      log: () => 0,
    }
    const server = await open(
      template({
        url: urlOf(base),
        entityPrefix: 'app_',
        metadataTableName: 'my_metadata',
        synchronize: true,
        migrationsRun: true,
        migrations: ['does/not/exist/*.ts'],
        dropSchema: true,
        logging: true,
        logger,
        extra: { max: 1, statement_timeout: 12_345 },
      }),
    )
    const { dataSource } = await server.open()
    expect((await read(dataSource)).tables).toEqual([])
    expect(dataSource.options).toMatchObject({
      entityPrefix: 'app_',
      metadataTableName: 'my_metadata',
      synchronize: false,
      migrationsRun: false,
      dropSchema: false,
    })
    expect(dataSource.entityMetadatas.map(({ tableName }) => tableName)).toEqual(['app_notes'])
    expect(await dataSource.query('SHOW statement_timeout')).toEqual([{ statement_timeout: '12345ms' }])
    const [a, b] = [dataSource.createQueryRunner(), dataSource.createQueryRunner()]
    await Promise.all([a.query('SELECT 1'), b.query('SELECT 1')])
    for (const runner of [a, b]) await runner.release()
    expect(told).toEqual([])
    const bare = await server.open({ entities: [] })
    expect(bare.dataSource.entityMetadatas).toEqual([])
  })

  test('uses the encoding and collation of the configured database', async () => {
    const name = uniqueName('latin')
    const admin = await databases.admin()
    await admin.query(`CREATE DATABASE "${name}" TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'`)
    try {
      const server = await open(template({ url: urlOf(name) }))
      const shadow = await server.open()
      expect(
        await shadow.dataSource.query(
          `SELECT pg_encoding_to_char(encoding) AS e, datcollate AS c FROM pg_database WHERE datname = current_database()`,
        ),
      ).toEqual([{ e: 'SQL_ASCII', c: 'C' }])
      await shadow.drop()
      await server.close()
    } finally {
      await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`)
    }
  })

  test('uses the default schema of the configured database', async () => {
    const name = await databases.create()
    const admin = await databases.admin()
    await runScript(await databases.open({}, name), 'CREATE SCHEMA "my app";\nDROP SCHEMA "public";\n')
    await admin.query(`ALTER DATABASE "${name}" SET search_path = "my app", public`)
    const server = await open(template({ url: urlOf(name), schema: 'my app' }))
    const { dataSource } = await server.open()
    await dataSource.synchronize()
    const schema = await read(dataSource)
    expect(schema.tables.map((table) => [table.schema, table.name])).toEqual([[undefined, 'notes']])
    expect(schema.schemas).toEqual([])
  })

  test('works when the configured database does not exist', async () => {
    const server = await open(template({ url: urlOf(uniqueName('not_made')) }))
    expect((await server.open()).dataSource.isInitialized).toBe(true)
    expect(server.setting).toMatch(/^\["\d+\.\d+"/)
  })

  test('uses another server when its URL is given', async () => {
    const server = await open(template({ url: 'postgres://nobody@127.0.0.1:1/nowhere' }), urlOf(base))
    expect((await server.open()).dataSource.isInitialized).toBe(true)
  })

  test('reports an unreachable server without its password', async () => {
    const error: unknown = await open(template({ url: 'postgres://somebody:topsecret@127.0.0.1:1/x' })).catch(
      (caught: unknown) => caught,
    )
    expect(error).toMatchObject({ code: 'ALUDEL_CONNECT', message: 'nothing listens at 127.0.0.1:1' })
    expect(JSON.stringify(error) + String(error)).not.toContain('topsecret')
  })

  test('creates schemas of entities together with their tables, not before', async () => {
    const server = await open(
      template({
        url: urlOf(base),
        entities: [Note, Elsewhere],
        schema: 'app',
      }),
    )
    const { dataSource } = await server.open()
    // The schema of the DataSource exists already, because the history is in it.
    expect((await read(dataSource)).schemas).toEqual(['app'])
    await createEntities(dataSource)
    const schema = await read(dataSource)
    expect(schema.schemas).toEqual(['app', 'other'])
    expect(schema.tables.map((table) => [table.schema, table.name])).toEqual([
      ['app', 'notes'],
      ['other', 'elsewhere'],
    ])
  })

  test("passes on TypeORM's error for an invalid entity, and leaves no database", async () => {
    class Wrong {
      name = 'no columns'
    }
    Entity('wrong')(Wrong)
    const server = await open(template({ url: urlOf(base), entities: [Wrong] }))
    await expect(server.open()).rejects.toThrow(/primary column/)
    expect(await shadowNames()).toEqual([])
  })

  test('removes old databases of killed runs when it makes one, but none that is in use or young', async () => {
    const admin = await databases.admin()
    const made = (hoursAgo: number): string =>
      `aludel_shadow_99999999_${(Date.now() - hoursAgo * 3_600_000).toString(36)}_${process.pid.toString(16)}`
    const [old, used, young] = [made(3), made(2), made(0.5)]
    for (const name of [old, young]) await admin.query(`CREATE DATABASE "${name}"`)
    // Other tests remove old databases too, but cannot remove a template; this is a template until a session is connected.
    await admin.query(`CREATE DATABASE "${used}" IS_TEMPLATE true`)
    const user = await databases.open({}, used)
    await admin.query(`ALTER DATABASE "${used}" IS_TEMPLATE false`)
    const server = await open(template({ url: urlOf(base) }))
    await server.open()
    const left = await admin.query<{ name: string }[]>(
      `SELECT datname AS name FROM pg_database WHERE datname = ANY ($1) ORDER BY 1`,
      [[old, used, young]],
    )
    await user.destroy()
    for (const { name } of left) await admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
    expect(left.map(({ name }) => name)).toEqual([used, young].sort())
  })
})

describe('openShadow without permission to create databases', () => {
  let role: string
  let name: string
  beforeAll(async () => {
    role = uniqueName('user')
    name = await databases.create()
    const admin = await databases.admin()
    await runScript(
      admin,
      `CREATE ROLE "${role}" LOGIN PASSWORD 'pass';\nGRANT CREATE ON DATABASE "${name}" TO "${role}";\n`,
    )
    const owner = await databases.open({}, name)
    await runScript(
      owner,
      `CREATE EXTENSION "uuid-ossp";
CREATE TABLE "notes" ("id" integer PRIMARY KEY);
INSERT INTO "notes" VALUES (1);
GRANT ALL ON SCHEMA "public" TO "${role}";
ALTER TABLE "notes" OWNER TO "${role}";
`,
    )
  })
  afterAll(async () => {
    await runScript(await databases.open({}, name), `DROP OWNED BY "${role}" CASCADE;\n`)
    await runScript(await databases.admin(), `REVOKE ALL ON DATABASE "${name}" FROM "${role}";\nDROP ROLE "${role}";\n`)
  })
  const limited = (options: Partial<DataSourceOptions> = {}): DataSource =>
    template({ url: urlOf(name, { name: role, password: 'pass' }), ...options })

  test('uses a temporary schema that reads like a separate database, and drops it', async () => {
    const server = await open(limited())
    const shadow = await server.open()
    expect(await shadowNames()).toEqual([])
    expect((await read(shadow.dataSource)).tables).toEqual([])
    await shadow.dataSource.synchronize()
    const schema = await read(shadow.dataSource)

    const elsewhere = await (await open(template({ url: urlOf(await databases.create()) }))).open()
    await elsewhere.dataSource.synchronize()
    expect({ ...schema, extensions: [] }).toEqual({ ...(await read(elsewhere.dataSource)), extensions: [] })

    await withRunner(shadow.dataSource, async (runner) => {
      await runner.query(`INSERT INTO "notes" ("text") VALUES ('a')`)
      await runner.query('DROP TABLE "notes"')
      expect((await introspect(runner, { ignoreTables })).tables).toEqual([])
    })
    await shadow.drop()
    const owner = await databases.open({}, name)
    expect(await owner.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'aludel%'`)).toEqual([])
    expect(await owner.query('SELECT * FROM "notes"')).toEqual([{ id: 1 }])
  })

  test('copies no temporary schema, and leaves one that should be kept as it is', async () => {
    const server = await open(limited())
    const shadow = await server.open()
    await shadow.dataSource.query('CREATE TABLE "t" ("id" integer)')
    expect(await server.keep(shadow)).toBeUndefined()
    expect(await shadow.dataSource.query('SELECT * FROM "t"')).toEqual([])
  })

  test('refuses statements that could touch real tables', async () => {
    const { dataSource } = await (await open(limited())).open()
    const owner = await databases.open({}, name)
    for (const sql of [
      'DROP TABLE public.notes',
      'DROP TABLE "public"."notes"',
      'UPDATE PUBLIC . notes SET id = 2',
      'CREATE TYPE "public"."mood" AS ENUM ()',
      'SET search_path TO public',
      'set local search_path = public',
      'CREATE SCHEMA "app"',
      '-- away\nDROP SCHEMA public CASCADE',
      `DO $do$ BEGIN EXECUTE 'DROP SCHEMA "public" CASCADE'; EXCEPTION WHEN others THEN NULL; END $do$`,
      `DO 'BEGIN DELETE FROM public.notes; END'`,
    ]) {
      await expect(dataSource.query(sql).then(() => sql)).rejects.toMatchObject({ code: 'ALUDEL_SHADOW' })
      expect([sql, await owner.query('SELECT * FROM "notes"')]).toEqual([sql, [{ id: 1 }]])
    }
  })

  test('refuses an entity with a schema of its own', async () => {
    const owner = await databases.open({}, name)
    await runScript(owner, `CREATE SCHEMA IF NOT EXISTS "other" AUTHORIZATION "${role}";\n`)
    const { dataSource } = await (await open(limited({ entities: [Elsewhere] }))).open()
    await expect(dataSource.synchronize()).rejects.toMatchObject({
      code: 'ALUDEL_SHADOW',
      message: expect.stringContaining('the schema "other"') as string,
    })
    expect(await owner.query(`SELECT * FROM pg_tables WHERE schemaname = 'other'`)).toEqual([])
  })

  test('names the permission to grant when it may not create a schema either', async () => {
    const owner = await databases.admin()
    await owner.query(`REVOKE CREATE ON DATABASE "${name}" FROM "${role}"`)
    try {
      await expect((await open(limited())).open()).rejects.toMatchObject({
        code: 'ALUDEL_SHADOW',
        help: expect.stringContaining('CREATEDB') as string,
      })
    } finally {
      await owner.query(`GRANT CREATE ON DATABASE "${name}" TO "${role}"`)
    }
  })
})

test('openShadow starts an embedded server for a template of another dialect', async () => {
  const told: string[] = []
  const sqlite = new DataSource({
    type: sqliteType,
    database: ':memory:',
    entities: [Note],
    entityPrefix: 'x_',
    synchronize: true,
  })
  const server = await openShadow({ template: sqlite, onProgress: (message) => told.push(message) })
  servers.push(server)
  expect(told).toEqual(['starting an embedded PostgreSQL'])
  const { dataSource } = await server.open()
  await dataSource.synchronize()
  const schema = await read(dataSource)
  expect(schema.tables.map((table) => table.name)).toEqual(['x_notes'])
  const second = await server.open({ entities, entityPrefix: '' })
  await createEntities(second.dataSource)
  expect((await read(second.dataSource)).tables).toHaveLength(8)
})
