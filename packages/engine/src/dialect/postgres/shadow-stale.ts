import type { DataSource } from 'typeorm'

import { quote, shadowPattern, shadowPrefix } from './names'

/** Shadows of runs that died are removed after this long. */
const staleDatabaseMs = 60 * 60 * 1000
/** A schema does not show whether it is still in use. */
const staleSchemaMs = 24 * staleDatabaseMs

/** Removes the leftovers of killed runs. Nothing depends on it, so failures are ignored. */
export async function removeStaleShadows(admin: DataSource): Promise<void> {
  try {
    const databases = await admin.query<{ name: string }[]>(
      `SELECT datname AS name FROM pg_catalog.pg_database d WHERE datname LIKE $1
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)`,
      [shadowPattern],
    )
    for (const { name } of databases) {
      if (isOlder(name, staleDatabaseMs))
        await admin.query(`DROP DATABASE IF EXISTS ${quote(name)}`).catch(() => undefined)
    }
    const schemas = await admin.query<{ name: string }[]>(
      `SELECT nspname AS name FROM pg_catalog.pg_namespace WHERE nspname LIKE $1`,
      [shadowPattern],
    )
    for (const { name } of schemas) {
      if (isOlder(name, staleSchemaMs))
        await admin.query(`DROP SCHEMA IF EXISTS ${quote(name)} CASCADE`).catch(() => undefined)
    }
  } catch {
    // The next run tries again.
  }
}

/** By the time in its name: `aludel_shadow_<pid>_<milliseconds in base 36>_<random>`. */
function isOlder(name: string, ms: number): boolean {
  const created = /^\d+_([0-9a-z]+)_[0-9a-f]+$/.exec(name.slice(shadowPrefix.length))?.[1]
  return created !== undefined && Date.now() - Number.parseInt(created, 36) > ms
}
