import type { Dialect } from '../../dialect/dialect'
import type { Queryable } from '../../dialect/queryable'
import { findTable, keyOf, type ObjectName, type Schema, type Table } from '../../schema/schema'
import { quoteName } from '../../dialect/quote-name'
import { type Fate, readRows, type TableRows } from '../rows'

/** Values or rows that no operation declares lost, and that are not there afterward. */
export interface Silent {
  readonly table: ObjectName
  /** Absent: whole rows. */
  readonly column?: string
  /** Values that are gone, as text; null is NULL. Of rows: none. */
  readonly was: readonly (string | null)[]
  /** What is there instead. */
  readonly is: readonly (string | null)[]
}

/** The rows of some tables, and what they are after a change. */
export class Watch {
  private constructor(
    private readonly dialect: Dialect,
    private readonly from: Schema,
    private readonly before: ReadonlyMap<string, TableRows>,
  ) {}

  static async begin(dialect: Dialect, database: Queryable, from: Schema, tables: readonly Table[]): Promise<Watch> {
    return new Watch(dialect, from, await readRows(dialect, database, tables))
  }

  /**
   * @param fate where tables and columns are after the change
   * @param to the schema after it
   */
  async end(database: Queryable, fate: Fate, to: Schema): Promise<readonly Silent[]> {
    const places = [...this.before.values()].flatMap((old) => {
      const name = fate.tableAfter(old.table)
      const table = name === undefined ? undefined : findTable(to, name)
      return table === undefined ? [] : [{ old, table }]
    })
    const after = await readRows(
      this.dialect,
      database,
      places.map(({ table }) => table),
    )
    const found: Silent[] = []
    for (const { old, table } of places) {
      const now = after.get(keyOf(table))
      if (now === undefined) continue
      if (now.rows.length < old.rows.length) found.push({ table: old.table, was: [], is: [] })
      else found.push(...(await this.#columns(database, old, now, table, fate)))
    }
    return found
  }

  async #columns(
    database: Queryable,
    old: TableRows,
    now: TableRows,
    table: Table,
    fate: Fate,
  ): Promise<readonly Silent[]> {
    const found: Silent[] = []
    for (const [index, name] of old.columns.entries()) {
      const place = fate.columnAfter(old.table, name)
      const target = place === undefined ? -1 : now.columns.indexOf(place.name)
      // Renamed values are declared.
      if (place === undefined || target < 0 || place.values === 'computed' || place.steps.size > 0) continue
      const was = old.rows.map((row) => row[index] ?? null)
      const plain = now.rows.map((row) => row[target] ?? null)
      const kept = place.values === 'filled' ? was.filter((value) => value !== null) : was
      let gone = missingIn(kept, plain)
      if (gone.length > 0 && place.values === 'altered') {
        // Values of another type may print differently.
        const back = await this.#backIn(database, old.table, name, table, place.name)
        gone = back === undefined ? [] : missingIn(gone, back)
      }
      if (gone.length > 0) found.push({ table: old.table, column: name, was: gone, is: missingIn(plain, was) })
    }
    return found
  }

  /** The values in the type that they had before; undefined if they have none in it. */
  async #backIn(
    database: Queryable,
    owner: ObjectName,
    name: string,
    table: Table,
    column: string,
  ): Promise<readonly (string | null)[] | undefined> {
    const type = findTable(this.from, owner)?.columns.find((one) => one.name === name)?.type ?? ''
    if (type === '') return undefined
    const value = `CAST(CAST(${this.dialect.sql.quote(column)} AS ${type}) AS text)`
    await database.query('SAVEPOINT aludel_back')
    try {
      const rows = (await database.query(`SELECT ${value} AS v FROM ${quoteName(this.dialect, table)}`)) as readonly {
        readonly v: string | null
      }[]
      return rows.map(({ v }) => v)
    } catch {
      await database.query('ROLLBACK TO SAVEPOINT aludel_back')
      return undefined
    } finally {
      await database.query('RELEASE SAVEPOINT aludel_back')
    }
  }
}

/** The values that the others lack, each as often as there are. */
function missingIn(values: readonly (string | null)[], others: readonly (string | null)[]): readonly (string | null)[] {
  const rest = others.map(plainly)
  return values.filter((value) => {
    const at = rest.indexOf(plainly(value))
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
}

/** Numbers that are equal, and texts that differ only in spaces around them, are the same; `007` and 7 are not. */
function plainly(value: string | null): string | null {
  const text = value?.trim() ?? null
  if (text === null || !/^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/.test(text)) return text
  const number = text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')
  return number === '-0' ? '0' : number
}
