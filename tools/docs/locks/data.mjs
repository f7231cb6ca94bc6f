import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../lib/process.mjs'

/**
 * What a form did. Properties without an entry are absent.
 *
 * @typedef {object} Result
 * @property {readonly string[]} [locks] `ACCESS EXCLUSIVE items`, `ACCESS EXCLUSIVE index items_code`
 * @property {readonly string[]} [rewrites] tables
 * @property {readonly string[]} [rebuilds] indexes
 * @property {readonly string[]} [scans] tables
 */

/**
 * A form with what it did, from the first to the last of some versions of the server.
 *
 * @typedef {object} MeasuredForm
 * @property {string} title
 * @property {string} sql
 * @property {string} table the one that it is about
 * @property {boolean} [outside] it cannot run in a transaction
 * @property {(Result & { versions: [first: number, last: number] })[]} measured
 */

/** @typedef {{ title: string, forms: MeasuredForm[] }} MeasuredGroup */
/** @typedef {{ servers: Record<string, string>, groups: MeasuredGroup[] }} Data */

/** Beside the test that measures everything again. */
export const dataFile = join(root, 'packages', 'engine', 'test', 'sql', 'postgres-ddl', 'measured.json')

/** @returns {Data} */
export function readData() {
  return JSON.parse(readFileSync(dataFile, 'utf8'))
}

/**
 * Joins neighboring versions in which a form did the same.
 *
 * @param {readonly (readonly [version: number, result: Result])[]} results in the order of the versions
 * @returns {MeasuredForm['measured']}
 */
export function joinVersions(results) {
  /** @type {MeasuredForm['measured']} */
  const joined = []
  for (const [version, result] of results) {
    const { versions, ...last } = joined.at(-1) ?? {}
    if (versions !== undefined && JSON.stringify(last) === JSON.stringify(result)) versions[1] = version
    else joined.push({ versions: [version, version], ...result })
  }
  return joined
}

/**
 * @param {MeasuredForm | undefined} form
 * @returns {(readonly [version: number, result: Result])[]} for each version
 */
export function resultsOf(form) {
  return (form?.measured ?? []).flatMap(({ versions: [first, last], ...result }) =>
    Array.from({ length: last - first + 1 }, (_, index) => /** @type {const} */ ([first + index, result])),
  )
}
