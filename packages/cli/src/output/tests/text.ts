import type { RevisionTestFailure, RevisionTestResult, TestResult, WrittenTest } from '@aludel/engine'

import { plural, shortPath } from '../format'
import type { Colors, Output } from '../output'
import { columns } from '../table'

const phases: Readonly<Record<RevisionTestFailure['phase'], string>> = {
  replay: 'a revision below failed',
  before: 'in before',
  upgrade: 'in the upgrade',
  after: 'in after',
  downgrade: 'in the downgrade',
  back: 'in back',
}

/** Prints the tests by revision, then each failure in full, and how many there are. */
export function printTests(result: TestResult, out: Output): void {
  const { tests } = result
  if (tests.length === 0) {
    printNone(result, out)
    return
  }
  const { colors } = out
  const shown = out.quiet ? [] : [...grouped(tests, ({ revision }) => revision).values()]
  for (const own of shown) {
    const [first] = own
    if (first === undefined) continue
    out.lines(`${colors.yellow(first.revision)} ${first.message}`, ...columns(rowsOf(own, out)), '')
  }
  for (const alike of grouped(tests, failureKey).values()) printFailure(alike, out)
  out.note(summaryOf(tests, colors))
}

/** One row for each test, with the databases on which it ended alike. */
function rowsOf(tests: readonly RevisionTestResult[], { colors, verbose }: Output): readonly (readonly string[])[] {
  return [...grouped(tests, ({ title, outcome }) => `${outcome} ${title}`).values()].flatMap((alike) => {
    const [first] = alike
    if (first === undefined) return []
    const where = alike.map(({ dialect, durationMs }) => (verbose ? `${dialect} ${String(durationMs)} ms` : dialect))
    const reason = first.reason === undefined ? where.join(', ') : `skipped: ${first.reason}`
    return [[`  ${mark(first, colors)} ${first.title}`, colors.dim(reason)]]
  })
}

function mark({ outcome }: RevisionTestResult, colors: Colors): string {
  if (outcome === 'passed') return colors.green('✓')
  return outcome === 'failed' ? colors.red('✗') : colors.dim('-')
}

/** What fails alike on several databases is printed once. */
function failureKey({ revision, title, failure }: RevisionTestResult): string {
  const { phase, message, statement } = failure ?? {}
  return JSON.stringify([revision, title, phase, message, statement])
}

function printFailure(alike: readonly RevisionTestResult[], out: Output): void {
  const [first] = alike
  if (first?.failure === undefined) return
  const { colors } = out
  const { phase, message, line, column, statement } = first.failure
  const place = line === null ? first.path : `${first.path}:${String(line)}:${String(column ?? 1)}`
  const where = alike.map(({ dialect }) => dialect).join(' and ')
  out.lines(
    `${colors.red('✗')} ${colors.bold(first.title)}`,
    `  ${colors.yellow(first.revision)} on ${where}, ${phases[phase]}`,
    `  ${colors.dim(place)}`,
    '',
    ...message.split('\n').map((text) => `    ${colored(text, colors)}`.trimEnd()),
    ...(statement === null ? [] : [colors.dim(`    Statement: ${statement.trim()}`)]),
    '',
  )
}

/** The lines of a difference as `node:assert` marks them. */
function colored(line: string, colors: Colors): string {
  if (line.startsWith('+ ')) return colors.green(line)
  return line.startsWith('- ') ? colors.red(line) : line
}

function summaryOf(tests: readonly RevisionTestResult[], colors: Colors): string {
  // A test that ran on several databases is one test.
  const all = [...grouped(tests, ({ revision, title }) => `${revision} ${title}`).values()]
  const failed = all.filter((runs) => runs.some(({ outcome }) => outcome === 'failed')).length
  const skipped = all.filter((runs) => runs.every(({ outcome }) => outcome === 'skipped')).length
  const where = [...new Set(tests.filter(({ outcome }) => outcome !== 'skipped').map(({ dialect }) => dialect))]
  const on = where.length === 0 ? '' : ` on ${where.join(' and ')}`
  const rest = skipped === 0 ? '' : `, ${String(skipped)} skipped`
  return failed === 0
    ? `${colors.green('✓')} ${plural(all.length - skipped, 'test')} passed${on}${rest}.`
    : `${colors.red('✗')} ${String(failed)} of ${plural(all.length - skipped, 'test')} failed${on}${rest}.`
}

/** Prints what was written. */
export function printWritten({ path, revision, dialects }: WrittenTest, out: Output, cwd: string): void {
  const { colors } = out
  const name = shortPath(path, cwd)
  out.lines(out.quiet ? name : `Wrote ${name} (revision ${colors.yellow(revision)})`)
  out.note(
    `It passes on ${dialects.join(' and ')}, and shows what the revision makes of sample rows.`,
    `Next: change its rows to those that matter, then ${colors.bold('aludel migrate test')}.`,
  )
}

function printNone({ revisions, untested }: TestResult, out: Output): void {
  const newest = untested.at(-1)
  out.note(
    `There are no tests beside ${plural(revisions, 'revision')}.`,
    ...(newest === undefined
      ? []
      : [`Let \`aludel migrate test ${newest.revision} --create\` begin one, in ${newest.path}.`]),
  )
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return groups
}
