import type { Operation } from '../../../src/operations/operation'
import { sameName, type Schema, type View } from '../../../src/schema/schema'

/** Operations that create a schema in an empty database, in an order that works. */
export function creationOf(schema: Schema): Operation[] {
  const made = new Set<View>()
  const views: View[] = []
  const visit = (view: View): void => {
    if (made.has(view)) return
    made.add(view)
    for (const other of schema.views) if (view.dependsOn.some((name) => sameName(name, other))) visit(other)
    views.push(view)
  }
  schema.views.forEach(visit)
  const nameOf = ({ schema: inSchema, name }: { schema?: string; name: string }) =>
    inSchema === undefined ? { name } : { schema: inSchema, name }
  return [
    ...schema.schemas.filter((name) => name !== 'public').map((name): Operation => ({ op: 'createSchema', name })),
    ...schema.enums.map((definition): Operation => ({ op: 'createEnum', definition })),
    ...schema.sequences.map((definition): Operation => ({ op: 'createSequence', definition })),
    ...schema.tables.map((table): Operation => ({
      op: 'createTable',
      table: nameOf(table),
      definition: { ...table, foreignKeys: [], indexes: [], partitions: [] },
    })),
    ...schema.tables.flatMap(({ partitions = [], ...table }) =>
      partitions.map((partition): Operation => ({ op: 'createPartition', table: nameOf(table), partition })),
    ),
    ...schema.tables.flatMap((table) =>
      table.indexes.map((index): Operation => ({ op: 'createIndex', table: nameOf(table), index })),
    ),
    ...schema.tables.flatMap((table) =>
      table.foreignKeys.map((foreignKey): Operation => ({ op: 'addForeignKey', table: nameOf(table), foreignKey })),
    ),
    ...views.map((definition): Operation => ({ op: 'createView', definition })),
  ]
}

/** The schema without extensions, which no operation creates: they are installed by hand. */
export function withoutExtensions(schema: Schema): Schema {
  return { ...schema, extensions: [] }
}
