import { AludelError } from '../../errors'
import { addDoes, type ColumnsOf, type EffectsReader, type StatementEffects, unknownEffects } from '../effects'
import { shortSql } from '../text'
import { ChangeEffects } from './change-effects'
import { Cursor } from './cursor'
import { callsOf, copyOf, type Found, type State, words } from './found'
import { readPragma } from './pragmas'
import { rebuildSavepoint } from './rebuild-names'
import { alterEffects, createEffects, dropEffects } from './schema-effects'
import { statementsIn } from './statements'
import { Tables, type Whereabouts } from './tables'
import { fold, type Token, wordOf } from './tokens'
import { takesTransaction } from './transaction'
import { Triggers } from './triggers'

/**
 * Creates a reader of what SQLite statements do. Values that a plan has copied to another table are kept, whatever its
 * name; see `readCopy`. Not considered, because the text does not show it: existing triggers, rows that a foreign key
 * deletes with those of its parent (a run turns foreign keys off), `ON CONFLICT REPLACE` in constraints of existing tables.
 *
 * SQLite locks the file and no table, so `locks` is empty. `rewrites` contains the tables that a plan rebuilds; VACUUM
 * rewrites all tables and reports none.
 *
 * @example
 * const reader = sqliteEffects((table) => (table === 'a' ? ['id', 'gone'] : undefined))
 * reader.read('CREATE TABLE new_a (id integer)')
 * reader.read('INSERT INTO new_a (id) SELECT id FROM a').destroys // []
 * reader.read('DROP TABLE a').destroys // [{ text: 'values of a.gone', table: 'a' }]
 */
export function sqliteEffects(columnsOf: ColumnsOf): SqliteEffectsReader {
  return new SqliteReader(columnsOf)
}

/** It also knows where rows are that existed before the first statement. */
export interface SqliteEffectsReader extends EffectsReader {
  /**
   * Every table of the main database that has rows of one of these tables, which existed before the first statement; themselves
   * among them.
   */
  whereabouts(tables: readonly string[]): readonly Whereabouts[]
}

const nothing = {
  reads: false,
  writes: false,
  destroys: [],
  locks: [],
  rewrites: [],
  absent: [],
  transactional: true,
  unknown: null,
} as const

class SqliteReader implements SqliteEffectsReader {
  #state: State
  /** The state before the transaction and at each savepoint in it, for ROLLBACK. */
  #points: { readonly name: string | undefined; readonly state: State }[] = []

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

  whereabouts(tables: readonly string[]): readonly Whereabouts[] {
    return this.#state.tables.whereabouts(tables)
  }

