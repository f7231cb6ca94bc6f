import Database from 'better-sqlite3'
import fc from 'fast-check'

import { testRuns } from '../../../../tools/testing/runs.cjs'
import type { Loss, StatementEffects } from '../../src/sql/effects'
import { sqliteEffects } from '../../src/sql/sqlite/effects'
import { type CatalogTable, makers, type Maker, type Pick } from './sqlite-statements'

/** Tables before the plan, with names that are hard to parse. */
const tables: Record<string, readonly string[]> = {
  t: ['id', 'note', 'end'],
  'b "c': ['Key', 'x y', 'z'],
}

/** The values of a row that must not be lost, by column. */
type Row = ReadonlyMap<string, string>

const before: readonly { readonly table: string; readonly rows: readonly Row[] }[] = Object.entries(tables).map(
  ([table, columns], at) => ({
    table,
    rows: [1, 2, 3, 4].map((row) => {
      const entries = columns.map((column, place): [string, string] => {
        if (place === 0) return [column, String((at + 1) * 1000 + row)]
        // Two rows share the value of the last column, and some values are NULL, which cannot be lost.
        if (place === columns.length - 1 && row > 2) return [column, `Twice ${String(at)}`]
        return [column, (row + place) % 4 === 0 ? '' : `Value ${String(at)}.${String(place)}.${String(row)}`]
      })
      return new Map(entries.filter(([, value]) => value !== ''))
    }),
  }),
)

const setup = before.flatMap(({ table, rows }) => {
  const name = `"${table.replaceAll('"', '""')}"`
  const [key = '', ...others] = tables[table] ?? []
  return [
    `CREATE TABLE ${name} ("${key}" integer PRIMARY KEY, ${others.map((column, at) => `"${column}" text${at === 0 && others.length > 1 ? ' UNIQUE' : ''}`).join(', ')})`,
    ...rows.map((row) => {
      const names = [...row.keys()].map((column) => `"${column}"`)
      return `INSERT INTO ${name} (${names.join(', ')}) VALUES (${[...row.values()].map((value) => `'${value}'`).join(', ')})`
    }),
  ]
})

class Scratch {
  #database = this.#opened()
  readonly #accepted: string[] = []

  #opened(): Database.Database {
    const database = new Database(':memory:')
    // A function of the application, whose effects are unknown.
    database.function('wipe', { varargs: true }, () => 1)
    for (const sql of setup) database.exec(sql)
    return database
  }

  get accepted(): readonly string[] {
    return this.#accepted
  }

  /** Returns false and leaves the database unchanged if it refuses the text. */
  execute(sql: string): boolean {
    try {
      this.#database.exec(sql)
      this.#accepted.push(sql)
      return true
    } catch {
      this.close()
      this.#database = this.#opened()
      for (const accepted of this.#accepted) this.#database.exec(accepted)
      return false
    }
  }

  /** Returns undefined for a text of several statements, which cannot be prepared. */
  isReadonly(sql: string): boolean | undefined {
    try {
      return this.#database.prepare(sql).readonly
    } catch {
      return undefined
    }
  }

  catalog(): CatalogTable[] {
    const all = this.#database
      .prepare(
        `SELECT "schema", "name" FROM pragma_table_list WHERE "type" = 'table' AND "name" NOT LIKE 'sqlite!_%' ESCAPE '!' AND "schema" IN ('main', 'temp')`,
      )
      .all() as { schema: string; name: string }[]
    return all.map(({ schema, name }) => ({
      schema,
      name,
      columns: this.#database.prepare(`SELECT name FROM pragma_table_info(?, ?)`).pluck().all(name, schema) as string[],
    }))
  }

  /** The sets of values of all rows in the main database. */
  values(): ReadonlySet<string>[] {
    return this.catalog()
      .filter(({ schema }) => schema === 'main')
      .flatMap(({ name }) => this.#rows('main', name))
      .map((row) => new Set(row.map(String)))
  }

  #rows(schema: string, name: string): unknown[][] {
    return this.#database
      .prepare(`SELECT * FROM ${schema}."${name.replaceAll('"', '""')}"`)
      .raw()
      .all() as unknown[][]
  }

  /** Everything that a statement could change, as text. */
  dump(): string {
    const one = (sql: string): unknown => this.#database.prepare(sql).raw().all()
    return JSON.stringify([
      this.catalog().map(({ schema, name }) => [
        schema,
        name,
        this.#rows(schema, name)
          .map((row) => JSON.stringify(row))
          .sort(),
      ]),
      one('SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2'),
      one('SELECT type, name, sql FROM sqlite_temp_master ORDER BY 1, 2'),
      one('PRAGMA user_version'),
      one('PRAGMA application_id'),
    ])
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction
  }

  close(): void {
    this.#database.close()
  }
}

