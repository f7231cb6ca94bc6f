import { AludelError } from '../errors'

import { buildEdges, type Edges } from './build'
import { nearest } from './names'
import { compareRevisions, type Revision } from './revision'

/** The edges that a walk through the graph follows. */
interface WalkOptions {
  /** Follow `dependsOn` as well as parents. Default false. */
  readonly dependencies?: boolean
}

/**
 * The revisions of a project and their dependencies. Immutable, without I/O, validated by the constructor.
 *
 * There are two kinds of edges: *parents* (`downRevision`) form branches and heads; *dependencies* (`dependsOn`) only
 * restrict the order. Where the edges leave a choice, timestamps and names decide: the *load order*. So every result
 * depends only on the revisions, not on file names or the order in which files are read.
 *
 * @example
 * const graph = new RevisionGraph((await readRevisions(['migrations'])).revisions)
 * graph.heads.map((revision) => revision.id) // ['3f9c1b7a2d40']
 */
export class RevisionGraph {
  /** Every revision, in load order: by timestamp, then by name. */
  readonly all: readonly Revision[]
  /** Every revision, parents and dependencies first, otherwise in load order. */
  readonly order: readonly Revision[]
  /** Revisions that are not a parent of another one. */
  readonly heads: readonly Revision[]
  /** Heads that no revision depends on either: the current revisions when everything is applied. */
  readonly realHeads: readonly Revision[]
  /** Revisions without a parent. */
  readonly bases: readonly Revision[]

  readonly #edges: Edges
  /** Position of a revision in `order`. */
  readonly #rank: readonly number[]
  #labels: readonly ReadonlySet<string>[] | undefined

