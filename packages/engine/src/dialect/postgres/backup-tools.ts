import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants, readdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'

import type { QueryRunner } from 'typeorm'

import { AludelError, messageOf } from '../../errors'
import { credentialsOf, targetOf } from './connection'
import { tlsVariables } from './tls-of-connection'

const execute = promisify(execFile)

/**
 * The folder of a `pg_dump` and a `pg_restore` that suit the connected server.
 *
 * @param folder the only one to search, if it was configured
 * @throws AludelError `ALUDEL_BACKUP_TOOLS` when they are missing or older than the server
 */
export async function toolsFor(queryRunner: QueryRunner, folder: string | undefined): Promise<string> {
  const major = await serverMajor(queryRunner)
  return findTools(major, folder === undefined ? await candidates() : [folder], folder)
}

async function serverMajor(queryRunner: QueryRunner): Promise<number> {
  const [row] = (await queryRunner.query(`SELECT current_setting('server_version_num')::integer / 10000 AS major`)) as {
    major: number
  }[]
  return row?.major ?? 0
}

/**
 * The directory of a `pg_dump` that is not older than the server: the one in PATH, else the oldest suitable one of those
 * that packages install side by side.
 *
 * @param major version of the server
 * @param directories to search, those of PATH first
 * @param configured the folder of the configuration, for messages
 * @throws AludelError `ALUDEL_BACKUP_TOOLS`
 */
export async function findTools(major: number, directories: readonly string[], configured?: string): Promise<string> {
  const first = await firstWith(directories, 'pg_dump')
  if (first === undefined) {
    throw new AludelError(
      'ALUDEL_BACKUP_TOOLS',
      configured === undefined
        ? 'pg_dump is not installed, and a backup needs it'
        : `there is no pg_dump in ${configured}, which the configuration names`,
      { help: toolsHelp(major) },
    )
  }
  if (first.major >= major) return first.directory
  const rest = await programsIn(directories.slice(directories.indexOf(first.directory) + 1), 'pg_dump')
  const able = rest.filter((tool) => tool.major >= major)
  const best = able.toSorted((a, b) => a.major - b.major)[0]
  if (best === undefined) {
    throw new AludelError(
      'ALUDEL_BACKUP_TOOLS',
      `pg_dump is version ${String(first.major)}, but the server is version ${String(major)}`,
      {
        help: `pg_dump must not be older than the server. ${toolsHelp(major)}`,
        details: { pgDump: first.major, server: major },
      },
    )
  }
  return best.directory
}

function toolsHelp(major: number): string {
  return (
    `Install the client tools of PostgreSQL ${String(major)}: ${installHelp(major)}\n` +
    'or name their folder with backup.tools in the configuration, or continue without a backup: --backup never'
  )
}

export function installHelp(major: number): string {
  return `apt install postgresql-client-${String(major)} · brew install postgresql@${String(major)} · dnf install postgresql${String(major)}`
}

/** PATH first, then where Debian, Red Hat, Homebrew and Windows keep several versions. */
export async function candidates(): Promise<string[]> {
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
  return withoutLinks([...onPath, ...installed.flat()])
}

/** Without folders that are links to earlier ones, as `/bin` is to `/usr/bin`, and without missing ones. */
async function withoutLinks(directories: readonly string[]): Promise<string[]> {
  const found = await Promise.all(directories.map((directory) => realpath(directory).catch(() => undefined)))
  return directories.filter((_, at) => found[at] !== undefined && found.indexOf(found[at]) === at)
}

/** The path of a program in a folder. */
export function programIn(directory: string, name: 'pg_dump' | 'pg_restore'): string {
  return path.join(directory, process.platform === 'win32' ? `${name}.exe` : name)
}

