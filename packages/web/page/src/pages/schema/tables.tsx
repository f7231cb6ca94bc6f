import { useSignal } from '@preact/signals'
import type { SchemaDocument } from '../../../../src/api/types'
import { short } from '../../model/format'
import { SearchField } from '../../ui/fields'
import { Icon } from '../../ui/icon'
import type { IconName } from '../../ui/icon'
import { useNarrow } from '../../ui/media'
import { Empty } from '../../ui/parts'
import { EnumPanel, ViewPanel } from './others'
import { TablePanel } from './table'

interface Entry {
  /** `table:orders` */
  readonly key: string
  readonly name: string
  readonly icon: IconName
  readonly detail: string
}

/** All objects at the left, one of them at the right. */
export function Tables({
  schema,
  object,
  onOpen,
}: {
  schema: SchemaDocument
  object: string | undefined
  onOpen: (object: string | undefined) => void
}) {
  const narrow = useNarrow()
  const search = useSignal('')
  const all = entriesOf(schema)
  const words = search.value.toLowerCase()
  const found = all.filter((entry) => entry.name.toLowerCase().includes(words))
  const shown = object ?? (narrow ? undefined : all[0]?.key)
  if (narrow && shown !== undefined) {
    return (
      <>
        <button
          type="button"
          class="link-button back-link"
          onClick={() => {
            onOpen(undefined)
          }}
        >
          ← Tables
        </button>
        <Panel schema={schema} object={shown} onOpen={onOpen} />
      </>
    )
  }
  return (
    <div class="schema">
      <div class="card schema__list">
        <div class="schema__search">
          <SearchField
            label="Search tables"
            placeholder="Table or view"
            value={search.value}
            shortcut
            onInput={(value) => {
              search.value = value
            }}
          />
        </div>
        {found.length === 0 ? (
          <Empty icon="search" title="No table is called that" />
        ) : (
          <ul class="schema__entries">
            {found.map((entry) => (
              <li key={entry.key}>
                <button
                  type="button"
                  class="schema__entry"
                  aria-current={entry.key === shown ? 'true' : undefined}
                  onClick={() => {
                    onOpen(entry.key)
                  }}
                >
                  <Icon name={entry.icon} />
                  <span class="truncate">{entry.name}</span>
                  <span class="schema__detail">{entry.detail}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
      {shown !== undefined && !narrow && <Panel schema={schema} object={shown} onOpen={onOpen} />}
    </div>
  )
}

function Panel({
  schema,
  object,
  onOpen,
}: {
  schema: SchemaDocument
  object: string
  onOpen: (object: string | undefined) => void
}) {
  const kind = object.slice(0, object.indexOf(':'))
  const name = object.slice(object.indexOf(':') + 1)
  const table = schema.tables.find((it) => it.name === name)
  if (kind === 'table' && table !== undefined) {
    return (
      <TablePanel key={`${schema.at} ${name}`} schema={schema} table={table} onOpen={(to) => onOpen(`table:${to}`)} />
    )
  }
  const view = schema.views.find((it) => it.name === name)
  if (kind === 'view' && view !== undefined) return <ViewPanel view={view} />
  const type = schema.enums.find((it) => it.name === name)
  if (kind === 'enum' && type !== undefined) return <EnumPanel type={type} schema={schema} />
  return (
    <div class="card">
      <Empty icon="table" title={`There is no ${name} here`}>
        {schema.at === 'live' ? 'The database does not have it.' : 'It does not exist at this revision.'}
      </Empty>
    </div>
  )
}

function entriesOf(schema: SchemaDocument): readonly Entry[] {
  return [
    ...schema.tables.map(({ name, rows }) => ({
      key: `table:${name}`,
      name,
      icon: 'table' as const,
      detail: rows == null ? '' : short(rows),
    })),
    ...schema.views.map(({ name }) => ({ key: `view:${name}`, name, icon: 'eye' as const, detail: 'view' })),
    ...schema.enums.map(({ name }) => ({ key: `enum:${name}`, name, icon: 'plan' as const, detail: 'enum' })),
  ]
}
