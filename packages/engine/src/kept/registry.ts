import type { Dialect } from '../dialect/dialect'
import { registryColumns } from '../dialect/kept-registry'
import type { Queryable } from '../dialect/queryable'
import type { Kept, KeptEntry, KeptKind, Shelf } from '../dialect/roles/keeping'
import { quotePath } from '../history/history'
import { time } from '../history/journal-rows'

/** Who keeps something: the upgrade of one revision. */
export type Keeper = Pick<KeptEntry, 'revision' | 'name' | 'keptAt' | 'toolVersion' | 'history'>

/** The registry of what is kept in a database: one row for each entry, of all projects that share it. */
export class Registry {
  readonly #table: string

  constructor(
    private readonly dialect: Dialect,
    private readonly database: Queryable,
  ) {
    this.#table = quotePath(dialect, dialect.keeping.registry)
  }

  /**
   * The entries of one history, oldest first; one query if nothing is kept, else two.
   *
   * @param history the name of its table
   */
  async read(history: string): Promise<readonly KeptEntry[]> {
    if (!(await this.#exists())) return []
    const rows = (await this.database.query(
      `SELECT ${this.#list(registryColumns)} FROM ${this.#table} WHERE ${this.#quote('history')} = ${this.dialect.sql.placeholder(1)} ORDER BY ${this.#quote('id')}`,
      [history],
    )) as Record<string, unknown>[]
    return rows.map(entryOf)
  }

  async #exists(): Promise<boolean> {
    const rows = await this.database.query(`SELECT 1 AS "one" WHERE ${this.dialect.keeping.registryExists}`)
    return (rows as unknown[]).length > 0
  }

  /** The shelf of one upgrade or downgrade. */
  shelf(keeper: Keeper): Shelf {
    return {
      add: (kept) => this.#add(keeper, kept),
      change: (id, kept) => this.#change(id, kept),
      remove: (id) => this.remove(id),
    }
  }

  async #add(keeper: Keeper, kept: Kept): Promise<KeptEntry> {
    const { keeping, sql } = this.dialect
    // A registry that is there needs no right to create one.
    if (!(await this.#exists())) for (const statement of keeping.createRegistry()) await this.database.query(statement)
    const entry: KeptEntry = { ...kept, ...keeper, id: await keeping.nextId(this.database) }
    const values = valuesOf(entry)
    const names = Object.keys(values)
    await this.database.query(
      `INSERT INTO ${this.#table} (${this.#list(names)}) VALUES (${names.map((_name, at) => sql.placeholder(at + 1)).join(', ')})`,
      Object.values(values),
    )
    return entry
  }

  async #change(id: number, kept: Partial<Kept>): Promise<void> {
    const { sql } = this.dialect
    const values = valuesOf(kept)
    const names = Object.keys(values)
    const set = names.map((name, at) => `${this.#quote(name)} = ${sql.placeholder(at + 1)}`)
    await this.database.query(
      `UPDATE ${this.#table} SET ${set.join(', ')} WHERE ${this.#quote('id')} = ${sql.placeholder(names.length + 1)}`,
      [...Object.values(values), id],
    )
  }

  /** Removes a row, and the registry with its last one: without entries, the schema is that of a database that kept nothing. */
  async remove(id: number): Promise<void> {
    const { keeping, sql } = this.dialect
    await this.database.query(`DELETE FROM ${this.#table} WHERE ${this.#quote('id')} = ${sql.placeholder(1)}`, [id])
    const left = (await this.database.query(`SELECT 1 FROM ${this.#table} LIMIT 1`)) as unknown[]
    if (left.length === 0) for (const statement of keeping.dropRegistry()) await this.database.query(statement)
  }

  #quote(name: string): string {
    return this.dialect.sql.quote(name)
  }

  #list(names: readonly string[]): string {
    return names.map((name) => this.#quote(name)).join(', ')
  }
}

/** The values of columns; without those that are not given. */
function valuesOf(entry: Partial<KeptEntry>): Record<string, unknown> {
  const { keptAt, toolVersion, key, definitions, ...rest } = entry
  return {
    ...rest,
    ...(key !== undefined && { key: JSON.stringify(key) }),
    ...(definitions !== undefined && { definitions: JSON.stringify(definitions) }),
    ...(keptAt !== undefined && { kept_at: keptAt.toISOString() }),
    ...(toolVersion !== undefined && { tool_version: toolVersion }),
  }
}

function entryOf(row: Record<string, unknown>): KeptEntry {
  const text = (name: string): string => String(row[name])
  const optional = (name: string): string | null => (row[name] == null ? null : text(name))
  return {
    id: Number(row['id']),
    revision: text('revision'),
    name: text('name'),
    kind: text('kind') as KeptKind,
    schema: optional('schema'),
    table: text('table'),
    column: optional('column'),
    place: text('place'),
    key: JSON.parse(text('key')) as string[],
    rows: Number(row['rows']),
    definitions: JSON.parse(text('definitions')) as Record<string, unknown>,
    keptAt: time(row['kept_at']),
    toolVersion: text('tool_version'),
    history: text('history'),
  }
}
