import type { DataSource } from 'typeorm'

import { mendDefaults, mendText } from '../typeorm-literals'

/** Runs TypeORM's schema sync on an empty shadow database, with what it gets wrong on SQLite mended. */
export async function createEntities(dataSource: DataSource): Promise<void> {
  mendDefaults(dataSource)
  for (const column of dataSource.entityMetadatas.flatMap(({ columns }) => columns)) {
    // Between the quotes of a CHECK. The list belongs to the entity's decorator, so it is not changed in place.
    if (column.enum !== undefined) column.enum = column.enum.map((value) => mendText(String(value)))
  }
  await dataSource.synchronize()
}
