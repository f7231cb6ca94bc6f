import type { DataSource, DataSourceOptions } from 'typeorm'

import { passive } from './connection-options'
import { constructDataSource } from './driver-error'
import { readEntities } from './typeorm-decorators'

/**
 * The DataSource, if it knows its entities already, or else another one that does, without a connection. TypeORM connects before
 * it reads the entities, and creates the extensions that they need, so looking at a database must not wait for that.
 *
 * @throws whatever TypeORM throws for entities that it rejects
 */
export async function withMetadata(dataSource: DataSource): Promise<DataSource> {
  if (dataSource.entityMetadatas.length > 0) return dataSource
  const options = { ...dataSource.options, ...passive } as unknown as DataSourceOptions
  const source = constructDataSource(dataSource, options)
  await readEntities(source)
  return source
}
