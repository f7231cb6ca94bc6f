import { columnsIn } from '../../schema/expressions'
import { scopeOf } from '../../schema/normalize'
import type { Check, Column, ForeignKey, Index, PrimaryKey, Table, Unique } from '../../schema/schema'
import { lay } from '../layout'
import { type Inline, inlineKey } from './inline'
import { quote, quoteList } from './quote'
import { isPlainDefault } from '../../sql/sqlite/defaults'
import { tokenize } from '../../sql/sqlite/tokens'

/**
 * `CREATE TABLE`, one column or constraint per line. Indexes and triggers are separate statements.
 *
 * TypeORM reads the names of constraints from this text, and rebuilds tables with what it reads: it finds a check only
 * before a comma or the end, and takes the first unique constraint or foreign key whose columns are all among those it
 * looks for. https://github.com/typeorm/typeorm/blob/master/src/driver/sqlite-abstract/AbstractSqliteQueryRunner.ts,
 * `loadTables`
 */
export function createTableSql(table: Table, name = table.name): string {
  const primaryKey =
    table.primaryKey !== undefined && isInlineKey(table.primaryKey, table) ? table.primaryKey : undefined
  const inline = inlineConstraints(table)
  const isInline = new Set([...inline.values()].flatMap(({ checks, foreignKeys }) => [...checks, ...foreignKeys]))
  const keyLine =
    table.primaryKey === undefined || primaryKey !== undefined
      ? []
      : [`${constraintName(table.primaryKey)}PRIMARY KEY (${keySql(table.primaryKey)})${conflictSql(table.primaryKey)}`]
  const checks = table.checks.filter((check) => !isInline.has(check))
  const foreignKeys = widestFirst(table.foreignKeys.filter((key) => !isInline.has(key)))
  const lines = [
    ...table.columns.map((column) =>
      columnSql(column, {
        ...inline.get(column.name),
        primaryKey: primaryKey?.columns[0] === column.name ? primaryKey : undefined,
      }),
    ),
    ...widestFirst(table.uniques).map(
      (unique) => `${constraintName(unique)}UNIQUE (${keySql(unique)})${conflictSql(unique)}`,
    ),
    ...checks.map(checkSql),
    ...foreignKeys.map((key) => `${constraintName(key)}FOREIGN KEY (${quoteList(key.columns)}) ${referencesSql(key)}`),
    ...keyLine,
  ]
  const options = [
    ...(table.strict === true ? ['STRICT'] : []),
    ...(table.withoutRowid === true ? ['WITHOUT ROWID'] : []),
  ]
  const endsWithCheck = checks.length > 0 && foreignKeys.length === 0 && keyLine.length === 0
  const end = `${endsWithCheck ? '' : '\n'})${options.length > 0 ? ` ${options.join(', ')}` : ''}`
  return `CREATE TABLE ${quote(name)} (\n  ${lines.join(',\n  ')}${end}`
}

/** Constraints of several columns before those whose columns they have too. */
function widestFirst<Key extends Unique | ForeignKey>(keys: readonly Key[]): readonly Key[] {
  return keys.toSorted((a, b) => b.columns.length - a.columns.length)
}

/** Constraints written after a column. */
interface InlineConstraints {
  readonly checks?: readonly Check[]
  readonly primaryKey?: PrimaryKey
  readonly foreignKeys?: readonly ForeignKey[]
}

/** A column for `CREATE TABLE` and `ADD COLUMN`. Checks are right after the type, where TypeORM looks for its enums. */
export function columnSql(
  column: Column,
  { checks = [], primaryKey, foreignKeys = [] }: InlineConstraints = {},
): string {
  const { generated } = column
  return [
    quote(column.name),
    typeSql(column.type),
    ...checks.map(checkSql),
    ...(primaryKey === undefined ? [] : [inlineKeySql(primaryKey, column)]),
    ...(column.nullable ? [] : [`NOT NULL${conflictSql(column)}`]),
    ...(column.collation === undefined ? [] : [`COLLATE ${collationSql(column.collation)}`]),
    ...(column.default === undefined ? [] : [`DEFAULT ${defaultSql(column.default)}`]),
    ...(generated === undefined
      ? []
      : [`GENERATED ALWAYS AS (${generated.expression}) ${generated.kind.toUpperCase()}`]),
    ...foreignKeys.map((key) => `${constraintName(key)}${referencesSql(key)}`),
  ]
    .filter((part) => part !== '')
    .join(' ')
}

/** True for a key of one column with `AUTOINCREMENT`, which SQLite allows only there, or without a name. */
function isInlineKey(key: PrimaryKey, table: Table): boolean {
  const [only, ...others] = key.columns
  if (others.length > 0 || key.collations !== undefined) return false
  const column = table.columns.find((item) => item.name === only)
  return column?.autoincrement === true || key.name === undefined
}

