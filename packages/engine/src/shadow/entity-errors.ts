import type { DataSource, DataSourceOptions, EntityMetadata, QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { ShadowServer } from '../dialect/roles/shadow'
import { AludelError, isAludelError, messageOf } from '../errors'
import { namesOf, sharersOf } from './shared-tables'

/**
 * Says which entity, and where it can be told which property, made TypeORM or the database refuse.
 *
 * @param tables the tables that TypeORM was making, the last one being the one that failed; see {@link watchTables}
 */
export function entitiesError(
  dialect: Dialect,
  dataSource: DataSource,
  cause: unknown,
  tables: readonly string[] = [],
): AludelError {
  const statement = statementOf(cause)
  const words = dialect.errors.textOf(cause)
  const entity = statement === undefined ? entityOf(dataSource, tables.at(-1)) : entityIn(dataSource, statement)
  const property = entity === undefined ? undefined : propertyIn(entity, words)
  const subject = entity === undefined ? "the entities' tables" : describe(entity, property)
  return new AludelError('ALUDEL_ENTITIES', `TypeORM cannot create ${subject} on ${dialect.name}: ${words}`, {
    help: [
      'An entity asks for something this database refuses, or two entities ask for the same name.',
      ...(entity === undefined ? [] : sharing(dataSource, entity)),
      ...(statement === undefined ? [] : [`Statement: ${shorten(statement)}`]),
    ].join('\n'),
    details: {
      dialect: dialect.name,
      ...(entity === undefined ? {} : { entity: entity.name, table: entity.tablePath }),
      ...(property === undefined ? {} : { property }),
      ...(statement === undefined ? {} : { statement }),
    },
    cause,
  })
}

/**
 * What TypeORM says of entities it does not accept, with the entity it speaks of where its own words name none: the one
 * that it rejects alone in the same words.
 */
export async function rejectedEntities(
  server: ShadowServer,
  template: DataSource,
  cause: unknown,
): Promise<AludelError> {
  const words = wordsOf(cause)
  const entities = Object.values(template.options.entities ?? {}).filter((entity) => typeof entity !== 'string')
  const isNamed = entities.some((entity) => new RegExp(`\\b${escapeRegExp(nameOf(entity))}\\b`).test(words))
  const culprit = isNamed ? undefined : await rejectedAlone(server, entities, words)
  const subject = culprit === undefined ? 'the entities' : `the entity ${culprit}`
  return new AludelError('ALUDEL_ENTITIES', `TypeORM does not accept ${subject} on ${server.dialect}: ${words}`, {
    help: isAludelError(cause) && cause.help !== undefined ? cause.help : rejectionHelp(words),
    details: { dialect: server.dialect, ...(culprit === undefined ? {} : { entity: culprit }) },
    cause,
  })
}

/**
 * What to do about it. A property without a type of its own in the decorator gets the one that the compiler notes, and
 * a compiler that sees one file at a time notes `Object` for every type that another file declares.
 */
export function rejectionHelp(words: string): string {
  if (!words.startsWith('Data type "Object"')) return 'Nothing was written. Mend what TypeORM names, and try again.'
  return [
    "Say the column's type in its decorator, for example @Column({ type: 'varchar' }): the property's own type is declared",
    'in another file, and files are compiled one by one here. Or name the files that tsc made of your entities.',
  ].join('\n')
}

/** A class or an `EntitySchema`. */
type EntityOption = Exclude<MixedList<NonNullable<DataSourceOptions['entities']>>, string>

type MixedList<T> = T extends readonly (infer Item)[] ? Item : T[keyof T]

async function rejectedAlone(
  server: ShadowServer,
  entities: readonly EntityOption[],
  words: string,
): Promise<string | undefined> {
  for (const entity of entities) {
    try {
      const database = await server.open({ entities: [entity] })
      await database.drop()
    } catch (error) {
      if (wordsOf(error) === words) return nameOf(entity)
    }
  }
  return undefined
}

/** The words of TypeORM, without those of a shadow around them. */
function wordsOf(error: unknown): string {
  const own = isAludelError(error) && error.cause !== undefined ? error.cause : error
  return messageOf(own)
}

function nameOf(entity: EntityOption): string {
  return typeof entity === 'function' ? entity.name : entity.options.name
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** Notes the tables that TypeORM is making, for errors of its own that name none. */
export function watchTables(dataSource: DataSource): readonly string[] {
  const tables: string[] = []
  const createQueryRunner = dataSource.createQueryRunner.bind(dataSource)
  dataSource.createQueryRunner = (mode) => {
    const runner: QueryRunner = createQueryRunner(mode)
    const createTable = runner.createTable.bind(runner)
    runner.createTable = (table, ...rest) => {
      tables.push(table.name)
      return createTable(table, ...rest)
    }
    return runner
  }
  return tables
}

/** The statement inside TypeORM's QueryFailedError. */
export function statementOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'query' in error && typeof error.query === 'string'
    ? error.query
    : undefined
}

function entityOf(dataSource: DataSource, table: string | undefined): EntityMetadata | undefined {
  return dataSource.entityMetadatas.find((entity) => entity.tablePath === table || entity.tableName === table)
}

/** A statement names the table (or view) it is about before any other. The name of an enum type starts with the table's. */
function entityIn(dataSource: DataSource, statement: string): EntityMetadata | undefined {
  const placed = dataSource.entityMetadatas.flatMap((entity) => {
    const places = [`"${entity.tableName}"`, `"${entity.tableName}_`].map((text) => statement.indexOf(text))
    return places.filter((at) => at >= 0).map((at) => ({ entity, at }))
  })
  return placed.sort((a, b) => a.at - b.at)[0]?.entity
}

/** The one property of which the database's words speak: by its column, type, collation, function or generated key. */
function propertyIn(entity: EntityMetadata, words: string): string | undefined {
  const spoken = new Set(words.match(/[\p{L}\p{N}_]+/gu) ?? [])
  const says = (text: unknown): boolean =>
    typeof text === 'string' && (text.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []).some((word) => spoken.has(word))
  const looks: readonly ((column: EntityMetadata['columns'][number]) => boolean)[] = [
    (column) => spoken.has(column.databaseName),
    (column) => column.isGenerated && spoken.has('AUTOINCREMENT'),
    (column) => says(column.collation),
    (column) => says(column.asExpression),
    (column) => typeof column.default === 'function' && says((column.default as () => unknown)()),
    (column) => typeof column.type === 'string' && spoken.has(column.type),
    (column) => column.isArray && spoken.has('array'),
  ]
  for (const look of looks) {
    const found = entity.columns.filter(look)
    if (found.length === 1) return found[0]?.propertyPath
  }
  return undefined
}

/** Several classes of one table are often two versions of one by accident. */
function sharing(dataSource: DataSource, entity: EntityMetadata): string[] {
  const sharers = sharersOf(dataSource, entity.tablePath)
  if (sharers.length < 2) return []
  return [`${String(sharers.length)} entities map to "${entity.tablePath}": ${namesOf(sharers)}.`]
}

function describe(entity: EntityMetadata, property: string | undefined): string {
  if (entity.tableType === 'view') return `the view of entity ${entity.name}`
  const name = property === undefined ? entity.name : `${entity.name}.${property}`
  return `the table "${entity.tablePath}" of entity ${name}`
}

function shorten(statement: string): string {
  const line = statement.replace(/\s+/g, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 300)} …` : line
}
