import { RevisionGraph } from '../../src/revision/graph'
import type { Revision } from '../../src/revision/revision'

/** A revision from the notation of graph-cases.json: `x<a,b +y,z #label` (parents, dependencies, labels). */
export function revision(text: string, position = 0): Revision {
  const [head = '', ...rest] = text.split(' ')
  const [id = '', parents] = head.split('<')
  const marked = (mark: string) =>
    rest
      .filter((part) => part.startsWith(mark))
      .map((part) => part.slice(1))
      .flatMap((part) => part.split(','))
  const timestamp = 1_700_000_000_000 + position
  return {
    id,
    name: `R${id}${timestamp}`,
    exportName: `R${id}${timestamp}`,
    timestamp,
    down: parents === undefined ? [] : parents.split(','),
    dependsOn: marked('+'),
    branchLabels: marked('#'),
    message: id,
    path: `/revisions/${position}-${id}.ts`,
    checksum: '0'.repeat(64),
    plain: false,
  }
}

/** Revisions in load order from their notation. */
export function revisions(...texts: readonly string[]): readonly Revision[] {
  return texts.map(revision)
}

/** A graph of revisions from their notation. */
export function graphOf(...texts: readonly string[]): RevisionGraph {
  return new RevisionGraph(revisions(...texts))
}
