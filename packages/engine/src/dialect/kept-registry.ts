/** The types of the registry's columns whose names differ between databases. */
interface RegistryTypes {
  /** Of the number of an entry, with what makes it the primary key. */
  readonly id: string
  /** Of a number of rows. */
  readonly count: string
  readonly time: string
}

/** The names of its columns, in order. */
export const registryColumns = [
  ...['id', 'revision', 'name', 'kind', 'schema', 'table', 'column', 'place', 'key', 'rows', 'definitions'],
  ...['kept_at', 'tool_version', 'history'],
] as const

/**
 * The statement that creates the registry of what is kept, unless it exists.
 *
 * @param table quoted
 */
export function createRegistryTable(table: string, { id, count, time }: RegistryTypes): string {
  const types: Readonly<Record<(typeof registryColumns)[number], string>> = {
    id,
    revision: 'varchar(255) NOT NULL',
    name: 'varchar(255) NOT NULL',
    kind: 'varchar(16) NOT NULL',
    schema: 'text',
    table: 'text NOT NULL',
    column: 'text',
    place: 'text NOT NULL',
    key: 'text NOT NULL',
    rows: `${count} NOT NULL`,
    definitions: 'text NOT NULL',
    kept_at: `${time} NOT NULL`,
    tool_version: 'varchar(32) NOT NULL',
    history: 'varchar(255) NOT NULL',
  }
  return `CREATE TABLE IF NOT EXISTS ${table} (\n${registryColumns.map((name) => `  "${name}" ${types[name]}`).join(',\n')}\n)`
}
