import type { QueryRunner } from 'typeorm'

import { AludelError } from '../../errors'
import type { PreflightOptions } from '../roles/running'
import { leaseTableName } from './lock-key'
import { beside } from '../../schema/schema'
import { parsePath, quote, quoteName } from './names'
import { versionOf } from './statistics'

/** The oldest major version that is tested. */
const oldestVersion = 13

interface Facts {
  readonly database: string
  readonly role: string
  readonly version: number
  readonly server_version: string
  readonly replica: boolean
  readonly read_only: boolean
  readonly default_read_only: boolean
  readonly search_path: string
  /** Schema of new objects; null when there is none. */
  readonly target: string | null
  readonly target_exists: boolean
  readonly may_make_schema: boolean
  readonly may_make: boolean
  readonly may_use: boolean
  readonly may_lock: boolean
  /** Tables of that schema that the role does not own. */
  readonly foreign: readonly { readonly name: string; readonly owner: string }[] | null
}

interface TableFacts {
  readonly part: Part
  /** Schema of the table. */
  readonly schema: string | null
  readonly missing: readonly string[] | null
  readonly sequence: string | null
}

type Part = 'history' | 'journal' | 'lease'

/** The rights that a run needs on each of the tool's own tables. */
const rights: Readonly<Record<Part, readonly string[]>> = {
  history: ['SELECT', 'INSERT', 'DELETE'],
  journal: ['SELECT', 'INSERT', 'UPDATE'],
  lease: ['SELECT', 'INSERT', 'UPDATE'],
}

/**
 * Checks in two queries what would make a run fail: an old server, a standby, a read-only session, a `search_path` that
 * leads to another schema, rights on the schema and on the tool's own tables. The error lists missing rights as GRANTs.
 *
 * Whether the role must be allowed to create tables, or own those that are altered, depends on the statements that will
 * run: a revision that only changes rows requires neither.
 *
 * @throws AludelError `ALUDEL_SERVER_VERSION`, `ALUDEL_READ_ONLY`, `ALUDEL_SEARCH_PATH`, `ALUDEL_PERMISSION`
 */
export async function preflight(queryRunner: QueryRunner, options: PreflightOptions): Promise<void> {
  const { schema } = parsePath(options.historyTable)
  const facts = await readFacts(queryRunner, schema)
  refuseServer(facts)
  if (facts.target === null) throw noSchema(facts)
  const tables = facts.target_exists ? await readTables(queryRunner, options) : []
  refuseOtherSchema(facts, facts.target, schema, tables, options)
  await refuseMissingRights(facts, facts.target, tables, options)
}

async function readFacts(queryRunner: QueryRunner, schema: string | undefined): Promise<Facts> {
  const [row] = (await queryRunner.query(
    `SELECT current_database()::text AS database, current_user::text AS role,
       current_setting('server_version_num')::integer AS version, current_setting('server_version') AS server_version,
       pg_is_in_recovery() AS replica, current_setting('transaction_read_only') = 'on' AS read_only,
       current_setting('default_transaction_read_only') = 'on' AS default_read_only,
       current_setting('search_path') AS search_path, t.target::text AS target, n.oid IS NOT NULL AS target_exists,
       has_database_privilege(current_database(), 'CREATE') AS may_make_schema,
       coalesce(has_schema_privilege(n.oid, 'CREATE'), false) AS may_make,
       coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS may_use,
       has_function_privilege('pg_catalog.pg_try_advisory_lock(integer, integer)', 'EXECUTE') AS may_lock,
       (SELECT json_agg(json_build_object('name', c.relname, 'owner', pg_get_userbyid(c.relowner)))
        FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p') AND NOT pg_has_role(c.relowner, 'USAGE')) AS foreign
     FROM (SELECT coalesce($1::text, current_schema()::text)) AS t (target)
     LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = t.target`,
    [schema ?? null],
  )) as Facts[]
  if (row === undefined) throw new AludelError('ALUDEL_INTERNAL', 'the server returned no row about itself')
  return row
}

