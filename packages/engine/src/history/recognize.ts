import { viewsReading } from '../schema/dependents'
import { mentionsName } from '../schema/trigger-text'
import { displayName, type ObjectName, sameName, type Schema, type Table } from '../schema/schema'
import { type Tool, tools, type ToolTable } from './tools'

/** The history of a tool, found in a database. */
export interface Recognized {
  readonly tool: Tool
  readonly history: Table
  /** Its other tables. */
  readonly besides: readonly Table[]
}

/** The tools that have a history in a schema, in the order of {@link tools}. */
export function recognizeTools(schema: Schema): readonly Recognized[] {
  const taken = new Set<Table>()
  return tools.flatMap((tool) =>
    schema.tables
      .filter((table) => !taken.has(table) && isHistory(table, tool.history))
      .flatMap((history) => {
        const besides = schema.tables.filter(
          (table) =>
            table.schema === history.schema && (tool.besides ?? []).some((one) => isBeside(table, history, one)),
        )
        if (tool.needsBesides === true && besides.length === 0) return []
        taken.add(history)
        return [{ tool, history, besides }]
      }),
  )
}

function isHistory(table: Table, { name: pattern, key, columns, more }: ToolTable): boolean {
  const isNamed = pattern?.test(table.name.toLowerCase()) ?? true
  const hasKey = key !== undefined && table.primaryKey?.name === table.name + key
  return (isNamed || hasKey) && hasColumns(table, columns, more)
}

function isBeside(table: Table, history: ObjectName, { name: pattern, suffix, columns, more }: ToolTable): boolean {
  if (pattern?.test(table.name.toLowerCase()) === false) return false
  if (suffix !== undefined && table.name !== history.name + suffix) return false
  return table !== history && hasColumns(table, columns, more)
}

/** Liquibase writes its names in upper case, and PostgreSQL reads them in lower case. */
function hasColumns(table: Table, required: readonly string[], more: readonly string[] = []): boolean {
  const present = table.columns.map(({ name }) => name.toLowerCase())
  return (
    required.every((column) => present.includes(column)) &&
    present.every((column) => required.includes(column) || more.includes(column))
  )
}

/**
 * The query that returns what the tool applied last, as `last`: several rows if it has several heads.
 *
 * @param quote quotes an identifier
 */
export function lastQuery({ tool, history }: Recognized, quote: (identifier: string) => string): string {
  const { shows, where, newest } = tool.last
  const nameOf = (column: string): string | undefined =>
    history.columns.find(({ name }) => name.toLowerCase() === column)?.name
  const column = (name: string): string => quote(nameOf(name) ?? name)
  const texts = shows
    .filter((columns) => columns.every((name) => nameOf(name) !== undefined))
    .map((columns) => columns.map((name) => `CAST(${column(name)} AS ${textType})`).join(` || '::' || `))
  const [first = 'NULL', ...others] = texts
  return [
    `SELECT ${others.length === 0 ? first : `coalesce(${texts.join(', ')})`} AS "last"`,
    `FROM ${[history.schema, history.name].flatMap((part) => (part === undefined ? [] : [quote(part)])).join('.')}`,
    ...(where === undefined ? [] : [`WHERE ${where(column)}`]),
    newest === undefined ? 'ORDER BY 1' : `ORDER BY ${newest.map((name) => `${column(name)} DESC`).join(', ')} LIMIT 1`,
  ].join(' ')
}

/** A type of every database. */
const textType = 'varchar(1000)'

/** The schema without some tables, with what belongs only to them: their sequences, and the schemas that hold nothing else. */
export function withoutTables(schema: Schema, names: readonly ObjectName[]): Schema {
  if (names.length === 0) return schema
  const isGone = (name: ObjectName): boolean => names.some((gone) => sameName(gone, name))
  const tables = schema.tables.filter((table) => !isGone(table))
  const sequences = schema.sequences.filter(({ ownedBy }) => ownedBy === undefined || !isGone(ownedBy))
  const objects = [tables, sequences, schema.enums, schema.views, schema.functions ?? [], schema.domains ?? []].flat()
  const held = new Set(objects.map((object) => object.schema))
  const left = new Set(names.map((name) => name.schema))
  return {
    ...schema,
    tables,
    sequences,
    schemas: schema.schemas.filter((name) => held.has(name) || !left.has(name)),
  }
}

/**
 * The tables of these tools that are no part of the schema of a project: all of them, except those that a view, a trigger or a
 * foreign key of the project needs.
 */
export function toolTables(schema: Schema, found: readonly Recognized[]): readonly Table[] {
  const tables = [...new Set(found.flatMap(({ history, besides }) => [history, ...besides]))]
  const others = schema.tables.filter((table) => !tables.includes(table))
  const isNeeded = (table: Table): boolean =>
    viewsReading(schema, [table]).length > 0 ||
    // On SQLite, the text of a trigger is what it does.
    others.some(({ triggers }) => triggers.some(({ sql }) => mentionsName(sql, table.name))) ||
    others.some(({ foreignKeys }) => foreignKeys.some(({ references }) => sameName(references, table)))
  return tables.filter((table) => !isNeeded(table))
}

/** The names as they are displayed, sorted. */
export function shownNames(tables: readonly ObjectName[]): readonly string[] {
  return tables.map(displayName).sort()
}

/**
 * The patterns with which a project ignores tables of tools: these, and the schemas that hold nothing else.
 *
 * @example
 * ignorePatterns(schema, [{ schema: 'drizzle', name: '__drizzle_migrations' }])
 * // ['schema:drizzle', 'table:drizzle.__drizzle_migrations']
 */
export function ignorePatterns(schema: Schema, tables: readonly ObjectName[]): readonly string[] {
  const left = withoutTables(schema, tables).schemas
  return [
    ...schema.schemas.filter((name) => !left.includes(name)).map((name) => `schema:${name}`),
    ...shownNames(tables).map((name) => `table:${name}`),
  ]
}
