import type { DataSource, QueryRunner } from 'typeorm'

import { answerRenames, diffOf, statementsOf } from '../../../src/create/diff'
import { explainProof } from '../../../src/create/explain-proof'
import { type ProofRound, proveInRounds } from '../../../src/create/proof-rounds'
import { inRevision } from '../../../src/shadow/replay'
import type { Dialect } from '../../../src/dialect/dialect'
import type { Statement } from '../../../src/dialect/roles/ddl'
import type { ObservedObject, Observer } from '../../../src/dialect/roles/observer'
import { isAludelError } from '../../../src/errors'
import { compareObserved, observedWords } from '../../../src/inspect/observe'
import { describeOperation, reverseOperations } from '../../../src/operations'
import type { Operation } from '../../../src/operations/operation'
import { type ProofResult, prove } from '../../../src/proof/proof'
import { withCountedExtensions, withoutExtraExtensions } from '../../../src/schema/extensions'
import { type Plan, planChanges } from '../../../src/difference/plan-changes'
import { displayName, type Schema } from '../../../src/schema/schema'
import { ignoreTables } from '../ignore-tables'
import { catalog, catalogDifferences } from './catalog'
import type { RunMode } from './edits'
import { undeclaredLosses, type Snapshot, snapshot } from './kept-rows'
import { flagsFor, renamesOf } from './renames'
import { emptyTables, fillTables } from './rows'

/** Counts of one pair, for the summary of many. */
export interface PairOutcome {
  readonly operations: number
  readonly rows: number
  /** Number of directions in which the rows did not fit. */
  readonly refused: number
}

/** Thrown when a property does not hold, with everything that is known about it. */
export class PairFailure extends Error {
  override readonly name = 'PairFailure'

  constructor(
    /** Names the property in a few words, the same for every failure of the kind. */
    readonly property: string,
    readonly details: readonly string[],
    readonly operations: readonly Operation[],
    readonly statements: readonly Statement[],
    /** The SQL of the statement that failed. */
    readonly statement: string | undefined,
    options?: ErrorOptions,
  ) {
    super(`${property}\n${details.map((line) => `  ${line}`).join('\n')}`, options)
  }
}

export interface PairRequest {
  readonly dialect: Dialect
  /** Contains the tables of the first model, as TypeORM creates them. */
  readonly live: DataSource
  /** Contains the tables of the second model. */
  readonly wanted: DataSource
  readonly sayYes: boolean
  readonly seed: number
  readonly mode: RunMode
  /** Compares the schemas as well. Default: nobody does. */
  readonly observer?: Observer
}

/**
 * Checks the properties of one pair of models: applying the difference leads to the second schema; a second difference is empty;
 * undoing it leads back to the first schema; it can be applied again; and every row that no operation declares lost still exists.
 *
 * In the mode `proof`, it checks instead that the proof of a revision accepts the pair.
 *
 * Rows may violate the second schema (two equal rows and a new unique key). Then nothing may have changed, and it must run once
 * the tables are empty.
 *
 * @throws PairFailure
 */
export async function checkPair(request: PairRequest): Promise<PairOutcome> {
  const runner = request.live.createQueryRunner()
  try {
    return await new PairCheck(request, runner).run()
  } finally {
    await runner.release()
  }
}

type Direction = 'up' | 'down' | 'up again'

class PairCheck {
  #operations: readonly Operation[] = []
  #statements: readonly Statement[] = []
  #statement: string | undefined
  #refused = 0

  constructor(
    readonly request: PairRequest,
    readonly runner: QueryRunner,
  ) {}

