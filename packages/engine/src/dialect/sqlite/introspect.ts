import type {
  Check,
  Column,
  ForeignKey,
  Index,
  PrimaryKey,
  Schema,
  Table,
  Trigger,
  Unique,
  View,
} from '../../schema/schema'
import type { Queryable } from '../queryable'
import type { IntrospectOptions } from '../roles/introspection'
import { columnNamed, type ExpressionScope, printExpression, withoutOuterParentheses } from './expression'
import { inlineKey } from './inline'
import { isKept } from './keep/names'
import { parseIndex } from '../../sql/sqlite/parse-index'
import {
  type ParsedColumn,
  type ParsedConstraint,
  type ParsedKey,
  type ParsedTable,
  parseTable,
} from '../../sql/sqlite/parse-table'
import { parseView } from './parse-view'
import { relationsIn } from '../../sql/sqlite/relations'
import { quoteText } from './quote'
import { fold, isIdentifier, nameOf, sameIdentifier, type Token, tokenize, wordOf } from '../../sql/sqlite/tokens'

interface MasterRow {
  readonly type: string
  readonly name: string
  readonly tbl_name: string
  readonly sql: string | null
}

/** Suffixes of the tables that SQLite's own modules create for virtual tables. */
const shadowSuffixes = 'config content data docsize idx node parent rowid segdir segments stat'.split(' ')

/**
 * Reads the schema of the main database in one query: SQLite keeps every definition as text, and the texts contain more than
 * its pragmas return (names of constraints, checks, collations, deferrable keys, generated expressions).
 *
 * Virtual tables and the tables of their modules are not included.
 */
export async function introspect(database: Queryable, { ignoreTables }: IntrospectOptions): Promise<Schema> {
  const rows = (await database.query('SELECT type, name, tbl_name, sql FROM sqlite_master')) as MasterRow[]
  const ignored = new Set(ignoreTables.map(fold))
  const virtual = rows.filter((row) => row.type === 'table' && /^CREATE\s+VIRTUAL\b/i.test(row.sql ?? ''))
  const shadows = virtual.length === 0 ? new Set<string>() : await shadowTables(database, virtual, rows)
  const isManaged = ({ name }: MasterRow): boolean =>
    !fold(name).startsWith('sqlite_') && !ignored.has(fold(name)) && !isKept(name)

  const parsed = rows
    .filter((row) => row.type === 'table' && isManaged(row) && !virtual.includes(row) && !shadows.has(fold(row.name)))
    .map(({ name, sql }) => ({ ...parseTable(sql ?? ''), name }))
  const relations = [...parsed, ...rows.filter((row) => row.type === 'view' && isManaged(row))].map(({ name }) => name)
  const owned = new Map<string, MasterRow[]>()
  for (const row of rows) owned.set(fold(row.tbl_name), [...(owned.get(fold(row.tbl_name)) ?? []), row])
  const byFoldedName = new Map(parsed.map((table) => [fold(table.name), table]))
  const ownedBy = ({ name }: { readonly name: string }): readonly MasterRow[] => owned.get(fold(name)) ?? []
  return {
    tables: parsed.map((table) => tableOf(table, byFoldedName, ownedBy(table))).sort(byName),
    views: rows
      .flatMap((row) => (row.type === 'view' && isManaged(row) ? [viewOf(row, ownedBy(row), relations)] : []))
      .sort(byName),
    enums: [],
    sequences: [],
    schemas: [],
    extensions: [],
  }
}

/** The folded names of the modules' tables: by `PRAGMA table_list` since SQLite 3.37, before by their suffixes. */
async function shadowTables(
  database: Queryable,
  virtual: readonly MasterRow[],
  rows: readonly MasterRow[],
): Promise<Set<string>> {
  const list = (await database.query('PRAGMA main.table_list')) as { name: string; type: string }[]
  if (list.length > 0) return new Set(list.flatMap(({ name, type }) => (type === 'shadow' ? [fold(name)] : [])))
  const possible = new Set(virtual.flatMap(({ name }) => shadowSuffixes.map((suffix) => fold(`${name}_${suffix}`))))
  return new Set(rows.map((row) => fold(row.name)).filter((name) => possible.has(name)))
}

