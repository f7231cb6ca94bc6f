import { Link } from 'wouter-preact'
import type { SchemaDocument } from '../../../../src/api/types'
import { Code } from '../../ui/code'
import { Tag } from '../../ui/parts'

export function ViewPanel({ view }: { view: SchemaDocument['views'][number] }) {
  return (
    <section class="card" aria-label={view.name}>
      <div class="card__head">
        <h2>{view.name}</h2>
        <Tag>{view.materialized ? 'materialized view' : 'view'}</Tag>
      </div>
      <div class="card__body">
        <Code text={view.sql} language="sql" label={`SQL of ${view.name}`} />
      </div>
    </section>
  )
}

export function EnumPanel({ type, schema }: { type: SchemaDocument['enums'][number]; schema: SchemaDocument }) {
  const users = schema.tables.flatMap((table) =>
    table.columns
      .filter((column) => column.type.replace(/\[\]$/, '') === type.name)
      .map((column) => ({ table: table.name, column: column.name })),
  )
  return (
    <section class="card" aria-label={type.name}>
      <div class="card__head">
        <h2>{type.name}</h2>
        <Tag>enum</Tag>
      </div>
      <div class="card__body stack">
        <ol class="enum-values">
          {type.values.map((value) => (
            <li key={value}>
              <code>{value}</code>
            </li>
          ))}
        </ol>
        {users.length > 0 && (
          <p class="muted">
            Used by{' '}
            {users.map(({ table, column }, index) => (
              <span key={`${table}.${column}`}>
                {index > 0 && ', '}
                <Link href={`/schema?table=${encodeURIComponent(table)}`}>
                  {table}.{column}
                </Link>
              </span>
            ))}
          </p>
        )}
      </div>
    </section>
  )
}