/** The tool's own tables that exist. */
async function readTables(queryRunner: QueryRunner, options: PreflightOptions): Promise<readonly TableFacts[]> {
  const names: readonly (readonly [Part, string])[] = [
    ['history', quoteName(parsePath(options.historyTable))],
    ['journal', quoteName(parsePath(options.journalTable))],
    ['lease', quoteName(beside(parsePath(options.historyTable), leaseTableName))],
  ]
  const selects = names.map(([part], index) => {
    const name = `$${String(index + 1)}`
    const wanted = rights[part].map((right) => `'${right}'`).join(', ')
    return (
      `SELECT '${part}' AS part, n.nspname::text AS schema,
         (SELECT json_agg(r.name) FROM unnest(ARRAY[${wanted}]) AS r (name) WHERE NOT has_table_privilege(c.oid, r.name)) AS missing,
         ` +
      // The id of TypeORM's history is a serial, whose sequence has separate rights.
      (part === 'history'
        ? // CASE, because the planner may try conditions in any order, and the function fails for other relations.
          `(SELECT s.oid::regclass::text FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid
            WHERE d.refobjid = c.oid AND d.deptype = 'a'
              AND CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE') END LIMIT 1)`
        : 'NULL') +
      ` AS sequence FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(${name})`
    )
  })
  return (await queryRunner.query(
    selects.join(' UNION ALL '),
    names.map(([, name]) => name),
  )) as TableFacts[]
}

function refuseServer({ version, server_version, replica, read_only, default_read_only, database, role }: Facts): void {
  if (version < oldestVersion * 10_000) {
    throw new AludelError(
      'ALUDEL_SERVER_VERSION',
      `the server is PostgreSQL ${versionOf(server_version)}; ${String(oldestVersion)} is the oldest supported version`,
      { help: 'Upgrade the server. Nothing was changed.', details: { version: versionOf(server_version) } },
    )
  }
  if (replica) {
    throw new AludelError('ALUDEL_READ_ONLY', `${database} is a standby, which can only be read`, {
      help: 'Connect to the primary. Nothing was changed.',
      details: { database, replica },
    })
  }
  if (read_only) {
    throw new AludelError(
      'ALUDEL_READ_ONLY',
      `${role} can only read ${database}: ${default_read_only ? 'default_transaction_read_only' : 'transaction_read_only'} is on`,
      {
        help: `It is set for the role, the database, the server or the connection: ALTER ROLE ${quote(role)} IN DATABASE ${quote(database)} SET default_transaction_read_only = off\nNothing was changed.`,
        details: { database, role },
      },
    )
  }
}

function noSchema({ search_path, database, role }: Facts): AludelError {
  return new AludelError('ALUDEL_SEARCH_PATH', `none of the schemas of search_path (${search_path}) can be used`, {
    help: `Create one, or name another: ALTER ROLE ${quote(role)} IN DATABASE ${quote(database)} SET search_path = public\nor the right is missing: GRANT USAGE, CREATE ON SCHEMA public TO ${quote(role)}\nNothing was changed.`,
    details: { searchPath: search_path },
  })
}

/** Refuses when the history is in a later schema of search_path: a new, empty history would hide it. */
function refuseOtherSchema(
  { search_path }: Facts,
  target: string,
  schema: string | undefined,
  tables: readonly TableFacts[],
  { historyTable }: PreflightOptions,
): void {
  const history = tables.find(({ part }) => part === 'history')
  if (schema !== undefined || history === undefined || history.schema === target) return
  throw new AludelError(
    'ALUDEL_SEARCH_PATH',
    `the history is ${quote(history.schema ?? '')}.${quote(historyTable)}, but new objects would be created in the schema ${quote(target)}`,
    {
      help: `search_path is ${search_path}. Set it so that ${quote(history.schema ?? '')} comes first, or give the DataSource \`schema: '${history.schema ?? ''}'\`. Nothing was changed.`,
      details: { searchPath: search_path, history: history.schema, target },
    },
  )
}

