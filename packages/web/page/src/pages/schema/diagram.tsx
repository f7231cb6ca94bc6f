// cspell:ignore multigraph nodesep ranksep marginx marginy
import { Graph, layout } from '@dagrejs/dagre'
import { useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import type { SchemaDocument } from '../../../../src/api/types'
import { count } from '../../model/format'
import { boxes, diagramOf, fit, open, reveal, zoom } from '../../model/diagram'
import type { Camera, DiagramKey, DiagramTable } from '../../model/diagram'
import { Button } from '../../ui/parts'

interface Placed extends DiagramTable {
  readonly x: number
  readonly y: number
}

interface Picture {
  readonly tables: readonly Placed[]
  readonly keys: readonly { readonly id: string; readonly from: string; readonly to: string; readonly d: string }[]
  readonly width: number
  readonly height: number
}

const step = 60

/**
 * The tables as boxes with lines between them. It is moved by dragging, two fingers or arrow keys, and zoomed by the wheel with Ctrl,
 * two fingers, or `+`, `-` and `0`; Tab goes from table to table.
 */
export function Diagram({ schema, onOpen }: { schema: SchemaDocument; onOpen: (table: string) => void }) {
  const picture = useMemo(() => place(schema), [schema])
  const frame = useRef<HTMLDivElement>(null)
  const camera = useSignal<Camera | undefined>(undefined)
  const focused = useSignal<string | undefined>(undefined)

  const size = () => ({ width: frame.current?.clientWidth ?? 1, height: frame.current?.clientHeight ?? 1 })
  const middle = () => ({ x: size().width / 2, y: size().height / 2 })
  const fitAll = (): void => {
    camera.value = fit(picture, size())
  }
  const zoomBy = (factor: number, at = middle()): void => {
    camera.value = zoom(camera.value ?? fit(picture, size()), factor, at)
  }
  const moveBy = (x: number, y: number): void => {
    const now = camera.value
    if (now !== undefined) camera.value = { ...now, x: now.x + x, y: now.y + y }
  }
  useLayoutEffect(() => {
    camera.value = open(picture, size(), hubOf(picture))
  }, [picture])
  useGestures(frame, moveBy, zoomBy)

  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Record<string, () => void> = {
      ArrowLeft: () => moveBy(step, 0),
      ArrowRight: () => moveBy(-step, 0),
      ArrowUp: () => moveBy(0, step),
      ArrowDown: () => moveBy(0, -step),
      '+': () => zoomBy(1.2),
      '=': () => zoomBy(1.2),
      '-': () => zoomBy(1 / 1.2),
      '0': fitAll,
    }
    const move = moves[event.key]
    if (move === undefined || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    move()
  }
  const { x, y, scale } = camera.value ?? { x: 0, y: 0, scale: 1 }
  return (
    <section class="card diagram" aria-label="Entity-relationship diagram">
      <div class="diagram__tools">
        <Button size="small" icon="plus" label="Zoom in" onClick={() => zoomBy(1.2)} />
        <Button size="small" icon="minus" label="Zoom out" onClick={() => zoomBy(1 / 1.2)} />
        <Button size="small" icon="fit" label="Fit all" onClick={fitAll} />
      </div>
      <div
        ref={frame}
        class="diagram__frame"
        role="group"
        tabIndex={0}
        aria-label={`${count(picture.tables.length, 'table')}, ${count(picture.keys.length, 'foreign key')}. Arrow keys move, plus and minus zoom, 0 fits all, Tab goes to the tables.`}
        onKeyDown={onKeyDown}
      >
        <svg class="diagram__picture" width="100%" height="100%">
          <g transform={`translate(${String(x)} ${String(y)}) scale(${String(scale)})`}>
            {picture.keys.map((key) => (
              <path
                key={key.id}
                class={
                  focused.value === key.from || focused.value === key.to
                    ? 'diagram__key diagram__key--near'
                    : 'diagram__key'
                }
                d={key.d}
              />
            ))}
            {picture.tables.map((table) => (
              <Box
                key={table.name}
                table={table}
                onOpen={() => onOpen(table.name)}
                onFocus={(byKey) => {
                  focused.value = table.name
                  if (byKey && camera.value !== undefined) camera.value = reveal(camera.value, table, size())
                }}
                onBlur={() => {
                  focused.value = undefined
                }}
              />
            ))}
          </g>
        </svg>
      </div>
    </section>
  )
}

function Box({
  table,
  onOpen,
  onFocus,
  onBlur,
}: {
  table: Placed
  onOpen: () => void
  onFocus: (byKey: boolean) => void
  onBlur: () => void
}) {
  const { x, y, width, height, columns, more, name } = table
  const line = (index: number): number => boxes.head + index * boxes.line + 14
  return (
    <g
      class="diagram__table"
      role="button"
      tabIndex={0}
      aria-roledescription="table"
      transform={`translate(${String(x)} ${String(y)})`}
      onFocus={() => onFocus(true)}
      onBlur={onBlur}
      onPointerEnter={() => onFocus(false)}
      onPointerLeave={onBlur}
      onClick={onOpen}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        onOpen()
      }}
    >
      <title>{name}</title>
      <rect class="diagram__box" width={width} height={height} rx={6} />
      <path class="diagram__rule" d={`M0 ${String(boxes.head)}h${String(width)}`} />
      <text class="diagram__name" x={12} y={20}>
        {shorten(name, Math.floor((width - 24) / 7.6))}
      </text>
      {/* Its name is enough to find it; the columns are in its list. */}
      <g aria-hidden="true">
        {columns.map((column, index) => (
          <g key={column.name}>
            {column.keys.primary && <circle class="diagram__primary" cx={14} cy={line(index) - 4} r={3} />}
            {!column.keys.primary && column.keys.refersTo !== undefined && (
              <circle class="diagram__foreign" cx={14} cy={line(index) - 4} r={2.5} />
            )}
            <text class="diagram__column" x={24} y={line(index)}>
              {shorten(column.name, 24)}
            </text>
            <text class="diagram__type" x={width - 12} y={line(index)} text-anchor="end">
              {shorten(column.type, 16)}
            </text>
          </g>
        ))}
        {more > 0 && (
          <text class="diagram__type" x={24} y={line(columns.length)}>
            {count(more, 'more column')}
          </text>
        )}
      </g>
    </g>
  )
}

