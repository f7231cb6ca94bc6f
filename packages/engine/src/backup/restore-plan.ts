import type { CopiedTable } from '../dialect/roles/backup'
import type { RestoredTable } from '../results'
import { plural } from '../text'

/** The rows of each table now and in the backup, in the order of names. */
export function tablesOf(
  now: readonly CopiedTable[] | null,
  backup: readonly CopiedTable[] | undefined,
): readonly RestoredTable[] {
  const tables = new Map<string, { name: string; now: number | null; backup: number | null }>()
  const entry = (table: CopiedTable): { now: number | null; backup: number | null } => {
    const name = displayed(table)
    const found = tables.get(name) ?? { name, now: null, backup: null }
    tables.set(name, found)
    return found
  }
  for (const table of now ?? []) entry(table).now = table.rows
  for (const table of backup ?? []) entry(table).backup = table.rows
  return [...tables.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A table for display. */
export function displayed({ schema, name }: Pick<CopiedTable, 'schema' | 'name'>): string {
  return schema === undefined || schema === 'public' ? name : `${schema}.${name}`
}

/**
 * What a restore loses of the present, as far as numbers show it: as many rows may be others.
 *
 * @param isKnown false if it is not known what the backup has
 */
export function lossesOf(tables: readonly RestoredTable[], isKnown: boolean): readonly string[] {
  if (!isKnown)
    return tables.flatMap(({ name, now }) => (now === null ? [] : [`what ${name} has now (${plural(now, 'row')})`]))
  return tables.flatMap(({ name, now, backup }) => {
    if (now === null || (backup !== null && now <= backup)) return []
    if (backup === null) return [`table ${name} with ${plural(now, 'row')}, which the backup does not have`]
    return [`${plural(now - backup, 'row')} of ${name} (now ${String(now)}, in the backup ${String(backup)})`]
  })
}
