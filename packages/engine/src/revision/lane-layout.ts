/** A line between a row and the row below it: in which lane it leaves, in which it arrives, and whether to a parent or a dependency. */
export type LaneLink = readonly [from: number, to: number, kind: LinkKind]

/** `p`: to a parent · `d`: to a dependency */
export type LinkKind = 'p' | 'd'

/** Where a line leads. */
export interface Target {
  readonly id: string
  readonly kind: LinkKind
}

/** An open line: it started at a child, and has not reached its target yet. */
export interface Line {
  readonly child: string
  readonly target: string
  /** Its lane in the row of the last revision. */
  place: number
  /** A dependency until a line to a parent joins it. */
  kind: LinkKind
}

/** Follows a layout, to draw it. Numbers of lanes are those beside the lane that something happens to. */
export interface Pen {
  /** The line changes its lane, in the row of the revision that is added. */
  move(line: Line, row: number, lane: number): void
  /** The revision of a row. `unconnected`: no line leads to it, and the dot in the row above is in the same lane. */
  dot(lane: number, targets: number, right: number, unconnected: boolean): void
  /** A line leaves the dot. */
  begin(line: Line, row: number, lane: number): void
  /** No line leaves the dot: the lanes to its right move one lane to the left. */
  close(left: number, right: number): void
  /** Two lines leave the dot, one of them into a neighboring lane. */
  lean(side: 'left' | 'right', left: number, right: number): void
  /** Several lines leave the dot, each in a lane of its own. */
  fork(left: number, targets: number, right: number): void
  /** A lane joins another one, which leads to the same revision; `to` and `from` count all lanes to their left. */
  join(to: number, from: number, right: number): void
  /** The line reaches its target, or another line to it. */
  finish(line: Line, row: number, lane: number): void
}

/** The place of one revision, and the lines below it. */
export interface PlacedRow {
  /** The column of its dot, from 0. */
  readonly lane: number
  /** The lines between this row and the one below it. Lines to the same revision share a lane. */
  readonly edges: readonly LaneLink[]
}

/**
 * The state between two rows: the open lines from left to right. No two of them lead to the same revision: they are joined
 * at once, to keep the drawing narrow.
 *
 * It is called for every page that shows the history: thousands of rows, dozens of lanes. So lists are changed in place, and what
 * is equal is one value.
 */
export class Layout {
  /** Maximum number of parallel lanes. */
  width = 0
  #row = 0
  /** The lane of the last dot if no line leaves it, and nothing was drawn below it; -1 otherwise. */
  #closed = -1
  readonly #open: Line[] = []
  readonly #joins: { readonly from: Line; readonly into: Line }[] = []
  /** Those below the last row. */
  #edges: readonly LaneLink[] = []
  readonly #links = { p: [], d: [] } as Record<LinkKind, LaneLink[][]>

  constructor(private readonly pen?: Pen) {}

  /** @param targets only those that follow */
  add(child: string, targets: readonly Target[]): PlacedRow {
    const { pen } = this
    const open = this.#open
    const row = this.#row++
    let lane = open.length
    for (let index = 0; index < open.length; index++) {
      const line = open[index]
      if (line === undefined) continue
      if (line.place !== index) pen?.move(line, row, index)
      line.place = index
      if (line.target === child && lane === open.length) lane = index
    }
    const arriving = open[lane]
    const right = Math.max(open.length - lane - 1, 0)
    if (arriving !== undefined) pen?.finish(arriving, row, lane)
    this.width = Math.max(this.width, lane + 1 + right)
    pen?.dot(lane, targets.length, right, arriving === undefined && this.#closed === lane)
    this.#closed = targets.length === 0 && right === 0 ? lane : -1

    const begun = targets.map(({ id, kind }): Line => ({ child, target: id, place: lane, kind }))
    for (const line of begun) pen?.begin(line, row, lane)
    open.splice(lane, 1)
    if (begun.length > 1) this.#fork(lane, begun, right)
    else if (begun.length === 1) open.splice(lane, 0, ...begun)
    else if (right > 0) pen?.close(lane, right)
    this.#converge(begun)
    return { lane, edges: this.#edgesBelow(row) }
  }

  /** If there are two targets and a neighboring lane leads to one of them, the line to it joins that lane directly. */
  #fork(lane: number, begun: readonly Line[], right: number): void {
    const open = this.#open
    const [first, second, third] = begun
    if (first !== undefined && second !== undefined && third === undefined) {
      const waits = (line: Line | undefined): boolean =>
        line !== undefined && begun.some(({ target }) => target === line.target)
      const left = open[lane - 1]
      const into = [left, open[lane]].find(waits)
      if (into !== undefined) {
        const from = into.target === first.target ? first : second
        this.pen?.lean(into === left ? 'left' : 'right', lane, right)
        this.#joins.push({ from, into })
        open.splice(lane, 0, from === first ? second : first)
        return
      }
    }
    this.pen?.fork(lane, begun.length, right)
    open.splice(lane, 0, ...begun)
  }

  /** Joins lines to the same revision into the leftmost of them. Only those that have just begun can meet others. */
  #converge(begun: readonly Line[]): void {
    const open = this.#open
    const first = begun.map(() => -1)
    for (let index = 0; index < open.length; index++) {
      const line = open[index]
      const which = begun.findIndex(({ target }) => target === line?.target)
      if (line === undefined || which === -1) continue
      const to = first[which] ?? -1
      const into = open[to]
      if (into === undefined) {
        first[which] = index
        continue
      }
      this.pen?.join(to, index, open.length - index - 1)
      this.#joins.push({ from: line, into })
      open.splice(index, 1)
      index--
    }
  }

  #edgesBelow(row: number): readonly LaneLink[] {
    const open = this.#open
    const last = this.#edges
    if (this.#joins.length === 0 && last.length === open.length) {
      const isSame = open.every(({ place, kind }, index) => last[index] === this.#link(place, index, kind))
      if (isSame) return last
    }
    const edges = open.map(({ place, kind }, index) => this.#link(place, index, kind))
    this.#edges = edges
    for (const { from, into } of this.#joins.splice(0)) {
      const index = open.indexOf(into)
      edges.push(this.#link(from.place, index, from.kind))
      this.pen?.finish(from, row + 1, index)
      if (from.kind === 'p') into.kind = 'p'
    }
    return edges
  }

  #link(from: number, to: number, kind: LinkKind): LaneLink {
    const links = (this.#links[kind][from] ??= [])
    return (links[to] ??= [from, to, kind])
  }
}
