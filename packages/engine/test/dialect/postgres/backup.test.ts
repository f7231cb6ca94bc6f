import { execFile, execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import type { DataSource } from 'typeorm'

import { postgresMajor } from '../../../../../tools/testing/databases'
import { writePgPrograms } from '../../../../../tools/testing/pg-programs'
import { backup, findTools, toolsFor } from '../../../src/dialect/postgres/backup'
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
const run = () =>
  withRunner(database, async (runner) => {
    const file = path.join(directory, 'out', 'before.dump')
    await backup(runner, { file, tools: await toolsFor(runner) })
    return file
  })

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

withTools('backup writes a dump that pg_restore restores', async () => {
  const file = await run()
  const copy = await databases.create()
  await execute('pg_restore', ['--no-owner', '--dbname', urlOf(copy), file])
  const restored = await databases.open({}, copy)
  expect(await restored.query('SELECT count(*)::integer AS n FROM "t"')).toEqual([{ n: 2 }])
})

test('backup writes a dump that only its owner can read', async () => {
  await fakeTools()
  const { mode, size } = await stat(await run())
  expect({ mode: mode & 0o777, size }).toEqual({ mode: 0o600, size: 5 })
  expect(await files()).toEqual(['before.dump'])
})

test('backup passes the password in the environment, never in the arguments', async () => {
  await fakeTools(
    `echo "$@" > "$(dirname "$0")/args"; echo "$PGPASSWORD|$PGUSER|$PGDATABASE|$PGPORT" > "$(dirname "$0")/env"; echo data > "$4"`,
  )
  await run()
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
    'the backup failed: pg_restore found no entries in the dump',
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
