import { writeFile } from 'node:fs/promises'
import path from 'node:path'

interface PgPrograms {
  /** What `pg_dump` does, as lines of a shell script; `$4` is the file to write. */
  readonly dump?: string
  /** What `pg_restore --list` does. Default is to list an entry. */
  readonly restore?: string
  /** The version that both report. Default is newer than any server. */
  readonly version?: string
}

/**
 * Writes stand-ins for PostgreSQL's `pg_dump` and `pg_restore`, which may be missing or too old for the server.
 *
 * @returns a PATH that begins with their folder
 */
export async function writePgPrograms(
  directory: string,
  { dump = 'echo data > "$4"', restore = 'echo ";     TOC Entries: 5"', version = '99.1' }: PgPrograms = {},
): Promise<string> {
  for (const [name, body] of Object.entries({ pg_dump: dump, pg_restore: restore })) {
    const answer = `if [ "$1" = --version ]; then echo "${name} (PostgreSQL) ${version}"; exit 0; fi`
    await writeFile(path.join(directory, name), `#!/bin/sh\n${answer}\n${body}\n`, { mode: 0o755 })
  }
  return `${directory}${path.delimiter}${process.env['PATH'] ?? ''}`
}
