import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'

import { writeCounts } from './pg-stand-in.cjs'

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
case "$file" in --*) file=- ;; esac
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

/** Asks the process of the test by one pipe, and waits for its answer at another. `$4` is the file to write. */
const askTest = `reply="$0.$$"
mkfifo "$reply"
exec 3<>"$reply"
snapshot=
for argument; do case "$argument" in --snapshot=*) snapshot="\${argument#--snapshot=}" ;; esac; done
printf '%s\\t%s\\t%s\\t%s\\t%s\\t%s\\t%s\\t%s\\n' "$reply" "$4" "$snapshot" "$PGHOST" "$PGPORT" "$PGUSER" "$PGPASSWORD" "$PGDATABASE" > "$(dirname "$0")/requests"
read -r answer <&3
rm -f "$reply"
[ "$answer" = ok ] && exit 0
echo "pg_dump: error: $answer" >&2
exit 1`

/**
 * Writes the same stand-ins, of which `pg_dump` lets this process do its work: to start Node for each dump takes as long as the rest of
 * a test.
 *
 * @returns ends it
 */
export async function servePgPrograms(directory: string): Promise<() => void> {
  const requests = path.join(directory, 'requests')
  execFileSync('mkfifo', [requests])
  // Open for writing as well, so that it does not end with the first writer.
  const pipe = new Socket({ fd: openSync(requests, constants.O_RDWR | constants.O_NONBLOCK), writable: false })
  createInterface({ input: pipe }).on('line', (line) => void answer(line.split('\t')))
  await writePgPrograms(directory, { dump: askTest })
  return () => pipe.destroy()
}

async function answer([
  reply = '',
  file = '',
  snapshot,
  host,
  port,
  user,
  password,
  database,
]: readonly string[]): Promise<void> {
  const connection = { host, port: Number(port), user, password, database }
  const text = await writeCounts(file, snapshot === '' ? undefined : snapshot, connection).then(
    () => 'ok',
    (error: unknown) => (error instanceof Error ? error.message : String(error)).replaceAll('\n', ' '),
  )
  try {
    const pipe = openSync(reply, constants.O_WRONLY | constants.O_NONBLOCK)
    writeSync(pipe, `${text}\n`)
    closeSync(pipe)
  } catch {
    // Nobody waits any more.
  }
}
