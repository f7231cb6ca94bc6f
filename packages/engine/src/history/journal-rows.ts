import type { JournalEntry } from './types'

/** A journal entry as it is read back. */
export interface JournalRow extends JournalEntry {
  /** Grows with every entry. */
  readonly id: number
}

/** The entry of a run that did not reach the end of a revision that is not transactional. */
export interface UnfinishedRow extends JournalRow {
  /** True if batches of the statement at which it stopped are done. */
  readonly hasBatches: boolean
}

/** An entry as the columns of the journal, in their order; times as ISO 8601, which every database accepts. */
export function journalValues(entry: JournalEntry) {
  return {
    run_id: entry.runId,
    revision: entry.revision,
    name: entry.name,
    direction: entry.direction,
    statement: entry.statement,
    progress: entry.progress ?? null,
    checksum: entry.checksum,
    started_at: entry.startedAt.toISOString(),
    finished_at: entry.finishedAt.toISOString(),
    duration_ms: Math.round(entry.durationMs),
    actor: entry.actor,
    tool_version: entry.toolVersion,
    outcome: entry.outcome,
    error: entry.error ?? null,
  }
}

/** A row of the journal as it was read. */
export function journalRow(row: Record<string, unknown>): JournalRow {
  const text = (column: string): string => String(row[column])
  return {
    id: Number(row['id']),
    runId: text('run_id'),
    revision: text('revision'),
    name: text('name'),
    direction: text('direction') as JournalEntry['direction'],
    statement: Number(row['statement']),
    progress: row['progress'] == null ? undefined : text('progress'),
    checksum: text('checksum'),
    startedAt: time(row['started_at']),
    finishedAt: time(row['finished_at']),
    durationMs: Number(row['duration_ms']),
    actor: text('actor'),
    toolVersion: text('tool_version'),
    outcome: text('outcome') as JournalEntry['outcome'],
    error: row['error'] == null ? undefined : text('error'),
  }
}

/** A script run by hand writes CURRENT_TIMESTAMP, which SQLite gives in UTC without a zone. */
export function time(value: unknown): Date {
  if (value instanceof Date) return value
  const text = String(value)
  return new Date(/(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(text) ? text : `${text.replace(' ', 'T')}Z`)
}
