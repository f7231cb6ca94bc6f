import { AssertionError } from 'node:assert'
import { isDeepStrictEqual, stripVTControlCharacters } from 'node:util'
import { isDate } from 'node:util/types'

import type { TestRow } from './cases'

/**
 * Whether a value of a row is the expected one. Values that databases have no type for, or several, are equal if they mean the same: 1
 * and true where the column is a number, 5 and 5n, a `Date` and a text of the same moment (of UTC, if it names no zone).
 */
export function isExpected(actual: unknown, expected: unknown): boolean {
  if (expected === null || expected === undefined) return actual === null || actual === undefined
  if (actual === null || actual === undefined) return false
  if (isDate(actual) || isDate(expected)) return momentOf(actual) === momentOf(expected)
  if (typeof expected === 'boolean' && (actual === 0 || actual === 1)) return actual === Number(expected)
  if (isNumeric(actual) && isNumeric(expected)) return isSameNumber(actual, expected)
  if (ArrayBuffer.isView(actual) && ArrayBuffer.isView(expected)) return bytesOf(actual).equals(bytesOf(expected))
  if (Array.isArray(actual) && Array.isArray(expected))
    return actual.length === expected.length && actual.every((value, index) => isExpected(value, expected[index]))
  if (isPlain(actual) && isPlain(expected)) {
    const names = Object.keys(actual)
    return (
      names.length === Object.keys(expected).length && names.every((name) => isExpected(actual[name], expected[name]))
    )
  }
  return isDeepStrictEqual(actual, expected)
}

/** An object of JSON, also one of another realm: a test runner may have its own. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** Exact also between a number and a bigint. */
function isSameNumber(a: number | bigint, b: number | bigint): boolean {
  if (typeof a === typeof b) return Object.is(a, b) || a === b
  const [whole, number] = typeof a === 'bigint' ? [a, b] : [b, a]
  return Number.isInteger(number) && BigInt(number) === whole
}

function bytesOf(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
}

/** Milliseconds since 1970; a value that is no moment is only equal to itself. */
function momentOf(value: unknown): unknown {
  if (isDate(value)) return value.getTime()
  if (typeof value !== 'string') return value
  const [, day, time = '00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d(?::?\d\d)?)?)?$/.exec(value) ?? []
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone
  const found = day === undefined ? Number.NaN : new Date(`${day}T${time}${offset}`).getTime()
  return Number.isNaN(found) ? value : found
}

/** Whether a row has the expected values; columns that are not expected may have any. */
export function isExpectedRow(actual: TestRow, expected: TestRow): boolean {
  return Object.entries(expected).every(([column, value]) => column in actual && isExpected(actual[column], value))
}

/**
 * Asserts that a table has the expected rows and no others, in any order.
 *
 * @throws AssertionError whose difference contains only the rows that differ, and of these only the expected columns
 */
export function assertRows(table: string, actual: readonly TestRow[], expected: readonly TestRow[]): void {
  const unknown = unknownColumn(actual, expected)
  if (unknown !== undefined)
    throw new AssertionError({ message: `${table} has no column ${unknown}`, stackStartFn: assertRows })
  const partners = match(actual, expected)
  const left = actual.filter((_, index) => !partners.includes(index))
  const missing = expected.filter((_, index) => partners[index] === undefined)
  if (left.length === 0 && missing.length === 0) return
  const columns = [...new Set(expected.flatMap((row) => Object.keys(row)))]
  // Each row beside the one that is most like it, so that the difference is small.
  const rest = [...left]
  const pairs = missing.map((row) => {
    const best = rest.toSorted((a, b) => likeness(b, row) - likeness(a, row))[0]
    if (best !== undefined) rest.splice(rest.indexOf(best), 1)
    return [best, row] as const
  })
  const found = [
    ...pairs.flatMap(([row, wanted]) => (row === undefined ? [] : [shown(row, columns, wanted)])),
    ...rest.map((row) => shown(row, columns)),
  ]
  const same = actual.length - left.length
  const difference = new AssertionError({
    actual: found,
    expected: missing.map((row) => ({ ...row })),
    operator: 'deepStrictEqual',
  })
  // Node colors it where it takes standard error for a terminal.
  const lines = stripVTControlCharacters(difference.message).split('\n')
  throw new AssertionError({
    message: [
      `${table} has other rows than expected${same === 0 ? '' : ` (${String(same)} as expected)`}:`,
      ...lines.slice(lines[0]?.startsWith('Expected values') === true ? 1 : 0),
    ].join('\n'),
    stackStartFn: assertRows,
  })
}

function unknownColumn(actual: readonly TestRow[], expected: readonly TestRow[]): string | undefined {
  const [first] = actual
  if (first === undefined) return undefined
  return expected.flatMap((row) => Object.keys(row)).find((column) => !(column in first))
}

/** For each expected row the place of an actual one, each at most once: as many as possible. */
function match(actual: readonly TestRow[], expected: readonly TestRow[]): readonly (number | undefined)[] {
  const partners: (number | undefined)[] = expected.map(() => undefined)
  const takenBy = new Map<number, number>()
  const find = (row: number, seen: Set<number>): boolean => {
    for (const [index, one] of actual.entries()) {
      const wanted = expected[row]
      if (seen.has(index) || wanted === undefined || !isExpectedRow(one, wanted)) continue
      seen.add(index)
      const holder = takenBy.get(index)
      // A row that suits several expected ones is left to the one that has no other.
      if (holder !== undefined && !find(holder, seen)) continue
      takenBy.set(index, row)
      partners[row] = index
      return true
    }
    return false
  }
  for (const row of expected.keys()) find(row, new Set())
  return partners
}

function likeness(actual: TestRow, expected: TestRow): number {
  return Object.entries(expected).filter(([column, value]) => isExpected(actual[column], value)).length
}

/** The columns that are expected of a row, with the expected value where it is equal; of a row that nobody expects, all columns that are ever expected. */
function shown(row: TestRow, columns: readonly string[], wanted?: TestRow): TestRow {
  const names = wanted === undefined ? (columns.length === 0 ? Object.keys(row) : columns) : Object.keys(wanted)
  return Object.fromEntries(
    names.map((name) => [name, wanted !== undefined && isExpected(row[name], wanted[name]) ? wanted[name] : row[name]]),
  )
}