  #readOne(sql: string, tokens: readonly Token[]): StatementEffects {
    const text = sql.slice(tokens[0]?.start, tokens.at(-1)?.end)
    const transactional = takesTransaction(sql, tokens)
    const wasInRebuild = this.#isInRebuild()
    try {
      const found = this.#statement(new Cursor(sql, tokens), tokens)
      const isPart = (wasInRebuild || this.#isInRebuild()) && isRebuildStep(tokens)
      return { ...nothing, ...found, ...(isPart && { does: '' }), transactional }
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
        return new ChangeEffects(this.#state).read(cursor, tokens)
      case 'CREATE':
        return createEffects(this.#state, cursor)
      case 'DROP':
        return dropEffects(this.#state, cursor)
      case 'ALTER':
        return alterEffects(this.#state, cursor)
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
        return { does: words(tokens), ...callsOf(tokens) }
      case 'DETACH':
        return this.#detach(cursor, tokens)
      default:
        return this.#transaction(cursor, tokens)
    }
  }

  #query(tokens: readonly Token[]): Found {
    const does = wordOf(tokens[0]) === 'VALUES' ? 'values' : 'select'
    const unknown = callsOf(tokens)
    return unknown === undefined ? { does, reads: true } : { does, ...unknown }
  }

  #with(cursor: Cursor, tokens: readonly Token[]): Found {
    cursor.until((token) => ['SELECT', 'VALUES', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE'].includes(wordOf(token) ?? ''))
    const main = cursor.peek()
    const isQuery = main === undefined || ['SELECT', 'VALUES'].includes(wordOf(main) ?? '')
    return isQuery
      ? { ...this.#query(tokens), does: 'select' }
      : new ChangeEffects(this.#state).read(cursor, tokens, { hasWith: true })
  }

  #detach(cursor: Cursor, tokens: readonly Token[]): Found {
    cursor.expect('DETACH')
    cursor.take('DATABASE')
    this.#state.tables.forget(cursor.name())
    return { does: words(tokens) }
  }

  #explain(cursor: Cursor, tokens: readonly Token[]): Found {
    cursor.expect('EXPLAIN')
    cursor.take('QUERY', 'PLAN')
    // SQLite may execute a pragma even after EXPLAIN: https://sqlite.org/pragma.html
    return cursor.is('PRAGMA') ? this.#pragma(cursor) : { does: words(tokens.slice(0, 1)), reads: true }
  }

  #pragma(cursor: Cursor): Found {
    cursor.expect('PRAGMA')
    const { name, kind, sets } = readPragma(cursor)
    const does = `pragma ${name}`
    // It drops the temporary tables, so their names may mean other tables now.
    if (name.startsWith('temp_store') && sets) this.#state.tables.forget('temp')
    if (name === 'foreign_keys' && sets) this.#state.tables.switchForeignKeys()
    if (kind === 'unknown') return unknownEffects(does, `a pragma that is not known to do no harm: ${name}`)
    return { does, reads: kind === 'reads', writes: kind === 'writes' }
  }

  /** BEGIN, COMMIT, SAVEPOINT and the like; any other statement is unknown. */
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
    // The plan did not begin it, so nothing that the plan has done is certain.
    this.#state =
      point === undefined
        ? { tables: new Tables(() => undefined), triggers: this.#state.triggers }
        : copyOf(point.state)
    this.#points.length = isPartial ? at + 1 : 0
    return { does }
  }

  #isInRebuild(): boolean {
    return this.#pointOf(rebuildSavepoint) >= 0
  }

  #pointOf(name: string): number {
    return this.#points.findLastIndex((point) => point.name === name)
  }
}

/** True for the statements of a rebuild that the tool writes, apart from the one that gives the new table its name. */
function isRebuildStep(tokens: readonly Token[]): boolean {
  const [first, second] = [wordOf(tokens[0]) ?? '', wordOf(tokens[1])]
  if (first === 'CREATE' || first === 'DROP') return second === 'TABLE'
  return ['SAVEPOINT', 'RELEASE', 'INSERT', 'PRAGMA', 'SELECT'].includes(first)
}

function vacuum(cursor: Cursor): Found {
  // `VACUUM INTO` writes a new file, and overwrites none: https://sqlite.org/lang_vacuum.html
  const into = cursor.rest().some((token) => wordOf(token) === 'INTO')
  return { does: into ? 'vacuum into' : 'vacuum', writes: !into }
}

function sumOf(all: readonly StatementEffects[]): StatementEffects {
  const [only] = all
  if (all.length === 1 && only !== undefined) return only
  const unknown = [...new Set(all.flatMap((one) => one.unknown ?? []))]
  const does = new Set<string>()
  const instead = [...new Set(all.flatMap((one) => one.instead ?? []))]
  for (const one of all) addDoes(does, one)
  return {
    does: all.length === 0 ? 'nothing' : [...does].join('; '),
    ...(instead.length > 0 && { instead }),
    reads: all.length > 0 && all.every(({ reads }) => reads),
    writes: all.some(({ writes }) => writes),
    destroys: all.flatMap(({ destroys }) => destroys),
    locks: [],
    rewrites: [...new Set(all.flatMap(({ rewrites }) => rewrites))],
    absent: [...new Set(all.flatMap(({ absent }) => absent))],
    transactional: all.every(({ transactional }) => transactional),
    unknown: unknown.length === 0 ? null : unknown.join('; '),
  }
}
