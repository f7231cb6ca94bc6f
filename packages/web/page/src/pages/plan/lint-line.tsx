import type { Lint, LintFinding } from '../../../../src/api/types'
import type { Resource } from '../../api/resource'
import { countsText } from '../../model/findings'
import { Icon } from '../../ui/icon'
import { Button, names } from '../../ui/parts'

/** How much `lint` has found in the steps. It comes after the plan, which does not wait for it. */
export function LintLine({ lint, findings }: { lint: Resource<Lint>; findings: readonly LintFinding[] }) {
  const { data, error } = lint
  const failed = error.value !== undefined
  const found = failed || data.value === undefined ? undefined : findings
  const has = (severity: LintFinding['severity']): boolean => found?.some((one) => one.severity === severity) ?? false
  const hasErrors = has('error')
  const tone = hasErrors ? 'red' : has('warning') ? 'amber' : found?.length === 0 ? 'green' : undefined
  return (
    <div class={names('plan-checks__line', tone && `plan-checks__line--${tone}`)} role="status">
      {failed ? (
        <>
          <Icon name="warning" />
          <span>Lint failed: {error.value?.message}</span>
          <Button kind="quiet" size="small" icon="restore" onClick={() => void lint.reload()}>
            Lint again
          </Button>
        </>
      ) : found === undefined ? (
        <>
          <span class="spinner" /> Looking for what could go wrong …
        </>
      ) : found.length === 0 ? (
        <>
          <Icon name="check" /> Lint found nothing
        </>
      ) : (
        <>
          <Icon name={hasErrors ? 'crossCircle' : tone === 'amber' ? 'warning' : 'info'} />
          <span>
            Lint found {countsText(found)}
            {hasErrors && <span class="plan-checks__hint">This does not block the run.</span>}
          </span>
        </>
      )}
    </div>
  )
}
