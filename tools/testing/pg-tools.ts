import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'

import { postgresMajor } from './databases'

/**
 * Whether `pg_dump` and `pg_restore` are in PATH, and not older than the server of the tests. The bundled server has none, so tests
 * that need them are skipped where they are missing; `npm run servers` runs them on the servers that they fit.
 */
export const hasPgTools = installedMajor() >= postgresMajor

function installedMajor(): number {
  try {
    return Number(/ (\d+)/.exec(execFileSync('pg_dump', ['--version'], { encoding: 'utf8' }))?.[1])
  } catch {
    return 0
  }
}

/**
 * The lines of `pg_dump --schema-only`, without those of the tool's own tables. Only where {@link hasPgTools}.
 *
 * @param url of the database
 */
export async function dumpSchema(url: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    'pg_dump',
    ['--schema-only', '--exclude-table=migrations', '--exclude-table=aludel_journal', '--dbname', url],
    { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, LC_ALL: 'C' } },
  )
  // Later versions write a random word.
  return stdout.split('\n').filter((line) => line !== '' && !/^\\(?:un)?restrict /.test(line))
}
