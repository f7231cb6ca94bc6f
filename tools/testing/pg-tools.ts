import { execFileSync } from 'node:child_process'

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
