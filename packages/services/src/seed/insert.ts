import type { EntityManager, EntityMetadata } from 'typeorm'
import { columnTypes } from '../columns'
import { tableOf } from '../identifiers'
import type { SeedRow } from './row'

type ColumnMetadata = EntityMetadata['columns'][number]

/** Rows of one statement: with 22 columns, 11,000 parameters on SQLite, which allows 32,766. */
const rowsPerStatement = 500

/**
 * Inserts rows of one table with statements of its own: the query builder takes several times as long as the database. Rows that are
 * there already, by their primary key, stay as they are.
 */
export class RowInserter {
  readonly #metadata: EntityMetadata
  /** PostgreSQL: of the columns. */
  readonly #types: ReadonlyMap<string, string> | undefined

  private constructor(metadata: EntityMetadata, types: ReadonlyMap<string, string> | undefined) {
    this.#metadata = metadata
    this.#types = types
  }

  static async of(manager: EntityManager, entity: new () => object): Promise<RowInserter> {
    const metadata = manager.connection.getMetadata(entity)
    // The type of InstantColumn where columns have types of their own, which is on PostgreSQL.
    const isTyped = metadata.columns.some(({ type }) => type === 'timestamptz')
    return new RowInserter(metadata, isTyped ? await columnTypes(manager, metadata) : undefined)
  }

  /**
   * @param manager of a transaction
   * @returns the number of inserted rows
   */
  async insert(manager: EntityManager, rows: readonly SeedRow[]): Promise<number> {
    let inserted = 0
    for (let start = 0; start < rows.length; start += rowsPerStatement)
      inserted += await this.#statement(manager, rows.slice(start, start + rowsPerStatement))
    return inserted
  }

  async #statement(manager: EntityManager, rows: readonly SeedRow[]): Promise<number> {
    const { driver } = manager.connection
    const { columns, primaryColumns } = this.#metadata
    const name = ({ databaseName }: ColumnMetadata): string => driver.escape(databaseName)
    // As the driver takes it.
    const value = (row: SeedRow, column: ColumnMetadata): unknown =>
      driver.preparePersistentValue(row[column.propertyName] ?? null, column)
    const { source, parameters } =
      this.#types === undefined
        ? {
            source: `VALUES ${rows.map(() => `(${columns.map(() => '?').join(', ')})`).join(', ')}`,
            parameters: rows.flatMap((row) => columns.map((column) => value(row, column))),
          }
        : asArrays(rows, columns, this.#types, value)
    const result = await manager.queryRunner?.query(
      `INSERT INTO ${tableOf(manager, this.#metadata.target)} (${columns.map(name).join(', ')}) ${source} ` +
        `ON CONFLICT (${primaryColumns.map(name).join(', ')}) DO NOTHING`,
      parameters,
      true,
    )
    return result?.affected ?? 0
  }
}

/** One parameter for each column: PostgreSQL takes long to parse thousands of them. */
function asArrays(
  rows: readonly SeedRow[],
  columns: readonly ColumnMetadata[],
  types: ReadonlyMap<string, string>,
  value: (row: SeedRow, column: ColumnMetadata) => unknown,
) {
  const arrays = columns.map((_, index) => `$${String(index + 1)}::text[]`)
  const values = columns.map(({ propertyName }, index) => `c${String(index + 1)}::${types.get(propertyName) ?? 'text'}`)
  const names = columns.map((_, index) => `c${String(index + 1)}`)
  return {
    source: `SELECT ${values.join(', ')} FROM unnest(${arrays.join(', ')}) AS new (${names.join(', ')})`,
    parameters: columns.map((column) => rows.map((row) => textOf(value(row, column)))),
  }
}

/** A value as PostgreSQL reads it from a text. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  return typeof value === 'string' ? value : JSON.stringify(value)
}
