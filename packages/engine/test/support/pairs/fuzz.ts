// cspell:ignore ivpu
import fc from 'fast-check'
import type { DataSource } from 'typeorm'

import { refuseTwins } from '../../../src/shadow/shared-tables'
import { synchronize } from '../../../src/shadow/wanted'
import type { Dialect } from '../../../src/dialect/dialect'
import type { Observer } from '../../../src/dialect/roles/observer'
import { describeOperation } from '../../../src/operations'
import { ignoreTables } from '../ignore-tables'
import { checkPair, PairFailure, type PairOutcome, type PairRequest } from './check-pair'
import { type PairDatabases, pairDatabases } from './databases'
import { arbitraryPair, type ModelPair } from './edits'
import { entitiesOf } from './entities'
import type { Model } from './model'
import { type ClassModel, forgetClasses, makeClasses, printClasses } from './source'

interface FuzzOptions {
  /** The dialect under test. A broken one shows whether failures are found. */
  readonly dialect: Dialect
  /** Checks one pair. Default is {@link checkPair}. */
  readonly check?: ((request: PairRequest) => Promise<PairOutcome>) | undefined
  /** Number of pairs. */
  readonly pairs: number
  /** The first of the seeds; each has {@link pairsPerSeed} pairs. */
  readonly seed: number
  /** Number of smaller pairs to try after a failure. Default is {@link defaultShrinkSteps}. */
  readonly shrinkSteps?: number
  /** Stops after this number of kinds of failures. Default is no limit. */
  readonly maxFailures?: number
  /** Stops between two pairs. */
  readonly signal?: AbortSignal
  /** Called after every seed. */
  readonly onProgress?: (summary: FuzzSummary, seed: number) => void
  /** Called if no observer compares the schemas, because its tool is missing. */
  readonly onUnobserved?: (reason: string) => void
  /** Called once for each kind of failure. */
  readonly onFailure?: (failure: FuzzFailure) => void
}

export interface FuzzSummary {
  /** Number of pairs that ran, without those whose entities TypeORM rejects. */
  pairs: number
  /** Number of pairs with a difference. */
  changed: number
  operations: number
  rows: number
  /** Number of directions in which the rows did not fit: checked to change nothing, then run with empty tables. */
  refused: number
  /** Number of models that TypeORM or the database rejected, by reason. */
  readonly impossible: Map<string, number>
  /** Number of failures of each kind. */
  readonly failures: Map<string, number>
}

export interface FuzzFailure {
  readonly property: string
  readonly seed: number
  /** A readable text: entities before and after, operations, statements. */
  readonly report: string
}

const pairsPerSeed = 25
const defaultShrinkSteps = 200

/** Checks random pairs of models, and shrinks the first failure of each kind. Further ones are only counted. */
export async function fuzz(options: FuzzOptions): Promise<FuzzSummary> {
  const databases = await pairDatabases(options.dialect.name)
  try {
    const observer = await openObserver(options.dialect, databases)
    if ('missing' in observer) options.onUnobserved?.(observer.missing)
    return await new Fuzzing(options, databases, observer).run()
  } finally {
    await databases.close()
  }
}

async function openObserver(dialect: Dialect, databases: PairDatabases): Promise<Observer> {
  const dataSource = await databases.open('live', [])
  const runner = dataSource.createQueryRunner()
  try {
    return await dialect.observer.open(runner, { ignoreTables })
  } finally {
    await runner.release()
    await dataSource.destroy()
  }
}