  async run(): Promise<PairOutcome> {
    const { dialect, wanted, sayYes, seed } = this.request
    const { runner } = this
    const from = await this.#read()
    const wish = withCountedExtensions(await dialect.introspection.read(wanted, { ignoreTables }))
    const [wasCatalog, wantedCatalog] = [await catalog(dialect.name, runner), await catalog(dialect.name, wanted)]

    const wasObserved = await this.#observe(runner)
    const wantedObserved = await this.#observeAt(wanted)

    const { operations, to } = await this.#guard('the difference cannot be told', () => this.#plan(from, wish, sayYes))
    this.#operations = operations
    if (operations.length === 0) {
      const unseen = catalogDifferences(wasCatalog, wantedCatalog)
      if (unseen.length > 0) throw this.#failure('a difference is not seen', unseen)
      const observed = observedWords(compareObserved(wasObserved, wantedObserved))
      if (observed.length > 0) throw this.#failure('a difference is only observed', observed)
      return { operations: 0, rows: 0, refused: 0 }
    }
    const reverse = reverseOperations(operations)
    const { up, down } = await this.#guard('it cannot be rendered', async () =>
      statementsOf({ dialect, operations, from, to }),
    )

    const ofWanted = { catalog: wantedCatalog, observed: wantedObserved }
    const ofWas = { catalog: wasCatalog, observed: wasObserved }
    if (this.request.mode === 'proof') {
      await this.#prove({ operations, statements: up, from, to, ...ofWanted }, reverse, down)
      return { operations: operations.length, rows: 0, refused: this.#refused }
    }

    await runner.startTransaction()
    const rows = await fillTables(dialect, runner, from, seed)
    await runner.commitTransaction()

    const steps: readonly (readonly [Direction, Step])[] = [
      ['up', { operations, statements: up, from, to, ...ofWanted }],
      ['down', { operations: reverse, statements: down, from: to, to: from, ...ofWas }],
      ['up again', { operations, statements: up, from, to, ...ofWanted }],
    ]
    for (const [direction, step] of steps) if (!(await this.#go(direction, step))) break
    return { operations: operations.length, rows, refused: this.#refused }
  }

  async #plan(from: Schema, to: Schema, sayYes: boolean): Promise<Plan> {
    const { dialect, live, wanted, seed } = this.request
    const renamed = renamesOf(live, wanted)
    // An extension that is no longer needed stays, as if the user answered so.
    const pair = { dialect, from, to }
    // Renames between names that exist before and after raise no question, so half of the pairs declare them by flags.
    const flags = seed % 2 === 0 && !sayYes ? flagsFor(live, wanted, from, to) : {}
    const { answers } = await answerRenames([pair], {
      ...flags,
      askRename: async (question) => {
        const table = question.table === undefined ? undefined : displayName(question.table)
        const asked = question.kind === 'table' ? question.from : JSON.stringify([table, question.from])
        const known = renamed.get(asked)
        if (known !== undefined) return question.candidates.includes(known) ? known : null
        return sayYes ? (question.candidates[0] ?? null) : null
      },
    })
    const diff = diffOf(pair, answers)
    return { operations: diff.operations.filter(({ op }) => op !== 'dropExtension'), to: diff.to }
  }

  /** Expects that the proof, which makes its own rows, accepts the pair. */
  async #prove(step: Step, reverse: readonly Operation[], down: readonly Statement[]): Promise<void> {
    const { dialect } = this.request
    const { runner } = this
    const { operations, statements: up, from, to } = step
    const request = { dialect, runner, ignoreTables, from, to, operations, reverse, up, down, transactional: true }
    // Each round leaves the database unchanged and without rows.
    const proveOnce = async (round: ProofRound): Promise<ProofResult> => {
      const result = await prove({ ...request, ...round }).catch(async (error: unknown) => {
        await this.#clear(step, down, isAludelError(error) && leavesStart(error.details))
        throw error
      })
      await this.#clear(step, down, false)
      return result
    }
    try {
      const { refusal } = await proveInRounds(dialect, { operations, from, to }, reverse, proveOnce)
      if (refusal !== undefined) this.#refused += 1
    } catch (error) {
      if (error instanceof PairFailure) throw error
      const explained = explainProof(error, { dialect, operations, from, to }, reverse)
      if (isAludelError(explained, 'ALUDEL_CONVERSION')) {
        // Only the user can choose the conversion.
        this.#refused += 1
        return
      }
      this.#statements = [...up, ...down]
      const { statement, differences = [] } = isAludelError(error) ? error.details : {}
      this.#statement = typeof statement === 'string' ? statement : undefined
      const lines = Array.isArray(differences) ? differences.map(String) : []
      throw this.#failure(
        'the proof refuses it',
        [error instanceof Error ? error.message : String(error), ...lines],
        error,
      )
    }
  }

