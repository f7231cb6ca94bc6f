import { hasPgTools, dumpSchema } from '../../../../../tools/testing/pg-tools'
import { lossesOf } from '../../../src/create/effects'
import { answerRenames, diffOf, statementsOf } from '../../../src/create/diff'
import type { Dialect } from '../../../src/dialect/dialect'
import type { Statement } from '../../../src/dialect/roles/ddl'
import type { KeepingStep } from '../../../src/dialect/roles/keeping'
import { isAludelError } from '../../../src/errors'
import { StatementInterceptor } from '../../../src/execution/statement-interceptor'
import { Keeping, guardKeeping, planKeeping } from '../../../src/kept/keeping'
import { Registry } from '../../../src/kept/registry'
import { reverseOperations, describeOperation } from '../../../src/operations'
import type { Operation } from '../../../src/operations/operation'
import { planChanges } from '../../../src/difference/plan-changes'
import { withCountedExtensions, withoutExtraExtensions } from '../../../src/schema/extensions'
import { displayName, findTable, keyOf, type Schema } from '../../../src/schema/schema'
import { inRevision } from '../../../src/shadow/replay'
import { sumOfEffects } from '../../../src/sql/effects'
import { ignoreTables } from '../ignore-tables'
import { catalog, catalogDifferences } from './catalog'
import { isAboutRows, PairFailure, type PairOutcome, type PairRequest } from './check-pair'
import { fateOfTables, type Snapshot, snapshot, spelled } from './kept-rows'
import { renamesOf } from './renames'
import { fillTables, qualified } from './rows'

const revision = { id: 'a'.repeat(12), name: 'Pair1700000000000', message: 'a pair' }

/**
 * Checks that a downgrade gives back everything that an upgrade with `keepDropped` has dropped or converted: every old row with every
 * old value, apart from what a writer has deleted and changed between, and what it has inserted; and that after a prune the database has the schema of a plain upgrade.
 *
 * Rows may violate the second schema, or what the writer inserts the first one. Then nothing may have changed.
 *
 * @param rows how many for each table
 * @throws PairFailure
 */
export async function checkKept(request: PairRequest, rows?: number): Promise<PairOutcome> {
  const runner = request.live.createQueryRunner()
  try {
    return await new KeptCheck(request, runner, rows).run()
  } finally {
    await runner.release()
  }
}

class KeptCheck {
  #operations: readonly Operation[] = []
  #statements: readonly Statement[] = []
  #statement: string | undefined
  #refused = 0

  constructor(
    readonly request: PairRequest,
    readonly runner: ReturnType<PairRequest['live']['createQueryRunner']>,
    readonly rows: number | undefined,
  ) {}

