import { type ColumnsOf, type EffectsReader, type Loss, type StatementEffects, unknownEffects } from '../effects'
import { AludelError } from '../../errors'
import { shortSql } from '../text'
import { readDelete, readInsert, readUpdate, type Policy, type SetClause } from './changes'
import { type Copy, readCopy } from './copy'
import { Cursor, type QualifiedName } from './cursor'
import { isGenerated, readDefinition } from './definition'
import { unknownCall } from './functions'
import { readPragma } from './pragmas'
import { statementsIn } from './statements'
import { displayName, type KnownTable, Tables } from './tables'
import { fold, nameOf, type Token, wordOf } from './tokens'
import { takesTransaction } from './transaction'
import { readTrigger, type TriggerEvent, Triggers } from './triggers'

/**
 * A reader of what SQLite statements do. Values that a plan has copied to another table are kept, whatever its name; the
 * docstrings of `copy.ts` say what counts as a copy. The text of a statement does not tell, and is not asked, what the
 * triggers do that the database had before, which rows a foreign key deletes with those of its parent (a run has foreign
 * keys off), and that a constraint of an older table may be `ON CONFLICT REPLACE`.
 *
 * SQLite locks the file and no table, so `locks` is empty. `rewrites` are tables that a plan rebuilds, not what VACUUM
 * writes anew: all of them.
 *
 * @example
 * const reader = sqliteEffects((table) => (table === 'a' ? ['id', 'gone'] : undefined))
 * reader.read('CREATE TABLE new_a (id integer)')
 * reader.read('INSERT INTO new_a (id) SELECT id FROM a').destroys // []
 * reader.read('DROP TABLE a').destroys // [{ text: 'values of a.gone', table: 'a' }]
 */
export function sqliteEffects(columnsOf: ColumnsOf): EffectsReader {
  return new SqliteReader(columnsOf)
}

/** What one statement does, where it is not nothing. */
interface Found extends Partial<StatementEffects> {
  readonly does: string
}

const nothing = {
  reads: false,
  writes: false,
  destroys: [],
  locks: [],
  rewrites: [],
  transactional: true,
  unknown: null,
} as const

/** What is known at one point of a plan. */
interface State {
  readonly tables: Tables
  readonly triggers: Triggers
}

class SqliteReader implements EffectsReader {
  #state: State
  /** The state before the transaction and at each savepoint in it, for what takes back what came after. */
  #points: { readonly name: string | undefined; readonly state: State }[] = []
  /** Events whose triggers are being read: one that fires itself is read once. */
  readonly #firing = new Set<string>()

  constructor(columnsOf: ColumnsOf) {
    this.#state = { tables: new Tables(columnsOf), triggers: new Triggers() }
  }

  read(sql: string): StatementEffects {
    try {
      return sumOf(statementsIn(sql).map((tokens) => this.#readOne(sql, tokens)))
    } catch (error) {
      return unknownEffects(shortSql(sql, 60), `cannot be read: ${shortSql(String(error))}`)
    }
  }

  #readOne(sql: string, tokens: readonly Token[]): StatementEffects {
    const text = sql.slice(tokens[0]?.start, tokens.at(-1)?.end)
    const transactional = takesTransaction(sql, tokens)
    try {
      return { ...nothing, ...this.#statement(new Cursor(sql, tokens), tokens), transactional }
    } catch (error) {
      const reason = `cannot be read: ${shortSql(text)}`
      if (!(error instanceof AludelError)) throw error
      return { ...unknownEffects(shortSql(text, 60), reason), transactional }
    }
  }

  #statement(cursor: Cursor, tokens: readonly Token[]): Found {
    switch (wordOf(cursor.peek())) {
      case 'SELECT':
      case 'VALUES':
        return this.#query(cursor.rest())
      case 'WITH':
        return this.#with(cursor, tokens)
      case 'INSERT':
      case 'REPLACE':
      case 'UPDATE':
      case 'DELETE':
        return this.#change(cursor, tokens)
      case 'CREATE':
        return this.#create(cursor)
      case 'DROP':
        return this.#drop(cursor)
      case 'ALTER':
        return this.#alter(cursor)
      case 'EXPLAIN':
        return this.#explain(cursor, tokens)
      case 'PRAGMA':
        return this.#pragma(cursor)
      case 'VACUUM':
        return vacuum(cursor)
      case 'ANALYZE':
      case 'REINDEX':
        return { does: words(tokens), writes: true }
      case 'ATTACH':
      case 'DETACH':
        return { does: words(tokens), ...this.#calls(tokens) }
      default:
        return this.#transaction(cursor, tokens)
    }
  }

  #query(tokens: readonly Token[]): Found {
    const does = wordOf(tokens[0]) === 'VALUES' ? 'values' : 'select'
    const unknown = this.#calls(tokens)
    return unknown === undefined ? { does, reads: true } : { does, ...unknown }
  }

  /** What makes the effects unknown where an unknown function is called. */
  #calls(tokens: readonly Token[]): Pick<StatementEffects, 'writes' | 'destroys' | 'unknown'> | undefined {
    const call = unknownCall(tokens)
    if (call === undefined) return undefined
    const { writes, destroys, unknown } = unknownEffects('', `calls a function that is not known: ${call}()`)
    return { writes, destroys, unknown }
  }

