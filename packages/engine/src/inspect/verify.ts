import type { QueryRunner } from 'typeorm'

import type { MigratorContext } from '../project/context'
import { replay, runAlone } from '../shadow/replay'
import type { Dialect } from '../dialect/dialect'
import type { ObservedObject, Observer } from '../dialect/roles/observer'
import { isAludelError, messageOf, refuseAborted } from '../errors'
import { describeOperation } from '../operations'
import { fillTables } from '../proof/fill'
import { readRows, tablesWithRows } from '../proof/rows'
import type { VerifyResult } from '../results'
import type { Revision } from '../revision/revision'
import { compare } from '../difference/compare'
import { withoutExtraExtensions } from '../schema/extensions'
import type { Schema } from '../schema/schema'
import { observed, statementOf } from '../shadow/statements'
import { compareObserved, observedWords } from './observe'
import { observeEntities } from './verify-entities'
import { type Filled, hasRows, rowsNotRestored } from './verify-rows'

type Verdict = VerifyResult['revisions'][number]
type EntityVerdict = NonNullable<VerifyResult['entities']>[number]

/** Options of `Migrator.verify`. */
export interface VerifyOptions {
  /**
   * Also compare what `pg_dump --schema-only` and `sqlite_master` report of the schemas, which sees what this project's own
   * introspection does not model; and, where the range ends with the last revision, the schema of the revisions with that of the
   * entities. Default is false.
   */
  readonly observe?: boolean
}

/**
 * Runs each revision up, down and up on a shadow database of every dialect, with sample rows, and compares the schema and the rows after
 * its down with those before its up.
 *
 * @param revisions ids to verify; the revisions below them are only run
 */
export async function verifyRevisions(
  context: MigratorContext,
  revisions: ReadonlySet<string>,
  { observe = false }: VerifyOptions = {},
): Promise<VerifyResult> {
  const { graph } = await context.revisions.read()
  const needed = graph.ancestors(revisions, { dependencies: true })
  const order = graph.order.filter(({ id }) => needed.has(id))
  const isWhole = order.length > 0 && graph.heads.every(({ id }) => needed.has(id))
  const verdicts: Verdict[] = []
  const entities: EntityVerdict[] = []
  for (const dialect of await context.connection.dialects()) {
    const observer = observe && order.length > 0 ? await openObserver(context, dialect) : undefined
    const found = await new Verification(context, dialect, order, revisions, observer).run()
    verdicts.push(...found)
    if (observer === undefined || !('by' in observer) || !isWhole || found.some(({ up }) => up === 'failed')) continue
    const differences = await observeEntities(context, dialect, order, observer)
    if (differences !== undefined) entities.push({ dialect: dialect.name, differences })
  }
  return { revisions: verdicts, ...(observe && { entities }) }
}

async function openObserver(context: MigratorContext, dialect: Dialect): Promise<Observer> {
  const ignoreTables = await context.connection.ignoreTables()
  const options = { tools: context.options.backups?.tools, ignoreTables }
  const observer = await (
    await context.shadows()
  ).withRunner(dialect, (runner) => dialect.observer.open(runner, options))
  if ('missing' in observer)
    context.reporter.warn(`${dialect.name} is verified without the observer: ${observer.missing}`)
  return observer
}

/** Where to begin on a fresh shadow database. */
interface Start {
  readonly index: number
  /** False after the revision has refused the sample rows. */
  readonly withRows: boolean
}

/** A database between two runs. */
interface Situation extends Filled {
  readonly observed: readonly ObservedObject[] | undefined
}

class Verification {
  readonly #verdicts: Verdict[] = []

  constructor(
    readonly context: MigratorContext,
    readonly dialect: Dialect,
    /** The revisions and those below them. */
    readonly order: readonly Revision[],
    readonly judged: ReadonlySet<string>,
    /** Undefined: nobody asked for it. */
    readonly observer: Observer | undefined,
  ) {}

  async run(): Promise<readonly Verdict[]> {
    // After a failure, or a down that does not restore the database, the rest needs a fresh shadow database.
    let from: Start | undefined = { index: 0, withRows: true }
    while (from !== undefined && from.index < this.order.length) {
      const start: Start = from
      from = await (await this.context.shadows()).withRunner(this.dialect, (runner) => this.#verifyFrom(runner, start))
    }
    return this.#verdicts
  }

  /** Verifies revisions until one leaves the shadow database unfit for the next; returns where to begin again. */
  async #verifyFrom(runner: QueryRunner, start: Start): Promise<Start | undefined> {
    const { dialect, order, context } = this
    const { loadToReplay } = context.revisions
    await replay(dialect, runner, order.slice(0, start.index), 'upgrade', loadToReplay)
    for (const [index, revision] of order.entries()) {
      if (index < start.index) continue
      refuseAborted(context.signal)
      if (!this.judged.has(revision.id)) {
        await replay(dialect, runner, [revision], 'upgrade', loadToReplay)
        continue
      }
      context.reporter.progress(`verifying ${revision.id} on ${dialect.name}`)
      const withRows = index > start.index || start.withRows
      const verdict = await this.#judge(runner, revision, withRows)
      if (verdict === undefined) return { index, withRows: false }
      this.#verdicts.push(verdict)
      // The revisions after one that does not run cannot be verified.
      if (verdict.up === 'failed' && verdict.down === 'failed') return undefined
      if (verdict.up === 'failed' || verdict.down !== 'ok') return { index: index + 1, withRows: true }
    }
    return undefined
  }