/** @param owned its indexes and triggers */
function tableOf(parsed: ParsedTable, all: ReadonlyMap<string, ParsedTable>, owned: readonly MasterRow[]): Table {
  const scope: ExpressionScope = { table: parsed.name, columns: parsed.columns.map((column) => column.name) }
  const primaryKey = parsed.constraints.flatMap((item) => (item.kind === 'primaryKey' ? [keyOf(item, scope)] : []))[0]
  const uniques = parsed.constraints.flatMap((item) => (item.kind === 'unique' ? [keyOf(item, scope)] : []))
  const required = requiredColumns(parsed, scope)
  return {
    name: parsed.name,
    columns: parsed.columns.map((column) => columnOf(column, scope, required.has(fold(column.name)))),
    primaryKey,
    uniques: distinct(uniques).sort(byNameOrText),
    checks: distinct(parsed.constraints.flatMap((item) => (item.kind === 'check' ? [checkOf(item, scope)] : []))).sort(
      byNameOrText,
    ),
    exclusions: [],
    foreignKeys: distinct(
      parsed.constraints.flatMap((item) => (item.kind === 'foreignKey' ? [foreignKeyOf(item, scope, all)] : [])),
    ).sort(byNameOrText),
    indexes: owned
      .flatMap(({ type, name, sql }) => (type === 'index' && sql !== null ? [indexOf(name, sql, parsed, scope)] : []))
      .sort(byName),
    triggers: triggersIn(owned),
    ...(parsed.strict && { strict: true }),
    ...(parsed.withoutRowid && { withoutRowid: true }),
    ...inlineOf(parsed, scope, all),
  }
}

/** The constraints that are written after a column, and nowhere else. */
function inlineOf(
  parsed: ParsedTable,
  scope: ExpressionScope,
  all: ReadonlyMap<string, ParsedTable>,
): { inline?: NonNullable<Table['inline']> } {
  const places = new Map<string, (string | undefined)[]>()
  for (const item of parsed.constraints) {
    if (item.kind !== 'check' && item.kind !== 'foreignKey') continue
    const key = inlineKey(item.kind === 'check' ? checkOf(item, scope) : foreignKeyOf(item, scope, all))
    places.set(key, [...(places.get(key) ?? []), item.inline])
  }
  const inline: Record<string, string[]> = {}
  for (const [key, [column, ...others]] of places) {
    if (column !== undefined && others.length === 0) (inline[column] ??= []).push(key)
  }
  return Object.keys(inline).length === 0 ? {} : { inline }
}

function triggersIn(owned: readonly MasterRow[]): Trigger[] {
  return owned
    .flatMap(({ type, name, sql }) => (type === 'trigger' ? [{ name, sql: (sql ?? '').trim() }] : []))
    .sort(byName)
}

/**
 * Folded names of columns that are NOT NULL without declaring it: the alias of the rowid, and the primary key of a table that
 * is `WITHOUT ROWID` or `STRICT`. Other primary keys of SQLite are nullable; see https://sqlite.org/quirks.html.
 */
function requiredColumns(parsed: ParsedTable, scope: ExpressionScope): Set<string> {
  const key = parsed.constraints.find((item) => item.kind === 'primaryKey')
  if (key?.kind !== 'primaryKey') return new Set()
  const [first, ...others] = key.keys.map((item) => resolve(item.column, scope))
  const type = parsed.columns.find((column) => column.name === first)?.type
  const isRowid = others.length === 0 && type === 'integer' && key.inlineDescending !== true
  if (!isRowid && !parsed.strict && !parsed.withoutRowid) return new Set()
  return new Set(key.keys.map((item) => fold(item.column)))
}

function columnOf(column: ParsedColumn, scope: ExpressionScope, required: boolean): Column {
  return {
    name: column.name,
    type: column.type,
    nullable: !column.notNull && !required,
    default: column.default && defaultText(column.default, scope),
    ...(column.autoincrement && { autoincrement: true }),
    generated: column.generated && {
      expression: printExpression(column.generated.tokens, scope),
      kind: column.generated.kind,
    },
    collation: column.collation === 'BINARY' ? undefined : column.collation,
    onConflict: column.notNullConflict,
  }
}

/**
 * `DEFAULT NULL` is not a default. An unquoted or quoted word after `DEFAULT` is a text for SQLite (`DEFAULT pending` is
 * `DEFAULT 'pending'`), unless it is a literal word.
 */
