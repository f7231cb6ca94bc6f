import { list } from './format'

/** What each route gives, the more particular ones first. */
const names: readonly (readonly [path: string, name: string])[] = [
  ['/session', 'the server'],
  ['/status', 'the state of the database'],
  ['/revisions/', 'the revision'],
  ['/revisions', 'the history'],
  ['/plan', 'the plan'],
  ['/journal', 'the journal'],
  ['/schema', 'the schema'],
  ['/backups', 'the backups'],
  ['/kept', 'the backups'],
  ['/reviews', 'the reviews'],
  ['/runs', 'the run'],
]

/**
 * What a page waits for.
 *
 * @example
 * awaited(['/plan?direction=upgrade&target=head', '/revisions']) // 'the plan and the history'
 */
export function awaited(paths: readonly string[]): string {
  const found = paths.map((path) => names.find(([start]) => path.startsWith(start))?.[1] ?? 'the server')
  return list([...new Set(found)])
}