function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`
}

/** Drags with one pointer, zooms with two; a wheel moves, and zooms with Ctrl, as a pinch on a touchpad does. */
function useGestures(
  frame: { readonly current: HTMLDivElement | null },
  moveBy: (x: number, y: number) => void,
  zoomBy: (factor: number, at: { x: number; y: number }) => void,
): void {
  const actions = useRef({ moveBy, zoomBy })
  actions.current = { moveBy, zoomBy }
  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const pointers = new Map<number, { x: number; y: number }>()
    let moved = 0
    const at = (event: MouseEvent): { x: number; y: number } => {
      const box = element.getBoundingClientRect()
      return { x: event.clientX - box.left, y: event.clientY - box.top }
    }
    const distance = (): number => {
      const [one, other] = [...pointers.values()]
      return one === undefined || other === undefined ? 0 : Math.hypot(one.x - other.x, one.y - other.y)
    }
    const down = (event: PointerEvent): void => {
      if (event.button !== 0) return
      pointers.set(event.pointerId, at(event))
      moved = 0
    }
    const move = (event: PointerEvent): void => {
      const before = pointers.get(event.pointerId)
      if (before === undefined) return
      const now = at(event)
      const apart = distance()
      pointers.set(event.pointerId, now)
      moved += Math.abs(now.x - before.x) + Math.abs(now.y - before.y)
      // Captured only once it is a drag: a click must reach the table.
      if (moved > 4 && !element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId)
      if (pointers.size === 1) actions.current.moveBy(now.x - before.x, now.y - before.y)
      else if (apart > 0) actions.current.zoomBy(distance() / apart, now)
    }
    const up = (event: PointerEvent): void => {
      pointers.delete(event.pointerId)
    }
    const click = (event: MouseEvent): void => {
      if (moved > 4) event.stopPropagation()
    }
    const wheel = (event: WheelEvent): void => {
      event.preventDefault()
      if (event.ctrlKey || event.metaKey) actions.current.zoomBy(Math.exp(-event.deltaY / 300), at(event))
      else actions.current.moveBy(-event.deltaX, -event.deltaY)
    }
    element.addEventListener('pointerdown', down)
    element.addEventListener('pointermove', move)
    element.addEventListener('pointerup', up)
    element.addEventListener('pointercancel', up)
    element.addEventListener('click', click, { capture: true })
    element.addEventListener('wheel', wheel, { passive: false })
    return () => {
      element.removeEventListener('pointerdown', down)
      element.removeEventListener('pointermove', move)
      element.removeEventListener('pointerup', up)
      element.removeEventListener('pointercancel', up)
      element.removeEventListener('click', click, { capture: true })
      element.removeEventListener('wheel', wheel)
    }
  }, [])
}

/** The table with the most keys, where one begins to read. */
function hubOf({ tables, keys }: Picture): Placed | undefined {
  const degree = (table: Placed): number =>
    keys.filter(({ from, to }) => from === table.name || to === table.name).length
  return [...tables].sort((one, other) => degree(other) - degree(one))[0]
}

/** Places the tables so that keys lead from left to right, and tables without any key stand below. */
function place(schema: SchemaDocument): Picture {
  const { tables, keys } = diagramOf(schema)
  const graph = new Graph({ multigraph: true })
  graph.setGraph({ rankdir: 'LR', nodesep: 28, ranksep: 72, marginx: 0, marginy: 0 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { name, width, height } of tables) graph.setNode(name, { width, height })
  for (const { id, from, to } of keys) if (from !== to) graph.setEdge(from, to, {}, id)
  layout(graph)
  const placed = tables.map((table) => {
    const node = graph.node(table.name) as { x: number; y: number }
    return { ...table, x: node.x - table.width / 2, y: node.y - table.height / 2 }
  })
  const byName = new Map(placed.map((table) => [table.name, table]))
  const { width = 1, height = 1 } = graph.graph() as { width?: number; height?: number }
  return {
    tables: placed,
    keys: keys.map((key) => ({ ...key, d: pathOf(graph, key, byName.get(key.from), byName.get(key.to)) })),
    width: Math.max(1, width),
    height: Math.max(1, height),
  }
}

/** From the column of a key to the one that it refers to, in a curve; over the points that the layout left free for a long one. */
function pathOf(graph: Graph, key: DiagramKey, from: Placed | undefined, to: Placed | undefined): string {
  if (from === undefined || to === undefined) return ''
  const [startY, endY] = [lineOf(from, key.column), lineOf(to, key.references)]
  if (from === to) {
    const x = from.x + from.width
    return `M${String(x)} ${String(startY)}C${String(x + 28)} ${String(startY)} ${String(x + 28)} ${String(endY)} ${String(x)} ${String(endY)}`
  }
  const forth = from.x <= to.x
  const start = { x: forth ? from.x + from.width : from.x, y: startY }
  const end = { x: forth ? to.x : to.x + to.width, y: endY }
  const { points = [] } = graph.edge(key.from, key.to, key.id) as { points?: readonly { x: number; y: number }[] }
  // Three points are those of neighbors: nothing stands between them.
  const way = [start, ...(points.length > 3 ? points.slice(1, -1) : []), end]
  let d = `M${String(start.x)} ${String(start.y)}`
  way.slice(1).forEach((point, index) => {
    const before = way[index] ?? start
    const middle = String((before.x + point.x) / 2)
    d += `C${middle} ${String(before.y)} ${middle} ${String(point.y)} ${String(point.x)} ${String(point.y)}`
  })
  return d
}

/** Where the line of a column is; the head of the box, if the column is left out. */
function lineOf(table: Placed, column: string): number {
  const index = table.columns.findIndex((it) => it.name === column)
  return table.y + (index < 0 ? boxes.head / 2 : boxes.head + index * boxes.line + 10)
}
