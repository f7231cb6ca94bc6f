import type { ComponentChildren } from 'preact'
import type { Plan } from '../../../src/api/types'
import { bytes, list } from '../model/format'
import { summarize } from '../model/plan'
import { Icon } from './icon'

/**
 * A plan in a few words: what is lost comes first.
 *
 * @param props.children further items, at the end
 */
export function Glance({ plan, children }: { plan: Plan; children?: ComponentChildren }) {
  const { losing, losses, kept, rewrites, exclusive, outside, unknown } = summarize(plan.steps)
  return (
    <ul class="glance">
      {losing.length > 0 ? (
        <li class="glance--red">
          <Icon name="loss" />
          <span>Loses {list(losses, 2)}</span>
        </li>
      ) : (
        <li class="glance--green">
          <Icon name="check" />
          <span>Loses nothing</span>
        </li>
      )}
      {kept.length > 0 && (
        <li>
          <Icon name="shield" />
          <span>Keeps {list(kept, 2)} for a downgrade</span>
        </li>
      )}
      {unknown > 0 && (
        <li class="glance--amber">
          <Icon name="warning" />
          <span>{unknown === 1 ? '1 step has' : `${String(unknown)} steps have`} unknown effects</span>
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
      {children}
    </ul>
  )
}
