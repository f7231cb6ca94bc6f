import { Layout, type PlacedRow, type Target } from './lane-layout'
import type { LaneRevision } from './lanes'

/** The fields of a revision that {@link lanesOf} needs; revisions of `Migrator.history` have them. */
export interface PictureRevision extends LaneRevision {
  /** Ids or branch labels of revisions that it depends on without descending from them. */
  readonly dependsOn?: readonly string[]
  readonly branchLabels?: readonly string[]
  /** Ids of the revisions that it replaces: lines to them lead to it. */
  readonly replaces?: readonly string[]
}

/** The graph of revisions as data for a picture. */
export interface LanePicture {
  /** One for each revision, in the same order. */
  readonly rows: readonly PlacedRow[]
  /** Maximum number of parallel lanes. */
  readonly lanes: number
}

/**
 * The layout of `drawLanes` as data, for a picture that has one row for each revision. Dependencies have lanes as parents do, and
 * are marked.
 *
 * A line may join one that leads to the same revision; from there on it is marked as leading to a parent if one of them does.
 *
 * @param revisions newest first, each before its parents and dependencies, as `Migrator.history` returns them. Those that are
 *   not in the list are ignored.
 * @example
 * const { revisions } = await migrator.history()
 * const { rows, lanes } = lanesOf(revisions)
 * rows[0] // { lane: 0, edges: [[0, 0, 'p'], [0, 1, 'd']] }
 */
export function lanesOf(revisions: readonly PictureRevision[]): LanePicture {
  const find = finderOf(revisions)
  const layout = new Layout()
  const rows = revisions.map(({ revision, down, dependsOn = [] }) => {
    const targets: Target[] = []
    const add = (name: string, kind: Target['kind']): void => {
      const id = find(name)
      if (id !== undefined && !targets.some((target) => target.id === id)) targets.push({ id, kind })
    }
    // Parents first: the leftmost line continues the lane of the revision.
    for (const name of down) add(name, 'p')
    for (const name of dependsOn) add(name, 'd')
    return layout.add(revision, targets)
  })
  return { rows, lanes: layout.width }
}

/** Finds the id of a revision in the list by its id, its label, or the id of a revision that it replaces. */
function finderOf(revisions: readonly PictureRevision[]): (name: string) => string | undefined {
  const ids = new Map<string, string>()
  for (const { revision } of revisions) ids.set(revision, revision)
  for (const { revision, branchLabels, replaces } of revisions) {
    branchLabels?.forEach((label) => ids.set(label, revision))
    replaces?.forEach((id) => ids.has(id) || ids.set(id, revision))
  }
  return (name) => ids.get(name)
}
