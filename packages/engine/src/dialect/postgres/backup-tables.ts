import { createReadStream } from 'node:fs'
import { type FileHandle, open, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { to as copyTo } from 'pg-copy-streams'
import type { QueryRunner } from 'typeorm'

import { AludelError, isAludelError, messageOf } from '../../errors'
import type { CheckOptions, Copied, CopiedTable, CopyOptions, TablePath } from '../roles/backup'
import { keyOf } from './backup-archive'
import { estimateBackup, pathOf } from './backup-catalog'
import { type CopiedDefinition, type Definitions, readDefinitions, type TableDefinition } from './backup-definitions'
import { Canceler, inSnapshotTransaction, setLocally, textSettings, withSavepoint } from './backup-snapshot'
import { scriptOf } from './backup-tables-script'
import { clientOf } from './client'
import { errorText } from './errors'
import { text } from './literal'
import { quoteList } from './names'
import { versionOf } from './statistics'

/** Beside the files with the rows. */
export const definitionsFile = 'definitions.json'
/** The same as statements for `psql`, for people. */
const scriptFile = 'tables.sql'

/**
 * Copies tables by COPY, all of them as they are at one moment, into a folder: a file with the rows of each, `definitions.json`, and
 * `tables.sql` for `psql`. Reads the files again to verify them.
 *
 * @throws AludelError `ALUDEL_BACKUP`; the `reason` of the signal
 */
export async function copyTables(
  queryRunner: QueryRunner,
  options: CopyOptions,
  tables: readonly TablePath[],
): Promise<Copied> {
  const { target, signal } = options
  try {
    const total = await estimateBackup(queryRunner, tables)
    const version = await serverVersion(queryRunner)
    const definitions = await inSnapshotTransaction(queryRunner, () =>
      cancelable(queryRunner, signal, async ({ cancel }) => {
        await withSavepoint(queryRunner, () => options.inSnapshot(queryRunner))
        await setLocally(queryRunner, textSettings)
        return copyAll(queryRunner, options, { tables, total, cancel })
      }),
    )
    await write(path.join(target, scriptFile), scriptOf(definitions))
    await write(path.join(target, definitionsFile), `${JSON.stringify(definitions, null, 2)}\n`)
    const problems = await problemsOf(target, definitions, options)
    if (problems[0] !== undefined) throw backupError(`the backup is damaged: ${problems[0]}`)
    return { tables: definitions.tables.map(copied), program: `COPY of PostgreSQL ${version}` }
  } catch (cause) {
    signal?.throwIfAborted()
    if (isAludelError(cause)) throw cause
    throw backupError(`the backup failed: ${errorText(cause)}`)
  }
}

/** Calls `work` with what cancels the statement of the session; the signal does so too. */
async function cancelable<Result>(
  queryRunner: QueryRunner,
  signal: AbortSignal | undefined,
  work: (canceler: Canceler) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted()
  const canceler = await Canceler.of(queryRunner)
  signal?.addEventListener('abort', canceler.cancel, { once: true })
  try {
    return await work(canceler)
  } finally {
    signal?.removeEventListener('abort', canceler.cancel)
    await canceler.settle()
  }
}

async function copyAll(
  queryRunner: QueryRunner,
  { target, signal, onProgress }: CopyOptions,
  { tables, total, cancel }: { tables: readonly TablePath[]; total: number; cancel: () => void },
): Promise<Definitions> {
  // The server's own encoding, so that every value is copied as it is.
  const [row] = (await queryRunner.query(`SELECT current_setting('server_encoding') AS encoding`)) as {
    encoding: string
  }[]
  const encoding = row?.encoding ?? 'UTF8'
  const copies: CopiedDefinition[] = []
  let bytes = 0
  const report = (more: number): void => {
    bytes += more
    onProgress({ phase: 'copy', bytes, total })
  }
  report(0)
  for (const [index, table] of (await readDefinitions(queryRunner, tables)).entries()) {
    signal?.throwIfAborted()
    const file = `${String(index + 1)}.copy`
    const rows = await copyOne(queryRunner, table, { file: path.join(target, file), encoding, report, cancel })
    copies.push({ ...table, file, rows })
  }
  return { format: 1, encoding, tables: copies }
}

interface CopyOne {
  readonly file: string
  readonly encoding: string
  readonly report: (bytes: number) => void
  readonly cancel: () => void
}

/** Returns the rows that the server has sent. */
async function copyOne(
  queryRunner: QueryRunner,
  table: TableDefinition,
  { file, encoding, report, cancel }: CopyOne,
): Promise<number> {
  // COPY of a table itself leaves out its partitions, and does not copy generated columns.
  const from = `${table.kind === 'partitioned' ? '' : 'ONLY '}${pathOf(table)}`
  const sql = `COPY (SELECT ${quoteList(table.copied)} FROM ${from}) TO STDOUT (ENCODING ${text(encoding)})`
  const stream = await startCopy(queryRunner, sql)
  const sink = new FileSink(await open(file, 'wx', 0o600), report, cancel)
  try {
    await pipeline(stream, sink)
  } catch (error) {
    throw sink.failure ?? error
  } finally {
    await sink.close()
  }
  if (sink.failure !== undefined) throw sink.failure
  // The server sends the number of rows after the last one.
  await queryRunner.query('SELECT 1')
  stream.callback?.()
  return stream.rowCount
}

/**
 * Writes to a file. After a failure it takes all that still comes: the server has to send a copy to its end, or to an error, before
 * the connection can be used for anything else.
 */
class FileSink extends Writable {
  failure: Error | undefined
  readonly #file: FileHandle
  readonly #report: (bytes: number) => void
  readonly #onFailure: () => void

  constructor(file: FileHandle, report: (bytes: number) => void, onFailure: () => void) {
    super({ highWaterMark: 1 << 20 })
    this.#file = file
    this.#report = report
    this.#onFailure = onFailure
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.failure !== undefined) {
      done()
      return
    }
    this.#writeAll(chunk)
      .then(() => this.#report(chunk.length))
      .catch((error: unknown) => {
        this.failure = error instanceof Error ? error : new Error(String(error))
        this.#onFailure()
      })
      .finally(done)
  }

  async #writeAll(chunk: Buffer): Promise<void> {
    for (let rest = chunk; rest.length > 0;) rest = rest.subarray((await this.#file.write(rest)).bytesWritten)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

type CopyStream = ReturnType<typeof copyTo> & {
  /** The driver puts one here that ends `query_timeout`, and the stream does not call it. */
  readonly callback?: () => void
}

async function startCopy(queryRunner: QueryRunner, sql: string): Promise<CopyStream> {
  const client = (await clientOf(queryRunner)) as { pipeline?: boolean; query(stream: CopyStream): CopyStream }
  const { pipeline: pipelined } = client
  // Such a stream cannot share the connection with statements that are sent before it is answered.
  if (pipelined === true) client.pipeline = false
  try {
    return client.query(copyTo(sql))
  } finally {
    if (pipelined === true) client.pipeline = true
  }
}

async function write(file: string, content: string): Promise<void> {
  await writeFile(file, content, { mode: 0o600, flag: 'wx' })
}

/** See `BackupRole.check`. */
export async function checkTables(options: CheckOptions): Promise<readonly string[]> {
  try {
    const definitions = JSON.parse(await readFile(path.join(options.target, definitionsFile), 'utf8')) as Definitions
    const problems = await problemsOf(options.target, definitions, options)
    const found = new Map(definitions.tables.map((table) => [keyOf(table), table.rows]))
    const missing = (options.tables ?? [])
      .filter((table) => found.get(keyOf(table)) !== table.rows)
      .map((table) => `${keyOf(table)} does not have ${String(table.rows)} rows`)
    return [...problems, ...missing]
  } catch (error) {
    options.signal?.throwIfAborted()
    return [messageOf(error)]
  }
}

/** Counts the rows in the files again. */
async function problemsOf(
  folder: string,
  { tables }: Definitions,
  { signal, onProgress }: Pick<CopyOptions, 'signal' | 'onProgress'>,
): Promise<readonly string[]> {
  const problems: string[] = []
  let bytes = 0
  onProgress({ phase: 'verify', bytes, total: null })
  for (const table of tables) {
    const lines = await countLines(path.join(folder, table.file), signal, (more) => {
      bytes += more
      onProgress({ phase: 'verify', bytes, total: null })
    })
    if (lines !== table.rows)
      problems.push(`${table.file} has ${String(lines)} rows of ${keyOf(table)} where there are ${String(table.rows)}`)
  }
  return problems
}

const newline = 10

/** A row is a line: line feeds in values are written as `\n`. */
async function countLines(
  file: string,
  signal: AbortSignal | undefined,
  report: (bytes: number) => void,
): Promise<number> {
  let lines = 0
  let last = newline
  const counter = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) lines += 1
      last = chunk.at(-1) ?? last
      report(chunk.length)
      done()
    },
  })
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), counter, { signal })
  if (last !== newline) throw new Error(`${path.basename(file)} ends in the middle of a row`)
  return lines
}

function copied({ schema, name, rows }: CopiedDefinition): CopiedTable {
  return { schema, name, rows }
}

async function serverVersion(queryRunner: QueryRunner): Promise<string> {
  const [row] = (await queryRunner.query(`SELECT current_setting('server_version') AS version`)) as {
    version: string
  }[]
  return versionOf(row?.version ?? '')
}

function backupError(message: string): AludelError {
  return new AludelError('ALUDEL_BACKUP', message, {
    help: 'Nothing was changed. Fix the cause, or continue without a backup: --backup never',
  })
}
