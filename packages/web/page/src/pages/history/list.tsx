import { useEffect, useMemo } from 'preact/hooks'
import type { RevisionRow } from '../../../../src/api/types'
import { shortId } from '../../model/format'
import { edgeStates, laneSizes, laneX, pathsOf, pictureWidth } from '../../model/lanes'
import type { EdgeStates, LaneSizes } from '../../model/lanes'
import { useNarrow } from '../../ui/media'
import { Tag } from '../../ui/parts'
import { Day } from '../../ui/time'
import { useVirtualRows } from '../../ui/virtual'

interface Props {
  readonly rows: readonly RevisionRow[]
  readonly lanes: number
  /** Places of the rows to show. */
  readonly found: readonly number[]
  readonly selected: string | undefined
  readonly onSelect: (revision: string) => void
  readonly onOpen: (revision: string) => void
}

/** The revisions as a list that is moved in by keys, with the graph beside it: of 10,000 rows, those in sight are drawn. */
export function RevisionList({ rows, lanes, found, selected, onSelect, onOpen }: Props) {
  const narrow = useNarrow()
  const rowHeight = narrow ? 56 : 36
  const virtual = useVirtualRows(found.length, rowHeight)
  const states = useMemo(() => edgeStates(rows), [rows])
  // Lines between rows that are not neighbors would lead nowhere.
  const isWhole = found.length === rows.length
  const sizes = useMemo(() => laneSizes(isWhole ? lanes : 1, rowHeight), [isWhole, lanes, rowHeight])
  const at = found.findIndex((place) => rows[place]?.revision === selected)

  // Where the database is, or what was looked at last, is in the middle at first.
  useEffect(() => {
    virtual.show(Math.max(0, at), 'center')
  }, [])
  useEffect(() => {
    if (at >= 0) virtual.show(at)
  }, [at, found])

  const select = (index: number): void => {
    const row = rows[found[Math.max(0, Math.min(found.length - 1, index))] ?? -1]
    if (row !== undefined) onSelect(row.revision)
  }
  return (
    <>
      <div
        id="revisions"
        class="revisions"
        ref={virtual.scroller}
        role="listbox"
        tabIndex={0}
        aria-label="Revisions, newest first"
        aria-activedescendant={at >= 0 ? `revision-${String(at)}` : undefined}
        onKeyDown={(event) => {
          const target = moved(event.key, at, found.length, virtual.page)
          if (target !== undefined) {
            event.preventDefault()
            select(target)
          } else if (event.key === 'Enter' && selected !== undefined) {
            event.preventDefault()
            onOpen(selected)
          }
        }}
      >
        <div class="revisions__all" role="presentation" style={{ height: `${String(virtual.totalHeight)}px` }}>
          {virtual.items.map(({ index, start }) => {
            const place = found[index] ?? -1
            const row = rows[place]
            if (row === undefined) return null
            return (
              <div
                key={row.revision}
                id={`revision-${String(index)}`}
                class="revision"
                role="option"
                aria-selected={row.revision === selected}
                aria-setsize={found.length}
                aria-posinset={index + 1}
                style={{ transform: `translateY(${String(start)}px)`, height: `${String(rowHeight)}px` }}
                onClick={() => {
                  onSelect(row.revision)
                  if (narrow) onOpen(row.revision)
                }}
              >
                <Lanes
                  row={row}
                  above={isWhole ? rows[place - 1] : undefined}
                  states={states}
                  place={place}
                  sizes={sizes}
                  lanes={isWhole ? lanes : 1}
                  isWhole={isWhole}
                />
                <RowText row={row} />
              </div>
            )
          })}
        </div>
      </div>
      <Legend />
    </>
  )
}

/** The index to which a key leads; undefined if it is another key. */
function moved(key: string, at: number, length: number, page: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return at + 1
    case 'ArrowUp':
    case 'k':
      return at < 0 ? 0 : at - 1
    case 'PageDown':
      return at + page
    case 'PageUp':
      return at - page
    case 'Home':
      return 0
    case 'End':
      return length - 1
    default:
      return undefined
  }
}