/** The columns that the most similar row of the database lacks; all columns if the row is lost. */
function missingOf(row: Row, values: readonly ReadonlySet<string>[]): readonly string[] {
  let fewest = [...row.keys()]
  for (const there of values) {
    const missing = [...row].flatMap(([column, value]) => (there.has(value) ? [] : [column]))
    if (missing.length < fewest.length) fewest = missing
  }
  return fewest
}

/** Ignores case, because the reader does not know how the database writes a name. */
const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

/** Returns undefined if the reported losses explain the missing columns. */
function unexplained(
  table: string,
  missing: readonly string[],
  losses: readonly Loss[],
  isRenamed: boolean,
): string | undefined {
  const own = losses.filter((loss) => loss.table === undefined || isSame(loss.table, table)).map(({ text }) => text)
  if (missing.length === 0 || own.some((text) => !/^(?:old )?values of/.test(text))) return undefined
  const columns = new Set(own.map((text) => text.slice(text.lastIndexOf('.') + 1).toLowerCase()))
  const isClaimed = isRenamed
    ? missing.length <= own.length
    : missing.every((column) => columns.has(column.toLowerCase()))
  return isClaimed ? undefined : `${table} (${missing.join(', ')}), reported: ${own.join('; ')}`
}

const transactionWords = /^\s*(?:begin|commit|rollback|savepoint|release)/i

interface Chosen {
  readonly kind: keyof typeof makers
  readonly choices: readonly number[]
  readonly isOneText: boolean
}

const kinds = Object.keys(makers) as (keyof typeof makers)[]
/** The kinds with the most ways to go wrong are tried most often. */
const weighted = [
  ...kinds,
  ...kinds
    .filter((kind) => /^(?:rebuild|copy|changed|update|trigger|transaction|setAside)/.test(kind))
    .flatMap((kind) => [kind, kind]),
]
const arbitrary = fc.array(
  fc.record<Chosen>({
    kind: fc.noBias(fc.constantFrom(...weighted)),
    choices: fc.array(fc.noBias(fc.nat(9999)), { minLength: 40, maxLength: 40 }),
    isOneText: fc.integer({ min: 0, max: 3 }).map((one) => one === 0),
  }),
  { minLength: 1, maxLength: 5, size: 'max' },
)

