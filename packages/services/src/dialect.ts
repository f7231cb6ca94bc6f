import type { DataSourceOptions, EntityManager } from 'typeorm'

/** What the two databases write differently. */
export interface ServiceDialect {
  /** Lets one transaction at a time continue with this name, until it ends. */
  lock(manager: EntityManager, name: string): Promise<void>
  /** The beginning of the part of time in which an instant is, in seconds since 1970. */
  bucket(column: string, seconds: number): string
  /** A number without its fraction. */
  whole(expression: string): string
  /** Whether a list with a LIMIT follows an index in its order, although it has conditions on other columns. */
  readonly followsOrder: boolean
  /** The isolation of a transaction that sees one moment; undefined if every transaction does. */
  readonly snapshot: 'REPEATABLE READ' | undefined
}

/** Of the database of a manager. */
export function dialectOf(manager: EntityManager): ServiceDialect {
  return dialects[manager.connection.options.type] ?? sqlite
}

const postgres: ServiceDialect = {
  lock: async (manager, name) => {
    await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`aludel ${name}`])
  },
  bucket: (column, seconds) => `CAST(floor(extract(epoch FROM ${column}) / ${seconds}) * ${seconds} AS bigint)`,
  whole: (expression) => `floor(${expression})`,
  followsOrder: true,
  snapshot: 'REPEATABLE READ',
}

const sqlite: ServiceDialect = {
  // Its one writer at a time: a statement that may write makes this transaction the one, whether it finds rows or not.
  lock: async (manager) => {
    await manager.query('UPDATE "workflows" SET "state" = "state" WHERE 0')
  },
  bucket: (column, seconds) => `CAST(strftime('%s', ${column}) AS integer) / ${seconds} * ${seconds}`,
  whole: (expression) => `CAST(${expression} AS integer)`,
  // It does not expect that a LIMIT ends the reading early.
  followsOrder: false,
  snapshot: undefined,
}

/** The others are drivers of SQLite. */
const dialects: Readonly<Partial<Record<DataSourceOptions['type'], ServiceDialect>>> = { postgres }
