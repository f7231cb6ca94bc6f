import type { Queryable } from '../../queryable'
import { StatementReader, type WrittenName } from '../../../sql/reader'
import type { Probe } from '../../roles/statements'
import { quoteName } from '../names'
import { doneWhen, exists, oneOfTwo } from './catalog'
import { probeTable } from './probe-table'

/**
 * Whether a statement took effect, according to the catalog: see `StatementRole.probe`. A statement is atomic, so one object
 * that it creates or drops is enough to check. `unknown` where the catalog looks the same before and after.
 */
export async function probe(database: Queryable, sql: string): Promise<Probe> {
  const reader = new StatementReader(sql, 'postgres')
  switch (reader.oneOf('CREATE', 'DROP', 'ALTER')) {
    case 'CREATE':
      return probeCreate(database, reader)
    case 'DROP':
      return probeDrop(database, reader)
    case 'ALTER':
      return probeAlter(database, reader)
    case undefined:
      return repeatable.has(reader.word) ? 'not done' : 'unknown'
  }
}

/** Statements whose repetition changes nothing. */
const repeatable = new Set(
  'VACUUM ANALYZE ANALYSE REINDEX CLUSTER REFRESH COMMENT GRANT REVOKE SET RESET CHECKPOINT SECURITY DISCARD'.split(
    ' ',
  ),
)

const relations = ['TABLE', 'VIEW', 'MATERIALIZED VIEW', 'SEQUENCE', 'FOREIGN TABLE', 'INDEX'] as const
const kinds = [
  ...relations,
  ...(['TYPE', 'DOMAIN', 'SCHEMA', 'EXTENSION', 'TRIGGER', 'FUNCTION', 'PROCEDURE', 'DATABASE', 'TABLESPACE'] as const),
]

async function probeCreate(database: Queryable, reader: StatementReader): Promise<Probe> {
  if (reader.accept('OR', 'REPLACE')) return 'not done'
  // A temporary table was dropped with its session.
  if (reader.oneOf('TEMP', 'TEMPORARY', 'GLOBAL TEMP', 'LOCAL TEMP') !== undefined) return 'not done'
  reader.oneOf('UNLOGGED', 'UNIQUE', 'CONSTRAINT', 'TRUSTED', 'RECURSIVE')
  const kind = reader.oneOf(...kinds)
  if (kind === undefined) return 'unknown'
  const concurrently = reader.accept('CONCURRENTLY')
  const ifMissing = reader.accept('IF', 'NOT', 'EXISTS')
  if (kind === 'INDEX') return probeIndex(database, reader, concurrently)
  if (ifMissing) return 'not done'
  const name = reader.name()
  if (name === undefined) return 'unknown'
  if (kind === 'TRIGGER') {
    if (!reader.skipTo('ON')) return 'unknown'
    const table = reader.name()
    return table === undefined ? 'unknown' : doneWhen(await exists.trigger(database, name.name, table))
  }
  if (kind === 'FUNCTION' || kind === 'PROCEDURE') {
    // Another routine of that name may have other arguments.
    return (await exists.routine(database, name)) ? 'unknown' : 'not done'
  }
  return doneWhen(await existsAs(database, kind, name))
}

/** An existing INVALID index is left over from a failed build. */
async function probeIndex(database: Queryable, reader: StatementReader, concurrently: boolean): Promise<Probe> {
  const index = indexIn(reader)
  if (index?.name === undefined) return 'unknown'
  const state = await exists.index(database, index.name, index.table)
  if (state === 'invalid') return concurrently ? 'not done' : 'done'
  return state === 'valid' ? 'done' : 'not done'
}

/** The rest of CREATE INDEX [CONCURRENTLY] [IF NOT EXISTS]; an index may have no name. */
export function indexIn(
  reader: StatementReader,
): { readonly name: string | undefined; readonly table: WrittenName } | undefined {
  const name = reader.word === 'ON' ? undefined : reader.name()
  if (!reader.accept('ON')) return undefined
  reader.accept('ONLY')
  const table = reader.name()
  return table === undefined ? undefined : { name: name?.name, table }
}

async function probeDrop(database: Queryable, reader: StatementReader): Promise<Probe> {
  const kind = reader.oneOf(...kinds)
  if (kind === undefined) return 'unknown'
  reader.accept('CONCURRENTLY')
  if (reader.accept('IF', 'EXISTS')) return 'not done'
  const [name] = reader.names()
  if (name === undefined) return 'unknown'
  if (kind === 'TRIGGER') {
    const table = reader.accept('ON') ? reader.name() : undefined
    return table === undefined ? 'unknown' : doneWhen(!(await exists.trigger(database, name.name, table)))
  }
  if (kind === 'FUNCTION' || kind === 'PROCEDURE') {
    return (await exists.routine(database, name)) ? 'unknown' : 'done'
  }
  return doneWhen(!(await existsAs(database, kind, name)))
}

async function probeAlter(database: Queryable, reader: StatementReader): Promise<Probe> {
  if (reader.accept('SYSTEM')) return 'not done'
  if (reader.accept('TYPE')) return probeType(database, reader)
  const kind = reader.oneOf(...relations)
  if (kind === undefined) return 'unknown'
  reader.accept('IF', 'EXISTS')
  reader.accept('ONLY')
  const name = reader.name()
  if (name === undefined) return 'unknown'
  return probeTable(database, reader, name)
}

async function probeType(database: Queryable, reader: StatementReader): Promise<Probe> {
  const type = reader.name()
  if (type === undefined) return 'unknown'
  if (reader.accept('ADD', 'VALUE')) {
    reader.accept('IF', 'NOT', 'EXISTS')
    const value = reader.string()
    return value === undefined ? 'unknown' : doneWhen(await exists.enumValue(database, type, value))
  }
  if (reader.accept('RENAME', 'VALUE')) {
    const from = reader.string()
    const to = reader.accept('TO') ? reader.string() : undefined
    if (from === undefined || to === undefined) return 'unknown'
    return oneOfTwo(await exists.enumValue(database, type, from), await exists.enumValue(database, type, to))
  }
  if (!reader.accept('RENAME', 'TO')) return 'unknown'
  const to = reader.name()
  if (to === undefined) return 'unknown'
  return oneOfTwo(await exists.type(database, type), await exists.type(database, { ...type, name: to.name }))
}

function existsAs(database: Queryable, kind: string, name: WrittenName): Promise<boolean> {
  switch (kind) {
    case 'TYPE':
    case 'DOMAIN':
      return exists.type(database, name)
    case 'SCHEMA':
      return exists.named(database, 'pg_namespace', 'nspname', name.name)
    case 'EXTENSION':
      return exists.named(database, 'pg_extension', 'extname', name.name)
    case 'DATABASE':
      return exists.named(database, 'pg_database', 'datname', name.name)
    case 'TABLESPACE':
      return exists.named(database, 'pg_tablespace', 'spcname', name.name)
    default:
      return exists.relation(database, quoteName(name))
  }
}