function RowText({ row }: { row: RevisionRow }) {
  return (
    <div class="revision__text">
      <span class="revision__message truncate" title={row.message}>
        {row.message}
      </span>
      <span class="revision__tags">
        {row.halfway !== undefined && (
          <Tag tone="amber" icon="warning">
            half-way
          </Tag>
        )}
        {row.isCurrent && <Tag tone="violet">current</Tag>}
        {row.isHead && <Tag>head</Tag>}
        {row.branchLabels?.map((label) => (
          <Tag key={label} icon="branch">
            {label}
          </Tag>
        ))}
        {row.replaces !== undefined && <Tag>squash of {row.replaces.length}</Tag>}
      </span>
      <span class="revision__id">{shortId(row.revision)}</span>
      <span class="revision__day">
        <Day iso={row.createdAt} />
      </span>
      <span class="visually-hidden">{row.applied ? ', applied' : ', pending'}</span>
    </div>
  )
}

interface LanesProps {
  readonly row: RevisionRow
  readonly above: RevisionRow | undefined
  readonly states: EdgeStates
  readonly place: number
  readonly sizes: LaneSizes
  readonly lanes: number
  readonly isWhole: boolean
}

/** The part of the graph that is in one row: lines from above end in its middle, lines to below start there. */
function Lanes({ row, above, states, place, sizes, lanes, isWhole }: LanesProps) {
  const { rowHeight } = sizes
  const width = pictureWidth(lanes, sizes)
  const below = isWhole ? pathsOf(row, states[place] ?? [], sizes) : []
  const before = above === undefined ? [] : pathsOf(above, states[place - 1] ?? [], sizes)
  const x = laneX(isWhole ? row.lane : 0, sizes)
  const y = rowHeight / 2
  return (
    <svg class="lanes" width={width} height={rowHeight} aria-hidden="true">
      <g transform={`translate(0 ${String(-rowHeight)})`}>
        {before.map((path, index) => (
          <path key={index} class={lineClass(path)} d={path.d} />
        ))}
      </g>
      {below.map((path, index) => (
        <path key={index} class={lineClass(path)} d={path.d} />
      ))}
      {row.isCurrent && <circle class="lanes__halo" cx={x} cy={y} r={8} />}
      <circle class={`lanes__dot lanes__dot--${dotOf(row)}`} cx={x} cy={y} r={row.applied ? 5 : 4.5} />
      {row.halfway !== undefined && (
        <path class="lanes__half" d={`M${String(x)} ${String(y - 4.5)}a4.5 4.5 0 0 1 0 9z`} />
      )}
    </svg>
  )
}

function lineClass({ applied, kind }: { applied: boolean; kind: 'p' | 'd' }): string {
  return `lanes__line lanes__line--${applied ? 'applied' : 'pending'}${kind === 'd' ? ' lanes__line--depends' : ''}`
}

function dotOf(row: RevisionRow): string {
  if (row.halfway !== undefined) return 'halfway'
  if (row.isCurrent) return 'current'
  return row.applied ? 'applied' : 'pending'
}

function Legend() {
  return (
    <ul class="legend" aria-label="Legend">
      {(['current', 'applied', 'pending'] as const).map((kind) => (
        <li key={kind}>
          <svg width={14} height={14} aria-hidden="true">
            <circle class={`lanes__dot lanes__dot--${kind}`} cx={7} cy={7} r={kind === 'pending' ? 4.5 : 5} />
          </svg>
          {kind}
        </li>
      ))}
      <li class="legend__depends">
        <svg width={22} height={14} aria-hidden="true">
          <path class="lanes__line lanes__line--applied lanes__line--depends" d="M1 7h20" />
        </svg>
        depends on
      </li>
    </ul>
  )
}
