import { execFile, execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import type { DataSource } from 'typeorm'

import { postgresMajor } from '../../../../../tools/testing/databases'
import { writePgPrograms } from '../../../../../tools/testing/pg-programs'
import { check, copy } from '../../../src/dialect/postgres/backup'
import { describeBackup, estimateBackup, tablesOf } from '../../../src/dialect/postgres/backup-catalog'
import { findTools, toolsFor } from '../../../src/dialect/postgres/backup-tools'
import type { Copied, CopyOptions, CopyProgress } from '../../../src/dialect/roles/backup'
import { runScript, TestDatabases, uniqueName, urlOf, withRunner } from './support'

const execute = promisify(execFile)
const databases = new TestDatabases()
const password = 'sEcret w0rd'
const role = uniqueName('dumper')
const pathBefore = process.env['PATH']
let directory: string
let database: DataSource

beforeAll(async () => {
  const name = await databases.create()
  await runScript(await databases.admin(), `CREATE ROLE "${role}" LOGIN SUPERUSER PASSWORD '${password}';\n`)
  database = await databases.open({ url: urlOf(name, { name: role, password }) }, name)
  await runScript(database, 'CREATE TABLE "t" ("id" integer PRIMARY KEY);\nINSERT INTO "t" VALUES (1), (2);\n')
})
afterAll(async () => {
  // The session still runs as the role, so its objects are reassigned before it is dropped.
  const owner = new URL(urlOf('')).username
  await database.query(`REASSIGN OWNED BY "${role}" TO "${owner}"`)
  await database.destroy()
  await (await databases.admin()).query(`DROP ROLE "${role}"`)
  await databases.close()
})
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'aludel-backup-test-'))
})
afterEach(async () => {
  process.env['PATH'] = pathBefore
  await rm(directory, { recursive: true, force: true })
})

interface Made extends Copied {
  readonly file: string
}

const emptyFile = async (): Promise<string> => {
  const file = path.join(directory, 'before.dump')
  await writeFile(file, '', { mode: 0o600 })
  return file
}

const run = (options: Partial<CopyOptions> = {}, from: DataSource = database): Promise<Made> =>
  withRunner(from, async (runner) => {
    const file = await emptyFile()
    const copied = await copy(runner, {
      target: file,
      tools: await toolsFor(runner, undefined),
      onProgress: () => undefined,
      inSnapshot: () => Promise.resolve(),
      ...options,
    })
    return { ...copied, file }
  })

const problemsOf = (target: string, tables: Copied['tables'] | undefined): Promise<readonly string[]> =>
  check({ kind: 'database', target, tables, template: database, tools: undefined, onProgress: () => undefined })

/** Puts stand-ins for pg_dump and pg_restore first in PATH. */
async function fakeTools(dump?: string, restore?: string): Promise<void> {
  process.env['PATH'] = await writePgPrograms(directory, {
    ...(dump === undefined ? {} : { dump }),
    ...(restore === undefined ? {} : { restore }),
  })
}

/** Needs client programs that are not older than the server. */
const withTools = installedMajor() >= postgresMajor ? test : test.skip

function installedMajor(): number {
  try {
    return Number(/ (\d+)/.exec(execFileSync('pg_dump', ['--version'], { encoding: 'utf8' }))?.[1])
  } catch {
    return 0
  }
}

withTools('copy writes a dump that pg_restore restores, and that is private', async () => {
  const { file, program } = await run()
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(program).toMatch(/^pg_dump \d+/)
  const copied = await databases.create()
  await execute('pg_restore', ['--no-owner', '--dbname', urlOf(copied), file])
  const restored = await databases.open({}, copied)
  expect(await restored.query('SELECT count(*)::integer AS n FROM "t"')).toEqual([{ n: 2 }])
})