test('sqliteEffects reports all losses, changes and non-transactional statements of random texts', () => {
  /** Numbers of texts and tables of each kind; `alarms` counts tables that kept everything despite a reported loss. */
  const counts = { accepted: 0, refused: 0, reads: 0, harmless: 0, alarms: 0, lost: 0, unknown: 0, wrapped: 0 }
  const acceptedKinds = new Set<string>()
  fc.assert(
    fc.property(arbitrary, fc.boolean(), (chosen, isKnown) => {
      const scratch = new Scratch()
      const reader = sqliteEffects((table) => (isKnown ? tables[table] : undefined))
      const done: { sql: string; effects: StatementEffects }[] = []
      let names = 0
      for (const { kind, choices, isOneText } of chosen) {
        let next = 0
        const pick: Pick = (items) => {
          const index = (choices[next++ % choices.length] ?? 0) % Math.max(items.length, 1)
          return items[index] as (typeof items)[number]
        }
        const all = scratch.catalog().filter(({ name }) => !/_(?:data|idx|content|docsize|config)$/.test(name))
        if (all.length === 0) break
        const maker: Maker = makers[kind]
        const texts = maker({ pick, tables: all, free: () => `made_${String((names += 1))}` })
        for (const sql of isOneText ? [texts.join(';\n')] : texts) {
          const dumped = scratch.dump()
          const isReadonly = scratch.isReadonly(sql)
          if (!scratch.execute(sql)) {
            counts.refused += 1
            continue
          }
          counts.accepted += 1
          acceptedKinds.add(kind)
          const effects = reader.read(sql)
          done.push({ sql, effects })
          if (effects.reads) {
            counts.reads += 1
            expect({ sql, dump: scratch.dump() }).toEqual({ sql, dump: dumped })
            // SQLite judges EXPLAIN by the explained statement, and counts reading the journal mode as a change.
            if (!/explain|journal_mode/i.test(sql) && isReadonly !== undefined)
              expect({ sql, isReadonly }).toEqual({ sql, isReadonly: true })
          }
          if (effects.unknown !== null) counts.unknown += 1
        }
      }
      check(scratch, done)
      scratch.close()
    }),
    { numRuns: testRuns(400) },
  )
  expect([...acceptedKinds].sort()).toEqual([...kinds].sort())
  expect(counts.refused).toBeLessThan(counts.accepted / 2)
  expect(counts.harmless).toBeGreaterThan(0)
  expect(counts.lost).toBeGreaterThan(0)

  function linesOf(done: readonly { sql: string; effects: StatementEffects }[]): string {
    return done
      .map(({ sql, effects }) => `${sql}\n  → ${effects.destroys.map(({ text }) => text).join(', ')}`)
      .join('\n')
  }

  function check(scratch: Scratch, done: readonly { sql: string; effects: StatementEffects }[]): void {
    const losses = done.flatMap(({ effects }) => effects.destroys)
    const isRenamed = done.some(({ sql }) => /rename|insert|create/i.test(sql))
    const isUnknown = done.some(({ effects }) => effects.unknown !== null)
    const values = scratch.values()
    for (const { table, rows } of before) {
      const missing = rows.map((row) => missingOf(row, values))
      const isLost = missing.some((columns) => columns.length > 0)
      const isReported = losses.some((loss) => loss.table !== undefined && isSame(loss.table, table))
      if (isLost) counts.lost += 1
      else if (isReported) counts.alarms += 1
      else counts.harmless += 1
      if (isUnknown) continue
      const problem = missing
        .map((columns) => unexplained(table, columns, losses, isRenamed))
        .find((text) => text !== undefined)
      if (problem !== undefined) throw new Error(`lost and not reported: ${problem}\n\n${linesOf(done)}`)
    }
    if (done.some(({ sql }) => sql.split(';').some((one) => transactionWords.test(one)))) return
    counts.wrapped += 1
    const wrapped = new Scratch()
    for (const { sql, effects } of done) {
      // `PRAGMA foreign_keys` has no effect in a transaction: see `isTransactional`.
      const isWrapped = effects.transactional && !/foreign_keys/i.test(sql)
      const isAccepted = (isWrapped ? ['BEGIN', sql, 'COMMIT'] : [sql]).every((text) => wrapped.execute(text))
      expect({ sql, isAccepted }).toEqual({ sql, isAccepted: true })
      expect({ sql, inTransaction: wrapped.inTransaction }).toEqual({ sql, inTransaction: false })
    }
    expect(wrapped.dump()).toBe(scratch.dump())
    wrapped.close()
  }
})
