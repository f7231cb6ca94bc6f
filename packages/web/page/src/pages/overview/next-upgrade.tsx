import { Link } from 'wouter-preact'
import type { Plan, Status } from '../../../../src/api/types'
import { useResource } from '../../api/resource'
import type { Resource } from '../../api/resource'
import { count, shortId } from '../../model/format'
import { FailureNotice } from '../../ui/failure'
import { Glance } from '../../ui/glance'
import { Button, Empty, Skeleton } from '../../ui/parts'
import { StepTags } from '../../ui/step-tags'
import { LintGlance, LintTags, useNextLint } from './lint'

/** Of a long plan, how many steps are shown here. */
const mostSteps = 8

/** There is nothing to upgrade to, or nobody knows from where. */
function isWithoutPlan({ heads, unknown }: Status): boolean {
  return heads.length === 0 || unknown.length > 0
}

function targetOf({ heads }: Status): string {
  return heads.length > 1 ? 'heads' : 'head'
}

/** The plan of an upgrade to the heads; nothing if there is nothing to do. */
export function useNextPlan(status: Status): Resource<Plan> {
  const isEmpty = isWithoutPlan(status) || status.upToDate
  return useResource<Plan>(isEmpty ? null : `/plan?direction=upgrade&target=${targetOf(status)}`)
}

/** The revisions that an upgrade would apply, in order, and what to know of them before. */
export function NextUpgrade({ status }: { status: Status }) {
  const { data, error, reload } = useNextPlan(status)
  const next = useNextLint(data.value, targetOf(status))
  if (isWithoutPlan(status)) return null
  if (status.upToDate) {
    return (
      <section class="card" aria-label="Next upgrade">
        <Empty icon="checkCircle" title="Nothing to upgrade">
          All revisions of these files are applied. The next one starts with a change of an entity.
        </Empty>
      </section>
    )
  }
  const plan = data.value
  return (
    <section class="card" aria-labelledby="next-upgrade">
      <div class="card__head">
        <h2 id="next-upgrade">What an upgrade would do</h2>
        <Link href="/plan" class="push">
          Plan with SQL
        </Link>
      </div>
      {error.value !== undefined ? (
        <div class="card__body">
          <FailureNotice
            failure={error.value}
            actions={
              <Button size="small" onClick={() => void reload()}>
                Try again
              </Button>
            }
          />
        </div>
      ) : plan === undefined ? (
        <div class="card__body">
          <Skeleton
            widths={Array.from({ length: Math.min(mostSteps, status.pending) + 1 }, () => 100)}
            height="1.75rem"
          />
        </div>
      ) : (
        <>
          <Glance plan={plan}>
            <LintGlance plan={plan} next={next} />
          </Glance>
          <ol class="track">
            {plan.from.map((revision) => (
              <li key={revision} class="track__step track__step--current">
                <span class="track__title">The database is here</span>
                <span class="revision-id">{shortId(revision)}</span>
              </li>
            ))}
            {plan.steps.slice(0, mostSteps).map((step) => (
              <li key={step.revision} class="track__step">
                <Link href={`/history/${step.revision}`} class="track__title">
                  {step.message}
                </Link>
                <span class="revision-id">{shortId(step.revision)}</span>
                <span class="track__tags">
                  <StepTags step={step} />
                  <LintTags next={next} revision={step.revision} />
                </span>
              </li>
            ))}
            {plan.steps.length > mostSteps && (
              <li class="track__step track__step--more">
                <Link href="/plan">{count(plan.steps.length - mostSteps, 'more revision')}</Link>
              </li>
            )}
          </ol>
        </>
      )}
    </section>
  )
}
