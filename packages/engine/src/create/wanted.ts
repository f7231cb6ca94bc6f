import type { DataSource } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { Schema } from '../schema/schema'
import { entitiesError, watchTables } from './entity-errors'
import { disagreements, refuseTwins } from './shared-tables'
import type { Shadows } from './shadows'

/**
 * The schema that the entities ask for: TypeORM's own schema sync on an empty shadow database, read back with the
 * introspector that also reads the other side, so that the database canonicalizes both (decision D2).
 *
 * @param onWarning told of entities that share a table and do not agree about it
 * @throws AludelError `ALUDEL_ENTITIES` when TypeORM rejects an entity or can not create its table
 */
export async function wantedSchema(
  dialect: Dialect,
  shadows: Shadows,
  ignoreTables: readonly string[],
  onWarning: (message: string) => void = () => undefined,
): Promise<Schema> {
  return shadows.withDatabase(dialect, async ({ dataSource }) => {
    await synchronize(dataSource, dialect)
    const runner = dataSource.createQueryRunner()
    try {
      const schema = await dialect.introspect(runner, { ignoreTables })
      refuseTwins(schema, dataSource)
      for (const message of disagreements(dataSource)) onWarning(message)
      return schema
    } finally {
      await runner.release()
    }
  })
}

/** Makes the tables of the entities on an empty database. */
export async function synchronize(dataSource: DataSource, dialect: Dialect): Promise<void> {
  const tables = watchTables(dataSource)
  try {
    await dialect.createEntities(dataSource)
  } catch (cause) {
    throw entitiesError(dialect, dataSource, cause, tables)
  }
}
