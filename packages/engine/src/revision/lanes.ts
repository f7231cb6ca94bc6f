/** What the drawing needs to know of a revision; results of `history` have it. */
export interface LaneRevision {
  readonly revision: string
  /** Parents. Those that are not among the revisions that are drawn are left out of the drawing. */
  readonly down: readonly string[]
}

/** One line of the drawing. */
export interface LaneRow<R extends LaneRevision> {
  /** `* |`, `|\`, `|/`: ASCII, two characters a lane, no trailing blanks. */
  readonly drawing: string
  /** Characters that belong to the lanes: where text about the revision begins, so that no line runs into it. */
  readonly width: number
  /** The revision whose `*` is in this row; null: the row only connects those above and below. */
  readonly revision: R | null
}

/** Where one revision stands, for drawings that are not made of characters. */
export interface LaneNode<R extends LaneRevision> {
  readonly revision: R
  /** 0 is the leftmost lane. */
  readonly lane: number
}

/** A line from a revision down to its parent, or to the line it joins on the way there. */
export interface LaneEdge {
  readonly child: string
  readonly parent: string
  /**
   * Where it goes: the lane at the row of the child, then whenever it stands in another one. Rows count revisions,
   * from 0, newest first. The last point is the parent, or where it joins another line to that parent.
   */
  readonly points: readonly (readonly [row: number, lane: number])[]
}

export interface Lanes<R extends LaneRevision> {
  readonly rows: readonly LaneRow<R>[]
  readonly nodes: readonly LaneNode<R>[]
  readonly edges: readonly LaneEdge[]
  /** How many lanes stand beside each other at most. */
  readonly width: number
}

/**
 * Draws the graph of revisions as `git log --graph` does.
 *
 * @param revisions newest first, each before its parents, as `Migrator.history` returns them
 * @returns rows from top to bottom; each revision has one, in the same order
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

/** The same, with what a picture needs besides: the lane of each revision, and the way of each line. */
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

/** A lane is a line on its way down: from the child that began it to the parent it waits for. */
interface Lane {
  readonly child: string
  readonly parent: string
  readonly points: (readonly [row: number, lane: number])[]
}

/**
 * The state between two rows: which lines stand beside each other. No two of them wait for the same parent then;
 * a line that would is led into the other at once, so that a drawing is no wider than it must be.
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

  /** @param parents those that are drawn */
  add(revision: R, parents: readonly string[]): void {
    const row = this.#nodes.length
    this.#open.forEach((open, index) => moveTo(open, row, index))
    const waiting = this.#open.findIndex(({ parent }) => parent === revision.revision)
    const lane = waiting === -1 ? this.#open.length : waiting
    const left = this.#open.slice(0, lane)
    const right = this.#open.slice(lane + 1)
    const arriving = this.#open[lane]
    if (arriving !== undefined) this.#finish(arriving, row, lane)
    // A head right below a base would look like its parent.
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

  /** The row of the revision. Three parents and more need room beside the star, which lanes to the right make first. */
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

  /** A base: what stands to the right of it moves into its place. */
  #end(left: readonly Lane[], right: readonly Lane[]): void {
    if (right.length > 0) this.#connect('| '.repeat(left.length), ' ', '/ '.repeat(right.length))
    this.#open = [...left, ...right]
  }

  /** A merge. Of two, when a neighbor waits for one of the parents already, a line goes straight there. */
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

  /** Leads lines that wait for one parent into the leftmost of them. */
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
      // Over lanes in between it goes in two rows: `| |_|/`, `|/| |`.
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

/** Notes where a line stands, when that is another lane than before. */
function moveTo({ points }: Lane, row: number, lane: number): void {
  const last = points.at(-1)
  if (last === undefined || last[1] === lane) return
  if (last[0] < row - 1) points.push([row - 1, last[1]])
  points.push([row, lane])
}