  async run(): Promise<PairOutcome> {
    const { dialect, live, wanted, sayYes, seed } = this.request
    const { runner } = this
    const from = await this.#read()
    const wish = withCountedExtensions(await dialect.introspection.read(wanted, { ignoreTables }))
    const renamed = renamesOf(live, wanted)
    const { answers } = await answerRenames([{ dialect, from, to: wish }], {
      askRename: (question) => {
        const table = question.table === undefined ? undefined : displayName(question.table)
        const known = renamed.get(question.kind === 'table' ? question.from : JSON.stringify([table, question.from]))
        if (known !== undefined) return Promise.resolve(question.candidates.includes(known) ? known : null)
        return Promise.resolve(sayYes ? (question.candidates[0] ?? null) : null)
      },
    })
    const diff = diffOf({ dialect, from, to: wish }, answers)
    const operations = diff.operations.filter(({ op }) => op !== 'dropExtension')
    const { to } = diff
    this.#operations = operations
    if (operations.length === 0) return { operations: 0, rows: 0, refused: 0 }
    const { up, down } = statementsOf({ dialect, operations, from, to })

    const rows = await this.#fill(from, seed)
    const outcome = (): PairOutcome => ({ operations: operations.length, rows, refused: this.#refused })
    const old = await snapshot(dialect, runner, from)

    // Without a writer, everything fits: the old rows were valid.
    if (!(await this.#up('up', up, from, to))) return outcome()
    if (!(await this.#down('down', down, to, from, false))) return outcome()
    await this.#expectOld('down', old, from, new Map())

    // With rows that are inserted between.
    if (!(await this.#up('up again', up, from, to))) return outcome()
    const expected = await this.#write(old, from, to)
    const changed = await snapshot(dialect, runner, to)
    await this.#fill(to, seed + 1)
    const after = await snapshot(dialect, runner, to)
    if (!(await this.#down('down with new rows', down, to, from, true))) return outcome()
    const added = new Map<string, number>()
    for (const { table, now } of fateOfTables(from, operations)) {
      if (now === null) continue
      const [was, is] = [changed.get(keyOf(now))?.length ?? 0, after.get(keyOf(now))?.length ?? 0]
      added.set(keyOf(table), is - was)
    }
    await this.#expectOld('down with new rows', expected, from, added)

    await this.#expectPlain(up, down, from, to)
    return outcome()
  }

  async #fill(schema: Schema, seed: number): Promise<number> {
    const { dialect } = this.request
    const { runner, rows } = this
    // On SQLite, each row has a transaction of its own: some failures end it.
    if (!dialect.sql.locksTables) return fillTables(dialect, runner, schema, seed, rows)
    await runner.startTransaction()
    const made = await fillTables(dialect, runner, schema, seed, rows)
    await runner.commitTransaction()
    return made
  }

  /**
   * Deletes one row of each table that is not referenced, and changes one value of another row: of a column that the operations leave as
   * it is.
   *
   * @returns what there must be after the downgrade
   */
  async #write(old: Snapshot, from: Schema, to: Schema): Promise<Snapshot> {
    const { dialect } = this.request
    const { runner } = this
    const quote = (name: string): string => dialect.sql.quote(name)
    const expected = new Map(old)
    for (const { table, now, columns } of fateOfTables(from, this.#operations)) {
      const found = now === null ? undefined : findTable(to, now)
      const [key, ...others] = table.primaryKey?.columns ?? []
      const rows = old.get(keyOf(table)) ?? []
      if (found === undefined || key === undefined || others.length > 0 || rows.length < 3) continue
      const stays = (name: string): string | undefined => {
        const fate = columns.get(name)
        return fate === undefined || fate.lossy || fate.alterations.length > 0 ? undefined : fate.name
      }
      const nowKey = stays(key)
      if (nowKey === undefined || !found.columns.some(({ name }) => name === nowKey)) continue
      const isReferenced = [from, to].some((schema) =>
        schema.tables.some(({ foreignKeys }) =>
          foreignKeys.some(({ references }) => [keyOf(table), keyOf(found)].includes(keyOf(references))),
        ),
      )
      const at = table.columns.findIndex(({ name }) => name === key)
      const target = qualified(dialect, found)
      const sorted = (await runner.query(
        `SELECT ${spelled(dialect, { name: nowKey })} AS "key" FROM ${target} ORDER BY ${quote(nowKey)}`,
      )) as { key: string }[]
      const [first, last] = [sorted[0]?.key, sorted.at(-1)?.key]
      let left = rows
      if (
        !isReferenced &&
        (await this.#try(
          `DELETE FROM ${target} WHERE ${quote(nowKey)} = (SELECT min(${quote(nowKey)}) FROM ${target})`,
        ))
      )
        left = left.filter((row) => row[at] !== first)
      const isFree = (name: string): boolean =>
        name !== key && !table.foreignKeys.some((one) => one.columns.includes(name))
      const column = table.columns.find(
        ({ name, generated }) => generated === undefined && isFree(name) && stays(name) !== undefined,
      )
      // Others would follow the value.
      const hasGenerated = [table, found].some((one) => one.columns.some(({ generated }) => generated !== undefined))
      const nowColumn = column === undefined ? undefined : stays(column.name)
      if (
        !hasGenerated &&
        column !== undefined &&
        nowColumn !== undefined &&
        found.columns.some(({ name }) => name === nowColumn)
      ) {
        const [name, id] = [quote(nowColumn), quote(nowKey)]
        const isLast = `${id} = (SELECT max(${id}) FROM ${target})`
        if (await this.#try(`UPDATE ${target} SET ${name} = (SELECT max(${name}) FROM ${target}) WHERE ${isLast}`)) {
          const [is] = (await runner.query(
            `SELECT ${spelled(dialect, { name: nowColumn })} AS "value" FROM ${target} WHERE ${isLast}`,
          )) as { value: string | null }[]
          const place = table.columns.indexOf(column)
          left = left.map((row) =>
            row[at] === last ? row.map((value, index) => (index === place ? (is?.value ?? null) : value)) : row,
          )
        }
      }
      expected.set(keyOf(table), left)
    }
    return expected
  }

  /** False if the database refuses the statement. */
  async #try(sql: string): Promise<boolean> {
    const { runner } = this
    try {
      await runner.query(sql)
      return true
    } catch {
      return false
    }
  }

  /** Returns false if the rows do not fit, or cannot be kept; nothing has changed then. */
  async #up(direction: string, statements: readonly Statement[], from: Schema, to: Schema): Promise<boolean> {
    const { dialect } = this.request
    const rows = await snapshot(dialect, this.runner, from)
    const error = await this.#execute('upgrade', statements, from)
    if (error === undefined) {
      await this.#expectSchema(direction, to)
      return true
    }
    if (!isAboutRows(error) && !isAludelError(error, 'ALUDEL_KEEP')) throw this.#failed(direction, error)
    await this.#expectSame(direction, from, rows)
    this.#refused += 1
    return false
  }

  async #down(
    direction: string,
    statements: readonly Statement[],
    from: Schema,
    to: Schema,
    mayRefuse: boolean,
  ): Promise<boolean> {
    const { dialect } = this.request
    const rows = await snapshot(dialect, this.runner, from)
    const error = await this.#execute('downgrade', statements, from)
    if (error === undefined) {
      await this.#expectSchema(direction, to)
      const left = await new Registry(dialect, this.runner).read('migrations')
      if (left.length > 0)
        throw this.#failure(
          `${direction} leaves something kept`,
          left.map(({ place }) => place),
        )
      return true
    }
    const isRefusal = isAboutRows(error) || isAludelError(error, 'ALUDEL_GIVE_BACK')
    // SQLite stores any value in any column: one that the new type takes may never have fit the old one.
    const isStrange = dialect.errors.textOf(error).includes(' that do not fit ')
    if (!isRefusal || !(mayRefuse || isStrange)) throw this.#failed(direction, error)
    await this.#expectSame(direction, from, rows)
    this.#refused += 1
    return false
  }

  async #execute(direction: 'upgrade' | 'downgrade', statements: readonly Statement[], from: Schema): Promise<unknown> {
    const { dialect, seed } = this.request
    const { runner } = this
    this.#statements = statements
    const texts = statements.map(({ sql }) => sql)
    // As a file of the tool, or of a person.
    const isRecorded = seed % 2 === 0
    const operations = direction === 'upgrade' ? this.#operations : reverseOperations(this.#operations)
    const columnsOf = (name: string): readonly string[] | undefined =>
      from.tables
        .find((table) => displayName(table) === name)
        ?.columns.flatMap((column) => (column.generated === undefined ? [column.name] : []))
    const losses = isRecorded
      ? operations.flatMap(lossesOf)
      : sumOfEffects(await dialect.sql.readEffects(() => Promise.resolve(columnsOf)), texts).destroys
    const step: KeepingStep = { revision, statements: texts, losses, isRecorded }
    try {
      const planned = await planKeeping({ dialect, history: 'migrations' }, runner, direction, [step], true)
      guardKeeping(planned, () => undefined)
      const keeping = new Keeping(
        {
          dialect,
          history: 'migrations',
          toolVersion: '0',
          now: () => new Date(),
          warn: () => undefined,
          progress: () => undefined,
        },
        planned,
      )
      await inRevision(dialect, runner, true, () => {
        const raw = runner.query.bind(runner)
        const interceptor = new StatementInterceptor(runner, {
          transactional: true,
          watch: keeping.watch({ query: raw }, revision),
        })
        return interceptor.watch(async (watched) => {
          for (const sql of texts) {
            this.#statement = sql
            await watched.query(sql)
          }
          this.#statement = undefined
        })
      })
      return undefined
    } catch (error) {
      return error
    }
  }

  /** Every old row is there, with every old value, and as many more rows as the writer has inserted. */
  async #expectOld(
    direction: string,
    old: Snapshot,
    schema: Schema,
    added: ReadonlyMap<string, number>,
  ): Promise<void> {
    const now = await snapshot(this.request.dialect, this.runner, schema)
    const lost: string[] = []
    for (const table of schema.tables) {
      const was = old.get(keyOf(table)) ?? []
      const is = (now.get(keyOf(table)) ?? []).map((row) => JSON.stringify(row))
      const more = added.get(keyOf(table)) ?? 0
      if (is.length !== was.length + more) {
        lost.push(
          `${displayName(table)} had ${String(was.length)} rows, got ${String(more)} more, and has ${String(is.length)}`,
        )
      }
      const left = [...is]
      for (const row of was.map((one) => JSON.stringify(one))) {
        const at = left.indexOf(row)
        if (at >= 0) left.splice(at, 1)
        else lost.push(`${displayName(table)}: ${row} is gone; there are ${left.slice(0, 3).join(' ')}`)
      }
    }
    if (lost.length > 0) throw this.#failure(`${direction} loses rows`, lost)
  }

  /** What is kept and pruned leaves the schema of an upgrade that kept nothing. */
  async #expectPlain(up: readonly Statement[], down: readonly Statement[], from: Schema, to: Schema): Promise<void> {
    const { dialect } = this.request
    const { runner } = this
    const plain = await this.#plainly(up)
    if (plain === undefined) return
    const wanted = await this.#dump()
    if ((await this.#plainly(down)) === undefined) return
    await this.#fill(from, this.request.seed)
    if (!(await this.#up('up before a prune', up, from, to))) return
    const registry = new Registry(dialect, runner)
    for (const entry of await registry.read('migrations')) {
      await dialect.keeping.discard(runner, entry)
      await registry.remove(entry.id)
    }
    const unseen = catalogDifferences(await this.#dump(), wanted)
    if (unseen.length > 0) throw this.#failure('a prune leaves something', unseen)
  }

  /** Undefined if the rows do not fit. */
  async #plainly(statements: readonly Statement[]): Promise<true | undefined> {
    try {
      await inRevision(this.request.dialect, this.runner, true, async () => {
        for (const { sql } of statements) await this.runner.query(sql)
      })
      return true
    } catch (error) {
      if (!isAboutRows(error)) throw this.#failed('a plain upgrade', error)
      return undefined
    }
  }

  /** As the search reads the catalog, and as a program that shares no code with it prints the schema, where there is one. */
  async #dump(): Promise<string[]> {
    const { dialect, live } = this.request
    const lines = await catalog(dialect.name, this.runner)
    if (dialect.name !== 'sqlite')
      return hasPgTools ? [...lines, ...(await dumpSchema((live.options as { url: string }).url))] : lines
    const texts = (await this.runner.query(
      `SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_master`,
    )) as { line: string }[]
    return [...lines, ...texts.map(({ line }) => line)].sort()
  }

  async #expectSchema(direction: string, schema: Schema): Promise<void> {
    const now = await this.#read()
    const rest = planChanges(withoutExtraExtensions(now, schema), schema).operations
    if (rest.length > 0) throw this.#failure(`${direction} does not give what was wanted`, rest.map(describeOperation))
  }

  async #expectSame(direction: string, schema: Schema, rows: Snapshot): Promise<void> {
    await this.#expectSchema(`${direction} fails and`, schema)
    const spelled = (list: Snapshot): string =>
      JSON.stringify([...list].map(([table, found]) => [table, found.map((row) => JSON.stringify(row)).sort()]))
    const now = await snapshot(this.request.dialect, this.runner, schema)
    if (spelled(now) !== spelled(rows)) throw this.#failure(`${direction} fails and changes rows`, [])
  }

  async #read(): Promise<Schema> {
    return withCountedExtensions(await this.request.dialect.introspection.read(this.runner, { ignoreTables }))
  }

  #failed(direction: string, error: unknown): PairFailure {
    const { dialect } = this.request as { dialect: Dialect }
    const words = isAludelError(error) ? `${error.code} ${error.message}` : dialect.errors.textOf(error)
    return this.#failure(`${direction} does not run`, [words, String(error)], error)
  }

  #failure(property: string, details: readonly string[], cause?: unknown): PairFailure {
    return new PairFailure(property, details, this.#operations, this.#statements, this.#statement, { cause })
  }
}
