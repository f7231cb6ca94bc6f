import type { QueryRunner } from 'typeorm'

import { AludelError } from '../../errors'
import type { RestoreLeftover } from '../roles/restore'
import { errorText, sqlStateOf } from './errors'
import { quote } from './names'
import { leftoverKind } from './restore-names'
import { restoreIsAtWork, usersOf } from './restore-server'
import { connected, connectedError } from './restore-swap'

/** See `RestoreRole.leftovers`. */
export async function leftovers(database: QueryRunner): Promise<readonly RestoreLeftover[]> {
  try {
    const rows = (await database.query(
      `SELECT d.datname::text AS name, current_database()::text AS own,
         CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid)::float8 END AS bytes, ${restoreIsAtWork.replaceAll('$1', 'current_database()::text')} AS busy
       FROM pg_catalog.pg_database d ORDER BY 1`,
    )) as { name: string; own: string; bytes: number | null; busy: boolean }[]
    return rows.flatMap(({ name, own, bytes, busy }) => {
      const kind = leftoverKind(name, own)
      return kind === undefined || (kind === 'unfinished' && busy) ? [] : [{ kind, name, bytes }]
    })
  } catch {
    return []
  }
}

/** See `RestoreRole.removeLeftover`. */
export async function removeLeftover(database: QueryRunner, { name, kind }: RestoreLeftover): Promise<void> {
  const [row] = (await database.query('SELECT current_database()::text AS name')) as { name: string }[]
  if (leftoverKind(name, row?.name ?? '') === undefined)
    throw new AludelError('ALUDEL_RESTORE', `"${name}" is not what a restore of this database has left`)
  if (kind === 'replaced') await dropReplaced(database, name)
  else await database.query(`DROP DATABASE IF EXISTS ${quote(name)} WITH (FORCE)`)
}

/** `object_in_use` */
const inUse = '55006'

/** @throws AludelError `ALUDEL_CONNECTED` when it is in use; `ALUDEL_RESTORE` */
export async function dropReplaced(database: QueryRunner, name: string): Promise<void> {
  try {
    await database.query(`DROP DATABASE IF EXISTS ${quote(name)}`)
  } catch (error) {
    if (sqlStateOf(error) === inUse) throw connectedError(name, connected(await usersOf(database, name)))
    throw new AludelError('ALUDEL_RESTORE', `"${name}" cannot be dropped: ${errorText(error)}`, {
      help: `Drop it in psql: DROP DATABASE ${quote(name)}`,
      cause: error,
    })
  }
}
