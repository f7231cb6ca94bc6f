import { Link } from 'wouter-preact'
import type { Status } from '../../../../src/api/types'
import { reasons } from '../../model/backups'
import { bytes, count, fileName, short } from '../../model/format'
import { RevisionLink } from '../../ui/revision'
import { Time } from '../../ui/time'
import { Drift } from './drift'

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
          <dt>Last backup</dt>
          <dd>
            <LastBackup backup={status.lastBackup} />
          </dd>
          <dt>Drift</dt>
          <dd>
            <Drift status={status} />
          </dd>
        </dl>
      </div>
    </section>
  )
}

/** How old the last backup is, and of what: it was verified when it was made. */
function LastBackup({ backup }: { backup: Status['lastBackup'] }) {
  if (backup === undefined) return <Link href="/backups">The directory cannot be read</Link>
  if (backup === null) return <Link href="/backups">none yet</Link>
  return (
    <>
      <Link href={`/backups/${backup.id}`}>
        <Time iso={backup.createdAt} />
      </Link>
      , <span class="number">{bytes(backup.bytes)}</span>
      <p class="facts__more">
        Verified, {reasons[backup.reason]}
        {backup.kind === 'tables' && `, only ${count(backup.tables.length, 'table')}`}
      </p>
    </>
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