  /** Empties the tables and restores the schema from before the step. */
  async #clear(step: Step, down: readonly Statement[], isAtStart: boolean): Promise<void> {
    const { dialect } = this.request
    await emptyTables(dialect, this.runner, isAtStart ? step.from : step.to)
    const undone = isAtStart ? undefined : await this.#execute({ ...step, statements: down })
    if (undone !== undefined)
      throw this.#failure('down does not run on empty tables', [dialect.errors.textOf(undone)], undone)
  }

  /** Runs one direction with the existing rows, or without rows if they do not fit. Returns false if the check cannot continue. */
  async #go(direction: Direction, step: Step): Promise<boolean> {
    const { dialect } = this.request
    const { runner } = this
    this.#operations = step.operations
    this.#statements = step.statements
    const before: { schema: Schema; rows: Snapshot } = {
      schema: step.from,
      rows: await snapshot(dialect, runner, step.from),
    }
    const refusal = await this.#execute(step)
    if (refusal !== undefined) {
      const isLoud = this.request.mode !== 'engine' && (isAboutRows(refusal) || isAboutReferences(refusal))
      if (isLoud) {
        // Constraints that are enforced at once may refuse a step whose end is valid, and without a transaction half of it is done.
        if (this.request.mode === 'typeorm') await this.#expectNothingHappened(direction, step.from, before.rows)
        this.#refused += 1
        return false
      }
      if (!isAboutRows(refusal) || !couldRefuse(step.operations))
        throw this.#failure(`${direction} does not run`, [dialect.errors.textOf(refusal)], refusal)
      await this.#expectNothingHappened(direction, step.from, before.rows)
      this.#refused += 1
      await emptyTables(dialect, runner, step.from)
      const again = await this.#execute(step)
      if (again !== undefined)
        throw this.#failure(`${direction} does not run on empty tables`, [dialect.errors.textOf(again)], again)
    }
    this.#statement = undefined
    const now = await this.#read()
    const rest = planChanges(withoutExtraExtensions(now, step.to), step.to).operations
    if (rest.length > 0) throw this.#failure(`${direction} does not give what was wanted`, rest.map(describeOperation))
    const unseen = catalogDifferences(await catalog(dialect.name, runner), step.catalog)
    if (unseen.length > 0) throw this.#failure(`${direction} gives something else than wanted, unseen`, unseen)
    const observed = observedWords(compareObserved(await this.#observe(runner), step.observed))
    if (observed.length > 0) throw this.#failure(`${direction} gives something else than wanted, as observed`, observed)
    if (refusal !== undefined) return true
    const lost = await undeclaredLosses(dialect, runner, before, step.operations, now)
    if (lost.length > 0) throw this.#failure(`${direction} loses rows`, lost)
    return true
  }

  /** Returns the error of the database, or undefined if all statements ran. */
  async #execute({ statements }: Step): Promise<unknown> {
    const { runner } = this
    const { mode, dialect } = this.request
    const work = async (): Promise<void> => {
      for (const { sql } of statements) {
        this.#statement = sql
        await runner.query(sql)
      }
      this.#statement = undefined
    }
    try {
      if (mode === 'engine' || mode === 'proof') await inRevision(dialect, runner, true, work)
      else if (mode === 'typeorm') await inTransaction(runner, work)
      else await work()
      return undefined
    } catch (error) {
      return error
    }
  }

  async #expectNothingHappened(direction: Direction, schema: Schema, rows: Snapshot): Promise<void> {
    const rest = planChanges(withoutExtraExtensions(await this.#read(), schema), schema).operations
    if (rest.length > 0)
      throw this.#failure(`${direction} fails and leaves something behind`, rest.map(describeOperation))
    const now = await snapshot(this.request.dialect, this.runner, schema)
    const spelled = (list: Snapshot): string =>
      JSON.stringify([...list].map(([table, found]) => [table, found.map((row) => JSON.stringify(row)).sort()]))
    if (spelled(now) !== spelled(rows)) throw this.#failure(`${direction} fails and changes rows`, [])
  }

  async #observe(runner: QueryRunner): Promise<readonly ObservedObject[]> {
    const { observer } = this.request
    return observer !== undefined && 'by' in observer ? observer.observe(runner) : []
  }

  async #observeAt(dataSource: DataSource): Promise<readonly ObservedObject[]> {
    const runner = dataSource.createQueryRunner()
    try {
      return await this.#observe(runner)
    } finally {
      await runner.release()
    }
  }

  async #read(): Promise<Schema> {
    return withCountedExtensions(await this.request.dialect.introspection.read(this.runner, { ignoreTables }))
  }

  async #guard<T>(property: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw this.#failure(property, [String(error), ...(isAludelError(error) ? [error.help ?? ''] : [])], error)
    }
  }

  #failure(property: string, details: readonly string[], cause?: unknown): PairFailure {
    return new PairFailure(property, details, this.#operations, this.#statements, this.#statement, { cause })
  }
}

