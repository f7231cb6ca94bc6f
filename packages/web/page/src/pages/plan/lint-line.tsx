import type { Lint, LintFinding, RunRequest } from '../../../../src/api/types'
import type { Resource } from '../../api/resource'
import { countsText } from '../../model/findings'
import { sentence } from '../../model/format'
import { Icon } from '../../ui/icon'
import { Button } from '../../ui/parts'

/** The route of what `lint` finds in the steps of a plan. */
export function lintPath(direction: RunRequest['direction'], target: string): string {
  return `/lint?${new URLSearchParams({ direction, target }).toString()}`
}

/** How much `lint` has found in the steps. It comes after the plan, which does not wait for it. */
export function LintLine({ lint, findings }: { lint: Resource<Lint>; findings: readonly LintFinding[] }) {
  const { data, error } = lint
  if (error.value !== undefined) {
    return (
      <div class="plan-checks__line row row--wrap" role="status">
        <span>Lint failed: {error.value.message}</span>
        <Button kind="quiet" size="small" icon="restore" onClick={() => void lint.reload()}>
          Lint again
        </Button>
      </div>
    )
  }
  if (data.value === undefined) {
    return (
      <p class="plan-checks__line" role="status">
        <span class="spinner" /> Looking for what could go wrong …
      </p>
    )
  }
  if (findings.length === 0) {
    return (
      <p class="plan-checks__line plan-checks__line--green" role="status">
        <Icon name="check" /> Lint found nothing
      </p>
    )
  }
  const hasErrors = findings.some(({ severity }) => severity === 'error')
  return (
    <p class={`plan-checks__line plan-checks__line--${hasErrors ? 'red' : 'amber'}`} role="status">
      <Icon name={hasErrors ? 'crossCircle' : 'warning'} />
      <span>
        {sentence(`lint found ${countsText(findings)}`)}
        <span class="plan-checks__hint">This does not block the run.</span>
      </span>
    </p>
  )
}
