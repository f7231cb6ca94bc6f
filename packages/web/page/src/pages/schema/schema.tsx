import './schema.css'
import { useLocation, useSearch } from 'wouter-preact'
import type { SchemaDocument } from '../../../../src/api/types'
import { useResource } from '../../api/resource'
import { count } from '../../model/format'
import { FailurePanel } from '../../ui/failure'
import { Segments } from '../../ui/fields'
import { lazy } from '../../ui/lazy'
import { PageHead } from '../../ui/page'
import { Empty, Skeleton } from '../../ui/parts'
import { PlaceChooser } from './place'
import { Tables } from './tables'

const Diagram = lazy(() => import('./diagram'), 'Diagram')
const Difference = lazy(() => import('./difference'), 'Difference')

type View = 'tables' | 'diagram' | 'difference'

/** Tables, columns and keys: of the live database, or after any revision. */
export function Schema(_props: object) {
  const [, navigate] = useLocation()
  const query = new URLSearchParams(useSearch())
  const at = query.get('at') ?? 'live'
  const view = viewOf(query.get('view'))
  const go = (changes: Readonly<Record<string, string | undefined>>): void => {
    const next = new URLSearchParams(query)
    for (const [key, value] of Object.entries(changes)) {
      if (value === undefined) next.delete(key)
      else next.set(key, value)
    }
    const text = next.toString()
    navigate(text === '' ? '/schema' : `/schema?${text}`, { replace: true })
  }
  return (
    <>
      <PageHead
        title="Schema"
        actions={
          <Segments<View>
            label="View"
            value={view}
            options={[
              { value: 'tables', label: 'Tables' },
              { value: 'diagram', label: 'Diagram' },
              { value: 'difference', label: 'Difference' },
            ]}
            onChange={(value) => {
              go({ view: value === 'tables' ? undefined : value })
            }}
          />
        }
      >
        {view === 'difference'
          ? 'What would lead from one schema to another.'
          : 'As the database has it, or as a revision leaves it.'}
      </PageHead>
      {view === 'difference' ? (
        <Difference from={query.get('from') ?? 'live'} to={query.get('to') ?? 'heads'} onChange={go} />
      ) : (
        <Content at={at} view={view} object={objectOf(query)} go={go} />
      )}
    </>
  )
}

function Content({
  at,
  view,
  object,
  go,
}: {
  at: string
  view: 'tables' | 'diagram'
  object: string | undefined
  go: (changes: Readonly<Record<string, string | undefined>>) => void
}) {
  const { data, error, reload } = useResource<SchemaDocument>(`/schema?at=${encodeURIComponent(at)}`)
  const schema = data.value
  const open = (chosen: string | undefined): void => {
    go({ object: chosen, table: undefined, view: undefined })
  }
  return (
    <>
      <div class="schema-bar">
        <PlaceChooser
          label="Schema of"
          value={at}
          onChange={(value) => {
            go({ at: value === 'live' ? undefined : value })
          }}
        />
        {schema !== undefined && (
          <p class="muted number">
            {count(schema.tables.length, 'table')}
            {schema.views.length > 0 && `, ${count(schema.views.length, 'view')}`}
          </p>
        )}
      </div>
      {error.value !== undefined ? (
        <div class="card">
          <FailurePanel failure={error.value} retry={() => void reload()} />
        </div>
      ) : schema === undefined ? (
        <div class="card card__body" aria-busy="true">
          <p class="muted" role="status">
            {at === 'live'
              ? 'Reading the schema'
              : 'Replaying the revisions on a shadow database: this takes some seconds'}
          </p>
          <br />
          <Skeleton widths={[30, 100, 100, 100, 100, 100]} height="1.75rem" />
        </div>
      ) : schema.tables.length + schema.views.length + schema.enums.length === 0 ? (
        <div class="card">
          <Empty icon="schema" title="There are no tables">
            {at === 'live' ? 'The database is empty.' : 'This revision leaves none.'}
          </Empty>
        </div>
      ) : view === 'diagram' ? (
        <Diagram schema={schema} onOpen={(table: string) => open(`table:${table}`)} />
      ) : (
        <Tables schema={schema} object={object} onOpen={open} />
      )}
    </>
  )
}

function viewOf(text: string | null): View {
  return text === 'diagram' || text === 'difference' ? text : 'tables'
}

/** `table:orders`, `view:revenue`, `enum:status`; other pages link with `table=orders`. */
function objectOf(query: URLSearchParams): string | undefined {
  const table = query.get('table')
  return query.get('object') ?? (table === null ? undefined : `table:${table}`)
}