/** Whether a failed proof left the first schema: a statement of up failed, or all statements of down ran. */
function leavesStart({ direction, statement }: Readonly<Record<string, unknown>>): boolean {
  return (direction === 'down') === (statement === undefined)
}

/** Runs in a transaction as TypeORM does when it runs or reverts a migration. */
async function inTransaction(runner: QueryRunner, work: () => Promise<void>): Promise<void> {
  await runner.startTransaction()
  try {
    await work()
    await runner.commitTransaction()
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined)
    throw error
  }
}

interface Step {
  readonly operations: readonly Operation[]
  readonly statements: readonly Statement[]
  readonly from: Schema
  readonly to: Schema
  readonly catalog: readonly string[]
  readonly observed: readonly ObservedObject[]
}

/** Whether the error means that rows do not fit the schema. */
export function isAboutRows(error: unknown): boolean {
  const { driverError, code } = error as { readonly driverError?: { readonly code?: unknown }; readonly code?: unknown }
  if (code === 'ALUDEL_FOREIGN_KEYS') return true
  const state = driverError?.code ?? code
  if (typeof state === 'string' && /^2[23]...$/.test(state)) return true
  // The message "cannot convert" is for a value without a counterpart (NaN, infinity), which PostgreSQL does not support.
  return /JSON path(?:: | error near )'rows |cannot convert |constraint failed|Cannot add a NOT NULL column|cannot store|datatype mismatch/.test(
    String(error),
  )
}

/** Whether SQLite refuses tables that reference each other or themselves while foreign keys are enforced. */
function isAboutReferences(error: unknown): boolean {
  return /foreign key mismatch|no such table/.test(String(error))
}

/** Whether rows could violate one of the operations. */
function couldRefuse(operations: readonly Operation[]): boolean {
  return operations.some((operation) => {
    switch (operation.op) {
      case 'createIndex':
        return operation.index.unique
      case 'addColumn':
        return !operation.column.nullable || operation.column.generated !== undefined
      case 'addUnique':
      case 'addPrimaryKey':
      case 'addCheck':
      case 'addExclusion':
      case 'addForeignKey':
      case 'alterColumn':
      case 'alterEnum':
      case 'alterTable':
        return true
      default:
        return false
    }
  })
}
