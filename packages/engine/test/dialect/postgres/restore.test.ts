import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { DataSource, type DataSourceOptions } from 'typeorm'

import { postgresUrl } from '../../../../../tools/testing/databases'
import { TransactionPooler } from '../../../../../tools/testing/pooler'
import { hasPgTools } from '../../../../../tools/testing/pg-tools'
import { lock } from '../../../src/dialect/postgres/lock'
import { quote } from '../../../src/dialect/postgres/names'
import { Migrator } from '../../../src/migrator'
import type { MigratorOptions } from '../../../src/project/options'
import { runScript, uniqueName, urlOf } from './support'

jest.setTimeout(120_000)

/** Needs `pg_dump` and `pg_restore` that are not older than the server. */
const withTools = hasPgTools ? describe : describe.skip

withTools('restoring a database', () => {
  const admin = new DataSource({ type: 'postgres', url: postgresUrl(), poolSize: 2 })
  const [owner, reader, gone, poor] = ['owner', 'read "er"', 'gone', 'poor'].map(uniqueName) as [
    string,
    string,
    string,
    string,
  ]
  const password = 'sEcret'
  let directory: string
  let name: string
  const opened: DataSource[] = []

  beforeAll(async () => {
    await admin.initialize()
    for (const role of [owner, reader, gone]) await admin.query(`CREATE ROLE ${quote(role)}`)
    await admin.query(`CREATE ROLE ${quote(poor)} LOGIN PASSWORD '${password}'`)
  })
  afterAll(async () => {
    for (const role of [owner, reader, gone, poor]) await admin.query(`DROP ROLE IF EXISTS ${quote(role)}`)
    await admin.destroy()
  })
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'aludel-restore-'))
    name = uniqueName('restored')
    await admin.query(`CREATE DATABASE ${quote(name)} TEMPLATE template0`)
  })
  afterEach(async () => {
    for (const dataSource of opened.splice(0)) if (dataSource.isInitialized) await dataSource.destroy()
    for (const one of await databases()) await admin.query(`DROP DATABASE IF EXISTS ${quote(one)} WITH (FORCE)`)
    await rm(directory, { recursive: true, force: true })
  })

  const databases = async (): Promise<string[]> => {
    const start = name.slice(0, 14)
    const rows = await admin.query<{ datname: string }[]>('SELECT datname::text FROM pg_database ORDER BY 1')
    return rows.map((row) => row.datname).filter((one) => one.startsWith(start))
  }
  const migrator = (options: Partial<MigratorOptions> = {}, source: Partial<DataSourceOptions> = {}): Migrator =>
    new Migrator({
      dataSource: new DataSource({ type: 'postgres', url: urlOf(name), ...source } as DataSourceOptions),
      revisions: directory,
      root: directory,
      cacheDirectory: null,
      ...options,
    })
  const inDatabase = async (script: string, database = name): Promise<void> => {
    const dataSource = await new DataSource({ type: 'postgres', url: urlOf(database) }).initialize()
    await runScript(dataSource, script)
    await dataSource.destroy()
  }
  const rows = async (sql: string, database = name): Promise<unknown> => {
    const dataSource = await new DataSource({ type: 'postgres', url: urlOf(database) }).initialize()
    try {
      return await dataSource.query(sql)
    } finally {
      await dataSource.destroy()
    }
  }
  const backUp = async (): Promise<string> => {
    const one = migrator()
    const { id } = await one.createBackup()
    await one.close()
    return id
  }
  const settings = (): Promise<unknown> =>
    admin.query(
      `SELECT pg_get_userbyid(datdba)::text AS owner, pg_encoding_to_char(encoding)::text AS encoding, datcollate, datconnlimit, datacl::text,
         shobj_description(oid, 'pg_database') AS comment,
         (SELECT json_agg(json_build_array(setrole::regrole::text, setconfig) ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = d.oid) AS parameters
       FROM pg_database d WHERE datname = $1`,
      [name],
    )

  test('brings owner, rights, comment, limits and parameters along', async () => {
    await admin.query(`DROP DATABASE ${quote(name)}`)
    await admin.query(
      `CREATE DATABASE ${quote(name)} TEMPLATE template0 OWNER ${quote(owner)} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' CONNECTION LIMIT 7`,
    )
    await admin.query(`REVOKE ALL ON DATABASE ${quote(name)} FROM PUBLIC`)
    await admin.query(`GRANT CONNECT ON DATABASE ${quote(name)} TO ${quote(reader)} WITH GRANT OPTION`)
    await admin.query(`COMMENT ON DATABASE ${quote(name)} IS 'it''s "ours"'`)
    await admin.query(`ALTER DATABASE ${quote(name)} SET search_path = app, "a b", public`)
    await admin.query(`ALTER DATABASE ${quote(name)} SET "my.tenant" = 'a, "b"'`)
    await admin.query(`ALTER ROLE ${quote(reader)} IN DATABASE ${quote(name)} SET statement_timeout = '5s'`)
    await inDatabase(
      `CREATE SCHEMA app AUTHORIZATION ${quote(owner)};
       CREATE TABLE app.t (id integer);
       ALTER TABLE app.t OWNER TO ${quote(owner)};
       GRANT SELECT ON app.t TO ${quote(reader)};
       COMMENT ON TABLE app.t IS 'a comment';\n`,
    )
    const before = await settings()
    const id = await backUp()
    await admin.query(`ALTER DATABASE ${quote(name)} RESET ALL`)
    await admin.query(`COMMENT ON DATABASE ${quote(name)} IS 'another'`)
    await migrator().restoreBackup(id)
    expect(await settings()).toEqual(before)
    expect(
      await rows(
        `SELECT pg_get_userbyid(relowner)::text AS owner, obj_description(oid) AS comment, has_table_privilege('${reader}', oid, 'SELECT') AS reads
         FROM pg_class WHERE relname = 't'`,
      ),
    ).toEqual([{ owner, comment: 'a comment', reads: true }])
  })

  test('names the roles that are missing before it begins, and restores without them when told to', async () => {
    await inDatabase(
      `CREATE TABLE t (id integer);
       INSERT INTO t VALUES (1);
       ALTER TABLE t OWNER TO ${quote(gone)};
       GRANT SELECT ON t TO ${quote(reader)};\n`,
    )
    const id = await backUp()
    await admin.query(`DROP DATABASE ${quote(name)}`)
    await admin.query(`DROP ROLE ${quote(gone)}`)
    try {
      await expect(migrator().restoreBackup(id)).rejects.toMatchObject({
        code: 'ALUDEL_RESTORE',
        message: `the backup names roles that this server does not have: ${gone}`,
        help: expect.stringMatching(/CREATE ROLE[^]*--no-owner/) as string,
        details: { roles: [gone] },
      })
      expect(await databases()).toEqual([])
      await migrator().restoreBackup(id, { owners: false })
      expect(
        await rows("SELECT pg_get_userbyid(relowner)::text AS owner, relacl FROM pg_class WHERE relname = 't'"),
      ).toEqual([{ owner: new URL(postgresUrl()).username, relacl: null }])
    } finally {
      await admin.query(`CREATE ROLE ${quote(gone)}`)
    }
  })

  test('refuses a role that may not create databases, with the statements that allow it', async () => {
    await inDatabase('CREATE TABLE t (id integer);\n')
    const id = await backUp()
    const login = { url: urlOf(name, { name: poor, password }) }
    await expect(migrator({}, login).restoreBackup(id)).rejects.toMatchObject({
      code: 'ALUDEL_PERMISSION',
      help: expect.stringMatching(/ALTER ROLE .* CREATEDB;[^]*A backup of tables/) as string,
      details: {
        role: poor,
        grants: [
          `ALTER ROLE ${quote(poor)} CREATEDB`,
          `GRANT ${quote(new URL(postgresUrl()).username)} TO ${quote(poor)}`,
        ],
      },
    })
    expect(await databases()).toEqual([name])
  })

  test('lets an owner with the right to create databases restore', async () => {
    await admin.query(`ALTER ROLE ${quote(poor)} CREATEDB`)
    await admin.query(`ALTER DATABASE ${quote(name)} OWNER TO ${quote(poor)}`)
    try {
      const login = { url: urlOf(name, { name: poor, password }) }
      const one = migrator({}, login)
      const dataSource = await one.connect()
      await dataSource.query('CREATE SCHEMA app')
      await dataSource.query('CREATE TABLE app.t AS SELECT 1 AS id')
      const { id } = await one.createBackup()
      await one.close()
      const { kept } = await migrator({}, login).restoreBackup(id)
      expect(await rows('SELECT id FROM app.t')).toEqual([{ id: 1 }])
      expect(await databases()).toEqual([name, kept].sort())
    } finally {
      for (const one of await databases())
        await admin.query(`ALTER DATABASE ${quote(one)} OWNER TO ${quote(new URL(postgresUrl()).username)}`)
      await admin.query(`ALTER ROLE ${quote(poor)} NOCREATEDB`)
    }
  })

  test('refuses while others are connected, and ends their sessions when told to', async () => {
    await inDatabase('CREATE TABLE t (id integer);\n')
    const id = await backUp()
    const other = await new DataSource({ type: 'postgres', url: urlOf(name), applicationName: 'web' }).initialize()
    opened.push(other)
    await expect(migrator().restoreBackup(id)).rejects.toMatchObject({
      code: 'ALUDEL_CONNECTED',
      message: expect.stringContaining('(web, user') as string,
    })
    expect(await other.query('SELECT 1 AS alive')).toEqual([{ alive: 1 }])
    let shown: unknown
    const { kept } = await migrator().restoreBackup(id, {
      disconnect: true,
      confirm: (plan) => {
        shown = plan.disconnected
        return Promise.resolve(true)
      },
    })
    expect(shown).toMatchObject([{ application: 'web', canBeEnded: true }])
    expect(await databases()).toEqual([name, kept].sort())
  })

  test('refuses a database with a prepared transaction, if the server allows them', async () => {
    const [setting] = await admin.query<{ max: string }[]>('SHOW max_prepared_transactions')
    if (Object.values(setting ?? {})[0] === '0') return
    await inDatabase(
      `CREATE TABLE t (id integer);\nBEGIN;\nINSERT INTO t VALUES (1);\nPREPARE TRANSACTION 'two phases';\n`,
    )
    const id = await backUp()
    await expect(migrator().restoreBackup(id, { disconnect: true })).rejects.toMatchObject({
      code: 'ALUDEL_CONNECTED',
      message: expect.stringContaining('prepared transaction two phases') as string,
    })
    await inDatabase(`ROLLBACK PREPARED 'two phases';\n`)
  })

  test('ends leases of the backup, and gives greater numbers to those that follow', async () => {
    const one = await new DataSource({ type: 'postgres', url: urlOf(name), poolSize: 3 }).initialize()
    opened.push(one)
    const take = async (): Promise<() => Promise<void>> => {
      const runner = one.createQueryRunner()
      const held = await lock(runner, { key: 'migrations', timeoutMs: 0, kind: 'lease' })
      return async () => {
        await held.release()
        await runner.release()
      }
    }
    const release = await take()
    const id = await backUp()
    await release()
    for (let times = 0; times < 3; times += 1) await (await take())()
    const [before] = await one.query<{ token: string }[]>('SELECT token FROM aludel_lock')
    await one.destroy()
    await migrator().restoreBackup(id)
    expect(await rows('SELECT owner, run_id, token FROM aludel_lock')).toEqual([
      { owner: null, run_id: null, token: String(Number(before?.token) + 1) },
    ])
    expect(await migrator().unlock()).toEqual({ lock: null, removed: false })
  })

  test('replaces a database that accepts no connections', async () => {
    await inDatabase('CREATE TABLE t (id integer);\n')
    const id = await backUp()
    await admin.query(`ALTER DATABASE ${quote(name)} ALLOW_CONNECTIONS false`)
    await migrator().restoreBackup(id)
    expect(await rows('SELECT id FROM t')).toEqual([])
  })

  test('removes the unfinished database of a killed restore, and reports it before', async () => {
    await inDatabase('CREATE TABLE t (id integer);\n')
    const id = await backUp()
    const { kept } = await migrator().restoreBackup(id)
    const left = (kept ?? '').replace('_before_restore_', '_aludel_restore_')
    await admin.query(`CREATE DATABASE ${quote(left)} TEMPLATE template0`)
    const one = migrator()
    expect(await one.info()).toMatchObject({
      leftovers: [
        { kind: 'unfinished', name: left },
        { kind: 'replaced', name: kept },
      ],
    })
    await one.close()
    // A program of the killed restore may still be at work.
    opened.push(await new DataSource({ type: 'postgres', url: urlOf(left) }).initialize())
    expect(await migrator().restoreBackup(id)).toMatchObject({ removed: [left] })
    expect(await databases()).toEqual([name, kept, `${kept ?? ''}-2`].sort())
  })

  test('uses the database that was named to connect to meanwhile', async () => {
    await inDatabase('CREATE TABLE t (id integer);\n')
    const id = await backUp()
    await expect(migrator().restoreBackup(id, { maintenanceDatabase: 'missing' })).rejects.toMatchObject({
      code: 'ALUDEL_CONNECT',
      help: expect.stringContaining('--maintenance-database') as string,
    })
    await migrator().restoreBackup(id, { maintenanceDatabase: 'template1' })
  })

  test('does not drop a replaced database that is in use', async () => {
    await inDatabase('CREATE TABLE t (id integer);\n')
    const { kept } = await migrator().restoreBackup(await backUp())
    const user = await new DataSource({ type: 'postgres', url: urlOf(kept ?? '') }).initialize()
    opened.push(user)
    const one = migrator()
    await expect(one.dropReplaced()).rejects.toMatchObject({ code: 'ALUDEL_CONNECTED' })
    await user.destroy()
    await one.close()
  })

  test('finds no programs that read the backup, and says which', async () => {
    await inDatabase('CREATE TABLE t (id integer);\n')
    const id = await backUp()
    await expect(migrator({ backups: { tools: directory } }).restoreBackup(id)).rejects.toMatchObject({
      code: 'ALUDEL_BACKUP_TOOLS',
    })
    expect(await databases()).toEqual([name])
  })

  test('cannot be interrupted any more once it replaces the database', async () => {
    await inDatabase('CREATE TABLE t (id integer);\n')
    const id = await backUp()
    const controller = new AbortController()
    const one = migrator({
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'progress' && event.message === 'replacing the database') controller.abort(new Error('late'))
      },
    })
    const { kept } = await one.restoreBackup(id)
    expect(await databases()).toEqual([name, kept].sort())
  })

  test('leaves nothing when the dump cannot be restored here', async () => {
    await inDatabase(
      `CREATE FUNCTION f() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1/0';
       CREATE TABLE t (id integer);
       INSERT INTO t VALUES (1);
       CREATE TABLE u (id integer DEFAULT 1);\n`,
    )
    // Valid when it was added, and not for rows that are restored.
    await inDatabase(
      `ALTER TABLE t ADD CONSTRAINT fails CHECK (id < 5 OR f() = 1) NOT VALID;\nALTER TABLE t DISABLE TRIGGER ALL;\n`,
    )
    await inDatabase(`CREATE FUNCTION g(integer) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN $1 < 5; END';
      ALTER TABLE t ADD CONSTRAINT below CHECK (g(id));
      CREATE OR REPLACE FUNCTION g(integer) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN $1 > 5; END';\n`)
    const id = await backUp()
    await expect(migrator().restoreBackup(id)).rejects.toMatchObject({
      code: 'ALUDEL_RESTORE',
      message: expect.stringMatching(/cannot be restored: .*check constraint/) as string,
    })
    expect(await databases()).toEqual([name])
  })

  describe('through a connection pooler', () => {
    const poolers: TransactionPooler[] = []
    afterEach(async () => {
      for (const pooler of poolers.splice(0)) await pooler.close()
    })
    const through = async (mode: 'transaction' | 'session'): Promise<Partial<DataSourceOptions>> => {
      const pooler = new TransactionPooler(urlOf(name), { mode })
      poolers.push(pooler)
      return { url: await pooler.listen() }
    }

    test.each(['session', 'lease'] as const)(
      'in transaction mode, it is refused, and leaves no lock in the pooler (lock: %s)',
      async (lock) => {
        await inDatabase('CREATE TABLE t (id integer);\n')
        const id = await backUp()
        const source = await through('transaction')
        for (let again = 0; again < 2; again++) {
          await expect(migrator({}, source).restoreBackup(id, { lock })).rejects.toMatchObject({
            code: 'ALUDEL_POOLER',
            help: expect.not.stringContaining('lease') as string,
          })
        }
        await migrator().restoreBackup(id, { disconnect: true })
      },
    )

    test('in session mode, the sessions that it keeps open are ended when told to', async () => {
      await inDatabase('CREATE TABLE t (id integer);\nINSERT INTO t VALUES (1);\n')
      const id = await backUp()
      await inDatabase('DELETE FROM t;\n')
      const source = await through('session')
      await expect(migrator({}, source).restoreBackup(id)).rejects.toMatchObject({ code: 'ALUDEL_CONNECTED' })
      await migrator({}, source).restoreBackup(id, { disconnect: true })
      expect(await rows('SELECT id FROM t')).toEqual([{ id: 1 }])
    })
  })
})
