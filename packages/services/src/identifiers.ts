import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm'

/** The table of an entity, with its schema, quoted. */
export function tableOf(manager: EntityManager, entity: EntityTarget<ObjectLiteral>): string {
  const { connection } = manager
  return connection
    .getMetadata(entity)
    .tablePath.split('.')
    .map((name) => connection.driver.escape(name))
    .join('.')
}

/** The column of a property, quoted. */
export function columnOf(manager: EntityManager, entity: EntityTarget<ObjectLiteral>, property: string): string {
  const { connection } = manager
  const column = connection.getMetadata(entity).findColumnWithPropertyName(property)
  return connection.driver.escape(column?.databaseName ?? property)
}