withTools('copy counts the rows of tables whatever their names, their kind and their values', async () => {
  const hostile = await databases.open()
  const script = [
    `CREATE SCHEMA "a ""b"".c"`,
    `CREATE TABLE "a ""b"".c"."copy; FROM stdin;\n--" (id integer, v text)`,
    `CREATE TABLE "ÄÖ" (id integer, total integer GENERATED ALWAYS AS (id * 2) STORED)`,
    `INSERT INTO "ÄÖ" SELECT generate_series(1, 5)`,
    `CREATE TABLE parts (id integer, region text) PARTITION BY LIST (region)`,
    `CREATE TABLE parts_eu PARTITION OF parts FOR VALUES IN ('eu')`,
    `CREATE TABLE parts_rest PARTITION OF parts DEFAULT`,
    `INSERT INTO parts SELECT i, CASE WHEN i < 4 THEN 'eu' ELSE 'us' END FROM generate_series(1, 10) i`,
    `CREATE TABLE parent (id integer)`,
    `CREATE TABLE child () INHERITS (parent)`,
    `INSERT INTO parent VALUES (1)`,
    `INSERT INTO child VALUES (2), (3)`,
    `CREATE TABLE nothing ()`,
    `INSERT INTO nothing DEFAULT VALUES`,
    `CREATE TABLE big (v text)`,
    `INSERT INTO big SELECT repeat('x', 3000000) FROM generate_series(1, 3)`,
    `SELECT lo_from_bytea(0, decode(repeat('00ff', 100000), 'hex'))`,
    `CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT 'COPY x FROM stdin;' $$`,
  ]
  for (const sql of script) await hostile.query(sql)
  await hostile.query(`INSERT INTO "a ""b"".c"."copy; FROM stdin;\n--" VALUES (1, $1), (2, $2), (3, NULL)`, [
    String.raw`\.`,
    'a\n\\.\nb',
  ])
  const { tables, file } = await run({}, hostile)
  expect(tables).toEqual([
    { schema: 'a "b".c', name: 'copy; FROM stdin;\n--', rows: 3 },
    { schema: 'public', name: 'big', rows: 3 },
    { schema: 'public', name: 'child', rows: 2 },
    { schema: 'public', name: 'nothing', rows: 1 },
    { schema: 'public', name: 'parent', rows: 1 },
    { schema: 'public', name: 'parts_eu', rows: 3 },
    { schema: 'public', name: 'parts_rest', rows: 7 },
    { schema: 'public', name: 'ÄÖ', rows: 5 },
  ])
  expect(await problemsOf(file, tables)).toEqual([])
  expect(await problemsOf(file, [{ schema: 'public', name: 'big', rows: 4 }])).toEqual([
    'public.big has 3 rows instead of 4',
  ])
})

withTools('copy has the rows of one moment, in which it also calls the caller, while others write', async () => {
  const busy = await databases.open()
  await runScript(busy, 'CREATE TABLE a (id serial);\nCREATE TABLE b (id serial);\n')
  const writer = await databases.open({}, new URL((busy.options as { url: string }).url).pathname.slice(1))
  let isWriting = true
  const writing = (async () => {
    while (isWriting)
      await writer.transaction(async (manager) => {
        await manager.query('INSERT INTO a DEFAULT VALUES')
        await manager.query('INSERT INTO b DEFAULT VALUES')
      })
  })()
  let seen = 0
  const { tables } = await run(
    {
      inSnapshot: async (session) => {
        seen = ((await session.query('SELECT count(*)::integer AS n FROM a')) as { n: number }[])[0]?.n ?? -1
      },
    },
    busy,
  )
  isWriting = false
  await writing
  expect(tables.map(({ rows }) => rows)).toEqual([seen, seen])
})

withTools('copy works after the caller failed in the snapshot, as a missing history does', async () => {
  const { tables } = await run({
    inSnapshot: async (session) => {
      await session.query('SELECT 1 FROM "no such table"').catch(() => undefined)
    },
  })
  expect(tables).toEqual([{ schema: 'public', name: 't', rows: 2 }])
})

withTools('copy fails for a role from which a policy hides rows, instead of leaving them out', async () => {
  const guarded = await databases.create()
  const admin = await databases.open({}, guarded)
  const reader = uniqueName('reader')
  await runScript(
    admin,
    `CREATE TABLE secrets (id integer);\nINSERT INTO secrets VALUES (1), (2);\nALTER TABLE secrets ENABLE ROW LEVEL SECURITY;\n` +
      `CREATE POLICY one ON secrets USING (id = 1);\nCREATE ROLE "${reader}" LOGIN PASSWORD '${password}';\n` +
      `GRANT SELECT ON secrets TO "${reader}";\n`,
  )
  const limited = await databases.open({ url: urlOf(guarded, { name: reader, password }) }, guarded)
  await expect(run({}, limited)).rejects.toMatchObject({
    code: 'ALUDEL_BACKUP',
    message: expect.stringContaining('row-level security') as string,
  })
  await admin.query(`DROP OWNED BY "${reader}"`)
  await limited.destroy()
  await (await databases.admin()).query(`DROP ROLE "${reader}"`)
})

