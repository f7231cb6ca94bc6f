import { AludelError } from '../../../errors'
import type { Queryable } from '../../queryable'
import { StatementReader, type WrittenName } from '../../../sql/reader'
import { quoteName } from '../names'
import { exists } from './catalog'
import { isRefusedInTransaction } from '../../../sql/postgres/outside'
import { indexIn } from './probe'

/**
 * Statements that remove what a failed concurrent build has left; see `StatementRole.leftovers`. The manual recommends to
 * drop an INVALID index and build it again:
 * https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
 */
export async function leftovers(database: Queryable, sql: string): Promise<readonly string[]> {
  if (!isRefusedInTransaction(sql)) return []
  const reader = new StatementReader(sql, 'postgres')
  if (reader.accept('CREATE')) {
    reader.accept('UNIQUE')
    if (!reader.accept('INDEX', 'CONCURRENTLY')) return []
    reader.accept('IF', 'NOT', 'EXISTS')
    const index = indexIn(reader)
    if (index?.name === undefined) return []
    return drops(await invalidIndexes(database, index.table, `^${escaped(index.name)}$`))
  }
  if (reader.accept('REINDEX')) return ofReindex(database, reader)
  if (reader.accept('ALTER', 'TABLE')) return ofDetach(database, reader)
  return []
}

/** The new index that REINDEX CONCURRENTLY builds next to the old one, or the old one that it could not drop. */
async function ofReindex(database: Queryable, reader: StatementReader): Promise<readonly string[]> {
  reader.brackets()
  const kind = reader.oneOf('INDEX', 'TABLE')
  reader.accept('CONCURRENTLY')
  const name = reader.name()
  if (kind === undefined || name === undefined) return []
  if (kind === 'TABLE') return drops(await invalidIndexes(database, name, '_cc(new|old)[0-9]*$'))
  const [row] = (await database.query(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_index i
     JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE i.indexrelid = to_regclass($1)`,
    [quoteName(name)],
  )) as WrittenName[]
  if (row === undefined) return []
  return drops(await invalidIndexes(database, row, `^${escaped(name.name.slice(0, 50))}.*_cc(new|old)[0-9]*$`))
}

/** Finishes an interrupted DETACH, which the server would refuse to start again. */
async function ofDetach(database: Queryable, reader: StatementReader): Promise<readonly string[]> {
  reader.accept('IF', 'EXISTS')
  const table = reader.name()
  const partition = table !== undefined && reader.accept('DETACH', 'PARTITION') ? reader.name() : undefined
  if (table === undefined || partition === undefined || !reader.accept('CONCURRENTLY')) return []
  if ((await exists.partition(database, table, partition)) !== 'detaching') return []
  return [`ALTER TABLE ${quoteName(table)} DETACH PARTITION ${quoteName(partition)} FINALIZE`]
}

interface InvalidIndex {
  readonly schema: string
  readonly name: string
  /** The session that is building it now; null when none is. */
  readonly pid: number | null
}

async function invalidIndexes(
  database: Queryable,
  table: WrittenName,
  pattern: string,
): Promise<readonly InvalidIndex[]> {
  return (await database.query(
    `SELECT n.nspname AS schema, c.relname AS name, p.pid
     FROM pg_catalog.pg_index i
     JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_catalog.pg_stat_progress_create_index p
       ON p.index_relid = i.indexrelid AND p.datname = current_database()
     WHERE i.indrelid = to_regclass($1) AND c.relname ~ $2 AND NOT i.indisvalid AND c.relkind = 'i'`,
    [quoteName(table), pattern],
  )) as InvalidIndex[]
}

function drops(indexes: readonly InvalidIndex[]): readonly string[] {
  return indexes.map(({ schema, name, pid }) => {
    if (pid !== null) {
      throw new AludelError('ALUDEL_TABLE_LOCKED', `session ${String(pid)} is building the index ${name}`, {
        help: `Wait for it, then run again. If it is not wanted: SELECT pg_terminate_backend(${String(pid)})`,
        details: { index: name, blockers: [{ pid }] },
      })
    }
    return `DROP INDEX CONCURRENTLY IF EXISTS ${quoteName({ schema, name })}`
  })
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
