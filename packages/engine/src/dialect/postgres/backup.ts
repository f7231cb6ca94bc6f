import { execFile, spawn } from 'node:child_process'
import { access, chmod, constants, mkdir, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

import type { QueryRunner } from 'typeorm'

import { AludelError, messageOf } from '../../errors'
import type { BackupOptions } from '../roles/backup'
import { temporaryBeside } from '../temporary-files'
import { credentialsOf, targetOf } from './connection'
import { tlsVariables } from './tls-of-connection'
import { redact } from './errors'

const execute = promisify(execFile)

/**
 * Dumps the whole database in PostgreSQL's custom format, for `pg_restore`, and reads the dump back to verify it.
 *
 * The password is passed in the environment, so that no list of processes shows it.
 *
 * @throws AludelError `ALUDEL_BACKUP` when the dump fails or cannot be written; no file is left then
 */
export async function backup(queryRunner: QueryRunner, { file, tools, signal }: BackupOptions): Promise<void> {
  const programs = tools ?? (await toolsFor(queryRunner))
  const env = await environmentOf(queryRunner)
  const directory = path.dirname(file)
  const unfinished = temporaryBeside(file)
  try {
    await mkdir(directory, { recursive: true })
    await run(path.join(programs, 'pg_dump'), ['--format=custom', '--no-password', '--file', unfinished], env, signal)
    await chmod(unfinished, 0o600)
    await verify(path.join(programs, 'pg_restore'), unfinished)
    await rename(unfinished, file)
  } catch (cause) {
    // A failure to delete the file must not hide why the backup failed.
    await rm(unfinished, { force: true }).catch(() => undefined)
    throw new AludelError(
      'ALUDEL_BACKUP',
      `the backup failed: ${redact(messageOf(cause), [env['PGPASSWORD'] ?? ''])}`,
      {
        help: 'Nothing was changed. Fix the cause, or continue without a backup: --backup never',
        details: { directory },
      },
    )
  }
}

/**
 * The folder of a `pg_dump` and a `pg_restore` that suit the connected server.
 *
 * @throws AludelError `ALUDEL_BACKUP_TOOLS` when they are missing or older than the server
 */
export async function toolsFor(queryRunner: QueryRunner): Promise<string> {
  return findTools(await serverMajor(queryRunner), await candidates())
}

async function serverMajor(queryRunner: QueryRunner): Promise<number> {
  const [row] = (await queryRunner.query(`SELECT current_setting('server_version_num')::integer / 10000 AS major`)) as {
    major: number
  }[]
  return row?.major ?? 0
}

/** Requires an entry in the table of contents: even the dump of an empty database has one for its encoding. */
async function verify(restore: string, file: string): Promise<void> {
  const list = await run(restore, ['--list', file], process.env)
  const entries = Number(/^;\s+TOC Entries: (\d+)/m.exec(list)?.[1] ?? 0)
  if (entries === 0) throw new Error('pg_restore found no entries in the dump')
}

/**
 * The directory of a `pg_dump` that is not older than the server: the one in PATH, else the oldest suitable one of those
 * that packages install side by side.
 *
 * @param major version of the server
 * @param directories to search, those of PATH first
 * @throws AludelError `ALUDEL_BACKUP_TOOLS`
 */
export async function findTools(major: number, directories: readonly string[]): Promise<string> {
  const found: { directory: string; major: number }[] = []
  for (const directory of directories) {
    const version = await dumpMajor(directory)
    if (version === undefined) continue
    if (found.length === 0 && version >= major) return directory
    found.push({ directory, major: version })
  }
  const [first] = found
  if (first === undefined) {
    throw new AludelError('ALUDEL_BACKUP_TOOLS', 'pg_dump is not installed, and a backup needs it', {
      help: `Install the client tools of PostgreSQL ${String(major)}: ${installHelp(major)}\nor continue without a backup: --backup never`,
    })
  }
  const able = found.filter((tool) => tool.major >= major)
  const best = able.toSorted((a, b) => a.major - b.major)[0]
  if (best === undefined) {
    throw new AludelError(
      'ALUDEL_BACKUP_TOOLS',
      `pg_dump is version ${String(first.major)}, but the server is version ${String(major)}`,
      {
        help: `pg_dump must not be older than the server. Install it: ${installHelp(major)}\nor continue without a backup: --backup never`,
        details: { pgDump: first.major, server: major },
      },
    )
  }
  return best.directory
}

function installHelp(major: number): string {
  return `apt install postgresql-client-${String(major)} · brew install postgresql@${String(major)} · dnf install postgresql${String(major)}`
}

/** PATH first, then where Debian, Red Hat, Homebrew and Windows keep several versions. */
async function candidates(): Promise<string[]> {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).filter((directory) => directory !== '')
  const roots: readonly (readonly [root: string, bin: string])[] = [
    ['/usr/lib/postgresql', 'bin'],
    ['/usr', 'bin'],
    ['/opt/homebrew/opt', 'bin'],
    ['/usr/local/opt', 'bin'],
    ['/Applications/Postgres.app/Contents/Versions', 'bin'],
    ['C:\\Program Files\\PostgreSQL', 'bin'],
  ]
  const installed = await Promise.all(
    roots.map(async ([root, bin]) => {
      const names = await readdir(root).catch(() => [])
      return names
        .filter((entry) => /^(?:\d+|pgsql-\d+|postgresql@\d+|libpq|latest)$/.test(entry))
        .map((entry) => path.join(root, entry, bin))
    }),
  )
  return [...onPath, ...installed.flat()]
}

async function dumpMajor(directory: string): Promise<number | undefined> {
  const program = path.join(directory, process.platform === 'win32' ? 'pg_dump.exe' : 'pg_dump')
  try {
    // Starting a missing program costs as much as starting an existing one, and PATH has many directories.
    await access(program, constants.X_OK)
    const { stdout } = await execute(program, ['--version'])
    const major = Number(/(\d+)(?:\.\d+|beta|rc|devel)/.exec(stdout)?.[1])
    return Number.isInteger(major) ? major : undefined
  } catch {
    return undefined
  }
}

/** The connection parameters of a connected `pg` client: options, URL, environment and defaults resolved. */
interface ConnectionParameters {
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly database?: string
  readonly password?: unknown
  readonly ssl?: unknown
}

async function environmentOf(queryRunner: QueryRunner): Promise<NodeJS.ProcessEnv> {
  const { options } = queryRunner.connection
  const client = (await queryRunner.connect()) as
    { readonly connectionParameters?: ConnectionParameters; readonly password?: unknown } | undefined
  const target = targetOf(options)
  const {
    host = target.host,
    port = target.port,
    user = target.user,
    database = target.database,
    ssl,
  } = client?.connectionParameters ?? {}
  const given = client?.connectionParameters?.password ?? client?.password ?? credentialsOf(options).password
  const password: unknown = typeof given === 'function' ? await (given as () => unknown)() : given
  return {
    ...process.env,
    PGHOST: host,
    PGPORT: String(port),
    ...(user !== undefined && { PGUSER: user }),
    ...(database !== undefined && { PGDATABASE: database }),
    ...(typeof password === 'string' && password !== '' ? { PGPASSWORD: password } : {}),
    ...tlsVariables(ssl, process.env),
    PGAPPNAME: 'aludel backup',
    LC_ALL: 'C',
  }
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      signal,
    })
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output)
      else
        reject(
          new Error(
            errors.trim() === ''
              ? `${path.basename(command)} ended with ${signal ?? `exit code ${String(code)}`}`
              : errors.trim(),
          ),
        )
    })
  })
}
