import { AludelError } from '../../errors'
import type { Queryable } from '../queryable'
import { quote } from './names'

/**
 * Whoever renames a database must own it, and may create others.
 *
 * @throws AludelError `ALUDEL_PERMISSION`
 */
export async function requireRights(admin: Queryable, database: string): Promise<void> {
  const [row] = (await admin.query(
    `SELECT r.rolname::text AS role, r.rolcreatedb OR r.rolsuper AS creates, d.owner,
       r.rolsuper OR d.datdba IS NULL OR pg_has_role(d.datdba, 'USAGE') AS owns
     FROM pg_catalog.pg_roles r LEFT JOIN (SELECT datdba, pg_get_userbyid(datdba)::text AS owner FROM pg_catalog.pg_database WHERE datname = $1) d ON true
     WHERE r.rolname = current_user`,
    [database],
  )) as { role: string; creates: boolean; owner: string | null; owns: boolean }[]
  if (row === undefined || (row.creates && row.owns)) return
  const grants = [
    ...(row.creates ? [] : [`ALTER ROLE ${quote(row.role)} CREATEDB`]),
    ...(row.owns ? [] : [`GRANT ${quote(row.owner ?? '')} TO ${quote(row.role)}`]),
  ]
  const lacks = [
    ...(row.creates ? [] : ['may not create databases']),
    ...(row.owns ? [] : [`does not own "${database}"`]),
  ]
  throw new AludelError(
    'ALUDEL_PERMISSION',
    `the role ${row.role} ${lacks.join(' and ')}: it cannot restore a database`,
    {
      help: [
        'Nothing was changed. Restore as another role, or grant:',
        ...grants.map((grant) => `  ${grant};`),
        'A backup of tables can be restored without these rights.',
      ].join('\n'),
      details: { role: row.role, database, grants },
    },
  )
}

/** @throws AludelError `ALUDEL_RESTORE` naming the roles that do not exist */
export async function requireRoles(admin: Queryable, file: string, roles: readonly string[]): Promise<void> {
  const rows = (await admin.query(
    `SELECT DISTINCT r.name FROM unnest($1::text[]) r (name)
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = r.name) ORDER BY 1`,
    [roles],
  )) as { name: string }[]
  if (rows.length === 0) return
  const missing = rows.map(({ name }) => name)
  throw new AludelError(
    'ALUDEL_RESTORE',
    `the backup names roles that this server does not have: ${missing.join(', ')}`,
    {
      help: [
        'Nothing was changed. Create them:',
        ...missing.map((role) => `  CREATE ROLE ${quote(role)};`),
        'or restore without owners and rights, so that all belongs to the role of the connection: --no-owner',
      ].join('\n'),
      details: { path: file, roles: missing },
    },
  )
}