function defaultText(value: NonNullable<ParsedColumn['default']>, scope: ExpressionScope): string | undefined {
  const tokens = withoutOuterParentheses(value.tokens)
  const [only] = tokens
  if (tokens.length === 1 && isIdentifier(only)) {
    const word = wordOf(only) ?? ''
    if (word === 'NULL') return undefined
    if (['TRUE', 'FALSE', 'CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_TIMESTAMP'].includes(word)) return word
    if (!value.parenthesized) return quoteText(nameOf(only))
  }
  // A default cannot name a column.
  return printExpression(tokens, { table: scope.table, columns: [] })
}

function keyOf(
  item: Extract<ParsedConstraint, { keys: readonly ParsedKey[] }>,
  scope: ExpressionScope,
): PrimaryKey & Unique {
  return {
    name: item.name,
    columns: item.keys.map((key) => resolve(key.column, scope)),
    ...(item.keys.some((key) => key.collation !== undefined) && {
      collations: item.keys.map((key) => key.collation ?? null),
    }),
    onConflict: item.onConflict,
  }
}

function checkOf(item: Extract<ParsedConstraint, { kind: 'check' }>, scope: ExpressionScope): Check {
  return { name: item.name, expression: printExpression(item.tokens, scope) }
}

function foreignKeyOf(
  item: Extract<ParsedConstraint, { kind: 'foreignKey' }>,
  scope: ExpressionScope,
  all: ReadonlyMap<string, ParsedTable>,
): ForeignKey {
  const target = all.get(fold(item.table))
  const targetScope: ExpressionScope = {
    table: item.table,
    columns: target?.columns.map((column) => column.name) ?? [],
  }
  const key = target?.constraints.find((constraint) => constraint.kind === 'primaryKey')
  const implied = key?.kind === 'primaryKey' ? key.keys.map((part) => part.column) : []
  const references = item.references.length > 0 ? item.references : implied
  return {
    name: item.name,
    columns: item.columns.map((column) => resolve(column, scope)),
    references: { name: target?.name ?? item.table, columns: references.map((column) => resolve(column, targetScope)) },
    onDelete: item.onDelete,
    onUpdate: item.onUpdate,
    deferrable: item.deferrable,
    match: item.match,
  }
}

function indexOf(name: string, sql: string, table: ParsedTable, scope: ExpressionScope): Index {
  const parsed = parseIndex(sql)
  return {
    name,
    unique: parsed.unique,
    method: 'btree',
    keys: parsed.keys.map((key) => {
      const column = columnIn(key.tokens, scope)
      const own = table.columns.find((item) => item.name === column)?.collation
      return {
        ...(column === undefined ? { expression: printExpression(key.tokens, scope) } : { column }),
        ...(key.descending && { order: 'DESC' as const }),
        collation: key.collation === (own ?? 'BINARY') ? undefined : key.collation,
      }
    }),
    where: parsed.where && printExpression(parsed.where, scope),
  }
}

/** The column of an index key; undefined for an expression. SQLite takes `('a')` for the column `a`. */
function columnIn(tokens: readonly Token[], scope: ExpressionScope): string | undefined {
  const [token] = tokens
  if (tokens.length !== 1 || token === undefined || !['word', 'name', 'string'].includes(token.kind)) return undefined
  return columnNamed(nameOf(token), scope)
}

function viewOf(row: MasterRow, owned: readonly MasterRow[], relations: readonly string[]): View {
  const { definition } = parseView(row.sql ?? '')
  const read = relationsIn(tokenize(definition))
  const triggers = triggersIn(owned)
  return {
    name: row.name,
    materialized: false,
    definition,
    dependsOn: relations
      .filter((name) => read.has(fold(name)) && !sameIdentifier(name, row.name))
      .map((name) => ({ name }))
      .sort(byName),
    indexes: [],
    ...(triggers.length > 0 && { triggers }),
  }
}

/** The declared name of a column. */
function resolve(name: string, scope: ExpressionScope): string {
  return columnNamed(name, scope) ?? name
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return compareText(a.name, b.name)
}

/** Orders by name, and without one by content. */
function byNameOrText(a: { readonly name?: string }, b: { readonly name?: string }): number {
  return compareText(a.name ?? '', b.name ?? '') || compareText(JSON.stringify(a), JSON.stringify(b))
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