  #with(cursor: Cursor, tokens: readonly Token[]): Found {
    cursor.until((token) => ['SELECT', 'VALUES', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE'].includes(wordOf(token) ?? ''))
    const main = cursor.peek()
    const isQuery = main === undefined || ['SELECT', 'VALUES'].includes(wordOf(main) ?? '')
    return isQuery ? { ...this.#query(tokens), does: 'select' } : this.#change(cursor, tokens, { hasWith: true })
  }

  /** INSERT, REPLACE, UPDATE, DELETE. */
  #change(
    cursor: Cursor,
    tokens: readonly Token[],
    { hasWith = false, policy: outer }: { readonly hasWith?: boolean; readonly policy?: Policy | undefined } = {},
  ): Found {
    const verb = wordOf(cursor.peek())
    const found =
      verb === 'UPDATE'
        ? this.#update(cursor, outer)
        : verb === 'DELETE'
          ? this.#delete(cursor)
          : this.#insert(cursor, hasWith, outer)
    const calls = this.#calls(withoutTarget(tokens))
    return {
      ...found,
      writes: true,
      ...(calls && { ...calls, destroys: [...(found.destroys ?? []), ...calls.destroys] }),
    }
  }

  #insert(cursor: Cursor, hasWith: boolean, outer: Policy | undefined): Found {
    const { target, policy: own, columns, body, upserts } = readInsert(cursor)
    const schema = this.#schemaItself(target)
    if (schema !== undefined) return schema
    const { tables, triggers } = this.#state
    const table = tables.find(target)
    const name = shown(table)
    const does = `insert into ${name}`
    if (isCommand(table, columns)) return unknownEffects(does, `a command of the full-text search: ${does}`)
    const policy = outer ?? own ?? (isMade(table) && table.hasConflictClause ? 'REPLACE' : undefined)
    const stops =
      policy === 'ABORT' || policy === 'FAIL' || policy === 'ROLLBACK' || (policy === undefined && isMade(table))
    const copy = hasWith || upserts.length > 0 ? undefined : readCopy(cursor.sql, body)
    const destroys = [
      ...(policy === 'REPLACE' ? tables.loseRows(table, (of) => `old rows of ${of} with the same key`) : []),
      ...upserts.flatMap((set) => this.#set(table, set)),
    ]
    const isKept =
      table.made === 'table' && stops && triggers.on(table.key, 'INSERT').length === 0 && this.#firing.size === 0
    if (isKept && copy !== undefined) tables.keepCopy(table, columns, tables.find(copy.source), copy)
    const events: TriggerEvent[] = [
      'INSERT',
      ...(upserts.length > 0 ? ['UPDATE' as const] : []),
      ...(policy === 'REPLACE' ? ['DELETE' as const] : []),
    ]
    const fired = this.#fire(table, events, policy)
    return this.#sum(
      { does, destroys, rewrites: isKept && copy !== undefined && tables.isRebuilt(table) ? [name] : [] },
      fired,
    )
  }

