import { AludelError, isAludelError } from '../errors'
import { type Finding, goesOn } from '../history/findings'
import { plural } from '../text'
import type { RunPlan } from './plan'

/** How {@link guard} takes what it finds. */
export interface GuardOptions {
  readonly warn: (message: string) => void
  /** Run what something applied depends on anyway. */
  readonly outOfOrder?: boolean
  /** Somebody was shown the plan, with what was edited in it, and agreed. */
  readonly agreed?: boolean
  /** Nothing runs now: the statements of the plan are written down, all of them. */
  readonly script?: boolean
}

/**
 * Reports what a run must not ignore: applied revisions that were edited, and pending ones that something applied depends
 * on. A gap caused only by timestamps is allowed, with a warning: that is what TypeORM does with a migration that another
 * branch brings. To be called before anything runs, under the lock.
 *
 * @throws AludelError `ALUDEL_REVISION_EDITED`, `ALUDEL_OUT_OF_ORDER`
 */
export function guard(plan: RunPlan, options: GuardOptions): void {
  guardAgainst(plan, plan.findings, options)
}

function guardAgainst(plan: RunPlan, findings: readonly Finding[], options: GuardOptions): void {
  const warn = ({ message }: Finding, before = '', after = ''): void => {
    options.warn(`${before}${message}${after}`)
  }
  const steps = new Map(plan.steps.map(({ revision }) => [revision.id, revision]))
  for (const finding of options.agreed === true ? [] : findings.filter(({ kind }) => kind === 'halfway')) {
    if (!plan.steps.some((step) => goesOn(step, finding))) warn(finding, '', '; this run does not resume it')
    else if (options.script === true) warn(finding, '', '; the script begins with its first statement anyway')
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
  const gaps = findings.filter(({ kind, revision }) => kind === 'gap' && steps.has(revision ?? ''))
  const refused = gaps.filter(({ derived }) => derived !== true)
  if (refused.length > 0 && options.outOfOrder !== true) throw outOfOrder(refused)
  for (const finding of gaps) warn(finding, `${finding.revision ?? ''} runs out of order: `)
}

/**
 * The same for a plan that is only shown: what would stop the run is a warning.
 *
 * @param options `showsSteps`: what was edited is reported with the steps of the plan
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
            `${revision ?? ''}  ${path ?? ''}  (applied ${dateTime(appliedAt)} by ${appliedBy ?? 'somebody'})`,
        ),
        `What this database has is not what ${one ? 'the file makes' : 'the files make'} now. Put ${one ? 'it' : 'them'} back, and what changed into a new revision.`,
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
        `Where the database has what ${gaps.length === 1 ? 'it makes' : 'they make'}, record it instead: aludel migrate repair ${ids.map((id) => `--restore ${id ?? ''}`).join(' ')}`,
        'Nothing was changed.',
      ].join('\n'),
      details: { revisions: ids, findings: gaps },
    },
  )
}

function dateTime(iso: string | undefined): string {
  return iso === undefined ? 'at some time' : `${iso.slice(0, 16).replace('T', ' ')} UTC`
}