test.each([
  ['truncated', async (file: string) => truncate(file, Math.floor((await stat(file)).size / 2))],
  ['foreign', (file: string) => writeFile(file, 'no archive')],
  ['empty', (file: string) => truncate(file, 0)],
])('check finds something wrong with a dump that is %s', async (_, damage) => {
  if (installedMajor() < postgresMajor) await fakeTools()
  const { file, tables } = await run()
  await damage(file)
  expect(await problemsOf(file, tables)).not.toEqual([])
})

test('copy passes the password in the environment, never in the arguments', async () => {
  await fakeTools(
    `echo "$@" > "$(dirname "$0")/args"; echo "$PGPASSWORD|$PGUSER|$PGDATABASE|$PGPORT" > "$(dirname "$0")/env"; echo data > "$4"`,
  )
  await expect(run()).rejects.toMatchObject({ code: 'ALUDEL_BACKUP' })
  const [args, env] = await Promise.all(['args', 'env'].map((name) => readFile(path.join(directory, name), 'utf8')))
  expect(args).not.toContain(password)
  const url = new URL(urlOf(''))
  expect(env).toBe(
    `${password}|${role}|${(await withRunner(database, (runner) => runner.getCurrentDatabase())) ?? ''}|${url.port === '' ? '5432' : url.port}\n`,
  )
})

const oid = async (): Promise<number> =>
  Number(((await database.query(`SELECT 't'::regclass::oid::bigint AS oid`)) as { oid: string }[])[0]?.oid)

