import type { RevisionInfo } from '@aludel/engine'

import { doesLines } from './does'
import { dateTime, shortPath } from './format'
import type { Colors } from './output'
import { columns, cut, displayWidth } from './table'

/**
 * Lines of `history`, `heads` and `branches`: `id  message  date  (head) (current) …  labels`.
 *
 * @param width of the terminal: longer lines lose the end of the message; null: no limit
 */
export function revisionLines(
  revisions: readonly RevisionInfo[],
  colors: Colors,
  width: number | null = null,
): string[] {
  const rows = revisions.map((revision) => [
    colors.yellow(revision.revision),
    revision.message,
    colors.dim(dateTime(revision.createdAt)),
    [...marks(revision, colors), ...revision.branchLabels.map((label) => colors.magenta(label))].join(' '),
  ])
  const lines = columns(rows)
  if (width === null || lines.every((line) => displayWidth(line) <= width)) return lines
  const widest = (column: number): number => Math.max(...rows.map((row) => displayWidth(row[column] ?? '')))
  const others = [0, 2, 3].map(widest).filter((one) => one > 0)
  const room = Math.max(20, width - others.reduce((sum, one) => sum + one + 2, 0))
  return columns(rows.map(([id = '', message = '', ...rest]) => [id, cut(message, room), ...rest]))
}

/** Marks of a revision. A drawing already shows branch and merge points. */
export function marks(revision: RevisionInfo, colors: Colors, joints: 'named' | 'drawn' = 'named'): string[] {
  return [
    ...(revision.isHead ? [colors.green('(head)')] : []),
    ...(revision.isCurrent ? [colors.cyan('(current)')] : []),
    ...(revision.applied === false ? [colors.dim('(pending)')] : []),
    ...(revision.halfway === undefined ? [] : [colors.yellow(`(${revision.halfway} unfinished)`)]),
    ...(revision.isBranchPoint && joints === 'named' ? ['(branchpoint)'] : []),
    ...(revision.isMergePoint && joints === 'named' ? ['(mergepoint)'] : []),
  ]
}

/** All fields of one revision. */
function revisionBlock(revision: RevisionInfo, colors: Colors, cwd: string): string[] {
  const { does } = revision
  const what = does === undefined ? [] : doesLines(does, false)
  const rows: [string, string][] = [
    ['revision', [colors.yellow(revision.revision), ...marks(revision, colors)].join(' ')],
    ['message', revision.message],
    ['created', `${revision.createdAt.slice(0, 19).replace('T', ' ')} UTC`],
    [revision.down.length > 1 ? 'merges' : 'parent', revision.down.join(', ') || 'none: a base'],
    ['depends on', revision.dependsOn.join(', ')],
    ['labels', revision.branchLabels.join(', ')],
    ['replaces', (revision.replaces ?? []).join(', ')],
    ['class', revision.name],
    ['file', shortPath(revision.path, cwd)],
    ['applied', appliedText(revision)],
    ['does', does === undefined ? '' : (what[0] ?? 'nothing')],
    ...what.slice(1).map((text): [string, string] => [' ', text]),
  ]
  return columns(rows.filter(([, value]) => value !== '').map(([name, value]) => [colors.dim(name), value]))
}

/** The blocks of several revisions, with an empty line between them. */
export function revisionBlocks(revisions: readonly RevisionInfo[], colors: Colors, cwd: string): string[] {
  return revisions.flatMap((revision, index) => [...(index === 0 ? [] : ['']), ...revisionBlock(revision, colors, cwd)])
}

/** Empty if the database was not asked. */
function appliedText({ applied, appliedAt, appliedBy }: RevisionInfo): string {
  if (applied === null) return ''
  if (!applied) return 'no'
  return appliedAt === undefined ? 'yes' : `${dateTime(appliedAt)} UTC by ${appliedBy ?? 'an unknown user'}`
}
