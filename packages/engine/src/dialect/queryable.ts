/** The one method of a query runner that most of the engine needs. */
export interface Queryable {
  query(sql: string, parameters?: unknown[]): Promise<unknown>
}