export async function versionIn(directory: string, name: 'pg_dump' | 'pg_restore'): Promise<number | undefined> {
  const program = programIn(directory, name)
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

/** A program of PostgreSQL that is installed. */
export interface InstalledProgram {
  readonly directory: string
  readonly major: number
}

/**
 * The folders that have a program, with its version. All are asked at once: where the program is a script of a distribution, its
 * answer takes a tenth of a second.
 */
export async function programsIn(
  directories: readonly string[],
  name: 'pg_dump' | 'pg_restore',
): Promise<readonly InstalledProgram[]> {
  const found = await Promise.all(
    directories.map(async (directory) => ({ directory, major: await versionIn(directory, name) })),
  )
  return found.flatMap(({ directory, major }) => (major === undefined ? [] : [{ directory, major }]))
}

/** The first of the folders that has a program; the others are not asked. */
async function firstWith(
  directories: readonly string[],
  name: 'pg_dump' | 'pg_restore',
): Promise<InstalledProgram | undefined> {
  for (const directory of directories) {
    const [found] = await programsIn([directory], name)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * The folder of the newest `pg_restore`, which reads the archives of all earlier versions.
 *
 * @throws AludelError `ALUDEL_BACKUP_TOOLS`
 */
export async function newestTools(folder: string | undefined): Promise<string> {
  const found = await programsIn(folder === undefined ? await candidates() : [folder], 'pg_restore')
  const [newest] = found.toSorted((a, b) => b.major - a.major)
  if (newest !== undefined) return newest.directory
  throw new AludelError(
    'ALUDEL_BACKUP_TOOLS',
    folder === undefined
      ? 'pg_restore is not installed, and only it reads a dump'
      : `there is no pg_restore in ${folder}, which the configuration names`,
    { help: 'Install the client tools of PostgreSQL, or name their folder with backup.tools in the configuration.' },
  )
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

/** The environment in which a program of PostgreSQL connects as this session does. */
export async function environmentOf(queryRunner: QueryRunner): Promise<NodeJS.ProcessEnv> {
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

interface RunOptions {
  readonly env: NodeJS.ProcessEnv
  readonly signal?: AbortSignal
  /** Receives standard output in pieces; absent: it is returned. */
  readonly onOutput?: (chunk: Buffer) => void
  /** What it reads from standard input; absent: nothing. It need not read all of it. */
  readonly input?: AsyncIterable<Buffer>
}

/**
 * Runs a program of PostgreSQL until it has ended.
 *
 * @returns its standard output
 * @throws Error with what it printed to standard error; the `reason` of the signal
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { env, signal, onOutput, input } = options
  signal?.throwIfAborted()
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true })
  // If the input ends too early, the program says so.
  if (input === undefined) child.stdin.end()
  else pipeline(input, child.stdin).catch(() => undefined)
  const stop = (): void => void child.kill()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise<string>((resolve, reject) => {
      let output = ''
      let errors = ''
      child.stdout.on('data', (chunk: Buffer) => {
        try {
          if (onOutput === undefined) output += chunk.toString('utf8')
          else onOutput(chunk)
        } catch (error) {
          reject(error instanceof Error ? error : new Error(messageOf(error)))
          stop()
        }
      })
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
      child.on('error', reject)
      child.on('close', (code, name) => {
        if (code === 0) resolve(output)
        else
          reject(
            new Error(errors.trim() || `${path.basename(command)} ended with ${name ?? `exit code ${String(code)}`}`),
          )
      })
    })
  } catch (error) {
    await interruptedToo(error, signal)
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** Milliseconds in which a signal of the terminal, which goes to all of its processes, reaches this one too. */
const signalDelay = 200

/** @throws the `reason` of the signal, if the program was ended by the same Ctrl-C as this process */
async function interruptedToo(error: unknown, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return
  if (!signal.aborted && /terminated by user|ended with SIG(?:INT|TERM|HUP)/.test(messageOf(error)))
    await Promise.race([once(signal, 'abort'), wait(signalDelay)])
  signal.throwIfAborted()
}
