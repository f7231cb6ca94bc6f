import type { SchemaDifference } from '../../../../src/api/types'
import { useResource } from '../../api/resource'
import { count } from '../../model/format'
import { signOf } from '../../model/schema'
import { FailurePanel } from '../../ui/failure'
import { Button, Empty, Skeleton, Tag } from '../../ui/parts'
import { PlaceChooser } from './place'

const signs = { add: '+', drop: '−', change: '~' }
const words = { add: 'added', drop: 'dropped', change: 'changed' }

/** The operations that lead from one schema to another, table by table. */
export function Difference({
  from,
  to,
  onChange,
}: {
  from: string
  to: string
  onChange: (changes: Readonly<Record<string, string | undefined>>) => void
}) {
  const query = new URLSearchParams({ from, to })
  const { data, error, reload } = useResource<SchemaDifference>(`/schema/difference?${query.toString()}`)
  const difference = data.value
  return (
    <>
      <div class="schema-bar">
        <PlaceChooser label="From" value={from} onChange={(value) => onChange({ from: value })} />
        <Button
          kind="quiet"
          icon="rewrite"
          label="Exchange both sides"
          onClick={() => {
            onChange({ from: to, to: from })
          }}
        />
        <PlaceChooser label="To" value={to} onChange={(value) => onChange({ to: value })} />
      </div>
      {error.value !== undefined ? (
        <div class="card">
          <FailurePanel failure={error.value} retry={() => void reload()} />
        </div>
      ) : difference === undefined ? (
        <div class="card card__body" aria-busy="true">
          <p class="muted" role="status">
            Comparing: revisions are replayed on a shadow database, which takes some seconds
          </p>
          <br />
          <Skeleton widths={[40, 90, 80, 85]} height="1.25rem" />
        </div>
      ) : difference.operations.length === 0 ? (
        <div class="card">
          <Empty icon="checkCircle" title="There is no difference">
            Both schemas are the same.
          </Empty>
        </div>
      ) : (
        <Operations operations={difference.operations} />
      )}
    </>
  )
}

type Operation = SchemaDifference['operations'][number]

function Operations({ operations }: { operations: readonly Operation[] }) {
  const groups = new Map<string, Operation[]>()
  for (const operation of operations) {
    const name = operation.table ?? 'Other objects'
    groups.set(name, [...(groups.get(name) ?? []), operation])
  }
  return (
    <section class="card" aria-label="Difference">
      <div class="card__head">
        <h2>{count(operations.length, 'operation')}</h2>
      </div>
      {[...groups].map(([name, group]) => (
        <section key={name} class="difference">
          <h3>{name}</h3>
          <ul>
            {group.map((operation, index) => {
              const sign = signOf(operation.op)
              return (
                <li key={index} class={`difference__line difference__line--${sign}`}>
                  <span class="difference__sign" aria-hidden="true">
                    {signs[sign]}
                  </span>
                  <span>
                    <span class="visually-hidden">{words[sign]}: </span>
                    <code>{operation.description}</code>{' '}
                    {operation.destroys && (
                      <Tag tone="red" icon="loss">
                        loses data
                      </Tag>
                    )}
                  </span>
                </li>
              )
            })}
          </ul>
        </section>
      ))}
    </section>
  )
}