async function refuseMissingRights(
  facts: Facts,
  target: string,
  tables: readonly TableFacts[],
  options: PreflightOptions,
): Promise<void> {
  const { role, database } = facts
  const to = ` TO ${quote(role)}`
  const grants: string[] = []
  if (!facts.target_exists) {
    if (!facts.may_make_schema) grants.push(`GRANT CREATE ON DATABASE ${quote(database)}${to}`)
  } else {
    const complete = (['history', 'journal', ...(options.lock === 'lease' ? ['lease'] : [])] as const).every((part) =>
      tables.some((table) => table.part === part),
    )
    const { creates, alters } =
      complete && facts.may_make && facts.foreign === null
        ? { creates: false, alters: [] }
        : requirementsOf(await options.statements().catch(() => []), facts)
    const schemaRights = [
      ...(facts.may_use ? [] : ['USAGE']),
      ...(facts.may_make || (complete && !creates) ? [] : ['CREATE']),
    ]
    // On a new schema both are named: one is useless without the other.
    if (schemaRights.length > 0)
      grants.push(`GRANT ${complete ? schemaRights.join(', ') : 'USAGE, CREATE'} ON SCHEMA ${quote(target)}${to}`)
    for (const { name, owner } of alters) grants.push(`GRANT ${quote(owner)}${to}  -- the owner of ${quote(name)}`)
    for (const { part, missing, sequence, schema } of tables) {
      if (part === 'lease' && options.lock !== 'lease') continue
      const table = nameOf(part, options)
      if (missing !== null)
        grants.push(`GRANT ${missing.join(', ')} ON ${quote(schema ?? target)}.${quote(table)}${to}`)
      if (sequence !== null) grants.push(`GRANT USAGE ON SEQUENCE ${sequence}${to}`)
    }
  }
  if (!facts.may_lock && options.lock === 'session')
    grants.push(`GRANT EXECUTE ON FUNCTION pg_catalog.pg_try_advisory_lock(integer, integer)${to}`)
  if (grants.length === 0) return
  throw new AludelError('ALUDEL_PERMISSION', `${role} lacks rights in ${database} that this run needs`, {
    help: [
      ...(grants.length === 1 ? ['Grant it:'] : ['Grant them:']),
      ...grants.map((grant) => `  ${grant}`),
      'Nothing was changed.',
    ].join('\n'),
    details: { role, database, grants },
  })
}

function nameOf(part: Part, options: PreflightOptions): string {
  if (part === 'lease') return leaseTableName
  return parsePath(part === 'history' ? options.historyTable : options.journalTable).name
}

const identifier = String.raw`(?:"(?:[^"]|"")+"\.)?"((?:[^"]|"")+)"`
const creating =
  /^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+)?(?:TABLE|INDEX|VIEW|MATERIALIZED\s+VIEW|TYPE|DOMAIN|SEQUENCE|FUNCTION)\b/i
const altering = new RegExp(
  String.raw`^\s*(?:(?:ALTER|DROP)\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?|CREATE\s+(?:UNIQUE\s+)?INDEX\b.*?\bON\s+(?:ONLY\s+)?)${identifier}`,
  'is',
)

/** Whether statements create objects, and which tables of other owners they alter. */
function requirementsOf(
  statements: readonly string[],
  { foreign }: Facts,
): { readonly creates: boolean; readonly alters: readonly { readonly name: string; readonly owner: string }[] } {
  const altered = new Set(statements.map((sql) => altering.exec(sql)?.[1]?.replaceAll('""', '"')))
  return {
    creates: statements.some((sql) => creating.test(sql)),
    alters: (foreign ?? []).filter(({ name }) => altered.has(name)),
  }
}
