import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { SchemaDocument, TableDocument } from '../../../../src/api/types'
import { bytes, count, short } from '../../model/format'
import { keysOf, referrersOf, shortType } from '../../model/schema'
import { Icon } from '../../ui/icon'
import { Button, Tag } from '../../ui/parts'
import { StoryDialog } from './story'

/** One table: its columns, keys, indexes and checks. */
export function TablePanel({
  schema,
  table,
  onOpen,
}: {
  schema: SchemaDocument
  table: TableDocument
  onOpen: (table: string) => void
}) {
  /** Of which column the story is shown; null: of the table. */
  const story = useSignal<string | null | undefined>(undefined)
  const keys = keysOf(table)
  const referrers = referrersOf(schema, table.name)
  return (
    <section class="card table-panel" aria-label={`Table ${table.name}`}>
      <div class="card__head">
        <h2>{table.name}</h2>
        {table.rows != null && (
          <span class="muted number">
            {short(table.rows)} rows{table.bytes != null && `, ${bytes(table.bytes)}`}
          </span>
        )}
        <div class="push">
          <Button
            size="small"
            icon="journal"
            onClick={() => {
              story.value = null
            }}
          >
            Story
          </Button>
        </div>
      </div>
      {table.comment !== undefined && <p class="table-panel__comment">{table.comment}</p>}
      <div class="scroll-x" tabIndex={0} role="region" aria-label={`Columns of ${table.name}`}>
        <table class="table columns">
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Type</th>
              <th scope="col">Default</th>
              <th scope="col">
                <span class="visually-hidden">Story</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {table.columns.map((column) => {
              const key = keys.get(column.name)
              const target = key?.refersTo
              return (
                <tr key={column.name}>
                  <td>
                    <span class="columns__name">
                      <code>{column.name}</code>
                      {key?.primary && <Tag icon="key">key</Tag>}
                      {key?.unique && !key.primary && <Tag>unique</Tag>}
                      {target !== undefined && (
                        <button
                          type="button"
                          class="link-button columns__target"
                          onClick={() => {
                            onOpen(target)
                          }}
                        >
                          <Icon name="arrowRight" size={12} /> {target}
                        </button>
                      )}
                    </span>
                    {column.comment !== undefined && <p class="columns__comment">{column.comment}</p>}
                  </td>
                  <td>
                    <code class="columns__type" title={column.type}>
                      {shortType(column.type)}
                    </code>
                    {column.nullable && <span class="columns__null"> null</span>}
                    {column.default !== undefined && (
                      <code class="columns__default columns__default--below">{column.default}</code>
                    )}
                  </td>
                  <td>
                    <code class="columns__default">
                      {column.default ?? (column.generated !== undefined ? `= ${column.generated}` : '')}
                    </code>
                    {column.identity !== undefined && <span class="muted">identity {column.identity}</span>}
                  </td>
                  <td class="end">
                    <Button
                      kind="quiet"
                      size="small"
                      icon="journal"
                      label={`Story of ${column.name}`}
                      onClick={() => {
                        story.value = column.name
                      }}
                    />
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      <div class="table-panel__more">
        <Part title="Foreign keys" number={table.foreignKeys.length}>
          {table.foreignKeys.map((key, index) => (
            <li key={index}>
              <code>{key.columns.join(', ')}</code> →{' '}
              <button
                type="button"
                class="link-button"
                onClick={() => {
                  onOpen(key.table)
                }}
              >
                <code>
                  {key.table} ({key.references.join(', ')})
                </code>
              </button>
              {key.onDelete !== undefined && <span class="muted"> on delete {key.onDelete.toLowerCase()}</span>}
            </li>
          ))}
        </Part>
        <Part title="Referenced by" number={referrers.length}>
          {referrers.map((referrer, index) => (
            <li key={index}>
              <button
                type="button"
                class="link-button"
                onClick={() => {
                  onOpen(referrer.table)
                }}
              >
                <code>
                  {referrer.table} ({referrer.columns.join(', ')})
                </code>
              </button>
            </li>
          ))}
        </Part>
        <Part title="Indexes" number={table.indexes.length}>
          {table.indexes.map((index) => (
            <li key={index.name}>
              <code>{index.name}</code>{' '}
              <span class="muted">
                {index.unique && 'unique '}({index.columns.join(', ')})
                {index.method !== undefined && index.method !== 'btree' && ` using ${index.method}`}
                {index.where !== undefined && ` where ${index.where}`}
              </span>
            </li>
          ))}
        </Part>
        <Part title="Unique" number={table.uniques.length}>
          {table.uniques.map((unique, index) => (
            <li key={index}>
              {unique.name !== null && <code>{unique.name}</code>}{' '}
              <span class="muted">({unique.columns.join(', ')})</span>
            </li>
          ))}
        </Part>
        <Part title="Checks" number={table.checks.length}>
          {table.checks.map((check, index) => (
            <li key={index}>
              {check.name !== null && <code>{check.name}</code>} <code class="muted">{check.expression}</code>
            </li>
          ))}
        </Part>
      </div>
      {story.value !== undefined && (
        <StoryDialog
          table={table.name}
          column={story.value}
          onClose={() => {
            story.value = undefined
          }}
        />
      )}
    </section>
  )
}

function Part({ title, number, children }: { title: string; number: number; children: ComponentChildren }) {
  if (number === 0) return null
  return (
    <section aria-label={count(number, title.toLowerCase(), title.toLowerCase())}>
      <h3>{title}</h3>
      <ul>{children}</ul>
    </section>
  )
}
