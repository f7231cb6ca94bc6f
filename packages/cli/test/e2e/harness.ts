import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { Client } from 'pg'

/** Tests in this directory run the built command, in a process of its own, on real databases. */
const repository = path.resolve(__dirname, '../../../..')
export const bin = path.resolve(__dirname, '../../bin/aludel.js')

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** The document on standard output. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- says what shape the test expects
  json<T = Readonly<Record<string, unknown>>>(): T
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Runs as somebody else; only root may. */
  readonly uid?: number
  /** Called with what was printed on standard error so far. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void
}

/** Runs `aludel` and waits for its end. */
export function aludel(args: readonly string[], options: RunOptions): Promise<Ran> {
  return execute(process.execPath, [bin, ...args], options)
}

/** Runs any program; standard input is no terminal. */
export function execute(program: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: options.cwd, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
      options.onStderr?.(stderr, (signal) => child.kill(signal))
    })
    child.on('error', reject)
    child.on('close', (code) => {
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as declared above
      const json = <T>(): T => {
        try {
          return JSON.parse(stdout) as T
        } catch {
          throw new Error(`no JSON on standard output (exit ${String(code)}):\n${stdout}\n${stderr}`)
        }
      }
      resolve({ code, stdout, stderr, json })
    })
  })
}

/** A directory with files in it, in which `typeorm` and the drivers can be imported. */
export function makeDirectory(files: Readonly<Record<string, string>> = {}): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'aludel-cli-'))
  symlinkSync(path.join(repository, 'node_modules'), path.join(directory, 'node_modules'), 'dir')
  writeFiles(directory, files)
  return directory
}

export function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true })
    writeFileSync(path.join(directory, name), text)
  }
}

export function removeDirectory(directory: string): void {
  if (existsSync(directory)) rmSync(directory, { recursive: true, force: true })
}

/** The server that the tests run on. */
export function postgresUrl(): URL {
  const url = process.env['ALUDEL_TEST_POSTGRES_URL']
  if (url === undefined) throw new Error('set ALUDEL_TEST_POSTGRES_URL to a superuser of a PostgreSQL server')
  return new URL(url)
}

/** Runs one query on the server of the tests. */
export async function postgres(sql: string, database?: string): Promise<Record<string, unknown>[]> {
  const url = postgresUrl()
  if (database !== undefined) url.pathname = `/${database}`
  const client = new Client({ connectionString: url.href })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

let databases = 0

/** A database of one's own: where it is, and how it is removed. */
export interface TestDatabase {
  /** For `--database-url`. */
  readonly url: string
  query(sql: string): Promise<Record<string, unknown>[]>
  drop(): Promise<void>
}

export const dialects = ['sqlite', 'postgres'] as const
export type Dialect = (typeof dialects)[number]

/** A new, empty database. */
export async function makeDatabase(dialect: Dialect): Promise<TestDatabase> {
  if (dialect === 'sqlite') {
    const directory = mkdtempSync(path.join(tmpdir(), 'aludel-cli-db-'))
    const file = path.join(directory, 'app.db')
    return {
      url: `sqlite:///${file}`,
      query: async (sql) => {
        const { default: Database } = await import('better-sqlite3')
        const database = new Database(file)
        try {
          const statement = database.prepare(sql)
          return statement.reader ? (statement.all() as Record<string, unknown>[]) : (statement.run(), [])
        } finally {
          database.close()
        }
      },
      drop: () => Promise.resolve(removeDirectory(directory)),
    }
  }
  databases += 1
  const name = `aludel_cli_${String(process.pid)}_${String(Date.now())}_${String(databases)}`
  await postgres(`CREATE DATABASE ${name}`)
  const url = postgresUrl()
  url.pathname = `/${name}`
  return {
    url: url.href,
    query: (sql) => postgres(sql, name),
    drop: async () => {
      await postgres(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}
