import { AludelError, isAludelError } from '../errors'
import type { Finding } from '../history/findings'
import { plural } from '../text'
import { leftHalfway } from './halfway'
import type { RunPlan } from './plan'
import type { Taken } from './taken'

interface GuardOptions {
  readonly warn: (message: string) => void
  /** Run pending revisions even if an applied one depends on them. */
  readonly outOfOrder?: boolean
  /** The user saw the plan, with its edited revisions, and confirmed it. */
  readonly agreed?: boolean
  /** The plan is not run but written as a script, from its first statement. */
  readonly script?: boolean
}

/**
 * Reports what a run must not ignore: applied revisions that were edited, and pending ones that an applied one depends on.
 * A gap caused only by timestamps is allowed, with a warning: TypeORM also runs a migration that arrives late from another
 * branch. Call it under the lock, before anything runs.
 *
 * @throws AludelError `ALUDEL_REVISION_EDITED`, `ALUDEL_OUT_OF_ORDER`, `ALUDEL_NO_HISTORY`
 */
export function guard(plan: RunPlan, options: GuardOptions): void {
  guardAgainst(plan, plan.findings, options)
}

function guardAgainst(plan: RunPlan, findings: readonly Finding[], options: GuardOptions): void {
  const warn = ({ message }: Finding, before = '', after = ''): void => {
    options.warn(`${before}${message}${after}`)
  }
  const steps = new Map(plan.steps.map(({ revision }) => [revision.id, revision]))
  if (options.agreed !== true) {
    const left = leftHalfway(plan)
    for (const finding of findings.filter(({ kind }) => kind === 'halfway')) {
      if (left.includes(finding)) warn(finding, '', '; this run does not resume it')
      else if (options.script === true) warn(finding, '', '; the script begins with its first statement anyway')
    }
  }
  const edited = findings.filter(({ kind }) => kind === 'edited')
  if (plan.direction === 'downgrade') {
    if (options.agreed === true) return
    for (const finding of edited)
      warn(finding, '', steps.has(finding.revision ?? '') ? ': it is undone as its file says now' : '')
    return
  }
  if (plan.steps.length === 0) {
    for (const finding of findings) if (finding.kind === 'edited' || finding.kind === 'missing') warn(finding)
    return
  }
  if (edited.length > 0) throw editedError(edited)
  if (plan.taken !== undefined) throw noHistory(plan.taken)
  const gaps = findings.filter(({ kind, revision }) => kind === 'gap' && steps.has(revision ?? ''))
  const refused = gaps.filter(({ derived }) => derived !== true)
  if (refused.length > 0 && options.outOfOrder !== true) throw outOfOrder(refused)
  for (const finding of gaps) warn(finding, `${finding.revision ?? ''} runs out of order: `)
}

/**
 * The same as {@link guard} for a plan that is only shown: a warning replaces an error.
 *
 * @param options `showsSteps`: do not warn of edited revisions, which are reported with the steps of the plan
 */
export function warnBeforeRun(
  plan: RunPlan,
  options: { readonly showsSteps?: boolean } & Pick<GuardOptions, 'script' | 'warn'>,
): void {
  const steps = new Set(plan.steps.map(({ revision }) => revision.id))
  const isShown = ({ kind, revision }: Finding): boolean => kind === 'edited' && steps.has(revision ?? '')
  const { findings } = plan
  try {
    guardAgainst(plan, options.showsSteps === true ? findings.filter((one) => !isShown(one)) : findings, options)
  } catch (error) {
    if (!isAludelError(error)) throw error
    options.warn(`this would be refused: ${error.message} [${error.code}]`)
  }
}

/** What to do about tables that have no history. */
export const howToRecord: readonly string[] = [
  'If the tables have the schema of a revision, record it instead of running it:',
  '  aludel db init             finds that revision, records it, and runs the later ones',
  '  aludel migrate adopt       the same, but asks, and renames constraints and indexes that only have other names',
  '  aludel migrate stamp REV   records the revision that you name, after a comparison',
]

/** Tables that were made by `synchronize`, by hand or by another tool, and that the revisions describe. */
function noHistory({ revision, message, tables }: Taken): AludelError {
  const one = tables.length === 1
  return new AludelError(
    'ALUDEL_NO_HISTORY',
    `the database has tables but no history: revision ${revision} (${message}) would create ${listed(tables)}, which ${one ? 'exists' : 'exist'}`,
    {
      help: [...howToRecord, 'Nothing was changed.'].join('\n'),
      details: { revision, tables },
    },
  )
}

function listed(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${String(names.length - 3)} more`
}

function editedError(edited: readonly Finding[]): AludelError {
  const one = edited.length === 1
  const [first] = edited
  return new AludelError(
    'ALUDEL_REVISION_EDITED',
    one && first !== undefined
      ? first.message
      : `${plural(edited.length, 'revision')} were edited after they were applied`,
    {
      help: [
        ...edited.map(
          ({ revision, path, appliedAt, appliedBy }) =>
            `${revision ?? ''}  ${path ?? ''}  (applied ${dateTime(appliedAt)} by ${appliedBy ?? 'an unknown user'})`,
        ),
        `The database does not have what ${one ? 'the file creates' : 'the files create'} now. Restore ${one ? 'the file' : 'the files'}, and put the change into a new revision.`,
        `To see the difference and accept it: aludel migrate repair ${edited.map(({ revision }) => revision).join(' ')}`,
        'Nothing was changed.',
      ].join('\n'),
      details: { revisions: edited.map(({ revision }) => revision), findings: edited },
    },
  )
}

function outOfOrder(gaps: readonly Finding[]): AludelError {
  const ids = gaps.map(({ revision }) => revision)
  return new AludelError(
    'ALUDEL_OUT_OF_ORDER',
    `${ids.join(', ')} would run after revisions that depend on ${gaps.length === 1 ? 'it' : 'them'}`,
    {
      help: [
        ...gaps.map(({ message }) => message),
        'To run out of order anyway: --out-of-order',
        `If the database already has what ${gaps.length === 1 ? 'it creates' : 'they create'}, record it instead: aludel migrate repair ${ids.map((id) => `--restore ${id ?? ''}`).join(' ')}`,
        'Nothing was changed.',
      ].join('\n'),
      details: { revisions: ids, findings: gaps },
    },
  )
}

function dateTime(iso: string | undefined): string {
  return iso === undefined ? 'at an unknown time' : `${iso.slice(0, 16).replace('T', ' ')} UTC`
}
