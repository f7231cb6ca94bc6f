import { type RestorePlan, sessionText } from '@aludel/engine'

import { databaseName, dateTime, grouped, plural, revisionIds } from './format'
import type { Colors } from './output'
import { columns } from './table'

/** What a restore replaces, and by what. */
export function restoreLines(plan: RestorePlan, colors: Colors, cwd: string): string[] {
  const { backup, database, exists, kept, tables, disconnected } = plan
  const made = backup.createdAt === null ? '' : `, made ${dateTime(backup.createdAt)} UTC`
  const at = backup.revision === null ? '' : `, at ${revisionIds(backup.revision)}`
  const of = backup.database === null || backup.database === database.name ? '' : `, of the database ${backup.database}`
  const lines = [`restore ${colors.yellow(backup.id ?? databaseName(backup.path, cwd))}${made}${at}${of}`]
  lines.push(
    exists
      ? `  over ${colors.yellow(databaseName(database.name, cwd))} (${database.dialect})`
      : `  as ${colors.yellow(database.name)} (${database.dialect}), which does not exist`,
  )
  const known = backup.createdAt !== null
  const changed = tables.filter((table) => !known || table.now !== table.backup)
  if (changed.length > 0) {
    const header = ['  table', 'rows now', known ? 'in the backup' : ''].map(colors.dim)
    const rows = changed.map(({ name, now, backup: then }) => [
      `  ${name}`,
      count(now),
      known ? (losesRows(now, then) ? colors.red(count(then)) : count(then)) : '',
    ])
    lines.push(...columns([header, ...rows], ['left', 'right', 'right']))
  }
  const same = tables.length - changed.length
  if (same > 0) lines.push(`  ${plural(same, 'table')} with the same number of rows, which may be others`)
  for (const session of disconnected) lines.push(`  ${colors.red('disconnects')} ${sessionText(session)}`)
  if (exists && backup.kind === 'database')
    lines.push(
      kept === null
        ? `  ${colors.red('What it is now is not kept.')}`
        : `  What it is now is kept: ${databaseName(kept, cwd)}`,
    )
  return lines
}

function count(rows: number | null): string {
  return rows === null ? 'none' : grouped(rows)
}

function losesRows(now: number | null, then: number | null): boolean {
  return now !== null && (then === null || then < now)
}
