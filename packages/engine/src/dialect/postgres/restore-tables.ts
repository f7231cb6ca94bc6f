import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'

import { from as copyFrom } from 'pg-copy-streams'
import type { QueryRunner } from 'typeorm'

import { AludelError, isAludelError, messageOf } from '../../errors'
import type { Queryable } from '../queryable'
import type { RestoreTablesOptions, TableToRestore } from '../roles/restore'
import { keyOf } from './backup-archive'
import { pathOf } from './backup-catalog'
import { type CopiedDefinition, type Definitions, readDefinitions, type TableDefinition } from './backup-definitions'
import { inSnapshotTransaction, setLocally, textSettings } from './backup-snapshot'
import { definitionsFile } from './backup-tables'
import { clientOf } from './client'
import { errorText } from './errors'
import { text } from './literal'
import { quote, quoteList } from './names'
import { afterRows, beforeRows, foreignKeysOf } from './restore-definitions'

/** See `RestoreRole.compareTables`. */
export async function compareTables(database: QueryRunner, folder: string): Promise<readonly TableToRestore[]> {
  const { tables } = await readFolder(folder)
  // Definitions are read as they were when the copy was made: with complete names.
  return inSnapshotTransaction(database, async () => {
    await setLocally(database, textSettings)
    return compareWith(database, folder, tables)
  })
}

async function compareWith(
  database: QueryRunner,
  folder: string,
  tables: readonly CopiedDefinition[],
): Promise<readonly TableToRestore[]> {
  const compared: TableToRestore[] = []
  const problems: { readonly table: string; readonly text: string }[] = []
  for (const table of tables) {
    const { schema, name, rows } = table
    const live = await liveDefinition(database, table)
    problems.push(
      ...(live === undefined ? [] : misfits(table, live)).map((one) => ({ table: keyOf(table), text: one })),
    )
    compared.push({ schema, name, rows, now: live === undefined ? null : await rowsOf(database, table) })
  }
  if (problems.length === 0) return compared
  throw new AludelError(
    'ALUDEL_RESTORE',
    `the backup does not fit the tables: ${problems.map(({ text: it }) => it).join('; ')}`,
    {
      help:
        'Nothing was changed. Bring the tables back to the revision of the backup first (aludel migrate downgrade), or drop them: ' +
        'tables that do not exist are created.',
      details: { path: folder, tables: [...new Set(problems.map(({ table }) => table))] },
    },
  )
}

async function readFolder(folder: string): Promise<Definitions> {
  const file = path.join(folder, definitionsFile)
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Definitions
  } catch (cause) {
    throw new AludelError('ALUDEL_RESTORE', `${JSON.stringify(file)} cannot be read: ${messageOf(cause)}`, {
      help: 'Nothing was changed.',
      details: { path: file },
      cause,
    })
  }
}

/** Undefined if there is no such table. */
async function liveDefinition(database: Queryable, table: TableDefinition): Promise<TableDefinition | undefined> {
  const [row] = (await database.query(
    `SELECT c.relkind IN ('r', 'p') AS "isTable" FROM pg_catalog.pg_class c WHERE c.oid = to_regclass($1)`,
    [pathOf(table)],
  )) as { isTable: boolean }[]
  if (row === undefined) return undefined
  if (row.isTable) return (await readDefinitions(database, [table]))[0]
  throw new AludelError('ALUDEL_RESTORE', `${keyOf(table)} is not a table any more`, {
    help: 'Nothing was changed. Rename what has its name now, then restore again.',
    details: { tables: [keyOf(table)] },
  })
}

/** Why the rows of a copy cannot be in a table. */
function misfits(copied: CopiedDefinition, live: TableDefinition): readonly string[] {
  const columns = new Map(live.columns.map((column) => [column.name, column]))
  const had = new Map(copied.columns.map((column) => [column.name, column]))
  const wrong = copied.copied.flatMap((name) => {
    const column = columns.get(name)
    const type = had.get(name)?.type
    if (column === undefined) return [`${keyOf(live)} has no column ${name}`]
    if (column.generated !== null) return [`${keyOf(live)}.${name} is generated now`]
    return column.type === type ? [] : [`${keyOf(live)}.${name} is ${column.type} instead of ${type ?? 'unknown'}`]
  })
  const unfilled = live.columns.filter(
    ({ name, notNull, default: value, generated, identity }) =>
      !copied.copied.includes(name) && notNull && value === null && generated === null && identity === null,
  )
  return [...wrong, ...unfilled.map(({ name }) => `${keyOf(live)}.${name} needs a value that the backup does not have`)]
}

async function rowsOf(database: Queryable, table: TableDefinition): Promise<number> {
  const [row] = (await database.query(`SELECT count(*)::float8 AS rows FROM ${source(table)}`)) as { rows: number }[]
  return row?.rows ?? 0
}

/** Rows of a partitioned table are in its partitions; those of other children are not its own. */
function source(table: Pick<TableDefinition, 'schema' | 'name' | 'kind'>): string {
  return `${table.kind === 'partitioned' ? '' : 'ONLY '}${pathOf(table)}`
}

/**
 * See `RestoreRole.restoreTables`. Foreign keys from and to the tables are dropped and added again, which checks all rows; to only
 * disable them takes a superuser, and checks nothing.
 */
