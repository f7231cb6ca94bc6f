import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import type { ReadStep } from './plan'

/** Existing tables that one step would create. */
export interface Taken {
  readonly revision: string
  readonly message: string
  readonly tables: readonly string[]
}

/**
 * The first step that would create tables that exist, of a plan for a database without a history. Reading ends at the first
 * statement whose effects are unknown, because it may remove such a table.
 *
 * @returns undefined if there is none
 */
export async function takenTables(
  dialect: Dialect,
  database: Queryable,
  steps: readonly ReadStep[],
): Promise<Taken | undefined> {
  const present = new Set(await dialect.introspection.tableNames(database))
  if (present.size === 0) return undefined
  const reader = await dialect.sql.readEffects()
  for (const { revision, statements } of steps) {
    if (statements === null) return undefined
    const tables: string[] = []
    let isKnown = true
    for (const sql of statements) {
      const { absent, unknown } = reader.read(sql)
      isKnown = unknown === null
      if (!isKnown) break
      tables.push(...absent.filter((table) => present.has(table)))
    }
    if (tables.length > 0) return { revision: revision.id, message: revision.message, tables }
    if (!isKnown) return undefined
  }
  return undefined
}
