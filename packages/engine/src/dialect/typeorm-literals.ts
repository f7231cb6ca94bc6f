import type { DataSource } from 'typeorm'

/**
 * TypeORM puts the text of a default or an enum value between quotes without escaping it: `it's` becomes `'it's'`, which
 * no database accepts. Users who know this write `it''s`. So quotes are doubled only in a text that is not valid otherwise.
 *
 * @example
 * mendText("it's")  // "it''s"
 * mendText("it''s") // "it''s"
 */
export function mendText(text: string): string {
  return (text.match(/'+/g) ?? []).some((quotes) => quotes.length % 2 === 1) ? text.replaceAll("'", "''") : text
}

/** {@link mendText} for a text that is already between quotes. */
function mendLiteral(sql: string): string {
  return sql.length >= 2 && sql.startsWith("'") && sql.endsWith("'") ? `'${mendText(sql.slice(1, -1))}'` : sql
}

/** The part of a driver that writes defaults; public in TypeORM 0.3 and 1.x. */
interface DefaultWriter {
  normalizeDefault(column: ColumnDefault): string | undefined
}

/** The part of TypeORM's `ColumnMetadata` that a default is written from. */
export interface ColumnDefault {
  readonly default?: unknown
  readonly isArray: boolean
}

/**
 * Makes the DataSource of a scratch database write defaults that the database accepts.
 *
 * @param write replaces TypeORM's own text; undefined keeps that text, mended
 */
export function mendDefaults(
  dataSource: DataSource,
  write: (column: ColumnDefault) => string | undefined = () => undefined,
): void {
  const driver = dataSource.driver as unknown as DefaultWriter
  const original = driver.normalizeDefault.bind(driver)
  driver.normalizeDefault = (column) => {
    const written = write(column)
    if (written !== undefined) return written
    const own = original(column)
    // A function returns an SQL expression, which is the author's.
    return own === undefined || typeof column.default === 'function' ? own : mendLiteral(own)
  }
}
