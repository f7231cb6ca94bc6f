import { AuditLog } from '@aludel/models'
import type { JsonValue } from '@aludel/models'
import type { EntityManager, SelectQueryBuilder } from 'typeorm'
import { InvalidValueError } from '../errors'
import { beginAtTheEnd, continueAfter, newestFirst } from '../page'
import type { Page, PageOptions } from '../page'
import { managerOf } from '../source'
import type { Source } from '../source'

/** Who does something. */
export interface Actor {
  /** 1 to 100 characters. */
  readonly actor: string
  /** What that is: `human`, `agent`, `system`. Default is `human`; at most 20 characters. */
  readonly actorType?: string
}

/** An action to record. */
export interface NewAuditEntry extends Actor {
  /** 1 to 50 characters. */
  readonly action: string
  readonly recommendationId?: string | null
  readonly beforeState?: JsonValue
  readonly afterState?: JsonValue
  /** The changed fields: `{ title: { from: 'a', to: 'b' } }`. */
  readonly changes?: JsonValue
  readonly notes?: string | null
  readonly metadata?: JsonValue
}

/** Which entries. */
export interface AuditFilter {
  readonly recommendationId?: string
  readonly action?: string
  readonly actor?: string
  /** Not before this time. */
  readonly from?: Date
  /** Before this time. */
  readonly to?: Date
}

/** Rows that an export reads at once. */
const exportBatch = 500

/**
 * What was done, by whom, and when. Entries can be added and read; there is nothing to change or remove one.
 *
 * @example
 * const audit = new AuditLogService(dataSource)
 * const { items } = await audit.find({ actor: 'Ana Duarte', from: new Date('2026-01-01') })
 * for await (const line of audit.export()) process.stdout.write(line)
 */
export class AuditLogService {
  readonly #source: Source

  /** @param source a `DataSource`, initialized, or the manager of a transaction; with the entities of `@aludel/models` */
  constructor(source: Source) {
    this.#source = source
  }

  /** Adds an entry. @throws {InvalidValueError} */
  async record(entry: NewAuditEntry): Promise<AuditLog> {
    return recordEntry(managerOf(this.#source), entry)
  }

  /**
   * Finds entries, newest first, a part at a time.
   *
   * @throws {InvalidValueError} for a wrong limit or `after`
   */
  async find({ limit, after, ...filter }: AuditFilter & PageOptions = {}): Promise<Page<AuditLog>> {
    const page = { ...(limit === undefined ? {} : { limit }), after }
    return newestFirst(filtered(managerOf(this.#source), filter), page)
  }

  /** Counts entries: those that {@link export} would return. */
  async count(filter: AuditFilter = {}): Promise<number> {
    return filtered(managerOf(this.#source), filter).getCount()
  }

  /**
   * The entries as JSON lines, oldest first, with a line break after each. Reads a few hundred at a time.
   *
   * @example
   * await pipeline(Readable.from(audit.export({ action: 'approve' })), createWriteStream('approved.jsonl'))
   */
  async *export(filter: AuditFilter = {}): AsyncGenerator<string, void, undefined> {
    let last: AuditLog | undefined
    for (;;) {
      const query = filtered(managerOf(this.#source), filter)
      if (last === undefined) beginAtTheEnd(query, '>')
      else continueAfter(query, '>', last)
      const rows = await query
        .orderBy('entry.createdAt', 'ASC')
        .addOrderBy('entry.id', 'ASC')
        .limit(exportBatch)
        .getMany()
      for (const row of rows) yield `${JSON.stringify(row)}\n`
      last = rows.at(-1)
      if (rows.length < exportBatch) return
    }
  }
}

/** Adds an entry with the manager of a transaction. @throws {InvalidValueError} */
export async function recordEntry(manager: EntityManager, entry: NewAuditEntry): Promise<AuditLog> {
  const { action, actor, actorType = 'human' } = entry
  hasLength('action', action, 1, 50)
  hasLength('actor', actor, 1, 100)
  hasLength('actorType', actorType, 1, 20)
  return manager.save(manager.create(AuditLog, { ...entry, actorType }))
}

function filtered(manager: EntityManager, { recommendationId, action, actor, from, to }: AuditFilter) {
  const query: SelectQueryBuilder<AuditLog> = manager.createQueryBuilder(AuditLog, 'entry')
  if (recommendationId !== undefined) query.andWhere('entry.recommendationId = :recommendationId', { recommendationId })
  if (action !== undefined) query.andWhere('entry.action = :action', { action })
  if (actor !== undefined) query.andWhere('entry.actor = :actor', { actor })
  if (from !== undefined) query.andWhere('entry.createdAt >= :from', { from })
  if (to !== undefined) query.andWhere('entry.createdAt < :to', { to })
  return query
}

/** @throws {InvalidValueError} */
export function hasLength(path: string, text: string, least: number, most: number): void {
  if (text.length < least || text.length > most)
    throw new InvalidValueError(path, `must have ${least} to ${most} characters, not ${text.length}`)
}