  #update(cursor: Cursor, outer: Policy | undefined): Found {
    const { target, policy: own, set } = readUpdate(cursor)
    const schema = this.#schemaItself(target)
    if (schema !== undefined) return schema
    const { tables } = this.#state
    const table = tables.find(target)
    const policy = outer ?? own ?? (isMade(table) && table.hasConflictClause ? 'REPLACE' : undefined)
    const destroys = [
      ...this.#set(table, set),
      ...(policy === 'REPLACE' ? tables.loseRows(table, (of) => `old rows of ${of} with the same key`) : []),
    ]
    const fired = this.#fire(table, policy === 'REPLACE' ? ['UPDATE', 'DELETE'] : ['UPDATE'], policy)
    return this.#sum({ does: `update ${shown(table)}`, destroys }, fired)
  }

  /** Where a column is set only in rows that have NULL there, nothing is lost. */
  #set(table: KnownTable, { columns, gaps }: SetClause): Loss[] {
    const changed = columns.filter((column) => !gaps.has(fold(column)))
    return changed.flatMap((column) => this.#state.tables.loseColumn(table, column, 'old values'))
  }

  #delete(cursor: Cursor): Found {
    const { target, isPartial } = readDelete(cursor)
    const schema = this.#schemaItself(target)
    if (schema !== undefined) return schema
    const table = this.#state.tables.find(target)
    const destroys = this.#state.tables.loseRows(table, (of) => `${isPartial ? 'some' : 'all'} rows of ${of}`)
    return this.#sum({ does: `delete from ${shown(table)}`, destroys }, this.#fire(table, ['DELETE'], undefined))
  }

  /** `PRAGMA writable_schema` makes this possible. */
  #schemaItself({ name }: QualifiedName): Found | undefined {
    if (!/^sqlite_(?:temp_)?(?:master|schema)$/i.test(name)) return undefined
    return unknownEffects(`write to ${name}`, `writes to the schema itself: ${name}`)
  }

  /**
   * What the triggers do that earlier statements have created.
   *
   * @param policy of the statement that fires them: it takes the place of theirs, https://sqlite.org/lang_createtrigger.html
   */
  #fire(table: KnownTable, events: readonly TriggerEvent[], policy: Policy | undefined): Found[] {
    return events.flatMap((event) => {
      const key = `${event} ${table.key}`
      if (this.#firing.has(key)) return []
      this.#firing.add(key)
      try {
        return this.#state.triggers.on(table.key, event).flatMap(({ body, sql }) =>
          body.map((tokens) => {
            const cursor = new Cursor(sql, tokens)
            const word = wordOf(cursor.peek())
            const isQuery = word === 'SELECT' || word === 'VALUES' || word === 'WITH'
            return isQuery ? this.#statement(cursor, tokens) : this.#change(cursor, tokens, { policy })
          }),
        )
      } finally {
        this.#firing.delete(key)
      }
    })
  }

  #sum(own: Found, fired: readonly Found[]): Found {
    if (fired.length === 0) return own
    const unknown = fired.flatMap((found) => found.unknown ?? [])
    const destroys = [own, ...fired].flatMap((found) => found.destroys ?? [])
    return { ...own, destroys, ...(unknown[0] !== undefined && { unknown: unknown[0] }) }
  }

  #create(cursor: Cursor): Found {
    cursor.expect('CREATE')
    const isTemporary = cursor.take('TEMP') || cursor.take('TEMPORARY')
    if (cursor.take('TABLE')) return this.#createTable(cursor, isTemporary)
    if (cursor.take('VIRTUAL', 'TABLE')) return this.#createVirtual(cursor)
    if (cursor.take('VIEW')) return this.#createView(cursor, isTemporary)
    if (cursor.take('TRIGGER')) return this.#createTrigger(cursor, isTemporary)
    const unique = cursor.take('UNIQUE') ? 'unique ' : ''
    cursor.expect('INDEX')
    cursor.take('IF', 'NOT', 'EXISTS')
    const index = cursor.qualifiedName()
    cursor.expect('ON')
    const does = `create ${unique}index ${index.name} on ${written({ ...index, name: cursor.name() })}`
    return { does, writes: true, ...this.#calls(cursor.rest()) }
  }

  #createTable(cursor: Cursor, isTemporary: boolean): Found {
    const { tables } = this.#state
    const isConditional = cursor.take('IF', 'NOT', 'EXISTS')
    const { schema, name } = placed(cursor.qualifiedName(), isTemporary)
    const does = `create table ${displayName(schema, name)}`
    // Where it may have been there before, its rows are not those of the plan.
    const isCertain = !isConditional || tables.isFree({ schema, name })
    if (!cursor.take('AS')) {
      const { columns, hasConflictClause } = readDefinition(cursor)
      if (isCertain) tables.create(schema, name, 'table', columns, hasConflictClause)
      return { does, writes: true }
    }
    const query = cursor.rest()
    const copy = readCopy(cursor.sql, query)
    const source = copy === undefined ? undefined : tables.find(copy.source)
    if (isCertain) {
      const table = tables.create(schema, name, 'table', undefined, false)
      if (copy !== undefined && source !== undefined) setAside(tables, table, source, copy)
    }
    return { does, writes: true, ...this.#calls(query) }
  }

  #createVirtual(cursor: Cursor): Found {
    const isConditional = cursor.take('IF', 'NOT', 'EXISTS')
    const { schema, name } = placed(cursor.qualifiedName(), false)
    cursor.expect('USING')
    const module = fold(cursor.name())
    const does = `create virtual table ${displayName(schema, name)}`
    if (!modules.has(module)) return unknownEffects(does, `uses a module that is not known: ${module}`)
    if (!isConditional || this.#state.tables.isFree({ schema, name })) {
      this.#state.tables.create(schema, name, 'virtual', undefined, false)
    }
    return { does, writes: true }
  }

  #createView(cursor: Cursor, isTemporary: boolean): Found {
    const isConditional = cursor.take('IF', 'NOT', 'EXISTS')
    const { schema, name } = placed(cursor.qualifiedName(), isTemporary)
    // It may hide a table of that name, whose rows are then not what is copied.
    if (!isConditional) this.#state.tables.create(schema, name, 'view', undefined, false)
    return { does: `create view ${displayName(schema, name)}`, writes: true }
  }

  #createTrigger(cursor: Cursor, isTemporary: boolean): Found {
    const { name, table, event, body } = readTrigger(cursor)
    const { schema } = placed(name, isTemporary)
    const on = schema === 'temp' ? table : { schema, ...table }
    const { key } = this.#state.tables.find(on)
    this.#state.triggers.add(`${schema}.${fold(name.name)}`, { table: key, event, body, sql: cursor.sql })
    return { does: `create trigger ${written(name)} on ${written(table)}`, writes: true }
  }

  #drop(cursor: Cursor): Found {
    cursor.expect('DROP')
    const kind = (['TABLE', 'VIEW', 'INDEX', 'TRIGGER'] as const).find((word) => cursor.take(word))
    if (kind === undefined) cursor.expect('TABLE')
    const isConditional = cursor.take('IF', 'EXISTS')
    const name = cursor.qualifiedName()
    const does = `drop ${(kind ?? '').toLowerCase()} ${written(name)}`
    const { tables, triggers } = this.#state
    if (kind === 'TRIGGER') {
      const folded = fold(name.name)
      triggers.drop(
        ...(name.schema === undefined ? [`temp.${folded}`, `main.${folded}`] : [`${fold(name.schema)}.${folded}`]),
      )
    }
    if (kind === 'INDEX' || kind === 'TRIGGER' || (isConditional && tables.isFree(name))) return { does, writes: true }
    const table = tables.find(name)
    const destroys = kind === 'TABLE' ? tables.loseAll(table) : []
    tables.drop(table)
    triggers.follow(table.key, undefined)
    return { does, writes: true, destroys }
  }

  #alter(cursor: Cursor): Found {
    cursor.expect('ALTER', 'TABLE')
    const { tables, triggers } = this.#state
    const name = cursor.qualifiedName()
    const table = tables.find(name)
    const of = shown(table)
    if (cursor.take('RENAME', 'TO')) {
      const [to, before] = [cursor.name(), table.key]
      tables.rename(table, to)
      triggers.follow(before, table.key)
      return {
        does: `rename table ${of} to ${to}`,
        writes: true,
        rewrites: tables.isRebuilt(table) ? [shown(table)] : [],
      }
    }
    if (cursor.take('RENAME')) {
      cursor.take('COLUMN')
      const from = cursor.name()
      cursor.expect('TO')
      const to = cursor.name()
      tables.renameColumn(table, from, to)
      return { does: `rename column ${of}.${from} to ${to}`, writes: true }
    }
    const verb = (['ADD', 'DROP', 'ALTER'] as const).find((word) => cursor.take(word))
    if (verb === undefined) cursor.expect('RENAME')
    const isColumn = cursor.take('COLUMN')
    // Constraints come and go, and no value with them: https://sqlite.org/lang_altertable.html
    if (verb === 'ALTER' || (!isColumn && (cursor.is('CONSTRAINT') || cursor.is('CHECK'))))
      return { does: `alter table ${of}`, writes: true }
    const column = cursor.name()
    if (verb === 'ADD') {
      tables.addColumn(table, column, !isGenerated(cursor.rest()))
      return { does: `add column ${of}.${column}`, writes: true }
    }
    const destroys = tables.loseColumn(table, column, 'values')
    tables.dropColumn(table, column)
    return { does: `drop column ${of}.${column}`, writes: true, destroys }
  }

  #explain(cursor: Cursor, tokens: readonly Token[]): Found {
    cursor.expect('EXPLAIN')
    cursor.take('QUERY', 'PLAN')
    // SQLite may execute a pragma even behind EXPLAIN: https://sqlite.org/pragma.html
    return cursor.is('PRAGMA') ? this.#pragma(cursor) : { does: words(tokens.slice(0, 1)), reads: true }
  }

  #pragma(cursor: Cursor): Found {
    cursor.expect('PRAGMA')
    const { name, kind, sets } = readPragma(cursor)
    const does = `pragma ${name}`
    if (name === 'foreign_keys' && sets) this.#state.tables.switchForeignKeys()
    if (kind === 'unknown') return unknownEffects(does, `a pragma that is not known to do no harm: ${name}`)
    return { does, reads: kind === 'reads', writes: kind === 'writes' }
  }

  /** BEGIN, COMMIT, SAVEPOINT and the like; what is nothing of all that is not known. */
  #transaction(cursor: Cursor, tokens: readonly Token[]): Found {
    const does = words(tokens)
    if (cursor.take('BEGIN')) {
      this.#points = [{ name: undefined, state: copyOf(this.#state) }]
      return { does }
    }
    if (cursor.take('COMMIT') || cursor.take('END')) {
      this.#points = []
      return { does }
    }
    if (cursor.take('SAVEPOINT')) {
      this.#points.push({ name: fold(cursor.name()), state: copyOf(this.#state) })
      return { does }
    }
    if (cursor.take('RELEASE')) {
      cursor.take('SAVEPOINT')
      const at = this.#pointOf(fold(cursor.name()))
      if (at >= 0) this.#points.length = at
      return { does }
    }
    if (!cursor.take('ROLLBACK'))
      return unknownEffects(shortSql(does, 60), `a statement that is not known: ${shortSql(does, 60)}`)
    cursor.take('TRANSACTION')
    const isPartial = cursor.take('TO')
    cursor.take('SAVEPOINT')
    const at = isPartial ? this.#pointOf(fold(cursor.name())) : this.#points.findIndex(({ name }) => name === undefined)
    const point = this.#points[at]
    // Nobody has seen where that began: nothing that the plan has done is certain.
    this.#state =
      point === undefined
        ? { tables: new Tables(() => undefined), triggers: this.#state.triggers }
        : copyOf(point.state)
    this.#points.length = isPartial ? at + 1 : 0
    return { does }
  }

  #pointOf(name: string): number {
    return this.#points.findLastIndex((point) => point.name === name)
  }
}

