import type { DataSource } from 'typeorm'

/**
 * TypeORM puts the text of a default or of an enum value between quotes as it is: `it's` becomes `'it's'`, which no
 * database takes. Those who know this write `it''s`, which it makes right. So a quote is doubled only in a text that
 * would not be a literal otherwise.
 *
 * @example
 * mendText("it's")  // "it''s"
 * mendText("it''s") // "it''s"
 */
export function mendText(text: string): string {
  return (text.match(/'+/g) ?? []).some((quotes) => quotes.length % 2 === 1) ? text.replaceAll("'", "''") : text
}

/** The same for what stands between quotes already. */
export function mendLiteral(sql: string): string {
  return sql.length >= 2 && sql.startsWith("'") && sql.endsWith("'") ? `'${mendText(sql.slice(1, -1))}'` : sql
}

/** The part of a driver that writes defaults; public in TypeORM 0.3 and 1.x. */
interface DefaultWriter {
  normalizeDefault(column: ColumnDefault): string | undefined
}

/** What a default is written from: part of TypeORM's `ColumnMetadata`. */
export interface ColumnDefault {
  readonly default?: unknown
  readonly isArray: boolean
}

/**
 * Makes a throw-away DataSource write defaults that the database takes.
 *
 * @param write what takes the place of TypeORM's own text; undefined: its own, mended
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
    // A function gives an expression; what is in it is the author's.
    return own === undefined || typeof column.default === 'function' ? own : mendLiteral(own)
  }
}
