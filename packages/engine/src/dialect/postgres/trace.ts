import { addLock, isStronger, type LockMode, lockModes, type TableLock } from '../../sql/effects'
import type { Queryable } from '../queryable'
import type { Traced } from '../roles/trace'

interface Relation {
  readonly oid: string
  readonly name: string
  /** `r`, `p`, `m`, `f` for tables, `v` for views, `i`, `I` for indexes. */
  readonly kind: string
  /** Of an index: its table. */
  readonly owner: string | null
  /** Another one after a rewrite; null where there are no rows: a partitioned table, a view. */
  readonly node: string | null
  /** Scans by this transaction. */
  readonly scans: number
}

interface Lock {
  readonly oid: string
  readonly mode: string
}

/** Relations of users, with the file that holds the rows, and how often this transaction has read all of them. */
const relations = `SELECT c.oid::text AS oid, c.relkind::text AS kind, pg_catalog.pg_relation_filenode(c.oid)::text AS node,
    pg_catalog.pg_stat_get_xact_numscans(c.oid)::int AS scans,
    (SELECT i.indrelid::text FROM pg_catalog.pg_index i WHERE i.indexrelid = c.oid) AS owner,
    CASE WHEN n.nspname = current_schema() THEN c.relname::text ELSE n.nspname || '.' || c.relname END AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm', 'f', 'v', 'i', 'I') AND n.nspname !~ '^(pg_|information_schema$)'`

const locks = `SELECT relation::text AS oid, mode FROM pg_catalog.pg_locks
  WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation' AND granted`

/**
 * See `TraceRole.around`: `pg_locks` and the files of tables before and after the statement. A rewritten table gets another file
 * (https://www.postgresql.org/docs/current/storage-file-layout.html); the statistics of the transaction count scans.
 */
export async function around(database: Queryable, run: () => Promise<unknown>): Promise<Traced> {
  const before = await read(database)
  const result = await run()
  const after = await read(database)
  const known = new Map(before.relations.map((one) => [one.oid, one]))
  const held = new Set(before.locks.map(({ oid, mode }) => `${oid} ${mode}`))
  const isTable = ({ kind }: Relation): boolean => !/^i$/i.test(kind)

  const added = after.locks.flatMap(({ oid, mode }) => {
    const relation = known.get(oid)
    return relation === undefined || held.has(`${oid} ${mode}`) ? [] : [{ relation, level: levelOf(mode) }]
  })
  const taken = new Map<string, TableLock>()
  for (const { relation, level } of added) if (isTable(relation)) addLock(taken, { level, table: relation.name })
  for (const { relation, level } of added) {
    if (isTable(relation) || isStronger('SHARE', level)) continue
    // Every statement that uses a table locks all its indexes.
    const ofTable = taken.get(known.get(relation.owner ?? '')?.name ?? '')
    if (ofTable === undefined || isStronger(level, ofTable.level))
      addLock(taken, { level, table: relation.name, isIndex: true })
  }
  // A change of type recreates indexes under their names, with the old file where their order stays the same.
  const indexes = new Map(before.relations.flatMap((one) => (isTable(one) ? [] : [[one.name, one]])))
  const changed = after.relations.flatMap((now) => {
    const then = known.get(now.oid) ?? (isTable(now) ? undefined : indexes.get(now.name))
    return then === undefined || then.node === now.node ? [] : [then]
  })
  return {
    result,
    locks: [...taken.values()],
    rewrites: changed.filter(isTable).map(({ name }) => name),
    rebuilds: changed.filter((one) => !isTable(one)).map(({ name }) => name),
    scans: after.relations.flatMap((now) => {
      const then = known.get(now.oid)
      return then !== undefined && isTable(then) && now.scans > then.scans ? [then.name] : []
    }),
  }
}

async function read(
  database: Queryable,
): Promise<{ readonly relations: readonly Relation[]; readonly locks: readonly Lock[] }> {
  return {
    relations: (await database.query(relations)) as Relation[],
    locks: (await database.query(locks)) as Lock[],
  }
}

/** `AccessExclusiveLock`: `ACCESS EXCLUSIVE`. */
export function levelOf(mode: string): LockMode {
  const words = mode
    .replace(/Lock$/, '')
    .replaceAll(/(?!^)([A-Z])/g, ' $1')
    .toUpperCase()
  return lockModes.find((level) => level === words) ?? 'ACCESS EXCLUSIVE'
}
