import type { Dialect } from '../../dialect/dialect'
import { LineageOfNames } from '../../difference/lineage-of-names'
import type { Operation } from '../../operations/operation'
import { columnsIn } from '../../schema/expressions'
import { scopeOf } from '../../schema/normalize'
import { type Column, displayName, findTable, type ForeignKey, type Schema, type Table } from '../../schema/schema'
import { tablesMentioned } from '../../sql/mentions'
import { codeTokens, unquote } from '../../sql/lexer'
import { candidatesOf } from '../candidates'
import { quoteName } from '../../dialect/quote-name'

/**
 * What rows try: `null`: a NULL · `duplicate`: the same values twice · `orphan`: a reference to no row · `self`: a row that references
 * itself · `check`: values around those in a new check · `value`: values at the edges of a type, or that a new type refuses
 */
export type AttackKind = 'null' | 'duplicate' | 'orphan' | 'self' | 'check' | 'value'

/** Rows of one table that try one thing. All other columns have ordinary values. */
export interface Attack {
  readonly kind: AttackKind
  readonly table: Table
  /** The columns that it is about. */
  readonly columns: readonly string[]
  /** Of `duplicate`: equal but for that. */
  readonly but?: 'case' | 'spaces'
  /** Of `orphan`: the table that has no such row. */
  readonly parent?: string
  /** One row each: the SQL of its values, by column. */
  readonly rows: readonly ReadonlyMap<string, string>[]
  /** It fails only together: two rows with NULL. */
  readonly together?: true
  /** Rows that a database has which has not always checked them. */
  readonly unchecked?: true
}

/** A change of a schema by statements. */
export interface Change {
  readonly dialect: Dialect
  readonly from: Schema
  readonly to: Schema
  /** From one to the other. */
  readonly operations: readonly Operation[]
  readonly statements: readonly string[]
}

/** The tables that a change is about: those that operations alter, and those that statements name. */
export function attackedTables({ from, to, operations, statements }: Change): readonly Table[] {
  const names = new LineageOfNames(from, operations)
  const altered = new Set(
    operations.flatMap((operation) => {
      if (!('table' in operation)) return []
      const original = names.originalTable(operation.table) ?? operation.table
      return [displayName(original)]
    }),
  )
  const all = [...from.tables, ...to.tables].map(displayName)
  for (const sql of statements) for (const table of tablesMentioned(sql, all)) altered.add(table)
  return from.tables.filter((table) => altered.has(displayName(table)))
}

/** What rows of the schema before a change may make it fail, or lose values. */
export function attacksOn(change: Change): readonly Attack[] {
  const names = new LineageOfNames(change.from, change.operations)
  const words = change.statements.map(wordsOf)
  return attackedTables(change).flatMap((table) => new TableAttacks(change, table, names, words).all())
}

/** The names in a statement, in lower case. */
function wordsOf(sql: string): ReadonlySet<string> {
  const words = [...codeTokens(sql, 'neutral')].filter(({ kind }) => kind === 'word' || kind === 'name')
  return new Set(words.map((token) => unquote(token).toLowerCase()))
}

const isText = (type: string): boolean => /char|clob|text/i.test(type) && !type.endsWith('[]')

class TableAttacks {
  readonly #after: Table | undefined

  constructor(
    private readonly change: Change,
    private readonly table: Table,
    private readonly names: LineageOfNames,
    private readonly words: readonly ReadonlySet<string>[],
  ) {
    const now = names.tableNow(table)
    this.#after = now === undefined ? undefined : findTable(change.to, now)
  }

