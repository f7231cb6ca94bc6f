import type { ConflictClause, Deferrable, ReferentialAction } from '../clauses'
import { Cursor, isComma } from './cursor'
import { collationName, fold, nameOf, type Token, wordOf } from './tokens'

/** A parsed `CREATE TABLE`: names are unquoted, expressions are still tokens. */
export interface ParsedTable {
  readonly name: string
  readonly columns: readonly ParsedColumn[]
  readonly constraints: readonly ParsedConstraint[]
  readonly strict: boolean
  readonly withoutRowid: boolean
}

export interface ParsedColumn {
  readonly name: string
  /** In lower case, with single spaces; empty if there is none. */
  readonly type: string
  readonly notNull: boolean
  readonly notNullConflict?: ConflictClause
  readonly default?: { readonly tokens: readonly Token[]; readonly parenthesized: boolean }
  readonly collation?: string
  readonly generated?: { readonly tokens: readonly Token[]; readonly kind: 'stored' | 'virtual' }
  readonly autoincrement: boolean
}

export interface ParsedKey {
  readonly column: string
  readonly collation?: string
}

/** A constraint of a column or of a table; SQLite treats both alike. */
export type ParsedConstraint =
  | {
      readonly kind: 'primaryKey' | 'unique'
      readonly name?: string
      readonly keys: readonly ParsedKey[]
      readonly onConflict?: ConflictClause
      /** `INTEGER PRIMARY KEY DESC`, which for historical reasons is not an alias of the rowid. */
      readonly inlineDescending?: boolean
    }
  | {
      readonly kind: 'check'
      readonly name?: string
      readonly tokens: readonly Token[]
      /** The column after which it is written. */
      readonly inline?: string
    }
  | {
      readonly kind: 'foreignKey'
      readonly name?: string
      readonly columns: readonly string[]
      /** The column after which it is written. */
      readonly inline?: string
      readonly table: string
      /** Empty: the primary key of the other table. */
      readonly references: readonly string[]
      readonly onDelete: ReferentialAction
      readonly onUpdate: ReferentialAction
      readonly match?: 'FULL'
      readonly deferrable?: Deferrable
    }

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type ForeignKeyClause = Writable<Extract<ParsedConstraint, { kind: 'foreignKey' }>>

