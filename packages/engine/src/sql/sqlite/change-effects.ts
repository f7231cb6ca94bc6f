import { type Loss, unknownEffects } from '../effects'
import type { WrittenName } from '../reader'
import { readDelete, readInsert, readUpdate, type Policy, type SetClause } from './changes'
import { readCopy } from './copy'
import { Cursor } from './cursor'
import { callsOf, type Found, type State } from './found'
import { displayName, type KnownTable } from './tables'
import { fold, type Token, wordOf } from './tokens'
import type { TriggerEvent } from './triggers'

/** What INSERT, UPDATE and DELETE do, and the triggers that they fire. */
export class ChangeEffects {
  /** Events whose triggers are being read: one that fires itself is read once. */
  readonly #firing = new Set<string>()

  constructor(private readonly state: State) {}

  /**
   * @param cursor at INSERT, REPLACE, UPDATE or DELETE
   * @param tokens of the whole statement, with the WITH before it
   * @throws AludelError if it cannot be read
   */
  read(
    cursor: Cursor,
    tokens: readonly Token[],
    { hasWith = false, policy: outer }: { readonly hasWith?: boolean; readonly policy?: Policy } = {},
  ): Found {
    const found = cursor.is('UPDATE')
      ? this.#update(cursor, outer)
      : cursor.is('DELETE')
        ? this.#delete(cursor)
        : this.#insert(cursor, hasWith, outer)
    const calls = callsOf(withoutTarget(tokens))
    return {
      ...found,
      writes: true,
      ...(calls && { ...calls, destroys: [...(found.destroys ?? []), ...calls.destroys] }),
    }
  }

  #insert(cursor: Cursor, hasWith: boolean, outer: Policy | undefined): Found {
    const { target, policy: own, columns, body, upserts } = readInsert(cursor)
    const schema = schemaItself(target)
    if (schema !== undefined) return schema
    const { tables, triggers } = this.state
    const table = tables.find(target)
    const name = displayName(table)
    const does = `insert into ${name}`
    if (isCommand(table, columns)) return unknownEffects(does, `a command of the full-text search: ${does}`)
    const policy = outer ?? own ?? policyOf(table)
    const mayOmitRows = policy === 'IGNORE' || policy === 'REPLACE'
    const copy = hasWith || upserts.length > 0 ? undefined : readCopy(cursor.sql, body)
    const destroys = [...this.#replace(table, policy), ...upserts.flatMap((set) => this.#set(table, set))]
    const isKept =
      table.made === 'table' && !mayOmitRows && triggers.on(table.key, 'INSERT').length === 0 && this.#firing.size === 0
    if (isKept && copy !== undefined) tables.keepCopy(table, columns, tables.find(copy.source), copy)
    const events: TriggerEvent[] = [
      'INSERT',
      ...(upserts.length > 0 ? ['UPDATE' as const] : []),
      ...(policy === 'REPLACE' ? ['DELETE' as const] : []),
    ]
    const fired = this.#fire(table, events, policy)
    return sumOfTriggers(
      { does, destroys, rewrites: isKept && copy !== undefined && tables.isRebuilt(table) ? [name] : [] },
      fired,
    )
  }

  #update(cursor: Cursor, outer: Policy | undefined): Found {
    const { target, policy: own, set } = readUpdate(cursor)
    const schema = schemaItself(target)
    if (schema !== undefined) return schema
    const table = this.state.tables.find(target)
    const policy = outer ?? own ?? policyOf(table)
    const destroys = [...this.#set(table, set), ...this.#replace(table, policy)]
    const fired = this.#fire(table, policy === 'REPLACE' ? ['UPDATE', 'DELETE'] : ['UPDATE'], policy)
    return sumOfTriggers({ does: `update ${displayName(table)}`, destroys }, fired)
  }

  /** To set a column only where it is NULL loses nothing. */
  #set(table: KnownTable, { columns, gaps }: SetClause): Loss[] {
    const changed = columns.filter((column) => !gaps.has(fold(column)))
    return changed.flatMap((column) => this.state.tables.loseColumn(table, column, 'old values'))
  }

  #replace(table: KnownTable, policy: Policy | undefined): Loss[] {
    if (policy !== 'REPLACE') return []
    return this.state.tables.loseRows(table, (of) => `old rows of ${of} with the same key`)
  }

  #delete(cursor: Cursor): Found {
    const { target, isPartial } = readDelete(cursor)
    const schema = schemaItself(target)
    if (schema !== undefined) return schema
    const table = this.state.tables.find(target)
    const destroys = this.state.tables.loseRows(table, (of) => `${isPartial ? 'some' : 'all'} rows of ${of}`)
    return sumOfTriggers(
      { does: `delete from ${displayName(table)}`, destroys },
      this.#fire(table, ['DELETE'], undefined),
    )
  }

  /**
   * What triggers created by earlier statements do.
   *
   * @param policy of the statement that fires them: it replaces theirs, https://sqlite.org/lang_createtrigger.html
   */
  #fire(table: KnownTable, events: readonly TriggerEvent[], policy: Policy | undefined): Found[] {
    return events.flatMap((event) => {
      const key = `${event} ${table.key}`
      if (this.#firing.has(key)) return []
      this.#firing.add(key)
      try {
        return this.state.triggers.on(table.key, event).flatMap(({ body, sql, isRewritten }) => {
          if (isRewritten)
            return [unknownEffects('', `fires a trigger on ${displayName(table)} that names what was renamed`)]
          return body.map((tokens) => {
            const cursor = new Cursor(sql, tokens)
            // In a trigger, only a query can begin with WITH.
            const isQuery = cursor.is('SELECT') || cursor.is('VALUES') || cursor.is('WITH')
            return isQuery ? { does: 'select', ...callsOf(tokens) } : this.read(cursor, tokens, { policy })
          })
        })
      } finally {
        this.#firing.delete(key)
      }
    })
  }
}

/** `PRAGMA writable_schema` makes this possible. */
function schemaItself({ name }: WrittenName): Found | undefined {
  if (!/^sqlite_(?:temp_)?(?:master|schema)$/i.test(name)) return undefined
  return unknownEffects(`write to ${name}`, `writes to the schema itself: ${name}`)
}

function sumOfTriggers(own: Found, fired: readonly Found[]): Found {
  if (fired.length === 0) return own
  const unknown = fired.flatMap((found) => found.unknown ?? [])
  const destroys = [own, ...fired].flatMap((found) => found.destroys ?? [])
  return { ...own, destroys, unknown: unknown[0] ?? null }
}

/** The policy that the constraints of a new table may have. */
function policyOf(table: KnownTable): Policy | undefined {
  return table.made === 'table' && table.hasConflictClause ? 'REPLACE' : undefined
}

/** `INSERT INTO search (search) VALUES ('delete-all')`: a full-text table takes commands in a column of its own name. */
function isCommand(table: KnownTable, columns: readonly string[] | undefined): boolean {
  const name = fold(table.name)
  if (table.made !== false || columns?.some((column) => fold(column) === name) !== true) return false
  return table.columns?.some((column) => fold(column) === name) !== true
}

/** The tokens of a change without its table, which looks like a call if a list of columns follows. */
function withoutTarget(tokens: readonly Token[]): readonly Token[] {
  const at = tokens.findIndex((token) => wordOf(token) === 'INTO')
  if (at === -1) return tokens
  const afterTable = tokens[at + 2]?.text === '.' ? at + 4 : at + 2
  return [...tokens.slice(0, at + 1), ...tokens.slice(afterTable)]
}
