import type { DataSource, EntityMetadata } from 'typeorm'

import { AludelError } from '../errors'
import { displayName, type Schema } from '../schema/schema'

/** Checks of entities that map to the same table: TypeORM's schema sync does not report contradictions between them. */

/** The entities of a table, except children of single-table inheritance. */
export function sharersOf(dataSource: DataSource, tablePath: string): readonly EntityMetadata[] {
  return dataSource.entityMetadatas.filter(
    (entity) => entity.tablePath === tablePath && entity.tableType !== 'entity-child' && entity.tableType !== 'view',
  )
}

export function namesOf(entities: readonly EntityMetadata[]): string {
  return entities.map(({ name }) => name).join(', ')
}

/**
 * Refuses two constraints with the same name on a table, which SQLite accepts. Two entities may declare them, or one
 * entity with unique constraints on `a, b` and `b, a`, whose derived names are equal.
 *
 * @throws AludelError `ALUDEL_ENTITIES` with the table, the entities and the constraint
 */
export function refuseTwins(schema: Schema, dataSource: DataSource): void {
  for (const table of schema.tables) {
    const { primaryKey, uniques, checks, exclusions, foreignKeys } = table
    const constraints = [...(primaryKey === undefined ? [] : [primaryKey]), ...uniques, ...checks, ...exclusions]
    const names = [...constraints, ...foreignKeys].flatMap(({ name }) => (name === undefined ? [] : [name]))
    const twin = names.find((name, place) => names.indexOf(name) !== place)
    if (twin === undefined) continue
    const entities = dataSource.entityMetadatas
      .filter((entity) => entity.tableName === table.name && (entity.schema ?? table.schema) === table.schema)
      .map((entity) => entity.name)
    const isOne = entities.length === 1
    const subject = isOne ? `entity ${entities.join('')} asks` : `entities ${entities.join(' and ')} ask`
    throw new AludelError(
      'ALUDEL_ENTITIES',
      `the ${subject} for two constraints named ${twin} on the table "${displayName(table)}"`,
      {
        help: isOne
          ? 'TypeORM derives the name from the columns, whatever their order: give one of the two a name, or remove it.'
          : 'Two classes for one table must agree on its constraints, or give them different names.',
        details: { table: displayName(table), entities, constraint: twin },
      },
    )
  }
}

/** The contradictions between entities of one table, in words: schema sync uses the first of them. */
export function disagreements(dataSource: DataSource): readonly string[] {
  const paths = new Set(dataSource.entityMetadatas.map(({ tablePath }) => tablePath))
  return [...paths].flatMap((path) => {
    const sharers = sharersOf(dataSource, path)
    const lost = contradictions(dataSource, sharers)
    if (lost.length === 0) return []
    return [`the entities ${namesOf(sharers)} map to one table, "${path}", and do not agree about ${lost.join(', ')}`]
  })
}

/** Columns, constraints and indexes with the same name and different definitions. */
function contradictions(dataSource: DataSource, sharers: readonly EntityMetadata[]): string[] {
  const seen = new Map<string, string>()
  const found: string[] = []
  for (const entity of sharers) {
    for (const [what, body] of namedThings(dataSource, entity)) {
      const before = seen.get(what)
      if (before !== undefined && before !== body) found.push(what)
      seen.set(what, before ?? body)
    }
  }
  return found
}

function namedThings(dataSource: DataSource, entity: EntityMetadata): [string, string][] {
  const columns = (list: readonly { readonly databaseName: string }[]): string[] =>
    list.map(({ databaseName }) => databaseName)
  return [
    ...entity.columns.map((column): [string, string] => [
      `column ${column.databaseName}`,
      JSON.stringify([dataSource.driver.normalizeType(column), column.length, column.isNullable, column.isArray]),
    ]),
    ...entity.checks.map(({ name, expression }): [string, string] => [`check ${name}`, expression]),
    ...entity.exclusions.map(({ name, expression }): [string, string] => [`exclusion ${name}`, expression]),
    ...entity.uniques.map((one): [string, string] => [`unique ${one.name}`, columns(one.columns).join()]),
    ...entity.indices.map((one): [string, string] => [
      `index ${one.name}`,
      JSON.stringify([columns(one.columns), one.isUnique, one.where]),
    ]),
  ]
}
