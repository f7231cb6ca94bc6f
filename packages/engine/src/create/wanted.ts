import type { DataSource } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { AludelError } from '../errors'
import type { Schema } from '../schema/schema'
import type { Shadows } from './shadows'

/**
 * The schema that the entities ask for: TypeORM's own schema sync on an empty shadow database, read back with the
 * introspector that also reads the other side, so that the database canonicalizes both (decision D2).
 *
 * @throws AludelError `ALUDEL_ENTITIES` when TypeORM rejects an entity or can not create its table
 */
export async function wantedSchema(
  dialect: Dialect,
  shadows: Shadows,
  ignoreTables: readonly string[],
): Promise<Schema> {
  return shadows.withDatabase(dialect, async ({ dataSource }) => {
    await synchronize(dataSource, dialect)
    const runner = dataSource.createQueryRunner()
    try {
      return await dialect.introspect(runner, { ignoreTables })
    } finally {
      await runner.release()
    }
  })
}

/** Runs TypeORM's schema sync; on an empty database that means: create everything. */
export async function synchronize(dataSource: DataSource, dialect: Dialect): Promise<void> {
  try {
    await dataSource.synchronize()
  } catch (cause) {
    throw new AludelError(
      'ALUDEL_ENTITIES',
      `TypeORM can not create the entities' tables on ${dialect.name}: ${dialect.errorText(cause)}`,
      {
        help: 'An entity asks for something this database refuses, or two entities ask for the same name.',
        details: {
          dialect: dialect.name,
          ...(statementOf(cause) === undefined ? {} : { statement: statementOf(cause) }),
        },
        cause,
      },
    )
  }
}

/** The statement inside TypeORM's QueryFailedError. */
export function statementOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'query' in error && typeof error.query === 'string'
    ? error.query
    : undefined
}
