import type { QueryRunner } from 'typeorm'

/**
 * Creates TypeORM's `typeorm_metadata` table if the project's entities need it (views, generated columns), as TypeORM's own
 * runner does before it runs migrations: migrations written by TypeORM insert into it.
 *
 * The method is public in 0.3 and 1.x but not part of the `SchemaBuilder` interface, hence the checks.
 */
export async function createMetadataTable(runner: QueryRunner): Promise<void> {
  const builder: unknown = runner.connection.driver.createSchemaBuilder()
  if (typeof builder !== 'object' || builder === null || !('createMetadataTableIfNecessary' in builder)) return
  const create = builder.createMetadataTableIfNecessary
  if (typeof create === 'function') await create.call(builder, runner)
}
