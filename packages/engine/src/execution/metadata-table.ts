import type { QueryRunner } from 'typeorm'

/**
 * Creates TypeORM's `typeorm_metadata` table if the project's entities need it (views, generated columns), as TypeORM's own
 * runner does before it runs migrations: those that TypeORM wrote insert into it, and so do methods of a query runner
 * (`createView`, `dropView`).
 *
 * The method is public in 0.3 and 1.x but not part of the `SchemaBuilder` interface, hence the checks.
 */
export async function createMetadataTable(runner: QueryRunner): Promise<void> {
  const builder: unknown = runner.connection.driver.createSchemaBuilder()
  if (typeof builder !== 'object' || builder === null || !('createMetadataTableIfNecessary' in builder)) return
  const create = builder.createMetadataTableIfNecessary
  if (typeof create === 'function') await create.call(builder, runner)
}
