import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import type { DataSource } from 'typeorm'

import { backup } from '../../../src/dialect/postgres/backup'
import { isAludelError } from '../../../src/errors'
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

const files = async (): Promise<string[]> => (await readdir(path.join(directory, 'out')).catch(() => [])).sort()
const run = () => withRunner(database, (runner) => backup(runner, path.join(directory, 'out'), 'before'))

/** Puts fake pg_dump and pg_restore first in PATH, of a version newer than any server. */
async function fakeTools(dump: string, restore: string): Promise<void> {
  const version = `if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) 99.1"; exit 0; fi`
  for (const [name, body] of [
    ['pg_dump', dump],
    ['pg_restore', restore],
  ] as const) {
    await writeFile(path.join(directory, name), `#!/bin/sh\n${version}\n${body}\n`)
    await chmod(path.join(directory, name), 0o755)
  }
  process.env['PATH'] = `${directory}${path.delimiter}${pathBefore ?? ''}`
}

test('backup writes a restorable dump, or names the package to install if pg_dump does not fit', async () => {
  const outcome: unknown = await run().catch((error: unknown) => error)
  if (isAludelError(outcome)) {
    // This machine has no pg_dump for this server.
    expect(outcome).toMatchObject({
      code: 'ALUDEL_BACKUP_TOOLS',
      message: expect.stringMatching(
        /^pg_dump is (?:not installed|of version \d+, and the server of version \d+)/,
      ) as string,
    })
    expect(outcome.help).toMatch(/postgresql-client-\d+/)
    expect(await files()).toEqual([])
    return
  }
  const { path: file, bytes } = outcome as { path: string; bytes: number }
  expect(file).toBe(path.join(directory, 'out', 'before.dump'))
  expect(bytes).toBe((await stat(file)).size)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await files()).toEqual(['before.dump'])
  const copy = await databases.create()
  await execute('pg_restore', ['--no-owner', '--dbname', urlOf(copy), file])
  const restored = await databases.open({}, copy)
  expect(await restored.query('SELECT count(*)::integer AS n FROM "t"')).toEqual([{ n: 2 }])
})

test('backup passes the password in the environment, never in the arguments', async () => {
  await fakeTools(
    `echo "$@" > "$(dirname "$0")/args"; echo "$PGPASSWORD|$PGUSER|$PGDATABASE|$PGPORT" > "$(dirname "$0")/env"; echo data > "$4"`,
    'echo ";     TOC Entries: 5"',
  )
  const { path: file, bytes } = await run()
  expect([path.basename(file), bytes]).toEqual(['before.dump', 5])
  const [args, env] = await Promise.all(['args', 'env'].map((name) => readFile(path.join(directory, name), 'utf8')))
  expect(args).not.toContain(password)
  const url = new URL(urlOf(''))
  expect(env).toBe(
    `${password}|${role}|${(await withRunner(database, (runner) => runner.getCurrentDatabase())) ?? ''}|${url.port === '' ? '5432' : url.port}\n`,
  )
})

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
    'the backup failed: pg_restore finds nothing in the dump',
  ],
  [
    'the dump cannot be read',
    'echo data > "$4"',
    'echo "input file is too short" >&2; exit 1',
    'the backup failed: input file is too short',
  ],
])('backup reports an error and leaves no file when %s', async (_, dump, restore, message) => {
  await fakeTools(dump, restore)
  await expect(run()).rejects.toMatchObject({ code: 'ALUDEL_BACKUP', message })
  expect(await files()).toEqual([])
})

test('backup refuses an outdated pg_dump unless another installed one fits the server', async () => {
  await fakeTools('exit 1', 'exit 1')
  for (const name of ['pg_dump'])
    await writeFile(path.join(directory, name), '#!/bin/sh\necho "pg_dump (PostgreSQL) 9.6"\n')
  process.env['PATH'] = directory
  const error: unknown = await run().catch((caught: unknown) => caught)
  // If a matching pg_dump is installed elsewhere, that one is used.
  if (isAludelError(error)) expect(error.message).toMatch(/pg_dump is of version 9, and the server of version \d+/)
  else expect(await files()).toEqual(['before.dump'])
})
