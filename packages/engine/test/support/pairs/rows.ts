import type { Dialect } from '../../../src/dialect/dialect'
import type { Queryable } from '../../../src/dialect/queryable'
import type { Column, ObjectName, Schema, Table } from '../../../src/schema/schema'
import { edgeValues } from './edge-values'

const rowsPerTable = 6

/** Inserts rows into all tables: values at the edges of their types, NULLs, and duplicates where allowed. Returns their number. */
export async function fillTables(
  dialect: Dialect,
  database: Queryable,
  schema: Schema,
  seed: number,
  rows = rowsPerTable,
): Promise<number> {
  let made = 0
  // Deferred constraints are checked at once, so that the row that violates one is known.
  if (dialect.sql.locksTables) await database.query('SET CONSTRAINTS ALL IMMEDIATE')
  // Twice, because tables that reference themselves or each other find rows only in the second round.
  for (const round of [0, 1]) {
    for (const [at, table] of schema.tables.entries()) {
      for (let row = 0; row < rows / 2; row++) {
        const random = new Chance(seed, at, round, row)
        if (await insert(database, insertion(dialect, schema, table, random))) made += 1
      }
    }
  }
  return made
}

/** Returns false if the constraints refuse the row. */
async function insert(database: Queryable, statement: string): Promise<boolean> {
  await database.query('SAVEPOINT fill')
  try {
    await database.query(statement)
    await database.query('RELEASE SAVEPOINT fill')
    return true
  } catch (error) {
    // SQLite ends the transaction where a table has no number left.
    if (String(error).includes('database or disk is full')) return false
    await database.query('ROLLBACK TO SAVEPOINT fill')
    await database.query('RELEASE SAVEPOINT fill')
    return false
  }
}

function insertion(dialect: Dialect, schema: Schema, table: Table, chance: Chance): string {
  const offset = chance.next(4)
  const names: string[] = []
  const values: string[] = []
  for (const column of table.columns) {
    const isCounted = column.identity !== undefined || column.serial !== undefined || column.autoincrement === true
    if (column.generated !== undefined || isCounted) continue
    if (column.default !== undefined && chance.next(3) === 0) continue
    names.push(dialect.sql.quote(column.name))
    values.push(valueFor(dialect, schema, table, column, chance, offset))
  }
  const target = qualified(dialect, table)
  // A conflict clause of the table could skip the row, replace others, or end the transaction.
  const insert = dialect.sql.locksTables ? 'INSERT' : 'INSERT OR ABORT'
  if (names.length === 0) return `${insert} INTO ${target} DEFAULT VALUES`
  return `${insert} INTO ${target} (${names.join(', ')}) VALUES (${values.join(', ')})`
}

function valueFor(
  dialect: Dialect,
  schema: Schema,
  table: Table,
  column: Column,
  chance: Chance,
  offset: number,
): string {
  if (column.nullable && chance.next(4) === 0) return 'NULL'
  const key = table.foreignKeys.find(({ columns }) => columns.includes(column.name))
  const referenced = key?.references.columns[key.columns.indexOf(column.name)]
  if (key !== undefined && referenced !== undefined) {
    const name = dialect.sql.quote(referenced)
    const order = key.references.columns.map((other) => dialect.sql.quote(other)).join(', ')
    return `(SELECT ${name} FROM ${qualified(dialect, key.references)} ORDER BY ${order} LIMIT 1 OFFSET ${offset})`
  }
  const edges = edgeValues(dialect.name, column, schema)
  const edge = edges[chance.next(edges.length + 2)]
  return edge ?? dialect.shadow.sampleValue(column, schema, chance.next(50))?.sql ?? 'NULL'
}

/** Deletes all rows, regardless of references. */
export async function emptyTables(dialect: Dialect, database: Queryable, schema: Schema): Promise<void> {
  const names = schema.tables.map((table) => qualified(dialect, table))
  if (names.length === 0) return
  if (dialect.sql.locksTables) {
    await database.query(`TRUNCATE ${names.join(', ')} CASCADE`)
    return
  }
  await database.query('PRAGMA foreign_keys = OFF')
  for (const name of names) await database.query(`DELETE FROM ${name}`)
  await database.query('PRAGMA foreign_keys = ON')
}

export function qualified(dialect: Dialect, name: ObjectName): string {
  const quoted = dialect.sql.quote(name.name)
  return name.schema === undefined ? quoted : `${dialect.sql.quote(name.schema)}.${quoted}`
}

/** Random numbers that depend only on the arguments of the constructor. */
class Chance {
  #state: number

  constructor(...beginning: readonly number[]) {
    this.#state = beginning.reduce((state, value) => Math.imul(state ^ (value + 1), 0x9e3779b1) >>> 0, 0x243f6a88)
  }

  /** Returns an integer from 0 to `limit` - 1. */
  next(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * limit)
  }
}
