import { randomUUID } from 'node:crypto'
import { ReviewDecision } from '@aludel/models'
import type { EntityManager, EntityMetadata } from 'typeorm'
import { columnTypes } from '../columns'
import { columnOf, tableOf } from '../identifiers'
import { contentFields } from './review'
import type { CompleteReview } from './review'

const identityProperties = ['analysisId', 'componentId', 'threatId'] as const

/** The columns of a review decision, in the order of the values of a row. */
const properties = [
  'id',
  ...identityProperties,
  ...contentFields,
  'createdAt',
  'updatedAt',
] as const satisfies readonly (keyof ReviewDecision)[]

/** Marks the subscriber of `@aludel/models`, which only adds the ids and times that rows lack. */
const onlyStamps = Symbol.for('@aludel/models.onlyStamps')

type Property = (typeof properties)[number]

/** What has one value in all rows of a statement. */
const shared: readonly Property[] = ['analysisId', 'createdAt', 'updatedAt']

/** What has a list of values. */
const lists: readonly Property[] = properties.filter((property) => !shared.includes(property))

/** The values of {@link properties}. */
type Row = readonly unknown[]

/**
 * Inserts reviews of one analysis of which nothing is stored, with statements of its own: the query builder takes several times as
 * long as the database.
 */
export class NewReviews {
  readonly #manager: EntityManager
  readonly #metadata: EntityMetadata
  /** PostgreSQL: of the columns. */
  readonly #types: ReadonlyMap<string, string> | undefined

  private constructor(manager: EntityManager, metadata: EntityMetadata, types?: ReadonlyMap<string, string>) {
    this.#manager = manager
    this.#metadata = metadata
    this.#types = types
  }

  /**
   * @param manager of a transaction
   * @returns undefined if something of this analysis is stored, or if the application has subscribers, which only the query builder
   *   calls
   */
  static async of(manager: EntityManager, analysisId: string): Promise<NewReviews | undefined> {
    const { connection } = manager
    const metadata = connection.getMetadata(ReviewDecision)
    const isObserved = connection.subscribers.some((subscriber) => !(onlyStamps in subscriber))
    if (isObserved || metadata.columns.length !== properties.length) return undefined
    const stored = await manager.createQueryBuilder(ReviewDecision, 'review').where({ analysisId }).getExists()
    if (stored) return undefined
    // the type of JsonColumn where columns have types of their own, which is on PostgreSQL
    const isTyped = metadata.findColumnWithPropertyName('evidenceReferences')?.type === 'jsonb'
    const types = isTyped ? await columnTypes(manager, metadata) : undefined
    return new NewReviews(manager, metadata, types)
  }

  /**
   * Inserts reviews, except those that somebody else has stored in the meantime.
   *
   * @param reviews validated, at most 2,000, each identity once
   * @returns the number of inserted rows
   */
  async insert(reviews: readonly CompleteReview[]): Promise<number> {
    const now = new Date()
    const [createdAt, updatedAt] = [this.#stored('createdAt', now), this.#stored('updatedAt', now)]
    const rows = reviews.map((review): Row => [
      randomUUID(),
      review.analysisId,
      review.componentId,
      review.threatId,
      review.originalDecision,
      review.finalDecision,
      review.reviewer,
      review.justification,
      review.additionalNotes,
      review.reviewDate,
      this.#stored('evidenceReferences', review.evidenceReferences),
      review.status,
      createdAt,
      updatedAt,
    ])
    const { source, parameters } = this.#types === undefined ? asValues(rows) : this.#asArrays(rows, this.#types)
    const columns = properties.map((property) => this.#column(property)).join(', ')
    const identity = identityProperties.map((property) => this.#column(property)).join(', ')
    const result = await this.#manager.queryRunner?.query(
      `INSERT INTO ${tableOf(this.#manager, ReviewDecision)} (${columns}) ${source} ON CONFLICT (${identity}) DO NOTHING`,
      parameters,
      true,
    )
    return result?.affected ?? 0
  }

  /** One parameter for each column: PostgreSQL takes long to parse thousands of them. */
  #asArrays(rows: readonly Row[], types: ReadonlyMap<string, string>): Source {
    const arrays = lists.map((property) => `$${String(properties.indexOf(property) + 1)}::text[]`)
    const values = properties.map((property, index) => {
      const value = isShared(property) ? `$${String(index + 1)}` : `new.${this.#column(property)}`
      return `${value}::${types.get(property) ?? 'text'}`
    })
    const names = lists.map((property) => this.#column(property))
    return {
      source: `SELECT ${values.join(', ')} FROM unnest(${arrays.join(', ')}) AS new (${names.join(', ')})`,
      parameters: properties.map((property, index) =>
        isShared(property) ? rows[0]?.[index] : rows.map((row) => row[index]),
      ),
    }
  }

  /** The value as the driver takes it. */
  #stored(property: Property, value: unknown): unknown {
    const column = this.#metadata.findColumnWithPropertyName(property)
    return column === undefined
      ? value
      : (this.#manager.connection.driver.preparePersistentValue(value, column) as unknown)
  }

  #column(property: Property): string {
    return columnOf(this.#manager, ReviewDecision, property)
  }
}

/** What follows the columns of an INSERT. */
interface Source {
  readonly source: string
  readonly parameters: unknown[]
}

/** One parameter for each value that differs between the rows: SQLite allows 32,766, and calls their columns column1, column2 … */
function asValues(rows: readonly Row[]): Source {
  const row = `(${lists.map(() => '?').join(', ')})`
  const values = properties.map((property) =>
    isShared(property)
      ? `shared.column${String(shared.indexOf(property) + 1)}`
      : `new.column${String(lists.indexOf(property) + 1)}`,
  )
  const places = lists.map((property) => properties.indexOf(property))
  return {
    // WHERE, because SQLite takes ON after FROM for that of a join: https://www.sqlite.org/lang_upsert.html#parsing_ambiguity
    source: `SELECT ${values.join(', ')} FROM (VALUES ${rows.map(() => row).join(', ')}) AS new, (VALUES (${shared.map(() => '?').join(', ')})) AS shared WHERE true`,
    parameters: [
      ...rows.flatMap((one) => places.map((place) => one[place])),
      ...shared.map((property) => rows[0]?.[properties.indexOf(property)]),
    ],
  }
}

function isShared(property: Property): boolean {
  return shared.includes(property)
}