  /** @returns undefined if the revision does not run with the sample rows */
  async #judge(runner: QueryRunner, revision: Revision, withRows: boolean): Promise<Verdict | undefined> {
    const { dialect, context } = this
    const statements: string[] = []
    const load = async (one: Revision): ReturnType<typeof context.revisions.load> =>
      observed(await context.revisions.load(one), ({ sql }) => statements.push(sql))
    let rows: Verdict['rows'] = withRows ? 'none' : 'refused'
    const verdict = (up: Verdict['up'], down: Verdict['down'], message: string): Verdict => ({
      revision: revision.id,
      dialect: dialect.name,
      up,
      down,
      message,
      rows: up === 'failed' || down === 'failed' || down === 'irreversible' ? 'none' : rows,
      ...(this.observer !== undefined && { observed: 'by' in this.observer }),
    })

    const before = await this.#situation(runner, withRows)
    try {
      await replay(dialect, runner, [revision], 'upgrade', load)
    } catch (error) {
      return withRows && hasRows(before) ? undefined : verdict('failed', 'failed', messageOf(error))
    }
    const middle = await this.#situation(runner, withRows)
    try {
      await runAlone(dialect, runner, revision, 'downgrade', load)
    } catch (error) {
      if (withRows && hasRows(middle)) return undefined
      return isAludelError(error) || statementOf(error) !== undefined
        ? verdict('ok', 'failed', dialect.errors.textOf(error))
        : // A `down` that throws its own error declares the revision irreversible.
          verdict('ok', 'irreversible', messageOf(error))
    }
    const after = await this.#situation(runner, false)
    if (withRows && hasRows(before)) rows = 'kept'
    const differences = compare(withoutExtraExtensions(after.schema, before.schema), before.schema, {
      unmanaged: context.ignored,
    }).map(describeOperation)
    if (differences.length > 0)
      return verdict('ok', 'differs', `after down, restoring the schema before up still needs: ${list(differences)}`)
    const unseen = this.#observedWords(after, before)
    if (unseen.length > 0)
      return verdict('ok', 'differs', `after down, the schema is not the one before up: ${list(unseen)}`)
    if (hasRows(before)) {
      const lost = await rowsNotRestored(dialect, before, middle, after, statements)
      if (lost.length > 0) {
        rows = 'lost'
        return verdict('ok', 'differs', `after down, rows from before up are missing or changed: ${list(lost)}`)
      }
    }
    const refilled = await this.#fill(runner, after.schema, withRows)
    try {
      await runAlone(dialect, runner, revision, 'upgrade', load)
    } catch (error) {
      return refilled ? undefined : verdict('failed', 'ok', `after down, up fails: ${dialect.errors.textOf(error)}`)
    }
    if (middle.observed !== undefined) {
      const second = timeless((await this.#observe(runner)) ?? [])
      const again = this.#observedWords({ observed: second }, { observed: timeless(middle.observed) })
      if (again.length > 0)
        return verdict('ok', 'differs', `after down, up gives another schema than the first time: ${list(again)}`)
    }
    return verdict('ok', 'ok', '')
  }

  /** Reads the schema and the rows. */
  async #situation(runner: QueryRunner, fill: boolean): Promise<Situation> {
    const { dialect, context } = this
    const ignoreTables = await context.connection.ignoreTables()
    const schema = await dialect.introspection.read(runner, { ignoreTables })
    if (fill) await this.#fill(runner, schema, true)
    return { schema, rows: await readRows(dialect, runner, schema.tables), observed: await this.#observe(runner) }
  }

  /**
   * Gives empty tables sample rows.
   *
   * @returns whether there are any rows afterward
   */
  async #fill(runner: QueryRunner, schema: Schema, withRows: boolean): Promise<boolean> {
    // Deferred constraints may refuse all of them at the end.
    if (withRows) await fillTables(this.dialect, runner, schema).catch(() => undefined)
    return withRows && (await tablesWithRows(this.dialect, runner, schema.tables)).size > 0
  }

  async #observe(runner: QueryRunner): Promise<readonly ObservedObject[] | undefined> {
    return this.observer !== undefined && 'by' in this.observer ? this.observer.observe(runner) : undefined
  }

  #observedWords(actual: Pick<Situation, 'observed'>, wanted: Pick<Situation, 'observed'>): readonly string[] {
    if (this.observer === undefined || !('by' in this.observer)) return []
    const words = observedWords(compareObserved(actual.observed ?? [], wanted.observed ?? [], this.context.ignored))
    const [first, ...rest] = words
    return first === undefined ? [] : [`${first} (${this.observer.by})`, ...rest]
  }
}

/** Without the moments in defaults: one that is evaluated when the column is created is another one each time. */
function timeless(objects: readonly ObservedObject[]): readonly ObservedObject[] {
  return objects.map((object) => ({ ...object, text: object.text.replace(/'\d{4}-\d\d-\d\d[^']*'/g, "'a moment'") }))
}

function list(parts: readonly string[]): string {
  return `${parts.slice(0, 3).join('; ')}${parts.length > 3 ? ' …' : ''}`
}
