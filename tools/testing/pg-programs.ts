import { writeFile } from 'node:fs/promises'
import path from 'node:path'

interface PgPrograms {
  /** What `pg_dump` does, as lines of a shell script; `$4` is the file to write. Default is to count the rows of each table. */
  readonly dump?: string
  /** What `pg_restore` does. Default is to list the tables, and to print as many rows as were counted. */
  readonly restore?: string
  /** The version that both report. Default is newer than any server. */
  readonly version?: string
}

/** Writes a line for each table: its number, schema, name and rows; and `END`. */
const dumpTables = `exec "${process.execPath}" "${path.join(__dirname, 'pg-stand-in.cjs')}" "$@"`

/** Prints such a file in the forms of `pg_restore --list` and of a script. */
const restoreTables = `for file; do :; done
if [ "$1" = --list ]; then
  echo ";     TOC Entries: 5"
  echo ";     Dumped by pg_dump version: 99.1"
  format='1; 0 %s TABLE DATA %s %s owner\\n'
else
  format=
  echo "SET client_encoding = 'UTF8';"
fi
exec awk -F '\\t' -v format="$format" '
  { last = $0 }
  NF == 4 && format != "" { printf format, $1, $2, $3 }
  NF == 4 && format == "" {
    print "COPY " $2 "." $3 " (a) FROM stdin;"
    for (row = 0; row < $4; row++) print "x"
    print "\\\\."
  }
  END { if (last != "END") { print "pg_restore: error: the file is cut off" > "/dev/stderr"; exit 1 } }
' "$file"`

/**
 * Writes stand-ins for PostgreSQL's `pg_dump` and `pg_restore`, which may be missing or too old for the server.
 *
 * @returns a PATH that begins with their folder
 */
export async function writePgPrograms(
  directory: string,
  { dump = dumpTables, restore = restoreTables, version = '99.1' }: PgPrograms = {},
): Promise<string> {
  for (const [name, body] of Object.entries({ pg_dump: dump, pg_restore: restore })) {
    const answer = `if [ "$1" = --version ]; then echo "${name} (PostgreSQL) ${version}"; exit 0; fi`
    await writeFile(path.join(directory, name), `#!/bin/sh\n${answer}\n${body}\n`, { mode: 0o755 })
  }
  return `${directory}${path.delimiter}${process.env['PATH'] ?? ''}`
}
