import {
  type CheckResult,
  type DatabaseDrift,
  type FindingKind,
  type NameJson,
  type UnmanagedObject,
  unmanagedLine,
} from '@aludel/engine'

import { branchLines } from './branches'
import { printFindings } from './findings'
import { plural, revisionIds } from './format'
import { nameLines } from './names'
import { groupedLines } from './operations'
import type { Output } from './output'

/** Prints the result of `check`, grouped by table, with the next step after each part. */
export function printCheck(
  { operations, unmanaged, names, database, heads, branches }: CheckResult,
  out: Output,
  cwd: string,
  withNames = false,
): void {
  const { colors } = out
  if (heads !== undefined) printHeads(heads, out)
  for (const pair of branches) out.lines(...branchLines(pair, colors, cwd))
  const apart = branches.find(({ commute }) => !commute)
  if (apart !== undefined) {
    out.note(
      'The entities cannot be compared before these conflicts are resolved.',
      `Next: put one on top of the other with ${colors.bold(`aludel migrate rebase ${apart.heads[1]} --onto ${apart.heads[0]}`)}, or change one of the files.`,
    )
    return
  }
  const entitiesAsked = heads === undefined || database !== null
  if (entitiesAsked && operations.length + unmanaged.length === 0)
    out.note(`${colors.green('✓')} The entities match the revisions.`)
  if (operations.length > 0) {
    out.lines(
      `${colors.yellow('✗')} The entities differ from the revisions. From the revisions to the entities, ${plural(operations.length, 'operation')}:`,
    )
    out.lines(...groupedLines(operations, colors))
    out.note(`Next: ${colors.bold('aludel migrate create "what changed"')}`)
  }
  if (unmanaged.length > 0) printUnmanaged(unmanaged, out)
  if (names.length > 0) printNames(names, withNames, out)
  if (database !== null) printDatabase(database, out, cwd)
}

function printHeads(heads: readonly string[], out: Output): void {
  const { colors } = out
  if (heads.length <= 1) {
    const which = heads.length === 0 ? 'There are no revisions yet.' : `There is one head: ${revisionIds(heads)}.`
    out.note(`${colors.green('✓')} ${which}`)
    return
  }
  out.lines(`${colors.yellow('✗')} There are ${String(heads.length)} heads: ${colors.yellow(heads.join(', '))}`)
  const rebase = colors.bold('aludel migrate rebase REV')
  out.note(`Next: ${colors.bold('aludel migrate merge heads')} joins them, ${rebase} puts one on top of the other.`)
}

function printUnmanaged(unmanaged: readonly UnmanagedObject[], out: Output): void {
  const { colors } = out
  const one = unmanaged.length === 1
  out.lines(
    `${colors.yellow('?')} ${plural(unmanaged.length, 'unmanaged object')}:`,
    ...unmanaged.map((item) => `  ${unmanagedLine(item)}`),
  )
  out.note(
    `Next: ${colors.bold('aludel migrate create "what changed"')} asks about ${one ? 'it' : 'each'}; or add ${one ? 'it' : 'them'} to ${colors.bold('unmanaged')} in the configuration.`,
  )
}

/** Other names are reported apart: they change nothing that the application does. */
function printNames(names: readonly NameJson[], withNames: boolean, out: Output): void {
  const { colors } = out
  const what = plural(names.length, 'constraint or index has another name', 'constraints and indexes have other names')
  if (!withNames) {
    out.note(
      `${what} than TypeORM derives: ${colors.bold('check --names')} lists ${names.length === 1 ? 'it' : 'them'}.`,
    )
    return
  }
  out.lines(`${colors.red('✗')} ${what} than TypeORM derives:`, ...nameLines(names))
  out.note(`Next: ${colors.bold('aludel migrate create "names" --names rename')}`)
}

function printDatabase(database: DatabaseDrift, out: Output, cwd: string): void {
  const { findings } = database
  if (findings.some(({ kind }) => kind === 'missing'))
    out.lines(
      `${out.colors.yellow('✗')} The database cannot be compared: the files of some applied revisions are missing.`,
    )
  else printDrift(database, out)
  const others = (database.tools ?? []).map(({ name, tables }) => `${tables.join(', ')} (${name})`)
  if (others.length > 0) out.note(`Not compared: ${others.join('; ')}.`)
  printBroken(database, out)
  printFindings(findings, out, cwd)
}

function printBroken({ broken }: DatabaseDrift, out: Output): void {
  if (broken.length === 0) return
  const { colors } = out
  out.lines(
    `${colors.red('✗')} The database cannot compile ${plural(broken.length, 'object')}, so every use of it fails:`,
    ...broken.map(
      ({ kind, name, table, error }) => `  ${kind} ${name}${table === undefined ? '' : ` of ${table}`}: ${error}`,
    ),
  )
  out.note(
    `Next: change or drop what is broken in a revision (${colors.bold('aludel migrate create "…" --no-autogenerate')}).`,
  )
}

function printDrift({ operations, pending, matches, findings }: DatabaseDrift, out: Output): void {
  const { colors } = out
  const has = (wanted: FindingKind): boolean => findings.some(({ kind }) => kind === wanted)
  const pendingText = pending === 0 ? '' : ` ${plural(pending, 'revision is', 'revisions are')} pending.`
  if (operations.length === 0) {
    out.note(`${colors.green('✓')} The database matches its revision.${pendingText}`)
    return
  }
  out.lines(
    `${colors.yellow('✗')} The database differs from its applied revisions, as a replay of them shows, in ${plural(operations.length, 'place')}:`,
    ...groupedLines(operations, colors, ({ explanation }) => explanation),
  )
  if (pendingText !== '')
    out.note(`${pendingText.trim()} ${pending === 1 ? 'Its' : 'Their'} changes are not counted as differences.`)
  if (has('halfway')) {
    out.note('Next: finish the revision that stopped half-way. Until then, its partial changes are differences.')
  } else if (has('edited')) {
    out.note('Next: repair the edited revisions first. The database is compared with the files as they are now.')
  } else if (matches === 'head') {
    out.note(`Next: it already has the schema of the head: ${colors.bold('aludel migrate stamp heads')}`)
  } else if (matches === 'entities') {
    out.note(
      `Next: it already has the schema of the entities: ${colors.bold('aludel migrate create "what changed"')}, then ${colors.bold('aludel migrate stamp heads')} here.`,
    )
  } else {
    out.note(
      'Next: write a revision for manual changes, or revert them; add objects that other tools manage to',
      `${colors.bold('ignore')} in the configuration.`,
    )
  }
}
