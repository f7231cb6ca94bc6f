import type { Dialect } from '../../dialect/dialect'
import type { Queryable } from '../../dialect/queryable'
import { findTable, keyOf, type ObjectName, type Schema, type Table } from '../../schema/schema'
import type { SampleShape } from '../fitting'
import { insertRow, insertStatement, type RowToTry, rowsToTry, withReferenced } from '../samples'

/** Ordinary rows of a table. */
const ordinary = 2
/** Ordinary rows of a table that others reference: each of their rows may need one of its own. */
const referenced = 6
/** The row of the samples after which hostile rows begin. */
const firstRow = 2
/** A seed that ordinary rows do not have. */
const firstSeed = 20
/** The most ways to make a row that are tried before a table counts as one that accepts none. */
const mostWays = 40
/** How often the ordinary values of a hostile row are made again. */
const attempts = 3

/** A row that the database has accepted, as it was given: SQL literals by column. */
export type GivenRow = ReadonlyMap<string, string>

/** Inserts rows into tables of one schema. */
export class RowMaker {
  readonly #ways = new Map<string, RowToTry | undefined>()

  constructor(
    private readonly dialect: Dialect,
    private readonly schema: Schema,
    /** What ordinary rows are like. */
    private readonly shape: SampleShape,
  ) {}

  /** Inserts ordinary rows into the tables and those that they reference, as far as the database accepts some. */
  async fill(database: Queryable, tables: readonly ObjectName[]): Promise<void> {
    const all = withReferenced(this.shape.fitting, tables)
    const parents = new Set(all.flatMap(({ foreignKeys }) => foreignKeys.map(({ references }) => keyOf(references))))
    for (const table of all) {
      const wanted = parents.has(keyOf(table)) ? referenced : ordinary
      for (let row = 0; row < wanted; row++) {
        const stored = findTable(this.schema, table) ?? table
        if ((await insertRow(this.dialect, database, this.schema, stored, row, this.shape)) !== null) break
      }
    }
  }

  /**
   * Inserts a row with some given values.
   *
   * @param index the number of the row in its set
   * @returns the values, computed; undefined if the database refuses them
   */
  async insert(
    database: Queryable,
    table: Table,
    given: ReadonlyMap<string, string>,
    index: number,
  ): Promise<GivenRow | undefined> {
    const way = await this.#way(database, table)
    if (way === undefined) return undefined
    const computed = await this.#computed(database, given)
    if (computed === undefined) return undefined
    for (let attempt = 0; attempt < attempts; attempt++) {
      const seed = firstSeed + index + attempt * 100
      const all = new Map([...way.given, ...computed])
      if (
        await this.#accepts(database, table, { ...way, seed, given: all }, firstRow + (index % (referenced - firstRow)))
      )
        return computed
    }
    return undefined
  }

  /** How to make a row that the table accepts. */
  async #way(database: Queryable, table: Table): Promise<RowToTry | undefined> {
    const key = keyOf(table)
    if (this.#ways.has(key)) return this.#ways.get(key)
    let found: RowToTry | undefined
    let tried = 0
    await database.query('SAVEPOINT aludel_way')
    for (const way of rowsToTry(this.dialect, this.schema, table, firstRow, this.shape)) {
      if (tried++ === mostWays) break
      if (!(await this.#accepts(database, table, way, firstRow))) continue
      found = way
      break
    }
    await database.query('ROLLBACK TO SAVEPOINT aludel_way')
    await database.query('RELEASE SAVEPOINT aludel_way')
    this.#ways.set(key, found)
    return found
  }

  async #accepts(database: Queryable, table: Table, { source, seed, given }: RowToTry, row: number): Promise<boolean> {
    const stored = new Map(table.columns.map((column) => [column.name, column.type]))
    const made = findTable(source, table) ?? table
    const sql = insertStatement(this.dialect, source, made, stored, row, seed, given)
    return typeof sql === 'string' && (await attempt(database, sql)) !== undefined
  }

  /** Given values that are queries, as literals. */
  async #computed(database: Queryable, given: ReadonlyMap<string, string>): Promise<GivenRow | undefined> {
    const computed = new Map<string, string>()
    for (const [column, sql] of given) {
      if (!sql.includes('SELECT')) {
        computed.set(column, sql)
        continue
      }
      const found = (await attempt(database, `SELECT CAST(${sql} AS text) AS v`)) as
        readonly { readonly v: string | null }[] | undefined
      const value = found?.[0]?.v
      if (typeof value !== 'string') return undefined
      computed.set(column, this.dialect.sql.literal(value))
    }
    return computed
  }
}

/** Executes a statement whose failure has no effect; undefined if it fails. */
async function attempt(database: Queryable, sql: string): Promise<unknown> {
  await database.query('SAVEPOINT aludel_row')
  try {
    const result: unknown = await database.query(sql)
    await database.query('RELEASE SAVEPOINT aludel_row')
    return result ?? []
  } catch {
    await database.query('ROLLBACK TO SAVEPOINT aludel_row')
    await database.query('RELEASE SAVEPOINT aludel_row')
    return undefined
  }
}