  all(): readonly Attack[] {
    const { table } = this
    const played = table.columns.filter((column) => column.generated === undefined && this.#isPlayed(column))
    return [
      ...played.flatMap((column) => this.#nulls(column)),
      ...this.#keys(),
      ...played.flatMap((column) => this.#duplicates([column], false)),
      ...this.#orphans(),
      ...this.#checks(),
      ...this.#selves(),
      ...played.flatMap((column) => this.#values(column)),
    ]
  }

  /** Whether the change alters the column, or a statement names it. */
  #isPlayed(column: Column): boolean {
    const after = this.#columnAfter(column)
    if (after !== undefined && (after.type !== column.type || after.nullable !== column.nullable)) return true
    const [table, name] = [this.table.name.toLowerCase(), column.name.toLowerCase()]
    return this.words.some((words) => words.has(table) && words.has(name))
  }

  #columnAfter(column: Column): Column | undefined {
    const now = this.names.columnNow(this.table, column.name)
    return this.#after?.columns.find(({ name }) => name === now)
  }

  #isKey(column: Column): boolean {
    return this.table.primaryKey?.columns.includes(column.name) === true
  }

  #attack(kind: AttackKind, columns: readonly Column[], rows: Attack['rows'], more: Partial<Attack> = {}): Attack[] {
    return rows.length === 0
      ? []
      : [{ kind, table: this.table, columns: columns.map(({ name }) => name), rows, ...more }]
  }

  #nulls(column: Column): Attack[] {
    if (!column.nullable || this.#isKey(column)) return []
    const row = new Map([[column.name, 'NULL']])
    return this.#attack('null', [column], [row, row], { together: true })
  }

