import { AludelError } from '../errors'
import { transactionEffects } from '../sql/text'
import type { BatchHost, Progressed } from './host'
import type { BatchedResult, BatchWork, Definition } from './options'
import { paceOf } from './progress'
import { assignments, BatchStatements, inlined, nextColumn, type Position } from './statements'
import { Throttle } from './throttle'

/** The limit for a table that gets new matching rows all the time. */
const maxPasses = 25

/** The number of tries for a batch that other sessions block. */
const maxAttempts = 10

/** A batch that was found: its last key, and how many rows matched the condition then. */
interface Found {
  readonly to: Position
  readonly rows: number
}

/**
 * Updates a table in batches, each in its own transaction together with the cursor, from where an earlier run stopped.
 *
 * @throws AludelError `ALUDEL_BATCHED`, and what the database throws
 */
export async function runBatches(host: BatchHost, definition: Definition): Promise<BatchedResult> {
  const saved = await host.store.read()
  if (saved?.finished === true) return resultOf(saved)
  if (saved !== undefined && saved.batches > 0) {
    host.report(`${host.name}: resuming after ${String(saved.rows)} rows`, 'progress')
  }
  const columns = await host.dialect.batches.keyColumns(host, definition.table, definition.key)
  const statements = new BatchStatements(host.dialect, definition, columns)
  const loop = new Loop(host, definition, statements, saved ?? (await begin(host, definition, statements)))
  await loop.run()
  return resultOf(loop.at)
}

async function begin(host: BatchHost, definition: Definition, statements: BatchStatements): Promise<Progressed> {
  const estimate =
    definition.where === undefined ? await host.dialect.introspection.estimateRows(host, definition.table) : null
  const first: Progressed = {
    cursor: null,
    pass: 1,
    passRows: 0,
    batches: 0,
    rows: 0,
    finished: false,
    total: estimate ?? (await numberOf(host, statements.count())),
  }
  await host.store.begin(first)
  return first
}

class Loop {
  at: Progressed
  readonly #host: BatchHost
  readonly #definition: Definition
  readonly #statements: BatchStatements
  readonly #throttle: Throttle
  readonly #earlier: number
  readonly #startedAt: number

  constructor(host: BatchHost, definition: Definition, statements: BatchStatements, at: Progressed) {
    this.at = at
    this.#host = host
    this.#definition = definition
    this.#statements = statements
    this.#throttle = new Throttle(host, definition)
    this.#earlier = at.rows
    this.#startedAt = host.now()
  }

  async run(): Promise<void> {
    const { store } = this.#host
    while (!this.at.finished) {
      await this.#throttle.rest()
      const found = await this.#find()
      if (found === undefined) {
        const next = this.#nextPass()
        await store.move(next)
        this.at = next
      } else {
        this.at = await this.#inTransaction(() => this.#batch(found))
      }
      this.#host.committed(this.at)
      this.#report()
    }
  }

  /** Finds the next batch, outside of any transaction, because that takes long if few rows match. */
  async #find(): Promise<Found | undefined> {
    const { sql, parameters } = this.#statements.next(this.at.cursor)
    const [row] = (await this.#host.query(sql, [...parameters])) as Record<string, unknown>[]
    if (row === undefined) return undefined
    return {
      to: this.#definition.key.map((_name, index) => String(row[nextColumn(index)])),
      rows: Number(row['n']),
    }
  }

  /** After the last row: done, or another pass for rows that were inserted before the cursor, until there are none. */
  #nextPass(): Progressed {
    const { at } = this
    if (!this.#definition.repeat || at.passRows === 0) return { ...at, total: at.rows, finished: true }
    if (at.pass === maxPasses) {
      throw new AludelError(
        'ALUDEL_BATCHED',
        `"${this.#definition.table}" still has matching rows after ${String(maxPasses)} passes`,
        {
          help: 'Something keeps writing such rows, or a trigger prevents their update. Stop that, then run again.',
          details: { table: this.#definition.table, passes: at.pass },
        },
      )
    }
    return { ...at, cursor: null, pass: at.pass + 1, passRows: 0 }
  }

  async #batch(found: Found): Promise<Progressed> {
    const { at } = this
    await this.#host.store.claim(at)
    const changed = await this.#change(found.to)
    const next: Progressed = {
      ...at,
      cursor: found.to,
      passRows: at.passRows + Math.max(found.rows, changed),
      batches: at.batches + 1,
      rows: at.rows + changed,
    }
    await this.#host.store.move(next)
    return next
  }