test.each([
  [
    'pg_dump fails and prints the password',
    'echo half > "$4"; echo "no luck with $PGPASSWORD" >&2; exit 1',
    'exit 0',
    'the backup failed: no luck with ***',
  ],
  ['pg_dump is killed', 'echo half > "$4"; kill -9 $$', 'exit 0', 'the backup failed: pg_dump ended with SIGKILL'],
  [
    'the dump is empty',
    'echo data > "$4"',
    'echo ";     TOC Entries: 0"',
    'the backup failed: pg_restore found no entries in the dump',
  ],
  [
    'the dump cannot be read',
    'echo data > "$4"',
    'echo "input file is too short" >&2; exit 1',
    'the backup failed: input file is too short',
  ],
  ['a table is missing', 'echo data > "$4"', 'echo ";     TOC Entries: 5"', 'the backup has no data of table public.t'],
  [
    'a row is missing',
    'echo data > "$4"',
    `if [ "$1" = --list ]; then printf ';     TOC Entries: 5\\n1; 0 OID TABLE DATA public t x\\n'; else printf 'COPY public.t (id) FROM stdin;\\n1\\n\\\\.\\n'; fi`,
    'the backup has 1 rows of public.t where there are 2',
  ],
  [
    'it ends in the middle of a table',
    'echo data > "$4"',
    `if [ "$1" = --list ]; then printf ';     TOC Entries: 5\\n1; 0 OID TABLE DATA public t x\\n'; else printf 'COPY public.t (id) FROM stdin;\\n1\\n2\\n'; fi`,
    'the backup failed: the dump ends in the middle of a table',
  ],
])('copy reports an error when %s', async (_, dump, restore, message) => {
  await fakeTools(dump, restore.replace('OID', String(await oid())))
  await expect(run()).rejects.toMatchObject({ code: 'ALUDEL_BACKUP', message })
  // The session has no transaction open.
  expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('copy stops at a signal, while it dumps and while it counts', async () => {
  await fakeTools('echo half > "$4"; exec sleep 3600')
  const slow = await databases.open()
  await slow.query('CREATE TABLE many AS SELECT generate_series(1, 10) AS i')
  const controller = new AbortController()
  const reason = new Error('stop')
  const locker = slow.createQueryRunner()
  await locker.startTransaction()
  // The count waits for it.
  await locker.query('LOCK TABLE many IN ACCESS EXCLUSIVE MODE')
  const stopped = run({ signal: controller.signal }, slow)
  const counts = async (): Promise<boolean> =>
    (
      (await database.query(
        `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%FROM ONLY%many%' AND wait_event_type = 'Lock'`,
      )) as unknown[]
    ).length > 0
  while (!(await counts()));
  controller.abort(reason)
  await expect(stopped).rejects.toBe(reason)
  await locker.rollbackTransaction()
  await locker.release()
})

test('copy reports the bytes of the dump, with an estimate', async () => {
  await fakeTools()
  const seen: CopyProgress[] = []
  await run({ onProgress: (progress) => seen.push(progress) })
  expect(seen[0]).toEqual({ phase: 'copy', bytes: 0, total: await estimateBackup(database, null) })
  expect(seen.map(({ phase }) => phase)).toContain('verify')
})

test('describeBackup reads what a dump does not contain of its database', async () => {
  const name = await databases.create()
  const admin = await databases.admin()
  await runScript(
    admin,
    `ALTER DATABASE "${name}" SET work_mem = '8MB';\nALTER ROLE "${role}" IN DATABASE "${name}" SET search_path = app, public;\n` +
      `COMMENT ON DATABASE "${name}" IS 'ours';\nALTER DATABASE "${name}" CONNECTION LIMIT 7;\nGRANT TEMPORARY ON DATABASE "${name}" TO "${role}";\n` +
      `ALTER DATABASE "${name}" OWNER TO "${role}";\n`,
  )
  const described = await withRunner(await databases.open({}, name), describeBackup)
  expect(described).toMatchObject({
    name,
    serverVersion: expect.stringMatching(new RegExp(`^${String(postgresMajor)}\\b`)) as string,
    server: expect.stringMatching(/^\d+$/) as string,
    settings: {
      owner: role,
      encoding: 'UTF8',
      connectionLimit: 7,
      comment: 'ours',
      acl: expect.arrayContaining([expect.stringContaining(role)]) as string[],
      configuration: [
        { role: null, settings: ['work_mem=8MB'] },
        { role, settings: ['search_path=app, public'] },
      ],
    },
  })
  await runScript(
    admin,
    `ALTER DATABASE "${name}" OWNER TO CURRENT_USER;\nREVOKE ALL ON DATABASE "${name}" FROM "${role}";\nALTER ROLE "${role}" IN DATABASE "${name}" RESET ALL;\n`,
  )
})

test('tablesOf finds children, and tables that foreign keys change along', async () => {
  const related = await databases.open()
  await runScript(
    related,
    `CREATE SCHEMA audit;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE guests () INHERITS (users);
CREATE TABLE posts (id integer PRIMARY KEY, author integer REFERENCES users ON DELETE CASCADE);
CREATE TABLE audit.comments (post integer REFERENCES posts ON DELETE SET NULL);
CREATE TABLE kept (author integer REFERENCES users);
CREATE TABLE parts (id integer) PARTITION BY LIST (id);
CREATE TABLE parts_one PARTITION OF parts FOR VALUES IN (1);
CREATE VIEW v AS SELECT * FROM users;
`,
  )
  const paths = async (...names: string[]): Promise<string[]> =>
    (await tablesOf(related, names)).map(({ schema, name }) => `${schema ?? ''}.${name}`)
  expect(await paths('users')).toEqual(['audit.comments', 'public.guests', 'public.posts', 'public.users'])
  expect(await paths('audit.comments', 'parts')).toEqual(['audit.comments', 'public.parts'])
  expect(await paths('none', 'v')).toEqual([])
  expect(await paths()).toEqual([])
})

describe('findTools', () => {
  /** A directory for each version, with a pg_dump of this version in it. */
  async function installed(...versions: string[]): Promise<string[]> {
    return Promise.all(
      versions.map(async (version) => {
        const bin = path.join(directory, version)
        await mkdir(bin)
        await writePgPrograms(bin, { version })
        return bin
      }),
    )
  }

  test.each([
    ['the first pg_dump, if it is not older than the server', 16, ['18.1', '16.4'], '18.1'],
    [
      'the oldest pg_dump that is not older than the server, if the first one is',
      16,
      ['9.6', '18.1', '17beta2', '15.4', '19.0'],
      '17beta2',
    ],
  ])('takes %s', async (_, major, versions, expected) => {
    const directories = await installed(...versions)
    expect(path.basename(await findTools(major, [path.join(directory, 'none'), ...directories]))).toBe(expected)
  })

  test('refuses programs that are all older than the server, and names the package to install', async () => {
    await expect(findTools(16, await installed('9.6', '15.4'))).rejects.toMatchObject({
      code: 'ALUDEL_BACKUP_TOOLS',
      message: 'pg_dump is version 9, but the server is version 16',
      help: expect.stringContaining('postgresql-client-16') as string,
      details: { pgDump: 9, server: 16 },
    })
  })

  test('names the package to install if there is no pg_dump', async () => {
    await expect(findTools(16, [directory])).rejects.toMatchObject({
      code: 'ALUDEL_BACKUP_TOOLS',
      message: 'pg_dump is not installed, and a backup needs it',
      help: expect.stringContaining('postgresql-client-16') as string,
    })
  })
})
