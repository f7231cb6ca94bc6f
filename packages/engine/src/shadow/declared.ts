import { createHash } from 'node:crypto'

import type { DataSource, EntityMetadata } from 'typeorm'

type ColumnMetadata = EntityMetadata['columns'][number]

/**
 * Everything that decides what TypeORM's schema sync makes of the entities in an empty database, as a sum: what the entities
 * declare, with names and defaults as the driver writes them, the options of the DataSource, and the code of the driver, the schema
 * builder and the query runner, since another version of TypeORM may write other statements. Too much rather than too little: the
 * same sum must never stand for two schemas.
 *
 * @param dataSource knows its entities; it need not be connected
 * @returns undefined if it cannot be said, because a view is a query that TypeORM cannot write yet
 */
export function declaredSum(dataSource: DataSource, options: object): string | undefined {
  try {
    const text = JSON.stringify([
      plain(options),
      dataSource.entityMetadatas.map((entity) => entityText(dataSource, entity)),
      codeOf(dataSource),
    ])
    return createHash('sha256').update(text).digest('hex')
  } catch {
    return undefined
  }
}

function entityText(dataSource: DataSource, entity: EntityMetadata): unknown {
  const { columns, indices, uniques, checks, exclusions, foreignKeys, expression, dependsOn } = entity
  const names = (list: readonly ColumnMetadata[]): readonly string[] => list.map(({ databaseName }) => databaseName)
  return {
    ...plain(entity),
    columns: columns.map((column) => columnText(dataSource, column)),
    indices: indices.map((index) => ({
      ...plain(index),
      order: index.columnNamesWithOrderingMap,
      on: names(index.columns),
    })),
    uniques: uniques.map((unique) => ({ ...plain(unique), on: names(unique.columns) })),
    checks: checks.map(plain),
    exclusions: exclusions.map(plain),
    foreignKeys: foreignKeys.map((key) => ({
      ...plain(key),
      on: names(key.columns),
      to: [key.referencedEntityMetadata.tablePath, names(key.referencedColumns)],
    })),
    query: typeof expression === 'function' ? expression(dataSource).getQuery() : expression,
    dependsOn: [...(dependsOn ?? [])].map((one) => (typeof one === 'function' ? one.name : one)),
  }
}

function columnText({ driver }: DataSource, column: ColumnMetadata): unknown {
  return {
    ...plain(column),
    type: driver.normalizeType(column),
    default: driver.normalizeDefault(column),
    unique: driver.normalizeIsUnique(column),
    length: driver.getColumnLength(column),
  }
}

/** The properties that are values or lists of values: the others lead to other objects. */
function plain(object: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => isValue(value) || (Array.isArray(value) && value.every(isValue))),
  )
}

function isValue(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

/** The methods of the classes that write the statements of a schema sync, and of those that they extend. */
function codeOf(dataSource: DataSource): readonly string[] {
  const { driver } = dataSource
  return [driver, driver.createSchemaBuilder(), driver.createQueryRunner('master')].flatMap((object) => {
    const texts: string[] = []
    for (let one = prototypeOf(object); one !== null && one !== Object.prototype; one = prototypeOf(one))
      texts.push(String(one.constructor))
    return texts
  })
}

function prototypeOf(object: object): object | null {
  return Object.getPrototypeOf(object) as object | null
}
