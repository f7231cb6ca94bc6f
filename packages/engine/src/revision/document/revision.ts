import type { LaneRevision } from '../lanes'

/** The fields of a revision that a document shows. */
export interface DocumentRevision extends LaneRevision {
  /** Ids, not labels. */
  readonly dependsOn: readonly string[]
  readonly branchLabels: readonly string[]
  readonly message: string
  /** Null if the database was not asked. */
  readonly applied: boolean | null
  readonly isHead: boolean
  readonly isCurrent: boolean
  readonly isMergePoint: boolean
}

/** True for a revision without parents. */
export function isBase({ down }: LaneRevision): boolean {
  return down.length === 0
}

/** `(base) (head) (current) (pending) reports`: the marks of `history`, and the meaning of shapes and colors in words. */
export function marksOf(revision: DocumentRevision): readonly string[] {
  return [
    ...(isBase(revision) ? ['(base)'] : []),
    ...(revision.isMergePoint ? ['(merge)'] : []),
    ...(revision.isHead ? ['(head)'] : []),
    ...(revision.isCurrent ? ['(current)'] : []),
    ...(revision.applied === false ? ['(pending)'] : []),
    ...revision.branchLabels,
  ]
}

/** The message as one line, without control characters and unpaired surrogates, which some formats do not allow. */
export function messageOf({ message }: DocumentRevision): string {
  return message.replace(/[\s\p{Cc}\p{Cs}\ufffe\uffff]+/gu, ' ').trim()
}

/** An edge between two revisions that are both shown, from the older to the newer. */
interface DocumentEdge {
  readonly from: string
  readonly to: string
  readonly dependency: boolean
}

/** Edges oldest first. */
export function edgesOf(revisions: readonly DocumentRevision[]): readonly DocumentEdge[] {
  const shown = new Set(revisions.map(({ revision }) => revision))
  const edges = (to: string, sources: readonly string[], dependency: boolean): DocumentEdge[] =>
    sources.filter((from) => shown.has(from)).map((from) => ({ from, to, dependency }))
  return [...revisions]
    .reverse()
    .flatMap(({ revision, down, dependsOn }) => [...edges(revision, down, false), ...edges(revision, dependsOn, true)])
}