  /** Updates the rows up to this key. */
  async #change(to: Position): Promise<number> {
    const { dialect } = this.#host
    const { update, where } = this.#definition
    if (typeof update === 'function') return this.#call(update, to)
    const { sql, parameters } = this.#statements.batch(this.at.cursor, to)
    const { changed, still } = await dialect.batches.update(this.#host, {
      table: this.#statements.table,
      set: assignments(dialect, update),
      condition: sql,
      where: this.#definition.repeat ? where : undefined,
      parameters,
    })
    if (this.#definition.repeat && still !== 0) this.#refuseStill(Math.min(still ?? Infinity, await this.#recount(to)))
    return changed
  }

  async #call(update: BatchWork, to: Position): Promise<number> {
    const { where, parameters, repeat } = this.#definition
    const { sql, parameters: all } = this.#statements.keys(this.at.cursor, to)
    const rows = (await this.#host.query(sql, [...all])) as Record<string, unknown>[]
    const keys = rows.map((row) => {
      const values = this.#statements.columns.map(({ name }) => row[name])
      return values.length === 1 ? values[0] : values
    })
    // Another session has updated them all meanwhile.
    if (keys.length === 0) return 0
    const inline = where === undefined ? undefined : this.#inline(where, parameters)
    const range = this.#statements.range(this.at.cursor, to)
    await update({
      rows: inline === undefined ? range : `((${inline}\n) AND ${range})`,
      from: await this.#valuesOf(this.at.cursor),
      to: keys.at(-1),
      keys,
      query: (statement, values) => {
        refuseTransaction(statement)
        return this.#host.query(statement, values)
      },
    })
    if (repeat && (await this.#recount(to)) >= keys.length) this.#refuseStill(keys.length)
    return keys.length
  }

  /** The values of a position as the driver returns them. */
  async #valuesOf(position: Position | null): Promise<unknown> {
    if (position === null) return null
    const [row] = (await this.#host.query(this.#statements.values(position))) as Record<string, unknown>[]
    const values = position.map((_text, index) => row?.[nextColumn(index)])
    return values.length === 1 ? values[0] : values
  }

  #inline(where: string, parameters: readonly unknown[]): string {
    const text = inlined(this.#host.dialect, where, parameters)
    if (text !== undefined) return text
    throw new AludelError('ALUDEL_BATCHED', 'the parameters of batched do not match the placeholders of its where')
  }

  async #recount(to: Position): Promise<number> {
    return numberOf(this.#host, this.#statements.countBatch(this.at.cursor, to))
  }

  /** Rows that match the condition after their update would be updated again by the next pass. */
  #refuseStill(rows: number): void {
    if (rows === 0) return
    throw new AludelError(
      'ALUDEL_BATCHED',
      `${String(rows)} rows of a batch of "${this.#definition.table}" still match the condition after their update`,
      {
        help:
          'With a where, batched repeats until no row matches, so the update must make it false. ' +
          'To update each row only once anyway: `repeat: false`.',
        details: { table: this.#definition.table, where: this.#definition.where, rows },
      },
    )
  }

  async #inTransaction(work: () => Promise<Progressed>): Promise<Progressed> {
    const host = this.#host
    if (!host.ownTransactions) return work()
    for (let attempt = 1; ; attempt += 1) {
      try {
        await host.query(host.dialect.batches.begin)
        const result = await work()
        await host.query('COMMIT')
        return result
      } catch (error) {
        // There may be none to roll back, or no connection.
        await host.query('ROLLBACK').catch(() => undefined)
        if (attempt >= maxAttempts || host.dialect.errors.contention(error) === undefined) throw error
        await host.sleep(Math.random() * 50 * 2 ** Math.min(attempt, 6))
        host.stopIfInterrupted()
      }
    }
  }

  #report(): void {
    const { name } = this.#host
    const { rows, total } = this.at
    const elapsedMs = this.#host.now() - this.#startedAt
    const pace = paceOf({ done: rows, earlier: this.#earlier, total, elapsedMs })
    this.#host.progress({ name, table: this.#definition.table, ...pace })
  }
}

function resultOf({ rows, batches, pass }: Progressed): BatchedResult {
  return { rows, batches, passes: pass }
}

async function numberOf(host: BatchHost, { sql, parameters }: { sql: string; parameters: readonly unknown[] }) {
  const [row] = (await host.query(sql, [...parameters])) as { n: unknown }[]
  return Number(row?.n)
}

function refuseTransaction(sql: string): void {
  if (transactionEffects(sql).length === 0) return
  throw new AludelError('ALUDEL_BATCHED', `a batch is one transaction, and ${sql.trim()} would begin or end one`)
}
