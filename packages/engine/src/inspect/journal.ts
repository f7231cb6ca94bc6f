import { AludelError } from '../errors'
import type { JournalFilter } from '../history/journal-filter'
import type { JournalRow } from '../history/journal-rows'
import type { MigratorContext } from '../project/context'
import type { JournalResult, JournalRun } from '../results'
import type { Revision } from '../revision/revision'

/** Options of `Migrator.journal`. */
export interface JournalOptions {
  /** `next` of the page before. Default: begins with the newest entry. */
  readonly before?: string
  /** Number of entries of a page, 1 to 1,000. Default is 50. */
  readonly limit?: number
  /** Only entries of the revision with this id. */
  readonly revision?: string
  /** Only entries with this outcome; stamps are `done`. */
  readonly outcome?: JournalRun['outcome']
  /** Only entries whose revision, message, direction, actor, version or error contains this text, in any case. */
  readonly search?: string
}

const largestPage = 1000

/**
 * Reads a page of the journal, newest entry first. Without a journal it is empty. It needs only the right to read.
 *
 * @throws AludelError `ALUDEL_USAGE` if `before` or `limit` is not valid; `ALUDEL_PERMISSION`
 */
export async function readJournal(
  context: MigratorContext,
  { before, limit = 50, revision, outcome, search = '' }: JournalOptions,
): Promise<JournalResult> {
  const { revisions } = await context.revisions.read()
  const size = checkedLimit(limit)
  // One more shows whether there is another page.
  const rows = await readRows(context, {
    before: before === undefined ? undefined : cursorId(before),
    limit: size + 1,
    of: revision === undefined ? undefined : { revision, name: revisions.find(({ id }) => id === revision)?.name },
    outcomes: outcome === 'done' ? ['done', 'stamped'] : outcome === undefined ? undefined : [outcome],
    search: search.trim() === '' ? undefined : searchOf(revisions, search.trim()),
  })
  const last = rows[size - 1]
  return {
    runs: runsOf(rows.slice(0, size), revisions),
    next: rows.length > size && last !== undefined ? String(last.id) : null,
  }
}

/** Entries of one revision, newest first. */
export async function runsOfRevision(
  context: MigratorContext,
  { id, name }: Pick<Revision, 'id' | 'name'>,
  limit: number,
): Promise<readonly JournalRun[]> {
  const { revisions } = await context.revisions.read()
  return runsOf(await readRows(context, { of: { revision: id, name }, limit }), revisions)
}

function readRows(context: MigratorContext, filter: JournalFilter): Promise<readonly JournalRow[]> {
  return context.connection.readHistory((history, database) => history.readJournal(database, filter))
}

function runsOf(rows: readonly JournalRow[], revisions: readonly Revision[]): readonly JournalRun[] {
  const messages = new Map<string, string>()
  for (const { id, name, message } of revisions) messages.set(id, message).set(name, message)
  return rows.map((row) => ({
    revision: row.revision,
    name: row.name,
    message: messages.get(row.revision) ?? messages.get(row.name) ?? null,
    direction: row.direction,
    outcome: row.outcome === 'stamped' ? 'done' : row.outcome,
    statement: row.statement,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt.toISOString(),
    durationMs: row.durationMs,
    actor: row.actor,
    toolVersion: row.toolVersion,
    error: row.error ?? null,
  }))
}

/** Messages are in the files, not in the journal. */
function searchOf(revisions: readonly Revision[], text: string): JournalFilter['search'] {
  const wanted = text.toLowerCase()
  const matching = revisions.filter(({ message }) => message.toLowerCase().includes(wanted))
  return { text, revisions: matching.map(({ id }) => id) }
}

function cursorId(before: string): number {
  const id = /^[0-9]{1,15}$/.test(before) ? Number(before) : 0
  if (id > 0) return id
  throw new AludelError('ALUDEL_USAGE', 'before is not the cursor of a page of the journal', {
    help: 'Pass what `next` of the page before it was, or nothing for the newest entries.',
  })
}

function checkedLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= largestPage) return limit
  throw new AludelError('ALUDEL_USAGE', `limit must be a whole number from 1 to ${String(largestPage)}`)
}
