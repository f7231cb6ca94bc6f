import { open } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

import type { CopyProgress, TablePath } from '../roles/backup'
import { run } from './backup-tools'

/** The rows of each table in a dump. */
export interface Archive {
  /** Undefined for a table without data in it. */
  rowsOf(table: TablePath): number | undefined
  /** False for a name that is written differently in the encoding of the dump. */
  isComparable(table: TablePath): boolean
}

/** A table in messages, and as a key. */
export function keyOf({ schema, name }: TablePath): string {
  return schema === undefined ? name : `${schema}.${name}`
}

interface ReadOptions {
  readonly target: string
  /** Settles when the dump is written: until then, it is read as it grows. Absent: it is complete. */
  readonly written?: Promise<void>
  readonly signal?: AbortSignal
  readonly onProgress: (progress: CopyProgress) => void
}

/**
 * Reads the data of a dump completely, as `pg_restore` would send it to a server, and counts the rows. A dump that is still being
 * written is read by a second processor meanwhile: to begin after it takes half as long again.
 *
 * @throws Error with the words of `pg_restore` when the dump is damaged; the `reason` of the signal
 */
export async function readArchive(
  restore: string,
  { target, written, signal, onProgress }: ReadOptions,
): Promise<Archive> {
  const counter = new RowCounter()
  let bytes = 0
  let reported = 0
  let isWritten = written === undefined
  const report = (): void => {
    if (isWritten) onProgress({ phase: 'verify', bytes, total: null })
  }
  written?.then(
    () => {
      isWritten = true
      report()
    },
    () => undefined,
  )
  report()
  await run(restore, ['--data-only', '--file=-', ...(written === undefined ? [target] : [])], {
    env: { ...process.env, LC_ALL: 'C' },
    signal,
    ...(written !== undefined && { input: growing(target, written) }),
    onOutput: (chunk) => {
      counter.add(chunk)
      bytes += chunk.length
      if (bytes - reported < reportEvery) return
      reported = bytes
      report()
    },
  })
  counter.end()
  return counter
}

/** Bytes that are read at once. */
const blockSize = 1 << 18

/** Milliseconds between two looks at a file that has not grown. */
const growthInterval = 20

/**
 * The content of a file that another program writes from its beginning to its end. What it changes at the end in what it has written
 * before is not seen: `pg_dump` notes in the list of contents where each table begins, for those who do not read everything.
 *
 * @throws what `written` rejects with
 */
async function* growing(file: string, written: Promise<void>): AsyncGenerator<Buffer, undefined> {
  let isWritten = false
  const done = written.then(() => {
    isWritten = true
  })
  done.catch(() => undefined)
  const handle = await open(file, 'r')
  try {
    for (let at = 0; ;) {
      const wasWritten = isWritten
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(blockSize), 0, blockSize, at)
      if (bytesRead > 0) {
        at += bytesRead
        yield buffer.subarray(0, bytesRead)
      } else if (wasWritten) return undefined
      else await Promise.race([done, wait(growthInterval)])
    }
  } finally {
    await handle.close()
  }
}

/** Bytes between two reports of progress. */
const reportEvery = 1 << 24

const newline = 10
const backslash = 92
const dot = 46
/** The end of the last row, and the line after it. */
const endOfRows = Buffer.from('\n\\.\n')

/**
 * Counts the rows in a script of `pg_restore`: each table is `COPY schema.name (columns) FROM stdin;`, a line for each row, and `\.`
 * alone on a line: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-TEXT-FORMAT
 *
 * @example
 * counter.add(Buffer.from('COPY public.t (id) FROM stdin;\n1\n2\n\\.\n'))
 * counter.rowsOf({ schema: 'public', name: 't' }) // 2
 */
export class RowCounter implements Archive {
  readonly #rows = new Map<string, number>()
  /** The encoding of the script; names of another one than UTF8 may have no other form here. */
  #isUtf8 = true
  /** The table whose rows are being read. */
  #table: string | undefined
  #count = 0
  /** A statement up to the last line that was read. */
  #statement = ''
  /** The beginning of a line whose end is not read yet: in rows only as much as is needed to recognize the last one. */
  #line: Buffer = Buffer.alloc(0)
  #hasLine = false

