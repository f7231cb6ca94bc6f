import type { DataSource } from 'typeorm'

import { mendDefaults, mendText } from '../typeorm-literals'
import { createTablesOnce } from './create-tables-once'

/** Runs TypeORM's schema sync on an empty shadow database, with corrections for its mistakes on SQLite. */
export async function createEntities(dataSource: DataSource): Promise<void> {
  mendDefaults(dataSource)
  for (const column of dataSource.entityMetadatas.flatMap(({ columns }) => columns)) {
    // TypeORM writes these into a CHECK. The list belongs to the entity's decorator, so it is not changed in place.
    if (column.enum !== undefined) column.enum = column.enum.map((value) => mendText(String(value)))
  }
  const restore = createTablesOnce(dataSource)
  try {
    await dataSource.synchronize()
  } finally {
    restore()
  }
}