  /**
   * @param given in any order
   * @throws ALUDEL_DUPLICATE_REVISION two revisions with one id or class name
   * @throws ALUDEL_DUPLICATE_LABEL
   * @throws ALUDEL_MISSING_PARENT, ALUDEL_MISSING_DEPENDENCY
   * @throws ALUDEL_REVISION_CYCLE naming exactly the members of one cycle
   * @throws ALUDEL_REVISION_INVALID an id or label that cannot be used on a command line
   */
  constructor(given: readonly Revision[]) {
    const revisions = [...given].sort(compareRevisions)
    const edges = buildEdges(revisions)
    this.#edges = edges
    this.all = Object.freeze(revisions)
    this.order = this.#pick(edges.order)
    const rank = revisions.map(() => 0)
    edges.order.forEach((position, index) => (rank[position] = index))
    this.#rank = rank
    this.heads = this.all.filter((_, position) => edges.children[position]?.length === 0)
    this.realHeads = this.heads.filter((head) => edges.dependents[this.#position(head.id)]?.length === 0)
    this.bases = this.all.filter((_, position) => edges.parents[position]?.length === 0)
  }

  /** Number of revisions. */
  get size(): number {
    return this.all.length
  }

  /** True for the full id of a revision. */
  has(id: string): boolean {
    return this.#edges.positions.has(id)
  }

  /** The revision with this full id, or undefined. */
  find(id: string): Revision | undefined {
    const position = this.#edges.positions.get(id)
    return position === undefined ? undefined : this.all[position]
  }

  /**
   * The revision with this full id.
   *
   * @throws ALUDEL_UNKNOWN_REVISION
   */
  get(id: string): Revision {
    const revision = this.find(id)
    if (revision !== undefined) return revision
    throw this.#unknown(id)
  }

  /** The revision with this class name (or `name` property), as stored in TypeORM's `migrations` table. */
  byName(name: string): Revision | undefined {
    const position = this.#edges.names.get(name)
    return position === undefined ? undefined : this.all[position]
  }

  /** The squash that replaces a revision which is not in this graph. */
  byReplaced(id: string): Revision | undefined {
    const position = this.#edges.replaced.get(id)
    return position === undefined ? undefined : this.all[position]
  }

  /** Ids that squashes replace and that are not in this graph. */
  get replacedIds(): readonly string[] {
    return [...this.#edges.replaced.keys()]
  }

  /** The revision that declares a branch label. */
  byLabel(label: string): Revision | undefined {
    const position = this.#edges.labels.get(label)
    return position === undefined ? undefined : this.all[position]
  }

  /** Every declared branch label, in load order. */
  get branchLabels(): readonly string[] {
    return [...this.#edges.labels.keys()]
  }

  isHead(id: string): boolean {
    return this.#edges.children[this.#position(id)]?.length === 0
  }

  /** True if it is the parent of more than one revision. */
  isBranchPoint(id: string): boolean {
    return (this.#edges.children[this.#position(id)]?.length ?? 0) > 1
  }

  /** True if it has more than one parent. */
  isMergePoint(id: string): boolean {
    return (this.#edges.parents[this.#position(id)]?.length ?? 0) > 1
  }

  /** Its parents, in declared order. */
  parents(id: string): readonly Revision[] {
    return this.#pick(this.#edges.parents[this.#position(id)])
  }

  /** The revisions whose parent it is, in load order. */
  children(id: string): readonly Revision[] {
    return this.#pick(this.#edges.children[this.#position(id)])
  }

  /** Its dependencies besides parents; labels are resolved. */
  dependencies(id: string): readonly Revision[] {
    return this.#pick(this.#edges.dependencies[this.#position(id)])
  }

  /** The revisions that depend on it without being its children. */
  dependents(id: string): readonly Revision[] {
    return this.#pick(this.#edges.dependents[this.#position(id)])
  }

  /** Ids of the given revisions **and** of all revisions below them. */
  ancestors(ids: Iterable<string>, options: WalkOptions = {}): ReadonlySet<string> {
    return this.#reach(ids, this.#edges.parents, options.dependencies === true ? this.#edges.dependencies : undefined)
  }

  /** Ids of the given revisions **and** of all revisions above them. */
  descendants(ids: Iterable<string>, options: WalkOptions = {}): ReadonlySet<string> {
    return this.#reach(ids, this.#edges.children, options.dependencies === true ? this.#edges.dependents : undefined)
  }

  /** Ids of the line through a revision: itself and all revisions below and above it. */
  lineage(id: string, options: WalkOptions = {}): ReadonlySet<string> {
    return new Set([...this.ancestors([id], options), ...this.descendants([id], options)])
  }

  /**
   * The branch labels that apply to a revision. A label applies to the revision that declares it, to all above it, and to
   * those below it down to the next branch or merge point (exclusive).
   */
  labelsOf(id: string): readonly string[] {
    this.#labels ??= this.#spreadLabels()
    return [...(this.#labels[this.#position(id)] ?? [])]
  }

  /** The given ids as revisions, parents and dependencies first. Unknown ids are ignored. */
  sort(ids: Iterable<string>): readonly Revision[] {
    const wanted = new Set(ids)
    // Sorting a few positions is faster than filtering the whole order.
    const positions = [...wanted].flatMap((id) => this.#edges.positions.get(id) ?? [])
    return this.#pick(positions.sort((a, b) => (this.#rank[a] ?? 0) - (this.#rank[b] ?? 0)))
  }

  /**
   * The heads of a set of applied revisions: those that no other revision of the set depends on, directly or indirectly.
   * In load order. Unknown ids are ignored.
   *
   * @example
   * graph.currentOf(['a', 'b', 'c']).map((revision) => revision.id) // ['c'] when a <- b <- c
   */
  currentOf(applied: Iterable<string>): readonly Revision[] {
    // By position, without intermediate lists: every `current` runs this for all applied revisions.
    const { positions, parents, dependencies } = this.#edges
    const known = new Set<number>()
    for (const id of applied) {
      const position = positions.get(id)
      if (position !== undefined) known.add(position)
    }
    const below = new Uint8Array(this.size)
    const stack: number[] = []
    const visit = (position: number): void => {
      if (below[position] === 1) return
      below[position] = 1
      stack.push(position)
    }
    const visitNeeds = (position: number): void => {
      parents[position]?.forEach(visit)
      dependencies[position]?.forEach(visit)
    }
    known.forEach(visitNeeds)
    for (let position = stack.pop(); position !== undefined; position = stack.pop()) visitNeeds(position)
    return this.#pick([...known].filter((position) => below[position] === 0).sort((a, b) => a - b))
  }

  #reach(
    ids: Iterable<string>,
    edges: Edges['parents'],
    dependencies: Edges['dependencies'] | undefined,
  ): ReadonlySet<string> {
    const reached = new Set<number>()
    const stack: number[] = []
    const visit = (position: number): void => {
      if (reached.has(position)) return
      reached.add(position)
      stack.push(position)
    }
    for (const id of ids) visit(this.#position(id))
    for (let position = stack.pop(); position !== undefined; position = stack.pop()) {
      edges[position]?.forEach(visit)
      dependencies?.[position]?.forEach(visit)
    }
    return new Set(this.#pick([...reached]).map((revision) => revision.id))
  }

  #spreadLabels(): readonly ReadonlySet<string>[] {
    const { labels, parents, children, dependents } = this.#edges
    const spread: Set<string>[] = this.all.map(() => new Set())
    for (const [label, declared] of labels) {
      const id = this.all[declared]?.id
      if (id === undefined) continue
      for (const above of this.descendants([id])) spread[this.#position(above)]?.add(label)
      // As in Alembic, a mere dependency also makes a revision a branch point here.
      const joint = (position: number): boolean =>
        (children[position]?.length ?? 0) + (dependents[position]?.length ?? 0) > 1 ||
        (parents[position]?.length ?? 0) > 1
      for (
        let below: number | undefined = declared;
        below !== undefined && !joint(below);
        below = parents[below]?.[0]
      ) {
        spread[below]?.add(label)
      }
    }
    return spread
  }

  #pick(positions: readonly number[] = []): readonly Revision[] {
    return positions.flatMap((position) => this.all[position] ?? [])
  }

  #position(id: string): number {
    const position = this.#edges.positions.get(id)
    if (position === undefined) throw this.#unknown(id)
    return position
  }

  #unknown(id: string): AludelError {
    const candidates = nearest(id, this.#edges.positions.keys())
    return new AludelError('ALUDEL_UNKNOWN_REVISION', `there is no revision "${id}"`, {
      help: candidates.length === 0 ? undefined : `Nearest: ${candidates.join(', ')}.`,
      details: { revision: id, nearest: candidates },
    })
  }
}
