import { useSignal } from '@preact/signals'
import { Link } from 'wouter-preact'
import type { DriftReport, Status } from '../../../../src/api/types'
import { post } from '../../api/client'
import { failureOf } from '../../api/failure'
import type { Failure } from '../../api/failure'
import { bytes, count, fileName, sentence, short } from '../../model/format'
import { Icon } from '../../ui/icon'
import { Button } from '../../ui/parts'
import { RevisionLink } from '../../ui/revision'

const servers = { postgres: 'PostgreSQL', sqlite: 'SQLite' }

export function DatabaseFacts({ status }: { status: Status }) {
  const { database, tables, heads, lockedBy } = status
  const sizes = tables.map((table) => table.bytes).filter((size) => size !== null)
  return (
    <section class="card" aria-labelledby="database">
      <div class="card__head">
        <h2 id="database">Database</h2>
      </div>
      <div class="card__body">
        <dl class="facts">
          <dt>Server</dt>
          <dd>
            {servers[database.dialect]} {database.version ?? ''}
          </dd>
          <dt>{database.dialect === 'sqlite' ? 'File' : 'Name'}</dt>
          <dd title={database.name}>{fileName(database.name)}</dd>
          <dt>Tables</dt>
          <dd class="number">
            {count(tables.length, 'table')}
            {sizes.length > 0 && `, ${bytes(sizes.reduce((sum, size) => sum + size, 0))}`}
          </dd>
          <dt>{heads.length === 1 ? 'Head' : 'Heads'}</dt>
          <dd class="row row--wrap">
            {heads.length === 0 ? 'none' : heads.map((head) => <RevisionLink key={head} id={head} />)}
          </dd>
          <dt>Lock</dt>
          <dd>{lockedBy === null ? 'free' : `held by ${lockedBy}`}</dd>
          <dt>Drift</dt>
          <dd>
            <DriftCheck />
          </dd>
        </dl>
      </div>
    </section>
  )
}

/** Whether the database is as its revisions have made it. Asked for, since it takes seconds. */
function DriftCheck() {
  const state = useSignal<'idle' | 'busy' | DriftReport | Failure>('idle')
  const check = async (): Promise<void> => {
    state.value = 'busy'
    try {
      state.value = await post<DriftReport>('/drift')
    } catch (error) {
      state.value = failureOf(error)
    }
  }
  const result = state.value
  const again = (
    <Button
      size="small"
      icon={result === 'idle' ? undefined : 'restore'}
      busy={result === 'busy'}
      onClick={() => void check()}
    >
      {result === 'idle' ? 'Check now' : result === 'busy' ? 'Checking' : 'Check again'}
    </Button>
  )
  if (typeof result === 'string') return again
  return (
    <div class="stack" style={{ '--stack-gap': 'var(--space-2)' }} role="status">
      {result instanceof Error ? (
        <p class="drift drift--red">
          <Icon name="crossCircle" />
          <span>{sentence(result.message)}</span>
        </p>
      ) : (
        <DriftResult drift={result} />
      )}
      <div>{again}</div>
    </div>
  )
}

function DriftResult({ drift }: { drift: DriftReport }) {
  const differences = drift.database?.operations ?? []
  const broken = drift.database?.broken ?? []
  if (drift.database?.clean !== false) {
    return (
      <>
        <p class="drift drift--green">
          <Icon name="checkCircle" />
          <span>As its revisions made it</span>
        </p>
        {drift.operations.length > 0 && (
          <p class="drift drift--blue">
            <Icon name="info" />
            <span>
              The entities differ in {count(drift.operations.length, 'operation')}:{' '}
              <Link href="/create">create a revision</Link>
            </span>
          </p>
        )}
      </>
    )
  }
  return (
    <ul class="stack" style={{ '--stack-gap': 'var(--space-2)' }}>
      {differences.map((difference, index) => (
        <li key={index} class="drift drift--amber">
          <Icon name="warning" />
          <span>{sentence(difference.explanation)}</span>
        </li>
      ))}
      {broken.map((object) => (
        <li key={object.name} class="drift drift--amber">
          <Icon name="warning" />
          <span>
            {sentence(object.kind)} {object.name} does not compile: {object.error}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** Where the data is: an upgrade that rewrites one of these takes its time. */
export function LargestTables({ tables }: { tables: Status['tables'] }) {
  if (tables.length === 0) return null
  const weight = (table: Status['tables'][number]): number => table.bytes ?? table.rows ?? 0
  const largest = [...tables].sort((one, other) => weight(other) - weight(one)).slice(0, 6)
  const most = Math.max(1, ...largest.map(weight))
  return (
    <section class="card" aria-labelledby="largest">
      <div class="card__head">
        <h2 id="largest">Largest tables</h2>
        <Link href="/schema" class="push">
          Schema
        </Link>
      </div>
      <ul class="sizes">
        {largest.map((table) => (
          <li key={table.name} class="sizes__item">
            <Link href={`/schema?table=${encodeURIComponent(table.name)}`} class="sizes__name truncate">
              {table.name}
            </Link>
            <span class="sizes__rows">{table.rows !== null && `${short(table.rows)} rows`}</span>
            <span class="sizes__bytes">{table.bytes === null ? '' : bytes(table.bytes)}</span>
            <span class="sizes__bar" aria-hidden="true">
              <span style={{ width: `${String((100 * weight(table)) / most)}%` }} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