/** The modules of SQLite itself. */
const modules = new Set('fts3 fts4 fts5 fts3tokenize fts4aux fts5vocab rtree rtree_i32 geopoly dbstat'.split(' '))

function vacuum(cursor: Cursor): Found {
  // `VACUUM INTO` writes a file of its own, and none that is there: https://sqlite.org/lang_vacuum.html
  const into = cursor.rest().some((token) => wordOf(token) === 'INTO')
  return { does: into ? 'vacuum into' : 'vacuum', writes: !into }
}

function sumOf(all: readonly StatementEffects[]): StatementEffects {
  const [only] = all
  if (all.length === 1 && only !== undefined) return only
  const unknown = [...new Set(all.flatMap((one) => one.unknown ?? []))]
  return {
    does: all.length === 0 ? 'nothing' : [...new Set(all.map(({ does }) => does))].join('; '),
    reads: all.length > 0 && all.every(({ reads }) => reads),
    writes: all.some(({ writes }) => writes),
    destroys: all.flatMap(({ destroys }) => destroys),
    locks: [],
    rewrites: [...new Set(all.flatMap(({ rewrites }) => rewrites))],
    transactional: all.every(({ transactional }) => transactional),
    unknown: unknown.length === 0 ? null : unknown.join('; '),
  }
}

