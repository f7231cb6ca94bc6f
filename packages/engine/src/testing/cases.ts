import { isRegExp } from 'node:util/types'

import type { QueryRunner } from 'typeorm'

import type { DialectName } from '../dialect/registry'
import { AludelError } from '../errors'
import { refusals, type Refusal } from '../dialect/roles/errors'

/**
 * A row of a test: values by column. The values are the same on every database: numbers (bigints where a number is not exact),
 * texts, booleans, `Date` for a moment, texts for dates and times of day (`'2024-02-29'`), `Buffer` for bytes, what JSON contains
 * for JSON, arrays, null.
 */
export type TestRow = Readonly<Record<string, unknown>>

/** Rows by table: `users`, or `billing.invoices` in another schema. */
export type TestRows = Readonly<Record<string, readonly TestRow[]>>

/** A scratch database, in the hands of a test. */
export interface TestDatabase {
  readonly dialect: DialectName
  /** TypeORM's own, for everything else. It belongs to the test: it need not be released. */
  readonly queryRunner: QueryRunner
  /**
   * Inserts rows. Columns that a row does not name get their defaults.
   *
   * @param table `users`, or `billing.invoices`
   * @throws the error of the database
   * @example
   * await db.insert('users', [{ id: 1, name: 'Ann Lee', born: '1990-02-28', tags: ['a'] }])
   */
  insert(table: string, rows: TestRow | readonly TestRow[]): Promise<void>
  /**
   * The rows of a table, all of their columns.
   *
   * @param options `where`: only rows with these values; `order`: columns to sort by. Default: the primary key
   * @example
   * const [ann] = await db.rows('users', { where: { id: 1 } })
   */
  rows(table: string, options?: TestRowsOptions): Promise<TestRow[]>
  /**
   * Asserts that a table has these rows and no others, in any order. Columns that an expected row does not name may have any value.
   *
   * @throws AssertionError with the difference
   * @example
   * await db.expect('users', [{ id: 1, first_name: 'Ann', last_name: 'Lee' }])
   */
  expect(table: string, rows: readonly TestRow[]): Promise<void>
  /**
   * Runs a statement of this database, and returns what TypeORM returns for it.
   *
   * @param parameters for `$1`, `$2` … on PostgreSQL, `?` on SQLite
   */
  query(sql: string, parameters?: readonly unknown[]): Promise<unknown>
}

/** Which rows {@link TestDatabase.rows} returns. */
export interface TestRowsOptions {
  readonly where?: TestRow
  readonly order?: string | readonly string[]
}

/** Does something with a database, or asserts something about it: whatever it throws fails the test. */
export type TestStep = (db: TestDatabase) => unknown

/** One test of a revision. Each has a scratch database of its own, at the revision below. */
export interface RevisionTestCase {
  /** The rows before the upgrade: inserts these, in this order, or does what the function does. */
  readonly before?: TestRows | TestStep
  /** After the upgrade: asserts that these tables have these rows, or what the function asserts. */
  readonly after?: TestRows | TestStep
  /**
   * After the downgrade, which only runs if this is given. `'as before'`: asserts that every table has the rows that it had before the
   * upgrade.
   */
  readonly back?: TestRows | TestStep | 'as before'
  /**
   * The upgrade must fail, and change nothing: with a message that matches, or because of a constraint of this kind. With `after`, that
   * is asserted of what the failed upgrade leaves.
   */
  readonly fails?: RegExp | Refusal
  /** Where it runs. Default: on all databases of the project. */
  readonly dialects?: readonly DialectName[]
  /** Does not run it, for this reason. */
  readonly skip?: string
}

/** The tests of a revision, by title. */
export type RevisionTestCases = Readonly<Record<string, RevisionTestCase>>

/** Also recognizes what another copy of this package has made. */
const brand = Symbol.for('aludel.revisionTest')

/** What {@link testRevision} returns: the default export of a test file. */
export class RevisionTest {
  // Not enumerable: TypeORM takes every function that it finds in the exports of a file for a migration.
  readonly #cases: RevisionTestCases

  constructor(cases: RevisionTestCases) {
    this.#cases = cases
    Object.defineProperty(this, brand, { value: () => this.#cases })
  }
}

/**
 * Declares the tests of the revision that this file is beside: `<name of its file>.test.ts`. `aludel migrate test` runs them.
 *
 * @throws AludelError `ALUDEL_TEST_INVALID` if there is none, or one is not a test
 * @example
 * export default testRevision({
 *   'splits names': {
 *     before: { users: [{ id: 1, name: 'Ann Lee' }] },
 *     after: { users: [{ id: 1, first_name: 'Ann', last_name: 'Lee' }] },
 *     back: 'as before',
 *   },
 * })
 */
export function testRevision(cases: RevisionTestCases): RevisionTest {
  if (!isObject(cases)) throw invalid('testRevision takes an object of tests, by title')
  const titles = Object.keys(cases)
  if (titles.length === 0) throw invalid('testRevision got no test')
  for (const title of titles) refuseInvalid(title, Reflect.get(cases, title))
  return new RevisionTest(cases)
}

/** The tests in a default export; undefined if it is not what {@link testRevision} returns. */
export function casesOf(exported: unknown): RevisionTestCases | undefined {
  if (!isObject(exported)) return undefined
  const read: unknown = Reflect.get(exported, brand)
  return typeof read === 'function' ? (Reflect.apply(read, exported, []) as RevisionTestCases) : undefined
}

const steps = ['before', 'after', 'back'] as const
const keys: ReadonlySet<string> = new Set([...steps, 'fails', 'dialects', 'skip'])

function refuseInvalid(title: string, one: unknown): void {
  const wrong = (problem: string): AludelError => invalid(`test ${JSON.stringify(title)} ${problem}`)
  if (!isObject(one)) throw wrong('is not an object')
  const unknown = Object.keys(one).find((key) => !keys.has(key))
  if (unknown !== undefined) throw wrong(`has the unknown key ${JSON.stringify(unknown)}`)
  const { before, after, back, fails, dialects, skip } = one as Readonly<Record<string, unknown>>
  for (const [name, step] of [['before', before] as const, ['after', after] as const]) {
    if (step !== undefined && typeof step !== 'function' && !isRows(step))
      throw wrong(`has ${name === 'after' ? 'an' : 'a'} ${name} that is neither a function nor rows by table`)
  }
  if (back !== undefined && back !== 'as before' && typeof back !== 'function' && !isRows(back))
    throw wrong("has a back that is neither a function, nor rows by table, nor 'as before'")
  if (fails !== undefined && !isRegExp(fails) && !(refusals as readonly unknown[]).includes(fails))
    throw wrong(`has a fails that is neither a regular expression nor one of ${refusals.join(', ')}`)
  if (fails !== undefined && back !== undefined)
    throw wrong('has both fails and back: an upgrade that fails is not undone')
  if (dialects !== undefined && (!Array.isArray(dialects) || dialects.length === 0))
    throw wrong('has dialects that are not a list of databases')
  if (skip !== undefined && (typeof skip !== 'string' || skip === '')) throw wrong('has a skip that is not a reason')
  if ([before, after, back, fails].every((part) => part === undefined))
    throw wrong('is empty: it has neither before, after, back nor fails')
}

function isRows(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((rows) => Array.isArray(rows) && rows.every(isObject))
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function invalid(message: string): AludelError {
  return new AludelError('ALUDEL_TEST_INVALID', message, {
    help: "A test has `before` (rows, or a function), `after`, `back` ('as before'), `fails`, `dialects`, `skip`.",
  })
}
