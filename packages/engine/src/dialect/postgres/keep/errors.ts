import { AludelError, isAludelError } from '../../../errors'
import { sqlStateOf } from '../errors'
import { quote } from '../names'
import type { Queryable } from '../../queryable'
import { keptSchema } from './names'

/** `too_many_columns`: dropped columns count, too. */
const tooManyColumns = '54011'

/** The error for a revision of which something cannot be kept; the transaction is rolled back. */
export function cannotKeep(revision: string, loss: string, why: string, help?: string): AludelError {
  return new AludelError('ALUDEL_KEEP', `cannot keep ${loss}: ${why}`, {
    help: `${help === undefined ? '' : `${help} `}Or upgrade without --keep-dropped, which drops it.`,
    details: { revision, losses: [loss] },
  })
}

/** Explains what the server says about a statement that keeps something. */
export function keepError(error: unknown, revision: string, loss: string): unknown {
  if (isAludelError(error)) return error
  const state = sqlStateOf(error)
  if (state === tooManyColumns)
    return cannotKeep(revision, loss, 'the table would have more than 1,600 columns, with those that were dropped')
  return error
}

/**
 * Checks whether this role may use the schema of what is kept, or create it.
 *
 * @throws AludelError `ALUDEL_PERMISSION` naming the grant
 */
export async function refuseMissingRights(database: Queryable): Promise<void> {
  const missing = await missingRights(database)
  if (missing !== undefined) throw missing
}

export async function missingRights(database: Queryable): Promise<AludelError<'ALUDEL_PERMISSION'> | undefined> {
  const [row] = (await database.query(
    `SELECT current_user::text AS role, current_database()::text AS database, n.oid IS NOT NULL AS exists, coalesce(pg_get_userbyid(n.nspowner)::text, '') AS owner,
       CASE WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE')
         ELSE has_schema_privilege(n.oid, 'CREATE') AND has_schema_privilege(n.oid, 'USAGE') AND coalesce(has_table_privilege(t.oid, 'INSERT')
           AND has_sequence_privilege(pg_get_serial_sequence('${keptSchema}.entries', 'id'), 'USAGE'), true) END AS may
     FROM (SELECT) AS one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = '${keptSchema}'
     LEFT JOIN pg_catalog.pg_class t ON t.relnamespace = n.oid AND t.relname = 'entries'`,
  )) as { role: string; database: string; exists: boolean; owner: string; may: boolean }[]
  if (row === undefined || row.may) return undefined
  const schema = quote(keptSchema)
  const grants = row.exists
    ? [
        `GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${quote(row.role)}`,
        `GRANT ALL ON TABLE ${schema}."entries" TO ${quote(row.role)}`,
        `GRANT ALL ON SEQUENCE ${schema}."entries_id_seq" TO ${quote(row.role)}`,
      ]
    : [`GRANT CREATE ON DATABASE ${quote(row.database)} TO ${quote(row.role)}`]
  return new AludelError(
    'ALUDEL_PERMISSION',
    row.exists
      ? `${row.role} may not use the schema ${keptSchema} of ${row.owner}, where dropped things are kept`
      : `${row.role} may not create the schema ${keptSchema} in ${row.database}, where dropped things are kept`,
    {
      help: `Grant it, or upgrade without --keep-dropped:\n${grants.map((grant) => `${grant};`).join('\n')}`,
      details: { database: row.database, role: row.role, grants },
    },
  )
}