  /** Duplicates of the columns of every new key, if all of them exist already. */
  #keys(): Attack[] {
    const { table } = this
    const keysOf = (one: Table): readonly (readonly string[])[] => [
      ...(one.primaryKey === undefined ? [] : [one.primaryKey.columns]),
      ...one.uniques.map(({ columns }) => columns),
      ...one.indexes.flatMap(({ unique, keys }) =>
        unique ? [keys.flatMap(({ column, expression }) => column ?? columnsIn(expression ?? '', scopeOf(one)))] : [],
      ),
    ]
    const known = new Set(keysOf(table).map((columns) => columns.join('\n')))
    return keysOf(this.#after ?? table).flatMap((key) => {
      const columns = key.flatMap((name) => this.#columnBefore(name) ?? [])
      if (columns.length < key.length || columns.length === 0) return []
      const isKnown = known.has(columns.map(({ name }) => name).join('\n'))
      return isKnown && columns.length === 1 ? this.#variants(columns) : this.#duplicates(columns, true)
    })
  }

  #columnBefore(name: string): Column | undefined {
    if (this.#after === undefined) return undefined
    const original = this.names.originalColumn(this.#after, name)
    return this.table.columns.find((column) => column.name === original?.column)
  }

  #duplicates(columns: readonly Column[], variants: boolean): Attack[] {
    const same = new Map(columns.map((column) => [column.name, this.#valueOfOther(column, columns)]))
    return [...this.#attack('duplicate', columns, [same]), ...(variants ? this.#variants(columns) : [])]
  }

  /** Values that a key may count as equal: of citext, NOCASE, `lower(…)`, `trim(…)`. */
  #variants(columns: readonly Column[]): Attack[] {
    const stays = (column: Column): boolean => isText(column.type) && isText(this.#columnAfter(column)?.type ?? '')
    if (!columns.some(stays)) return []
    const changed = (how: (sql: string) => string): ReadonlyMap<string, string> =>
      new Map(
        columns.map((column) => {
          const value = this.#valueOfOther(column, columns)
          return [column.name, stays(column) ? how(value) : value]
        }),
      )
    return [
      ...this.#attack('duplicate', columns, [changed((sql) => `upper(${sql})`)], { but: 'case' }),
      ...this.#attack('duplicate', columns, [changed((sql) => `${sql} || ' '`)], { but: 'spaces' }),
    ]
  }

  /** The value of a row that is there; the same row for all columns. */
  #valueOfOther(column: Column, columns: readonly Column[]): string {
    const { sql } = this.change.dialect
    const quoted = columns.map(({ name }) => sql.quote(name))
    const known = quoted.map((name) => `${name} IS NOT NULL`).join(' AND ')
    const order = (this.table.primaryKey?.columns ?? []).map((name) => sql.quote(name))
    const ordered = order.length === 0 ? '' : ` ORDER BY ${order.join(', ')}`
    return `(SELECT ${sql.quote(column.name)} FROM ${quoteName(this.change.dialect, this.table)} WHERE ${known}${ordered} LIMIT 1)`
  }

  #orphans(): Attack[] {
    const after = this.#after
    if (after === undefined) return []
    const { dialect, from } = this.change
    const isKnown = (key: ForeignKey): boolean =>
      this.table.foreignKeys.some((other) => other.columns.join('\n') === key.columns.join('\n'))
    return after.foreignKeys.flatMap((key) => {
      const columns = key.columns.flatMap((name) => this.#columnBefore(name) ?? [])
      if ((isKnown(key) && !dialect.shadow.mayHaveOrphans) || columns.length < key.columns.length) return []
      if (isKnown(key) && !columns.some((column) => this.#isPlayed(column))) return []
      const values = columns.flatMap((column): [string, string][] => {
        const value = dialect.shadow.sampleValue(column, from, 9001)
        return value === null ? [] : [[column.name, value.sql]]
      })
      return values.length < columns.length
        ? []
        : this.#attack('orphan', columns, [new Map(values)], {
            parent: displayName(key.references),
            ...(isKnown(key) && { unchecked: true as const }),
          })
    })
  }

  /** Values around those that a new check compares with: one of them may violate it. */
  #checks(): Attack[] {
    const after = this.#after
    if (after === undefined) return []
    const { dialect, from } = this.change
    const known = new Set(this.table.checks.map(({ expression }) => expression))
    const fresh = after.checks.filter(({ expression }) => !known.has(expression))
    return fresh.flatMap(({ expression }) =>
      columnsIn(expression, scopeOf(after)).flatMap((name) => {
        const column = this.#columnBefore(name)
        if (column === undefined || column.generated !== undefined) return []
        const near = candidatesOf(dialect, from, after, { ...column, name }, [expression])
        const values = [...new Set([...near, ...dialect.shadow.hostileValues(column, from)])]
        return this.#attack(
          'check',
          [column],
          values.map((value) => new Map([[column.name, value]])),
        )
      }),
    )
  }

  /** Trees: a row that is its own parent. */
  #selves(): Attack[] {
    const { dialect, from } = this.change
    const isOwn = ({ references, columns }: ForeignKey): boolean =>
      references.name === this.table.name && references.schema === this.table.schema && columns.length === 1
    return this.table.foreignKeys.filter(isOwn).flatMap(
      ({
        columns: [own = ''],
        references: {
          columns: [other = ''],
        },
      }) => {
        const [column, key] = [own, other].map((name) => this.table.columns.find((one) => one.name === name))
        const value = key === undefined ? null : dialect.shadow.sampleValue(key, from, 9002)
        if (column === undefined || value === null || !this.#isPlayed(column)) return []
        return this.#attack(
          'self',
          [column],
          [
            new Map([
              [other, value.sql],
              [own, value.sql],
            ]),
          ],
        )
      },
    )
  }

  #values(column: Column): Attack[] {
    const { dialect, from } = this.change
    const after = this.#columnAfter(column)
    const keys = [
      ...this.table.foreignKeys.map(({ columns }) => columns.includes(column.name)),
      ...(this.#after?.foreignKeys ?? []).map(({ columns }) => columns.includes(after?.name ?? '')),
    ]
    if (keys.includes(true)) return []
    const isStricter = this.#after?.strict === true && this.table.strict !== true
    // What a key contains, programs make.
    if (this.#isKey(column) && after?.type === column.type) return []
    const becomes = after !== undefined && (after.type !== column.type || isStricter) ? after : undefined
    const values = dialect.shadow.hostileValues(column, from, becomes)
    return this.#attack(
      'value',
      [column],
      values.map((value) => new Map([[column.name, value]])),
    )
  }
}
