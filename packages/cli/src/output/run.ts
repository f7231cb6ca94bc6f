import type { PlanResult, PlanStep, RunResult, StoppedRun } from '@aludel/engine'

import { doesLines, measuredLines, stallLines } from './does'
import { dateTime, duration, plural, revisionIds } from './format'
import { givenText, keptLines } from './kept'
import type { Colors, Output } from './output'
import { columns } from './table'

/**
 * Prints the result of an upgrade or a downgrade.
 *
 * @param tookMs how long the command took
 * @param wasShown the steps were listed before a question, and are not listed again
 */
export function printRun(result: RunResult, out: Output, tookMs: number, wasShown = false): void {
  const { colors } = out
  const { steps, to, backup } = result
  if (steps.length === 0) {
    out.note(...nothingToRun(to, result, colors))
    return
  }
  const rows = steps.map((step) => [
    colors.green('✓'),
    colors.yellow(step.revision),
    step.message,
    colors.dim(duration(step.durationMs)),
  ])
  if (!wasShown) out.note(...columns(rows, ['left', 'left', 'left', 'right']).map((line) => `  ${line}`))
  const done = result.direction === 'upgrade' ? 'Applied' : 'Undid'
  out.note(
    `${done} ${plural(steps.length, 'revision')} in ${duration(tookMs)}: the database is at ${colors.yellow(revisionIds(to))}.`,
  )
  if (backup !== null) out.note(`Backup: ${backup.path}`)
  out.note(...keptLines(result))
}

function nothingToRun(
  at: readonly string[],
  { older, halfway = [] }: Pick<RunResult, 'older' | 'halfway'>,
  colors: Colors,
): string[] {
  const where = colors.yellow(revisionIds(at))
  if (halfway.length > 0) {
    const commands = halfway.flatMap(({ mend }) => mend).map((command) => colors.bold(command))
    return [`Nothing to run, but a run stopped half-way at ${where}. Next: ${commands.join(', ')}`]
  }
  if (older === undefined) return [`Nothing to run: the database is at ${where}.`]
  return [
    `Nothing to run: ${older} is below the current revision, ${where}.`,
    `To go back to it: ${colors.bold(`aludel migrate downgrade ${older}`)}`,
  ]
}

function whereItStopped({ statements, inDoubt, at, by }: StoppedRun): string {
  const done = statements === 0 ? 'in statement 1' : `after ${plural(statements, 'statement')}`
  const doubt = inDoubt ? `; the database is asked first whether statement ${String(statements + 1)} took effect` : ''
  return `${done}, where the run of ${by} stopped on ${dateTime(at)} UTC${doubt}`
}

/** The steps of a plan, with what each destroys, needs, locks and rewrites. */
export function planLines(plan: PlanResult, colors: Colors, options: { readonly sql?: boolean } = {}): string[] {
  if (plan.steps.length === 0) return nothingToRun(plan.from, plan, colors)
  const lines = [
    `${plan.direction} ${revisionIds(plan.from)} → ${revisionIds(plan.to)}: ${plural(plan.steps.length, 'revision')}`,
  ]
  for (const step of plan.steps) {
    lines.push(
      `  ${colors.yellow(step.revision)}  ${step.message}${step.transactional ? '' : colors.yellow('  (not in a transaction)')}`,
    )
    if (step.because !== undefined) lines.push(`    ${colors.yellow('too, because it')} ${step.because}`)
    if (step.edited === true)
      lines.push(`    ${colors.yellow('edited')} after it was applied: it is undone as its file says now`)
    if (step.stopped !== undefined) lines.push(`    ${colors.yellow('resumes')} ${whereItStopped(step.stopped)}`)
    lines.push(...doesLines(step.does, options.sql !== true).map((text) => `    ${colors.dim('does ')} ${text}`))
    lines.push(...lossLines(step, colors))
    lines.push(...(step.givesBack ?? []).map((one) => `    ${colors.green('gives back')} ${givenText(one)}`))
    lines.push(...step.needs.map((text) => `    ${colors.yellow('needs')} ${text}`))
    lines.push(...step.locks.map((text) => `    ${colors.dim('locks')} ${text}`))
    lines.push(...step.rewrites.map((text) => `    ${colors.dim('rewrites')} ${text}`))
    const measured = measuredLines(step.measured ?? [], colors)
    if (measured.length > 0) lines.push(`    ${colors.dim('measured')}`, ...measured.map((text) => `      ${text}`))
    lines.push(...stallLines(step, colors).map((text) => `    ${text}`))
    if (step.unmeasured !== undefined)
      lines.push(`    ${colors.red('failed')} while it was measured: ${step.unmeasured.split('\n', 1).join('')}`)
    if (options.sql === true)
      lines.push(...step.sql.map((text) => `    ${colors.dim('runs ')} ${text.replaceAll('\n', '\n          ')}`))
  }
  return lines
}

/** What a step loses and, where the run keeps what it drops, whether each of it is kept. */
function lossLines({ destroys, keeps }: PlanStep, colors: Colors): string[] {
  if (keeps === undefined) return destroys.map((text) => `    ${colors.red('loses')} ${text}`)
  return keeps.map(({ text, kept, reason }) =>
    kept ? `    ${colors.green('keeps')} ${text}` : `    ${colors.red('loses')} ${text} (not kept: ${reason ?? ''})`,
  )
}
