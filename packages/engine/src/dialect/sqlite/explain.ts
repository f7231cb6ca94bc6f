let count = 0

/**
 * A statement that compiles `sql` without running it. Every text is another one: TypeORM keeps prepared statements of
 * `better-sqlite3`, and SQLite (3.53) crashes if an EXPLAIN that fires triggers is executed again after its table was
 * rebuilt.
 */
export function explain(sql: string): string {
  count += 1
  return `EXPLAIN ${sql} -- ${String(count)}`
}
