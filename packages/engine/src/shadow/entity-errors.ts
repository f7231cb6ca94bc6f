import type { DataSource, DataSourceOptions, EntityMetadata, QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { ShadowServer } from '../dialect/roles/shadow'
import { AludelError, isAludelError, messageOf } from '../errors'
import { namesOf, sharersOf } from './shared-tables'
import { statementOf } from './statements'

/** Loaded when a column has no type. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const columnTypes = () => require('../files/column-types') as typeof import('../files/column-types')

/**
 * The error for entities that TypeORM cannot create, with the entity and, if it can be determined, the property that
 * caused it.
 *
 * @param tables the tables that TypeORM created; the last one failed; see {@link watchTables}
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
      'An entity declares something that this database refuses, or two entities use the same name.',
      ...(entity === undefined ? [] : sharing(dataSource, entity)),
      ...(statement === undefined ? [] : [`Statement: ${shorten(statement)}`]),
    ].join('\n'),
    details: {
      dialect: dialect.name,
      entity: entity?.name,
      table: entity?.tablePath,
      property,
      statement,
    },
    cause,
  })
}

/**
 * The error for entities that TypeORM does not accept. If its message names no entity, the entities are tried one by one
 * to find the one that causes the same message.
 */
export async function rejectedEntities(
  server: ShadowServer,
  template: DataSource,
  cause: unknown,
): Promise<AludelError> {
  const words = wordsOf(cause)
  const untyped = columnTypeError(words, cause)
  if (untyped !== undefined) return untyped
  const entities = Object.values(template.options.entities ?? {}).filter((entity) => typeof entity !== 'string')
  const isNamed = entities.some((entity) => new RegExp(`\\b${escapeRegExp(nameOf(entity))}\\b`).test(words))
  const culprit = isNamed ? undefined : await rejectedAlone(server, entities, words)
  const subject = culprit === undefined ? 'the entities' : `the entity ${culprit}`
  return new AludelError('ALUDEL_ENTITIES', `TypeORM does not accept ${subject} on ${server.dialect}: ${words}`, {
    help: isAludelError(cause) && cause.help !== undefined ? cause.help : rejectionHelp,
    details: { dialect: server.dialect, entity: culprit },
    cause,
  })
}

/** What to do about entities that TypeORM rejects for a reason of its own. */
export const rejectionHelp = 'Fix what TypeORM names, and try again. Nothing was written.'

/**
 * The error for a column that has no type in its decorator, and whose property has none that a database has. It names the
 * column, where its property is declared, and what to write.
 *
 * @param words TypeORM's message
 * @returns undefined for another message
 */
export function columnTypeError(words: string, cause: unknown): AludelError | undefined {
  const found =
    /^Data type "(?<type>[A-Z]\w*|undefined|)" in "(?<entity>.+)\.(?<property>[^.]+)" is not supported/.exec(words) ??
    /^Column type for (?<entity>.+)#(?<property>\S+) is not defined and cannot be guessed/.exec(words)
  const { entity, property, type } = found?.groups ?? {}
  if (entity === undefined || property === undefined) return undefined
  const declared = columnTypes().untypedProperties(entity, property)
  // `@Column('Text')` is a name that this database does not know: the property is not what is wrong.
  if (
    declared.length === 0 &&
    type !== undefined &&
    !/^(?:Object|Array|Function|Promise|BigInt|Symbol|Map|Set|undefined|)$/.test(type)
  )
    return undefined
  const [first] = declared
  const written = first?.type === undefined ? 'has no type' : `is a ${first.type.replace(/\s+/g, ' ')}`
  const why = first === undefined ? `the compiler wrote ${type ?? 'none'} for its property` : `its property ${written}`
  const places = declared.map(({ path, line }) => `${path}:${String(line)}`)
  return new AludelError(
    'ALUDEL_ENTITIES',
    `the column ${property} of the entity ${entity} has no type: ${why}${places.length === 0 ? '' : ` (${places.join(', ')})`}`,
    {
      help: [
        `Write the type of the column in the decorator of ${property}: @Column({ type: 'varchar' }) for text,`,
        "@Column({ type: 'simple-json' }) for an object, @Column({ type: 'integer' }) for a number.",
        'Only strings, numbers, booleans, dates, buffers, enums and aliases of these have a column type by themselves.',
      ].join('\n'),
      details: { entity, property, path: first?.path, line: first?.line },
      cause,
    },
  )
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

/** The message of TypeORM, without the error of the shadow that wraps it. */
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

/** Records the tables that TypeORM creates, for errors that name no table. The returned list grows. */
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

function entityOf(dataSource: DataSource, table: string | undefined): EntityMetadata | undefined {
  return dataSource.entityMetadatas.find((entity) => entity.tablePath === table || entity.tableName === table)
}

/** The entity whose table or view the statement names first. The name of an enum type starts with that of its table. */
function entityIn(dataSource: DataSource, statement: string): EntityMetadata | undefined {
  const placed = dataSource.entityMetadatas.flatMap((entity) => {
    const places = [`"${entity.tableName}"`, `"${entity.tableName}_`].map((text) => statement.indexOf(text))
    return places.filter((at) => at >= 0).map((at) => ({ entity, at }))
  })
  return placed.sort((a, b) => a.at - b.at)[0]?.entity
}

/** The only property that the message mentions: by its column, type, collation, function or generated key. */
function propertyIn(entity: EntityMetadata, words: string): string | undefined {
  const mentioned = new Set(words.match(/[\p{L}\p{N}_]+/gu) ?? [])
  const mentions = (text: unknown): boolean =>
    typeof text === 'string' && (text.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []).some((word) => mentioned.has(word))
  const tests: readonly ((column: EntityMetadata['columns'][number]) => boolean)[] = [
    (column) => mentioned.has(column.databaseName),
    (column) => column.isGenerated && mentioned.has('AUTOINCREMENT'),
    (column) => mentions(column.collation),
    (column) => mentions(column.asExpression),
    (column) => typeof column.default === 'function' && mentions((column.default as () => unknown)()),
    (column) => typeof column.type === 'string' && mentioned.has(column.type),
    (column) => column.isArray && mentioned.has('array'),
  ]
  for (const test of tests) {
    const found = entity.columns.filter(test)
    if (found.length === 1) return found[0]?.propertyPath
  }
  return undefined
}

/** A hint if several classes map to the table: often two versions of one class are loaded by accident. */
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

/** The statement on one line, cut to 300 characters. */
export function shorten(statement: string): string {
  const line = statement.replace(/\s+/g, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 300)} …` : line
}