/** Words that end a column's type and begin a constraint. */
const columnConstraintWords = new Set(
  'CONSTRAINT NULL NOT PRIMARY UNIQUE CHECK DEFAULT COLLATE REFERENCES DEFERRABLE GENERATED AS'.split(' '),
)
const conflictClauses: readonly ConflictClause[] = ['ROLLBACK', 'FAIL', 'IGNORE', 'REPLACE']
const tableConstraintWords = new Set(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'])

/**
 * Reads a `CREATE TABLE` statement as SQLite keeps it.
 *
 * @throws AludelError `ALUDEL_INTERNAL` with the statement, when SQLite would not accept it
 *
 * @example
 * parseTable('CREATE TABLE t (id integer PRIMARY KEY, n text CHECK (n <> \'a,b\'))').columns[1]?.type // 'text'
 */
export function parseTable(sql: string): ParsedTable {
  const cursor = new Cursor(sql)
  cursor.expect('CREATE')
  if (!cursor.take('TEMP')) cursor.take('TEMPORARY')
  cursor.expect('TABLE')
  const name = cursor.objectName()
  const columns: ParsedColumn[] = []
  const constraints: ParsedConstraint[] = []
  cursor.expectSymbol('(')
  while (!cursor.takeSymbol(')')) {
    if (tableConstraintWords.has(wordOf(cursor.peek()) ?? '')) constraints.push(...tableConstraint(cursor))
    else columns.push(column(cursor, constraints))
    // The comma between two table constraints may be missing.
    cursor.takeSymbol(',')
  }
  return withKeyAutoincrement({ name, columns, constraints, ...options(cursor) })
}

/**
 * Reads the definition of a column, as `ALTER TABLE … ADD COLUMN` has it.
 *
 * @throws AludelError `ALUDEL_INTERNAL`
 */
export function parseColumn(cursor: Cursor): Pick<ParsedTable, 'columns' | 'constraints'> {
  const constraints: ParsedConstraint[] = []
  return { columns: [column(cursor, constraints)], constraints }
}

function options(cursor: Cursor): { strict: boolean; withoutRowid: boolean } {
  const found = { strict: false, withoutRowid: false }
  while (!cursor.done) {
    if (cursor.take('STRICT')) found.strict = true
    else {
      cursor.expect('WITHOUT', 'ROWID')
      found.withoutRowid = true
    }
    cursor.takeSymbol(',')
  }
  return found
}

function column(cursor: Cursor, constraints: ParsedConstraint[]): ParsedColumn {
  const result: Writable<ParsedColumn> = { name: cursor.name(), type: '', notNull: false, autoincrement: false }
  result.type = type(cursor)
  let name: string | undefined
  const push = (constraint: ParsedConstraint): void => {
    constraints.push(name === undefined ? constraint : { ...constraint, name })
  }
  for (;;) {
    if (cursor.take('CONSTRAINT')) {
      name = cursor.name()
      continue
    }
    if (cursor.take('NULL')) conflict(cursor)
    else if (cursor.take('NOT', 'NULL')) {
      result.notNull = true
      result.notNullConflict = conflict(cursor)
    } else if (cursor.take('PRIMARY', 'KEY')) {
      const inlineDescending = cursor.take('DESC')
      cursor.take('ASC')
      push({
        kind: 'primaryKey',
        keys: [{ column: result.name }],
        onConflict: conflict(cursor),
        inlineDescending,
      })
      result.autoincrement = cursor.take('AUTOINCREMENT')
    } else if (cursor.take('UNIQUE'))
      push({ kind: 'unique', keys: [{ column: result.name }], onConflict: conflict(cursor) })
    else if (cursor.take('CHECK')) {
      push({ kind: 'check', tokens: cursor.parenthesized(), inline: result.name })
      conflict(cursor)
    } else if (cursor.take('DEFAULT')) result.default = defaultValue(cursor)
    else if (cursor.take('COLLATE')) result.collation = collationName(cursor.next())
    else if (cursor.is('REFERENCES')) push({ ...references(cursor, [result.name]), inline: result.name })
    else if (cursor.take('GENERATED', 'ALWAYS', 'AS') || cursor.take('AS')) result.generated = generated(cursor)
    else return result
    name = undefined
  }
}

/** `varying character (20)` becomes `varying character(20)`. */
function type(cursor: Cursor): string {
  const words: string[] = []
  for (;;) {
    const token = cursor.peek()
    if (token === undefined || token.kind === 'symbol' || columnConstraintWords.has(wordOf(token) ?? '')) break
    words.push(nameOf(cursor.next()))
  }
  const size = words.length > 0 && cursor.isSymbol('(') ? `(${texts(cursor.parenthesized())})` : ''
  return fold(words.join(' ').trim().replaceAll(/\s+/g, ' ') + size)
}

function texts(tokens: readonly Token[]): string {
  return tokens.map((token) => token.text).join('')
}

function defaultValue(cursor: Cursor): NonNullable<ParsedColumn['default']> {
  if (cursor.isSymbol('(')) return { tokens: cursor.parenthesized(), parenthesized: true }
  const first = cursor.next()
  const isSign = first.kind === 'symbol' && (first.text === '-' || first.text === '+')
  return { tokens: isSign ? [first, cursor.next()] : [first], parenthesized: false }
}

function generated(cursor: Cursor): NonNullable<ParsedColumn['generated']> {
  const tokens = cursor.parenthesized()
  const stored = cursor.take('STORED')
  if (!stored) cursor.take('VIRTUAL')
  return { tokens, kind: stored ? 'stored' : 'virtual' }
}

/** Reads `ON CONFLICT …`; undefined without one, and for the default clause. */
function conflict(cursor: Cursor): ConflictClause | undefined {
  if (!cursor.take('ON', 'CONFLICT')) return undefined
  const clause = cursor.name().toUpperCase()
  return conflictClauses.find((known) => known === clause)
}

/** Empty for a `CONSTRAINT name` without a constraint, which SQLite accepts. */
function tableConstraint(cursor: Cursor): ParsedConstraint[] {
  let name: string | undefined
  while (cursor.take('CONSTRAINT')) name = cursor.name()
  if (cursor.take('CHECK')) {
    const tokens = cursor.parenthesized()
    conflict(cursor)
    return [{ kind: 'check', name, tokens }]
  }
  if (cursor.take('FOREIGN', 'KEY')) return [{ ...references(cursor, names(cursor)), name }]
  const kind = cursor.take('PRIMARY', 'KEY') ? 'primaryKey' : cursor.take('UNIQUE') ? 'unique' : undefined
  if (kind === undefined) return []
  const keys = keyList(cursor)
  return [{ kind, name, keys, onConflict: conflict(cursor) }]
}

/** Reads `("a", "b")`; empty if no parenthesis is next. */
function names(cursor: Cursor): string[] {
  if (!cursor.takeSymbol('(')) return []
  const list: string[] = []
  while (!cursor.takeSymbol(')')) {
    const [first] = cursor.until(isComma)
    if (first !== undefined) list.push(nameOf(first))
    cursor.takeSymbol(',')
  }
  return list
}

interface AutoKey extends ParsedKey {
  readonly autoincrement?: true
}

function keyList(cursor: Cursor): AutoKey[] {
  const keys: AutoKey[] = []
  cursor.expectSymbol('(')
  while (!cursor.takeSymbol(')')) {
    const tokens = cursor.until(isComma)
    const first = tokens.find((token) => token.kind !== 'symbol')
    const collation = tokens[tokens.findIndex((token) => wordOf(token) === 'COLLATE') + 1]
    if (first !== undefined) {
      keys.push({
        column: nameOf(first),
        collation: collation === undefined || collation === tokens[0] ? undefined : collationName(collation),
        ...(wordOf(tokens.at(-1)) === 'AUTOINCREMENT' && { autoincrement: true }),
      })
    }
    cursor.takeSymbol(',')
  }
  return keys
}

function references(cursor: Cursor, columns: readonly string[]): ForeignKeyClause {
  cursor.expect('REFERENCES')
  const clause: ForeignKeyClause = {
    kind: 'foreignKey',
    columns,
    table: cursor.name(),
    references: names(cursor),
    onDelete: 'NO ACTION',
    onUpdate: 'NO ACTION',
  }
  for (;;) {
    if (cursor.take('ON', 'DELETE')) clause.onDelete = action(cursor)
    else if (cursor.take('ON', 'UPDATE')) clause.onUpdate = action(cursor)
    else if (cursor.take('ON', 'INSERT')) action(cursor)
    else if (cursor.take('MATCH')) {
      if (cursor.name().toUpperCase() === 'FULL') clause.match = 'FULL'
    } else if (cursor.take('NOT', 'DEFERRABLE')) initially(cursor)
    else if (cursor.take('DEFERRABLE')) clause.deferrable = initially(cursor)
    else return clause
  }
}

function action(cursor: Cursor): ReferentialAction {
  if (cursor.take('SET', 'NULL')) return 'SET NULL'
  if (cursor.take('SET', 'DEFAULT')) return 'SET DEFAULT'
  if (cursor.take('CASCADE')) return 'CASCADE'
  if (cursor.take('RESTRICT')) return 'RESTRICT'
  cursor.expect('NO', 'ACTION')
  return 'NO ACTION'
}

function initially(cursor: Cursor): Deferrable {
  if (cursor.take('INITIALLY', 'DEFERRED')) return 'initially deferred'
  cursor.take('INITIALLY', 'IMMEDIATE')
  return 'initially immediate'
}

/** `PRIMARY KEY ("id" AUTOINCREMENT)` is the same as AUTOINCREMENT in the column. */
function withKeyAutoincrement(table: ParsedTable): ParsedTable {
  const [key] = table.constraints.flatMap((item) =>
    item.kind === 'primaryKey' ? (item.keys as readonly AutoKey[]) : [],
  )
  if (key?.autoincrement !== true) return table
  const columns = table.columns.map((item) =>
    fold(item.name) === fold(key.column) ? { ...item, autoincrement: true } : item,
  )
  return { ...table, columns }
}
