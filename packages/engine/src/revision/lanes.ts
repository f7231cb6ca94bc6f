import { Layout, type Line, type Pen } from './lane-layout'

/** The fields of a revision that {@link drawLanes} needs; revisions of `Migrator.history` have them. */
export interface LaneRevision {
  /** Its id. */
  readonly revision: string
  /** Ids of its parents. Parents that are not drawn are ignored. */
  readonly down: readonly string[]
}

/** One line of the drawing. */
export interface LaneRow<R extends LaneRevision> {
  /** `* |`, `|\`, `|/`: ASCII, two characters per lane, no trailing blanks. */
  readonly drawing: string
  /** Width of the lanes in characters: the column where text about the revision should start. */
  readonly width: number
  /** The revision whose `*` is in this row; null if the row only connects others. */
  readonly revision: R | null
}

/** The position of one revision, for pictures. */
interface LaneNode<R extends LaneRevision> {
  readonly revision: R
  /** 0 is the leftmost lane. */
  readonly lane: number
}

/** A line from a revision down to its parent, or to another line to that parent, which it joins. */
export interface LaneEdge {
  readonly child: string
  readonly parent: string
  /**
   * The path: the lane at the row of the child, then each change of lane. Rows are numbered by revision, from 0, newest
   * first. The last point is the parent, or where the line joins another one to that parent.
   */
  readonly points: readonly (readonly [row: number, lane: number])[]
}

interface Lanes<R extends LaneRevision> {
  readonly rows: readonly LaneRow<R>[]
  readonly nodes: readonly LaneNode<R>[]
  readonly edges: readonly LaneEdge[]
  /** Maximum number of parallel lanes. */
  readonly width: number
}

/**
 * Draws the graph of revisions as text, like `git log --graph`.
 *
 * @param revisions newest first, each before its parents, as `Migrator.history` returns them
 * @returns rows from top to bottom; one for each revision, in the same order, and connecting rows between them
 * @example
 * const { revisions } = await migrator.history()
 * for (const { drawing, width, revision } of drawLanes(revisions)) {
 *   console.log(drawing.padEnd(width) + (revision?.message ?? ''))
 * }
 * // *   merge
 * // |\
 * // | * theirs
 * // * | ours
 * // |/
 * // * core schema
 */
export function drawLanes<R extends LaneRevision>(revisions: readonly R[]): readonly LaneRow<R>[] {
  return layOutLanes(revisions).rows
}

/** Like {@link drawLanes}, with the lane of each revision and the path of each line, for pictures. */
export function layOutLanes<R extends LaneRevision>(revisions: readonly R[]): Lanes<R> {
  const shown = new Set(revisions.map(({ revision }) => revision))
  const drawing = new Drawing<R>()
  const layout = new Layout(drawing)
  const nodes = revisions.map((revision) => {
    drawing.next = revision
    const parents = [...new Set(revision.down)].filter((id) => shown.has(id))
    const { lane } = layout.add(
      revision.revision,
      parents.map((id) => ({ id, kind: 'p' })),
    )
    return { revision, lane }
  })
  return { rows: drawing.rows, nodes, edges: drawing.edges, width: layout.width }
}

/** Draws a layout as text, and keeps the path of each line. */
class Drawing<R extends LaneRevision> implements Pen {
  readonly rows: LaneRow<R>[] = []
  readonly edges: LaneEdge[] = []
  /** The revision that is added. */
  next: R | null = null
  readonly #points = new Map<Line, [row: number, lane: number][]>()

  begin(line: Line, row: number, lane: number): void {
    this.#points.set(line, [[row, lane]])
  }

  move(line: Line, row: number, lane: number): void {
    const points = this.#points.get(line) ?? []
    const last = points.at(-1)
    if (last !== undefined && last[0] < row - 1) points.push([row - 1, last[1]])
    points.push([row, lane])
  }

  finish(line: Line, row: number, lane: number): void {
    const points = this.#points.get(line) ?? []
    const last = points.at(-1)
    if (last?.[1] !== lane) this.move(line, row, lane)
    else if (last[0] !== row) points.push([row, lane])
    this.#points.delete(line)
    this.edges.push({ child: line.child, parent: line.target, points })
  }

  /** The row of the revision. Three or more parents need room next to the star, so lanes to the right move first. */
  dot(left: number, parents: number, right: number, unconnected: boolean): void {
    // A head directly below a base would look like its parent.
    if (unconnected) this.#connect('| '.repeat(left))
    const extra = Math.max(parents - 2, 0)
    if (right > 0) {
      for (let step = 0; step < extra; step++) {
        this.#connect('| '.repeat(left + 1), '  '.repeat(step), ' \\'.repeat(right))
      }
    }
    const star = extra === 0 ? '* ' : `*${'--'.repeat(extra - 1)}-. `
    const lanes = left + Math.max(parents, 1) + right
    this.#push(this.next, 2 * lanes, '| '.repeat(left), star, '| '.repeat(right))
  }

  close(left: number, right: number): void {
    this.#connect('| '.repeat(left), ' ', '/ '.repeat(right))
  }

  lean(side: 'left' | 'right', left: number, right: number): void {
    if (side === 'left') this.#connect('| '.repeat(left - 1), '|/', '| '.repeat(1 + right))
    else this.#connect('| '.repeat(left), '|\\', '| '.repeat(right))
  }

  fork(left: number, targets: number, right: number): void {
    this.#connect('| '.repeat(left), '|', '\\ '.repeat(targets - 1 + right))
  }

  join(to: number, from: number, right: number): void {
    const crossed = from - to - 1
    // Crossing other lanes takes two rows: `| |_|/`, `|/| |`.
    this.#connect(
      crossed === 0 ? '' : '| ',
      '| '.repeat(to),
      '|',
      '_|'.repeat(Math.max(crossed - 1, 0)),
      '/ '.repeat(1 + right),
    )
    if (crossed > 0) this.#connect('| '.repeat(to), '|/', '| '.repeat(crossed + right))
  }

  #connect(...parts: readonly string[]): void {
    this.#push(null, 0, ...parts)
  }

  #push(revision: R | null, width: number, ...parts: readonly string[]): void {
    const drawing = parts.join('').trimEnd()
    this.rows.push({ drawing, width: Math.max(width, drawing.length), revision })
  }
}
