import type { RevisionInfo } from '@aludel/engine'

import { dateTime } from './format'
import type { Colors } from './output'
import { columns } from './table'

/** Lines of `history`, `heads` and `branches`: `id  message  date  (head) (current) …  labels`. */
export function revisionLines(revisions: readonly RevisionInfo[], colors: Colors): string[] {
  return columns(
    revisions.map((revision) => [
      colors.yellow(revision.revision),
      revision.message,
      colors.dim(dateTime(revision.createdAt)),
      [...marks(revision, colors), ...revision.branchLabels.map((label) => colors.magenta(label))].join(' '),
    ]),
  )
}

/** Marks of a revision. A drawing already shows branch and merge points. */
export function marks(revision: RevisionInfo, colors: Colors, joints: 'named' | 'drawn' = 'named'): string[] {
  return [
    ...(revision.isHead ? [colors.green('(head)')] : []),
    ...(revision.isCurrent ? [colors.cyan('(current)')] : []),
    ...(revision.applied === false ? [colors.dim('(pending)')] : []),
    ...(revision.isBranchPoint && joints === 'named' ? ['(branchpoint)'] : []),
    ...(revision.isMergePoint && joints === 'named' ? ['(mergepoint)'] : []),
  ]
}

/** All fields of one revision. */
export function revisionBlock(revision: RevisionInfo, colors: Colors): string[] {
  const rows: [string, string][] = [
    ['revision', [colors.yellow(revision.revision), ...marks(revision, colors)].join(' ')],
    ['message', revision.message],
    ['created', `${revision.createdAt.slice(0, 19).replace('T', ' ')} UTC`],
    [revision.down.length > 1 ? 'merges' : 'parent', revision.down.join(', ') || 'none: a base'],
    ['depends on', revision.dependsOn.join(', ')],
    ['labels', revision.branchLabels.join(', ')],
    ['replaces', (revision.replaces ?? []).join(', ')],
    ['class', revision.name],
    ['file', revision.path],
  ]
  return columns(rows.filter(([, value]) => value !== '').map(([name, value]) => [colors.dim(name), value]))
}
