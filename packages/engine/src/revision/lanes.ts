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
  const layout = new Layout<R>()
  for (const revision of revisions) {
    layout.add(
      revision,
      [...new Set(revision.down)].filter((id) => shown.has(id)),
    )
  }
  return layout.lanes
}

/** An open line: it started at a child, and has not reached the parent yet. */
interface Lane {
  readonly child: string
  readonly parent: string
  readonly points: (readonly [row: number, lane: number])[]
}

/**
 * The state between two rows: the open lines from left to right. No two of them lead to the same parent: they are joined
 * at once, to keep the drawing narrow.
 */
class Layout<R extends LaneRevision> {
  readonly #rows: LaneRow<R>[] = []
  readonly #nodes: LaneNode<R>[] = []
  readonly #edges: LaneEdge[] = []
  #open: Lane[] = []
  #joins: { readonly from: Lane; readonly into: Lane }[] = []
  #width = 0

  get lanes(): Lanes<R> {
    return { rows: this.#rows, nodes: this.#nodes, edges: this.#edges, width: this.#width }
  }

  /** @param parents only those that are drawn */
  add(revision: R, parents: readonly string[]): void {
    const row = this.#nodes.length
    this.#open.forEach((open, index) => moveTo(open, row, index))
    const waiting = this.#open.findIndex(({ parent }) => parent === revision.revision)
    const lane = waiting === -1 ? this.#open.length : waiting
    const left = this.#open.slice(0, lane)
    const right = this.#open.slice(lane + 1)
    const arriving = this.#open[lane]
    if (arriving !== undefined) this.#finish(arriving, row, lane)
    // A head directly below a base would look like its parent.
    else if (this.#nodes[row - 1]?.lane === lane && this.#rows.at(-1)?.revision != null)
      this.#connect('| '.repeat(lane))
    this.#nodes.push({ revision, lane })
    this.#width = Math.max(this.#width, left.length + 1 + right.length)

    const begun = parents.map((parent): Lane => ({ child: revision.revision, parent, points: [[row, lane]] }))
    this.#star(revision, begun.length, left.length, right.length)
    if (begun.length === 0) this.#end(left, right)
    else if (begun.length === 1) this.#open = [...left, ...begun, ...right]
    else this.#fork(left, begun, right)
    this.#converge()
    for (const { from, into } of this.#joins) this.#finish(from, row + 1, this.#open.indexOf(into))
    this.#joins = []
  }

  /** The row of the revision. Three or more parents need room next to the star, so lanes to the right move first. */
  #star(revision: R, parents: number, left: number, right: number): void {
    const extra = Math.max(parents - 2, 0)
    if (right > 0) {
      for (let step = 0; step < extra; step++) {
        this.#connect('| '.repeat(left + 1), '  '.repeat(step), ' \\'.repeat(right))
      }
    }
    const star = extra === 0 ? '* ' : `*${'--'.repeat(extra - 1)}-. `
    const lanes = left + Math.max(parents, 1) + right
    this.#push(revision, 2 * lanes, '| '.repeat(left), star, '| '.repeat(right))
  }

  /** A base: the lanes to its right move one lane to the left. */
  #end(left: readonly Lane[], right: readonly Lane[]): void {
    if (right.length > 0) this.#connect('| '.repeat(left.length), ' ', '/ '.repeat(right.length))
    this.#open = [...left, ...right]
  }

  /** A merge. If it has two parents and a neighboring lane leads to one of them, its line joins that lane directly. */
  #fork(left: readonly Lane[], begun: readonly Lane[], right: readonly Lane[]): void {
    const [first, second, third] = begun
    if (first !== undefined && second !== undefined && third === undefined) {
      const waits = (lane: Lane | undefined): boolean =>
        lane !== undefined && begun.some(({ parent }) => parent === lane.parent)
      const into = [left.at(-1), right[0]].find(waits)
      if (into !== undefined) {
        const from = into.parent === first.parent ? first : second
        if (into === left.at(-1)) this.#connect('| '.repeat(left.length - 1), '|/', '| '.repeat(1 + right.length))
        else this.#connect('| '.repeat(left.length), '|\\', '| '.repeat(right.length))
        this.#joins.push({ from, into })
        this.#open = [...left, from === first ? second : first, ...right]
        return
      }
    }
    this.#connect('| '.repeat(left.length), '|', '\\ '.repeat(begun.length - 1 + right.length))
    this.#open = [...left, ...begun, ...right]
  }

  /** Joins lines to the same parent into the leftmost of them. */
  #converge(): void {
    for (;;) {
      const first = new Map<string, number>()
      const from = this.#open.findIndex(({ parent }, index) => {
        if (first.has(parent)) return true
        first.set(parent, index)
        return false
      })
      const joining = this.#open[from]
      const to = joining === undefined ? undefined : first.get(joining.parent)
      const into = to === undefined ? undefined : this.#open[to]
      if (joining === undefined || to === undefined || into === undefined) return
      const right = this.#open.length - from - 1
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
      this.#joins.push({ from: joining, into })
      this.#open.splice(from, 1)
    }
  }

  #finish(lane: Lane, row: number, index: number): void {
    moveTo(lane, row, index)
    if (lane.points.at(-1)?.[0] !== row) lane.points.push([row, index])
    this.#edges.push(lane)
  }

  #connect(...parts: readonly string[]): void {
    this.#push(null, 0, ...parts)
  }

  #push(revision: R | null, width: number, ...parts: readonly string[]): void {
    const drawing = parts.join('').trimEnd()
    this.#rows.push({ drawing, width: Math.max(width, drawing.length), revision })
  }
}

/** Adds points to a line when it changes its lane. */
function moveTo({ points }: Lane, row: number, lane: number): void {
  const last = points.at(-1)
  if (last === undefined || last[1] === lane) return
  if (last[0] < row - 1) points.push([row - 1, last[1]])
  points.push([row, lane])
}
