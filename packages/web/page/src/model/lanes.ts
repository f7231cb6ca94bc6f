import type { RevisionRow } from '../../../src/api/types'

/** Sizes of the picture of the history, in pixels. */
export interface LaneSizes {
  readonly rowHeight: number
  /** Between the middles of two lanes. */
  readonly step: number
  /** Left of the middle of the first lane. */
  readonly left: number
}

/** A line to draw. */
export interface LanePath {
  /** For `d` of an SVG path; (0, 0) is the upper left corner of the row. */
  readonly d: string
  readonly applied: boolean
  /** `d`: a dependency, `p`: a parent */
  readonly kind: 'p' | 'd'
}

/** Whether each edge of each row leads from an applied revision: then it is part of what the database has gone through. */
export type EdgeStates = readonly (readonly boolean[])[]

const widest = 176
const usualStep = 14

/** So many lanes side by side get closer, so that messages keep their place. */
export function laneSizes(lanes: number, rowHeight: number): LaneSizes {
  const step = lanes <= 1 ? usualStep : Math.max(3, Math.min(usualStep, (widest - 2 * usualStep) / (lanes - 1)))
  return { rowHeight, step, left: usualStep }
}

/** Width of the picture. */
export function pictureWidth(lanes: number, { step, left }: LaneSizes): number {
  return Math.ceil(2 * left + (Math.max(1, lanes) - 1) * step)
}

/** The middle of a lane. */
export function laneX(lane: number, { step, left }: LaneSizes): number {
  return Math.round((left + lane * step) * 10) / 10
}

/**
 * A line is followed from the revision that it starts at, through the rows that it passes: an edge says only from which lane to which
 * it leads.
 */
export function edgeStates(rows: readonly RevisionRow[]): EdgeStates {
  /** By lane: whether the lines that arrive there from above start at an applied revision. */
  let arriving = new Map<number, boolean>()
  return rows.map((row) => {
    const next = new Map<number, boolean>()
    const states = (row.edges ?? []).map(([from, to]) => {
      const applied = from === row.lane ? row.applied : (arriving.get(from) ?? row.applied)
      next.set(to, (next.get(to) ?? false) || applied)
      return applied
    })
    arriving = next
    return states
  })
}

/** The lines from the middle of a row to the middle of the row below it. Those of pending revisions come first, under the others. */
export function pathsOf(row: RevisionRow, states: readonly boolean[], sizes: LaneSizes): readonly LanePath[] {
  const top = sizes.rowHeight / 2
  const paths = (row.edges ?? []).map(([from, to, kind], index) => ({
    d: path(laneX(from, sizes), laneX(to, sizes), top, sizes.rowHeight),
    applied: states[index] ?? row.applied,
    kind,
  }))
  return paths.sort((one, other) => Number(one.applied) - Number(other.applied))
}

/** Straight down, or in an S from one lane to another. */
function path(from: number, to: number, top: number, height: number): string {
  if (from === to) return `M${String(from)} ${String(top)}v${String(height)}`
  const middle = String(top + height / 2)
  return `M${String(from)} ${String(top)}C${String(from)} ${middle} ${String(to)} ${middle} ${String(to)} ${String(top + height)}`
}
