import { writeFile } from 'node:fs/promises'
import path from 'node:path'

interface PgPrograms {
  /** What `pg_dump` does, as lines of a shell script; `$4` is the file to write. Default is to count the rows of each table. */
  readonly dump?: string
  /** What `pg_restore` does. Default is to list and print as many rows as were counted. */
  readonly restore?: string
  /** The version that both report. Default is newer than any server. */
  readonly version?: string
}

const standIn = (name: string): string =>
  `exec "${process.execPath}" "${path.join(__dirname, 'pg-stand-in.cjs')}" ${name} "$@"`

/**
 * Writes stand-ins for PostgreSQL's `pg_dump` and `pg_restore`, which may be missing or too old for the server.
 *
 * @returns a PATH that begins with their folder
 */
export async function writePgPrograms(
  directory: string,
  { dump = standIn('pg_dump'), restore = standIn('pg_restore'), version = '99.1' }: PgPrograms = {},
): Promise<string> {
  for (const [name, body] of Object.entries({ pg_dump: dump, pg_restore: restore })) {
    const answer = `if [ "$1" = --version ]; then echo "${name} (PostgreSQL) ${version}"; exit 0; fi`
    await writeFile(path.join(directory, name), `#!/bin/sh\n${answer}\n${body}\n`, { mode: 0o755 })
  }
  return `${directory}${path.delimiter}${process.env['PATH'] ?? ''}`
}
