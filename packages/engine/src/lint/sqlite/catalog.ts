/** What is known of a SQLite database at one point of its history. `learn.ts` applies statements to it. */
export class SqliteCatalog {
  /** The step that is being read. */
  place = ':upgrade'

  constructor(from?: SqliteCatalog) {
    void from
  }

  /** The columns of a table that store values; undefined if unknown. */
  columnsOf(table: string): readonly string[] | undefined {
    void table
    return undefined
  }
}