class Fuzzing {
  readonly #summary: FuzzSummary = {
    pairs: 0,
    changed: 0,
    operations: 0,
    rows: 0,
    refused: 0,
    impossible: new Map(),
    failures: new Map(),
  }
  /** The kind of failure that is being shrunk, and the number of smaller pairs tried so far. */
  #found: string | undefined
  #shrinkSteps = 0

  constructor(
    readonly options: FuzzOptions,
    readonly databases: PairDatabases,
    readonly observer: Observer,
  ) {}

  async run(): Promise<FuzzSummary> {
    const { pairs, seed: first, signal, onProgress } = this.options
    const isEnough = (): boolean => this.#summary.failures.size >= (this.options.maxFailures ?? Infinity)
    for (let seed = first; this.#summary.pairs < pairs && signal?.aborted !== true && !isEnough(); seed++) {
      await this.#runSeed(seed, Math.min(pairsPerSeed, pairs - this.#summary.pairs))
      onProgress?.(this.#summary, seed)
    }
    return this.#summary
  }

  async #runSeed(seed: number, numRuns: number): Promise<void> {
    this.#found = undefined
    this.#shrinkSteps = 0
    const property = fc.asyncProperty(arbitraryPair, (pair) => this.#holds(pair))
    const details = await fc.check(property, { seed, numRuns, maxSkipsPerRun: 100, endOnFailure: false })
    const [smallest] = details.counterexample ?? []
    if (smallest === undefined || !(details.errorInstance instanceof PairFailure)) {
      if (details.failed && this.options.signal?.aborted !== true)
        throw new Error('the pairs could not be run', { cause: details.errorInstance })
      return
    }
    const failure = details.errorInstance
    this.options.onFailure?.({
      property: failure.property,
      seed,
      report: report(smallest, failure, this.options.dialect, seed, this.#shrinkSteps),
    })
  }

  async #holds(pair: ModelPair): Promise<void> {
    // The SQLite driver is synchronous: without a break, no timer or signal would ever be handled.
    await new Promise((resolve) => setImmediate(resolve))
    if (this.options.signal?.aborted === true) return
    const isShrinking = this.#found !== undefined
    if (isShrinking) {
      if (this.#shrinkSteps >= (this.options.shrinkSteps ?? defaultShrinkSteps)) throw new fc.PreconditionFailure(true)
      this.#shrinkSteps += 1
    }
    try {
      const outcome = await this.#check(pair)
      if (!isShrinking) this.#count(outcome)
    } catch (error) {
      if (!(error instanceof PairFailure)) throw error
      const kind = kindOf(error)
      if (isShrinking) {
        // Another kind of failure is not a smaller version of this one.
        if (kind !== this.#found) return
        throw error
      }
      const { failures } = this.#summary
      const times = failures.get(kind) ?? 0
      failures.set(kind, times + 1)
      this.#summary.pairs += 1
      if (times > 0) return
      this.#found = kind
      throw error
    }
  }

  #count({ operations, rows, refused }: PairOutcome): void {
    this.#summary.pairs += 1
    if (operations > 0) this.#summary.changed += 1
    this.#summary.operations += operations
    this.#summary.rows += rows
    this.#summary.refused += refused
  }

  async #check(pair: ModelPair): Promise<PairOutcome> {
    const { dialect } = this.options
    const opened: DataSource[] = []
    try {
      const live = await this.#make('live', pair.from, opened)
      const wanted = await this.#make('wanted', pair.to, opened)
      if (live === undefined || wanted === undefined) return fc.pre(false) as never
      return await (this.options.check ?? checkPair)({ ...pair, dialect, live, wanted, observer: this.observer })
    } finally {
      for (const dataSource of opened) await dataSource.destroy()
    }
  }

  /** Creates the entities of a model. Returns undefined if TypeORM or the database rejects them. */
  async #make(side: 'live' | 'wanted', model: Model, opened: DataSource[]): Promise<DataSource | undefined> {
    try {
      const dataSource = await this.databases.open(side, makeClasses(entitiesOf(model, this.options.dialect.name)))
      opened.push(dataSource)
      const { dialect } = this.options
      await synchronize(dataSource, dialect)
      // SQLite accepts equally named constraints, which `create` refuses.
      if (!dialect.sql.locksTables)
        refuseTwins(await dialect.introspection.read(dataSource, { ignoreTables: [] }), dataSource)
      return dataSource
    } catch (error) {
      const { impossible } = this.#summary
      const reason = withoutNames(error instanceof Error ? error.message : String(error))
      impossible.set(reason, (impossible.get(reason) ?? 0) + 1)
      return undefined
    } finally {
      forgetClasses()
    }
  }
}

/** Returns the same text for all failures of one kind, without names and numbers. */
function kindOf({ property, details }: PairFailure): string {
  if (property.endsWith('unseen'))
    return `${property}: ${[...new Set(details.map((line) => line.split(/\s+/)[1]))].join(', ')}`
  if (property.endsWith('loses rows'))
    return `${property}: ${/ rows and has | had | is gone| cannot be turned back/.exec(details[0] ?? '')?.[0] ?? ''}`
  return `${property}: ${withoutNames(details[0] ?? '').slice(0, 160)}`
}

function withoutNames(text: string): string {
  return (text.split('\n')[0] ?? '')
    .replace(/\b(?:[ivpu]x|ck|fk|pk|uq|link|aludel_\w+)\b[ _\w]*|\S+\.\S+/g, '…')
    .replace(/"[^"]*"|'[^']*'|\b[A-Za-z]*_?[0-9a-f]{20,}\b/g, '…')
    .replace(/\d+/g, 'n')
}

function report(pair: ModelPair, failure: PairFailure, { name }: Dialect, seed: number, tried: number): string {
  const [before, after] = [entitiesOf(pair.from, name), entitiesOf(pair.to, name)]
  const same = after.filter((one) => before.some((other) => printClasses([other]) === printClasses([one])))
  const changed = after.filter((one) => !same.includes(one))
  const gone = before.filter((one) => !after.some((other) => other.name === one.name))
  const block = (title: string, text: string): string => `--- ${title}\n${text === '' ? '(nothing)' : text}`
  return [
    `${name}: ${failure.property} (seed ${String(seed)}; rows by ${String(pair.seed)}; run by ${pair.mode}; ` +
      `${String(tried)} smaller pairs tried)`,
    ...failure.details.slice(0, 20).map((line) => `  ${line}`),
    block('entities before', printClasses(before)),
    block('entities after, as far as they differ', changesOf(changed, gone)),
    block('operations', failure.operations.map(describeOperation).join('\n')),
    block(
      'statements',
      failure.statements.map(({ sql }) => `${sql === failure.statement ? '>>> ' : ''}${sql};`).join('\n'),
    ),
  ].join('\n')
}

function changesOf(changed: readonly ClassModel[], gone: readonly ClassModel[]): string {
  return [printClasses(changed), ...gone.map(({ name }) => `// ${name} is gone`)]
    .filter((text) => text !== '')
    .join('\n\n')
}
