import { Link } from 'wouter-preact'
import type { Lint, LintFinding, Plan } from '../../../../src/api/types'
import { useResource } from '../../api/resource'
import type { Resource } from '../../api/resource'
import { session } from '../../api/session'
import { countsOf, countsText, findingsOfPlan, lintPath } from '../../model/findings'
import { thousands } from '../../model/format'
import { Icon } from '../../ui/icon'
import { Tag } from '../../ui/parts'

/** Steps that are linted for the overview: of more, somebody may ask on the plan. */
const mostLinted = 500

/** What `lint` finds in the steps of the next upgrade, after the plan is there: nothing is asked before, or of a long plan. */
export interface NextLint {
  readonly lint: Resource<Lint>
  /** Undefined while it is not known. */
  readonly findings: readonly LintFinding[] | undefined
}

export function useNextLint(plan: Plan | undefined, target: string): NextLint {
  const isAsked = plan !== undefined && plan.steps.length <= mostLinted
  const lint = useResource<Lint>(isAsked ? lintPath('upgrade', target) : null)
  const dialect = session.value?.database?.dialect
  const found = lint.data.value?.findings
  if (plan === undefined || found === undefined) return { lint, findings: undefined }
  const ids = new Set(plan.steps.map(({ revision }) => revision))
  const shared = { direction: 'upgrade' as const, ...(dialect !== undefined && { dialect }) }
  return { lint, findings: findingsOfPlan(found, shared).filter(({ revision }) => ids.has(revision)) }
}

/** How much it has found, in a line of the glance. */
export function LintGlance({ plan, next: { lint, findings } }: { plan: Plan; next: NextLint }) {
  if (plan.steps.length > mostLinted) {
    return (
      <li>
        <Icon name="info" />
        <span>
          <Link href="/plan">Lint {thousands(plan.steps.length)} revisions</Link> on the plan
        </span>
      </li>
    )
  }
  if (lint.error.value !== undefined) {
    return (
      <li class="glance--amber">
        <Icon name="warning" />
        <span>Lint failed: {lint.error.value.message}</span>
      </li>
    )
  }
  if (findings === undefined) {
    return (
      <li>
        <span class="spinner" />
        <span>Linting …</span>
      </li>
    )
  }
  const has = (severity: LintFinding['severity']): boolean => findings.some((one) => one.severity === severity)
  if (findings.length === 0) {
    return (
      <li class="glance--green">
        <Icon name="check" />
        <span>Lint found nothing</span>
      </li>
    )
  }
  const tone = has('error') ? 'glance--red' : has('warning') ? 'glance--amber' : undefined
  return (
    <li class={tone}>
      <Icon name={has('error') ? 'crossCircle' : has('warning') ? 'warning' : 'info'} />
      <span>
        Lint found <Link href="/plan">{countsText(findings)}</Link>
      </span>
    </li>
  )
}

/** The errors and warnings of one step. */
export function LintTags({ next: { findings = [] }, revision }: { next: NextLint; revision: string }) {
  const own = findings.filter((one) => one.revision === revision && one.severity !== 'info')
  return (
    <>
      {countsOf(own).map(({ severity, text }) => (
        <Tag
          key={severity}
          tone={severity === 'error' ? 'red' : 'amber'}
          icon={severity === 'error' ? 'crossCircle' : 'warning'}
          title={own
            .filter((one) => one.severity === severity)
            .map(({ message }) => message)
            .join('\n')}
        >
          {text}
        </Tag>
      ))}
    </>
  )
}