  add(chunk: Buffer): void {
    let start = 0
    while (start < chunk.length) {
      // A line that began in an earlier chunk ends here.
      const isRows = this.#table !== undefined && !this.#hasLine
      const next = isRows ? this.#allRows(chunk, start) : this.#oneLine(chunk, start)
      if (next === undefined) break
      start = next
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start))
  }

  /** Reads a line, and returns where the next one begins; undefined if it does not end in this chunk. */
  #oneLine(chunk: Buffer, start: number): number | undefined {
    const end = chunk.indexOf(newline, start)
    if (end === -1) return undefined
    if (this.#table === undefined) this.#statementLine(this.#joined(chunk.subarray(start, end)))
    else if (this.#isLastRow(chunk, start, end)) this.#endTable()
    else this.#count += 1
    this.#hasLine = false
    return end + 1
  }

  /** Counts all rows of the chunk at once: a call for each would take longer than the server takes for it. */
  #allRows(chunk: Buffer, start: number): number | undefined {
    if (chunk.length - start < endOfRows.length) return this.#oneLine(chunk, start)
    if (chunk[start] === backslash && chunk[start + 1] === dot && chunk[start + 2] === newline) {
      this.#endTable()
      return start + 3
    }
    const end = chunk.indexOf(endOfRows, start)
    const last = end === -1 ? chunk.lastIndexOf(newline) : end
    if (last < start) return undefined
    for (let at = start; at <= last; at++) if (chunk[at] === newline) this.#count += 1
    if (end === -1) return last + 1
    this.#endTable()
    return end + endOfRows.length
  }

  /** @throws Error when the script ends inside a table */
  end(): void {
    if (this.#table !== undefined) throw new Error('the dump ends in the middle of a table')
  }

  rowsOf(table: TablePath): number | undefined {
    return this.isComparable(table) ? this.#rows.get(JSON.stringify([table.schema ?? '', table.name])) : undefined
  }

  isComparable({ schema = '', name }: TablePath): boolean {
    return this.#isUtf8 || /^[\0-\x7f]*$/.test(schema + name)
  }

  #keep(rest: Buffer): void {
    // A row may be larger than the memory; a line that is longer than `\.` is not the last one.
    this.#line = this.#table === undefined ? this.#joined(rest) : this.#joined(rest.subarray(0, 3)).subarray(0, 3)
    this.#hasLine = true
  }

  #joined(rest: Buffer): Buffer {
    return this.#hasLine ? Buffer.concat([this.#line, rest]) : rest
  }

  #isLastRow(chunk: Buffer, start: number, end: number): boolean {
    if (!this.#hasLine) return end - start === 2 && chunk[start] === backslash && chunk[start + 1] === dot
    const line = this.#joined(chunk.subarray(start, Math.min(end, start + 3)))
    return line.length === 2 && line[0] === backslash && line[1] === dot
  }

  #endTable(): void {
    const key = this.#table ?? ''
    this.#rows.set(key, (this.#rows.get(key) ?? 0) + this.#count)
    this.#table = undefined
  }

  #statementLine(line: Buffer): void {
    const text = line.toString('utf8')
    // Comments, and commands of psql such as \restrict.
    if (this.#statement === '' && /^(?:--|\\|\s*$)/.test(text)) return
    this.#statement += this.#statement === '' ? text : `\n${text}`
    if (!text.endsWith(';') || isInQuotes(this.#statement)) return
    const table = /^COPY ("(?:[^"]|"")*"|[^\s".]+)\.("(?:[^"]|"")*"|[^\s".(]+) .*FROM stdin;$/s.exec(this.#statement)
    const [, encoding] = /^SET client_encoding = '(.*)';$/.exec(this.#statement) ?? []
    if (encoding !== undefined) this.#isUtf8 = encoding === 'UTF8'
    this.#statement = ''
    if (table === null) return
    this.#table = JSON.stringify([unquote(table[1] ?? ''), unquote(table[2] ?? '')])
    this.#count = 0
  }
}

function unquote(identifier: string): string {
  return identifier.startsWith('"') ? identifier.slice(1, -1).replaceAll('""', '"') : identifier
}

/** True if a text or a name is not complete. */
function isInQuotes(statement: string): boolean {
  let quote = ''
  for (const character of statement) {
    if (quote === '' && (character === "'" || character === '"')) quote = character
    else if (character === quote) quote = ''
  }
  return quote !== ''
}
