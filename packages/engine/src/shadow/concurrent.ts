import type { EntityMetadata } from 'typeorm'

import type { Index, Schema } from '../schema/schema'

/** The names of indexes declared with `@Index({ concurrent: true })`, which no catalog records. */
export function concurrentIndexes(entities: readonly EntityMetadata[]): ReadonlySet<string> {
  return new Set(
    entities.flatMap(({ indices }) => indices.flatMap((index) => (index.isConcurrent === true ? [index.name] : []))),
  )
}

/** The schema with these indexes marked. */
export function markConcurrent(schema: Schema, names: ReadonlySet<string>): Schema {
  if (names.size === 0) return schema
  const mark = <T extends { readonly indexes: readonly Index[] }>(owner: T): T => ({
    ...owner,
    indexes: owner.indexes.map((index) => (names.has(index.name) ? { ...index, concurrent: true } : index)),
  })
  return { ...schema, tables: schema.tables.map(mark), views: schema.views.map(mark) }
}