function inlineKeySql(key: PrimaryKey, column: Column): string {
  // A nullable `integer` key is not an alias of the rowid, so it must be DESC.
  const order = column.type === 'integer' && column.nullable ? ' DESC' : ''
  return `${constraintName(key)}PRIMARY KEY${order}${conflictSql(key)}${column.autoincrement === true ? ' AUTOINCREMENT' : ''}`
}

type Inlined = Required<Omit<InlineConstraints, 'primaryKey'>>

/**
 * By column, the constraints written after it: those of `table.inline`, and its first unnamed check of the form
 * `"a" IN (…)`, which is how TypeORM keeps an enum.
 */
function inlineConstraints(table: Table): ReadonlyMap<string, Inlined> {
  const found = new Map<string, Inlined>()
  const placed = new Set<Check>()
  for (const { name } of table.columns) {
    const keys = new Set(table.inline?.[name] ?? [])
    const checks = table.checks.filter((check) => keys.has(inlineKey(check)) && !placed.has(check))
    const foreignKeys = table.foreignKeys.filter(
      (key) => keys.has(inlineKey(key)) && key.columns.length === 1 && key.columns[0] === name,
    )
    for (const check of checks) placed.add(check)
    if (checks.length + foreignKeys.length > 0) found.set(name, { checks, foreignKeys })
  }
  for (const check of table.checks) {
    const name = firstColumn(check)
    if (check.name !== undefined || name === '' || placed.has(check) || (found.get(name)?.checks.length ?? 0) > 0)
      continue
    const [only, ...others] = columnsIn(check.expression, scopeOf(table))
    if (only === name && others.length === 0) found.set(name, { foreignKeys: [], ...found.get(name), checks: [check] })
  }
  return found
}

/** The constraints that {@link createTableSql} writes after columns, as in `Table.inline`. */
export function writtenInline(table: Table): Inline {
  return Object.fromEntries(
    [...inlineConstraints(table)].map(([column, { checks, foreignKeys }]) => [
      column,
      [...checks, ...foreignKeys].map(inlineKey),
    ]),
  )
}

/** The column that an expression `"a" IN (…)` begins with; empty for any other. */
function firstColumn({ expression }: Check): string {
  const found = /^"((?:[^"]|"")+)" IN \(/.exec(expression)
  return found?.[1]?.replaceAll('""', '"') ?? ''
}

function checkSql(check: Check): string {
  return `${constraintName(check)}CHECK (${check.expression})`
}

function constraintName({ name }: { readonly name?: string }): string {
  return name === undefined ? '' : `CONSTRAINT ${quote(name)} `
}

function keySql(key: PrimaryKey | Unique): string {
  return key.columns
    .map((column, at) => {
      const collation = key.collations?.[at] ?? undefined
      return collation === undefined ? quote(column) : `${quote(column)} COLLATE ${collationSql(collation)}`
    })
    .join(', ')
}

function conflictSql({ onConflict }: { readonly onConflict?: string }): string {
  return onConflict === undefined ? '' : ` ON CONFLICT ${onConflict}`
}

function referencesSql({ references, onDelete, onUpdate, match, deferrable }: ForeignKey): string {
  return [
    `REFERENCES ${quote(references.name)}`,
    ...(references.columns.length > 0 ? [`(${quoteList(references.columns)})`] : []),
    ...(onDelete === 'NO ACTION' ? [] : [`ON DELETE ${onDelete}`]),
    ...(onUpdate === 'NO ACTION' ? [] : [`ON UPDATE ${onUpdate}`]),
    ...(match === undefined ? [] : [`MATCH ${match}`]),
    ...(deferrable === undefined ? [] : [`DEFERRABLE ${deferrable.toUpperCase()}`]),
  ].join(' ')
}

/** Words that would end the type and begin a constraint. */
const constraintWords =
  /\b(?:as|check|collate|constraint|default|deferrable|generated|not|null|on|primary|references|unique)\b/

function typeSql(type: string): string {
  if (type === '') return ''
  const isPlain = /^[a-z_][a-z0-9_]*(?: [a-z_][a-z0-9_]*)*(?:\([+\-.\w,]*\))?$/.test(type)
  return isPlain && !constraintWords.test(type) ? type : quote(type)
}

function collationSql(collation: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(collation) ? collation : quote(collation)
}

/** The default for SQL: a literal, or an expression in parentheses. */
export function defaultSql(expression: string): string {
  return isPlainDefault(tokenize(expression)) ? expression : `(${expression})`
}

export function createIndexSql(table: string, index: Index): string {
  const keys = index.keys.map((key) =>
    [
      key.column === undefined ? (key.expression ?? '') : quote(key.column),
      ...(key.collation === undefined ? [] : [`COLLATE ${collationSql(key.collation)}`]),
      ...(key.order === undefined ? [] : [key.order]),
    ].join(' '),
  )
  return lay(
    [
      `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quote(index.name)} ON ${quote(table)}`,
      `(${keys.join(', ')})`,
      ...(index.where === undefined ? [] : [`WHERE ${index.where}`]),
    ],
    '  ',
  )
}