export async function restoreTables(queryRunner: QueryRunner, options: RestoreTablesOptions): Promise<void> {
  const { folder, signal, onProgress } = options
  try {
    const { encoding, tables } = await readFolder(folder)
    await setLocally(queryRunner, [...textSettings, ['row_security', 'off'], ['statement_timeout', '0']])
    const there: CopiedDefinition[] = []
    const missing: CopiedDefinition[] = []
    for (const table of tables) ((await liveDefinition(queryRunner, table)) === undefined ? missing : there).push(table)

    const aside = await setAside(queryRunner, there)
    await send(queryRunner, await beforeRows(queryRunner, missing))
    for (const table of tables) {
      signal?.throwIfAborted()
      onProgress({ phase: 'table', name: keyOf(table) })
      if (there.includes(table)) await queryRunner.query(`TRUNCATE ${source(table)}`)
      await copyInto(queryRunner, table, { folder, encoding, signal })
    }
    await send(queryRunner, afterRows(missing))
    await send(queryRunner, await foreignKeysOf(queryRunner, missing))
    await send(queryRunner, aside)
    for (const table of tables) await verify(queryRunner, table)
    await raiseSequences(queryRunner, there)
  } catch (cause) {
    signal?.throwIfAborted()
    if (isAludelError(cause)) throw cause
    throw new AludelError('ALUDEL_RESTORE', `the tables could not be restored: ${errorText(cause)}`, {
      help: 'Nothing was changed.',
      details: { path: folder },
      cause,
    })
  }
}

async function send(database: Queryable, statements: readonly string[]): Promise<void> {
  for (const sql of statements) await database.query(sql)
}

/**
 * Locks tables, drops their foreign keys, and disables their triggers.
 *
 * @returns the statements that put them back
 */
async function setAside(database: Queryable, tables: readonly TableDefinition[]): Promise<readonly string[]> {
  if (tables.length === 0) return []
  const paths = tables.map(pathOf)
  // In one statement and one order, so that two restores do not wait for each other.
  await database.query(`LOCK TABLE ${paths.join(', ')} IN ACCESS EXCLUSIVE MODE`)
  const keys = (await database.query(
    `SELECT format('%I.%I', n.nspname, c.relname) AS "table", k.conname::text AS name, pg_get_constraintdef(k.oid) AS definition,
       obj_description(k.oid, 'pg_constraint') AS comment
     FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE k.contype = 'f' AND k.conparentid = 0 AND (k.conrelid = ANY ($1::regclass[]) OR k.confrelid = ANY ($1::regclass[])
       OR k.conrelid IN (SELECT p.relid FROM unnest($1::regclass[]) t, pg_partition_tree(t) p)
       OR k.confrelid IN (SELECT p.relid FROM unnest($1::regclass[]) t, pg_partition_tree(t) p))
     ORDER BY 1, 2`,
    [paths],
  )) as { table: string; name: string; definition: string; comment: string | null }[]
  const triggers = (await database.query(
    `SELECT format('%I.%I', n.nspname, c.relname) AS "table", t.tgname::text AS name, t.tgenabled::text AS state
     FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND (t.tgrelid = ANY ($1::regclass[])
       OR t.tgrelid IN (SELECT p.relid FROM unnest($1::regclass[]) t, pg_partition_tree(t) p)) ORDER BY 1, 2`,
    [paths],
  )) as { table: string; name: string; state: string }[]
  for (const { table, name } of keys) await database.query(`ALTER TABLE ${table} DROP CONSTRAINT ${quote(name)}`)
  for (const { table, name } of triggers) await database.query(`ALTER TABLE ${table} DISABLE TRIGGER ${quote(name)}`)
  return [
    ...keys.flatMap(({ table, name, definition, comment }) => [
      `ALTER TABLE ${table} ADD CONSTRAINT ${quote(name)} ${definition}`,
      ...(comment === null ? [] : [`COMMENT ON CONSTRAINT ${quote(name)} ON ${table} IS ${text(comment)}`]),
    ]),
    ...triggers.map(
      ({ table, name, state }) => `ALTER TABLE ${table} ENABLE ${enabledAs[state] ?? ''}TRIGGER ${quote(name)}`,
    ),
  ]
}

const enabledAs: Readonly<Record<string, string>> = { R: 'REPLICA ', A: 'ALWAYS ' }

async function copyInto(
  queryRunner: QueryRunner,
  table: CopiedDefinition,
  { folder, encoding, signal }: { folder: string; encoding: string; signal: AbortSignal | undefined },
): Promise<void> {
  const sql = `COPY ${pathOf(table)} (${quoteList(table.copied)}) FROM STDIN (ENCODING ${text(encoding)})`
  const client = (await clientOf(queryRunner)) as { query(stream: ReturnType<typeof copyFrom>): typeof stream }
  await pipeline(createReadStream(path.join(folder, table.file)), client.query(copyFrom(sql)), { signal })
}

async function verify(database: Queryable, table: CopiedDefinition): Promise<void> {
  const rows = await rowsOf(database, table)
  if (rows === table.rows) return
  throw new AludelError(
    'ALUDEL_RESTORE',
    `${keyOf(table)} has ${String(rows)} rows after the restore instead of ${String(table.rows)}`,
    { help: 'Nothing was changed.', details: { tables: [keyOf(table)] } },
  )
}

/** What a sequence has given must not be given again. Its values since the backup stay given. */
async function raiseSequences(database: Queryable, tables: readonly TableDefinition[]): Promise<void> {
  for (const table of tables) {
    for (const { column, lastValue } of table.sequences) {
      if (lastValue === null) continue
      await database.query(
        `SELECT setval(s.path::regclass, $3::bigint) FROM (SELECT pg_get_serial_sequence($1, $2) AS path) s
         WHERE s.path IS NOT NULL AND coalesce(pg_sequence_last_value(s.path::regclass), 0) < $3::bigint`,
        [pathOf(table), column, lastValue],
      )
    }
  }
}
