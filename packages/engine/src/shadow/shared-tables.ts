import type { DataSource, EntityMetadata } from 'typeorm'

import { AludelError } from '../errors'
import { displayName, type Schema } from '../schema/schema'

/** Several entities may map to one table, and TypeORM's schema sync lets them disagree about it without a word. */

/** The entities of a table, but for those that are in it by inheritance. */
export function sharersOf(dataSource: DataSource, tablePath: string): readonly EntityMetadata[] {
  return dataSource.entityMetadatas.filter(
    (entity) => entity.tablePath === tablePath && entity.tableType !== 'entity-child' && entity.tableType !== 'view',
  )
}

export function namesOf(entities: readonly EntityMetadata[]): string {
  return entities.map(({ name }) => name).join(', ')
}

/**
 * Two entities of one table may ask for two constraints of one name, which SQLite takes and nobody could tell apart; and one
 * with a unique constraint on `a, b` and one on `b, a`, which have the same derived name.
 *
 * @throws AludelError `ALUDEL_ENTITIES` naming the table, the entities and the constraint
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
          ? 'TypeORM makes a name of the columns, in whatever order they are: give one of the two a name, or leave it out.'
          : 'Two classes for one table must agree on its constraints, or name them apart.',
        details: { table: displayName(table), entities, constraint: twin },
      },
    )
  }
}

/**
 * What entities of one table ask for and do not get, in words: of two that contradict each other sync takes the first.
 */
export function disagreements(dataSource: DataSource): readonly string[] {
  const paths = new Set(dataSource.entityMetadatas.map(({ tablePath }) => tablePath))
  return [...paths].flatMap((path) => {
    const sharers = sharersOf(dataSource, path)
    const lost = contradictions(dataSource, sharers)
    if (lost.length === 0) return []
    return [`the entities ${namesOf(sharers)} map to one table, "${path}", and do not agree about ${lost.join(', ')}`]
  })
}

/** Things of one name that are not the same. */
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
