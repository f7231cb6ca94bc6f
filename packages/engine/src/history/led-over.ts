import { isEdited } from '../files/checksum'
import type { Revision } from '../revision/revision'

/**
 * A row of the journal that names no history: written by an earlier version, or by a script that was made without a database.
 */
export interface UnnamedRow {
  readonly id: number
  readonly revision: string
  readonly name: string
  readonly checksum: string
}

/** What shows to which history a row belongs. Each is asked only if needed. */
export interface LedOverFacts {
  /** Whether the database has other tables that may be histories. */
  readonly hasOthers: () => Promise<boolean>
  /** The revisions of this project. */
  readonly revisions: () => Promise<readonly Revision[]>
  /** The names in this history. */
  readonly applied: () => Promise<ReadonlySet<string>>
}

/**
 * The ids of the rows that belong to this history.
 *
 * All do if the database has no other history. Otherwise a row belongs to the project whose file has its checksum. If no row
 * of a name has that of the file (it was edited since, or deleted), they belong to this history if the name is applied in it.
 */
export async function belongingTo(rows: readonly UnnamedRow[], facts: LedOverFacts): Promise<ReadonlySet<number>> {
  const ids = new Set<number>()
  if (rows.length === 0) return ids
  if (!(await facts.hasOthers())) return new Set(rows.map(({ id }) => id))
  const files = new Map((await facts.revisions()).map((revision) => [revision.name, revision]))
  const applied = await facts.applied()
  for (const [name, group] of byName(rows)) {
    const file = files.get(name)
    const same = file === undefined ? [] : await withChecksumOf(file, group)
    const ours = same.length > 0 ? same : applied.has(name) ? group : []
    for (const { id } of ours) ids.add(id)
  }
  return ids
}

async function withChecksumOf(file: Revision, rows: readonly UnnamedRow[]): Promise<readonly UnnamedRow[]> {
  const same: UnnamedRow[] = []
  for (const row of rows) if (!(await isEdited(file, row))) same.push(row)
  return same
}

function byName(rows: readonly UnnamedRow[]): ReadonlyMap<string, readonly UnnamedRow[]> {
  const groups = new Map<string, UnnamedRow[]>()
  for (const row of rows) groups.set(row.name, [...(groups.get(row.name) ?? []), row])
  return groups
}
