import { columns } from '../lib/table.mjs'
import { median } from './measure.mjs'

/** @typedef {import('./measure.mjs').Row} Row */

/** Fixed widths, because each row is printed as soon as it is known: a whole run takes long. */
const widths = [44, 44, 24, 24, 20, 8, 24]

/** Prints the head of the table; `printRow` prints its rows. */
export function printHead() {
  print(['figure', 'against', 'ours', 'theirs', 'ratio', 'goal', 'ok'])
  print(widths.map((width) => '─'.repeat(width)))
}

/**
 * @param {Row} row
 * @param {boolean} repeated whether the row above has the same figure
 */
export function printRow(row, repeated) {
  const { figure, against, ours, theirs, value, goal, ok } = cellsOf(row)
  print([repeated ? '' : figure, against, ours, theirs, value, goal, ok])
}

/** @param {string[]} cells */
const print = (cells) => console.log(columns({ rows: [cells], align: widths.map(() => 'left'), widths }))

/**
 * The texts of a row: `1.04 (0.98–1.10)` are the median, the lowest and the highest value.
 *
 * @param {Row} row
 */
export function cellsOf(row) {
  const { figure, against, measure, kind, factor = 1, ours, theirs, values, goal, least } = row
  const unit = measure === null ? String : units[measure]
  const value = kind === 'ratio' ? (/** @type {number} */ it) => it.toFixed(2) : kind === 'more' ? signed(unit) : unit
  return {
    figure,
    against: factor === 1 ? against : `${factor} × ${against}`,
    ours: spread(ours, unit),
    theirs: spread(theirs, unit),
    value: kind === 'limit' ? '' : spread(values, value),
    goal:
      goal === undefined
        ? ''
        : kind === 'ratio'
          ? [...(least === undefined ? [] : [least]), goal].join('–')
          : value(goal),
    ok: okOf(row),
  }
}

/** @param {Row} row */
function okOf({ ok, skipped, failed }) {
  if (skipped !== undefined) return `skipped: ${skipped}`
  if (failed !== undefined) return `${ok === false ? 'no' : 'failed'}: ${String(failed.split('\n')[0]).slice(0, 200)}`
  return ok === null ? '' : ok ? 'yes' : 'no'
}

/** @param {number} ms */
const time = (ms) =>
  Math.abs(ms) < 10
    ? `${ms.toFixed(1)} ms`
    : Math.abs(ms) < 999.5
      ? `${ms.toFixed(0)} ms`
      : `${(ms / 1000).toFixed(2)} s`

/** @type {Record<import('./measure.mjs').Measure, (value: number) => string>} */
const units = {
  ms: time,
  cpuMs: time,
  loadedCpuMs: time,
  rss: (bytes) => `${(bytes / 1e6).toFixed(0)} MB`,
  queries: String,
  trips: (count) => `${Number(count.toFixed(2))}`,
}

/** @param {(value: number) => string} unit */
const signed = (unit) => (/** @type {number} */ value) => (value < 0 ? '' : '+') + unit(value)

/**
 * @param {number[]} values
 * @param {(value: number) => string} format
 */
function spread(values, format) {
  if (values.length === 0) return ''
  return `${format(median(values))} (${format(Math.min(...values))}–${format(Math.max(...values))})`
}