/** Rows that wait in a table of the plan's own, whose columns are named by the query. */
function setAside(tables: Tables, table: KnownTable, source: KnownTable, copy: Copy): void {
  if (copy.columns.length === 1 && copy.columns[0] === '*') {
    tables.keepAll(table, source, copy)
    return
  }
  const seen = new Set<string>()
  const columns = copy.columns.map((column) => {
    if (column === '*') return column
    const name = column.name === undefined || seen.has(fold(column.name)) ? undefined : fold(column.name)
    if (name !== undefined) seen.add(name)
    // What SQLite calls it is not known, so it cannot be seen when it goes.
    return { name, kept: name === undefined ? undefined : column.kept }
  })
  table.columns = copy.columns.map((column) => (column === '*' ? '' : (column.name ?? '')))
  tables.keepCopy(table, undefined, source, { ...copy, columns })
}

function copyOf({ tables, triggers }: State): State {
  return { tables: tables.copy(), triggers: triggers.copy() }
}

function isMade(table: KnownTable): boolean {
  return table.made === 'table'
}

/** `INSERT INTO search (search) VALUES ('delete-all')`: a full-text table takes commands in a column of its own name. */
function isCommand(table: KnownTable, columns: readonly string[] | undefined): boolean {
  const name = fold(table.name)
  if (table.made !== false || columns?.some((column) => fold(column) === name) !== true) return false
  return table.columns?.some((column) => fold(column) === name) !== true
}

/** The tokens of a change without the list of columns behind its table, which looks like a call. */
function withoutTarget(tokens: readonly Token[]): readonly Token[] {
  const at = tokens.findIndex((token) => wordOf(token) === 'INTO')
  if (at === -1) return tokens
  const behind = tokens[at + 2]?.text === '.' ? at + 4 : at + 2
  return [...tokens.slice(0, at + 1), ...tokens.slice(behind)]
}

function placed(
  { schema, name }: QualifiedName,
  isTemporary: boolean,
): { readonly schema: string; readonly name: string } {
  return { schema: isTemporary ? 'temp' : fold(schema ?? 'main'), name }
}

function written({ schema, name }: QualifiedName): string {
  return displayName(fold(schema ?? 'main'), name)
}

function shown(table: KnownTable): string {
  return displayName(table.schema, table.name)
}

/** A short statement in lower case, as it is. */
function words(tokens: readonly Token[]): string {
  return shortSql(tokens.map((token) => wordOf(token)?.toLowerCase() ?? nameOf(token)).join(' '), 60)
}
