import { Link } from 'wouter-preact'
import type { Plan, Status } from '../../../../src/api/types'
import { useResource } from '../../api/resource'
import { bytes, count, list, shortId } from '../../model/format'
import { summarize } from '../../model/plan'
import type { PlanSummary } from '../../model/plan'
import { FailureNotice } from '../../ui/failure'
import { Icon } from '../../ui/icon'
import { Button, Empty, Skeleton } from '../../ui/parts'
import { StepTags } from '../../ui/step-tags'

/** Of a long plan, how many steps are shown here. */
const mostSteps = 8

/** The revisions that an upgrade would apply, in order, and what to know of them before. */
export function NextUpgrade({ status }: { status: Status }) {
  const target = status.heads.length > 1 ? 'heads' : 'head'
  const nothing = status.heads.length === 0 || status.unknown.length > 0
  const { data, error, reload } = useResource<Plan>(
    nothing || status.upToDate ? null : `/plan?direction=upgrade&target=${target}&for=${status.current.join('.')}`,
  )
  if (nothing) return null
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
          <Glance summary={summarize(plan.steps)} plan={plan} />
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

/** The plan in a line: losses first. */
function Glance({ summary, plan }: { summary: PlanSummary; plan: Plan }) {
  const { losing, losses, rewrites, exclusive, outside } = summary
  const calm = losing.length === 0 && rewrites.length === 0
  return (
    <ul class="glance">
      {losing.length > 0 && (
        <li class="glance--red">
          <Icon name="loss" />
          <span>Loses {list(losses, 2)}</span>
        </li>
      )}
      {rewrites.map(({ name, bytes: size }) => (
        <li key={name} class="glance--amber">
          <Icon name="rewrite" />
          <span>
            Rewrites {name}
            {size !== null && ` (${bytes(size)})`}
          </span>
        </li>
      ))}
      {calm && (
        <li class="glance--green">
          <Icon name="check" />
          <span>Loses nothing</span>
        </li>
      )}
      {exclusive.length > 0 && (
        <li>
          <Icon name="lock" />
          <span>Locks {list(exclusive)} for everybody</span>
        </li>
      )}
      {plan.backup !== null && (
        <li>
          <Icon name="backups" />
          <span>
            Backs up {plan.backup.kind === 'database' ? 'the database' : 'the tables'} first
            {plan.backup.bytes !== null && ` (${bytes(plan.backup.bytes)})`}
          </span>
        </li>
      )}
      {outside > 0 && (
        <li>
          <Icon name="info" />
          <span>{outside === 1 ? '1 step runs' : `${String(outside)} steps run`} outside a transaction</span>
        </li>
      )}
    </ul>
  )
}
