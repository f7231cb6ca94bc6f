import { AuditLog, Recommendation, RecommendationStatus, ValidationResult } from '@aludel/models'
import type { JsonValue } from '@aludel/models'
import type { EntityManager } from 'typeorm'
import { hasLength, recordEntry } from '../audit/audit-log-service'
import type { Actor } from '../audit/audit-log-service'
import { InvalidValueError, NotFoundError, WrongStateError } from '../errors'
import { newestFirst } from '../page'
import type { Page, PageOptions } from '../page'
import { atomically, managerOf } from '../source'
import type { Source } from '../source'

/** What a recommendation consists of. */
export interface RecommendationContent {
  /** 1 to 50 characters. */
  readonly type: string
  /** 1 to 200 characters. */
  readonly title: string
  readonly description?: string | null
  readonly scope?: string | null
  readonly instruction?: string | null
  readonly rationale?: string | null
  readonly severity?: string | null
  readonly originalContent?: string | null
  readonly proposedContent?: string | null
  readonly diff?: string | null
  /** 0 to 1. */
  readonly confidence?: number
  readonly priority?: string | null
  readonly metadata?: JsonValue
}

/** Who reviews, and what they say about it. */
export interface Review extends Actor {
  readonly notes?: string
}

/** Which recommendations. */
export interface RecommendationFilter {
  readonly status?: RecommendationStatus
  readonly type?: string
  readonly validationId?: string
}

type Move = 'approve' | 'reject' | 'apply' | 'edit'

const { Proposed, Pending, Approved, Rejected, Applied } = RecommendationStatus

/** The states in which each is possible. What is approved is applied as it was approved: it cannot be edited. */
const possible: Readonly<Record<Move, readonly RecommendationStatus[]>> = {
  approve: [Proposed, Pending],
  reject: [Proposed, Pending],
  apply: [Approved],
  edit: [Proposed, Pending],
}

/**
 * Recommendations, from proposal to application. Every change writes its entry of the audit log in the same transaction: what was
 * before and after, the changed fields, and who did it.
 *
 * Of two reviewers at once one wins; the other one gets a {@link WrongStateError} that says who was first, and nothing of theirs is
 * stored.
 *
 * @example
 * const recommendations = new RecommendationService(dataSource)
 * const { id } = await recommendations.propose(validationId, { type: 'link', title: 'Mend the link' }, { actor: 'linter' })
 * await recommendations.approve(id, { actor: 'Ana Duarte', notes: 'Checked.' })
 * await recommendations.apply(id, { actor: 'enhancer', actorType: 'agent' })
 */
export class RecommendationService {
  readonly #source: Source

  /** @param source a `DataSource`, initialized, or the manager of a transaction; with the entities of `@aludel/models` */
  constructor(source: Source) {
    this.#source = source
  }

  /**
   * Adds a recommendation to a validation.
   *
   * @throws {NotFoundError} if there is no such validation @throws {InvalidValueError}
   */
  async propose(validationId: string, content: RecommendationContent, actor: Actor): Promise<Recommendation> {
    check(content)
    return atomically(this.#source, async (manager) => {
      if (!(await manager.existsBy(ValidationResult, { id: validationId })))
        throw new NotFoundError('validation', validationId)
      const created = await manager.save(manager.create(Recommendation, { ...content, validationId, status: Proposed }))
      const stored = await find(manager, created.id)
      await recordEntry(manager, {
        ...who(actor),
        action: 'propose',
        recommendationId: stored.id,
        afterState: plain(stored),
      })
      return stored
    })
  }

  /** @throws {NotFoundError} */
  async get(id: string): Promise<Recommendation> {
    return find(managerOf(this.#source), id)
  }

  /** Lists recommendations, newest first, a part at a time. @throws {InvalidValueError} */
  async list({ status, type, validationId, ...page }: RecommendationFilter & PageOptions = {}): Promise<
    Page<Recommendation>
  > {
    const query = managerOf(this.#source).createQueryBuilder(Recommendation, 'recommendation')
    if (status !== undefined) query.andWhere('recommendation.status = :status', { status })
    if (type !== undefined) query.andWhere('recommendation.type = :type', { type })
    if (validationId !== undefined) query.andWhere('recommendation.validationId = :validationId', { validationId })
    return newestFirst(query, page)
  }

  /** Approves a proposed or pending recommendation. @throws {WrongStateError} @throws {NotFoundError} @throws {InvalidValueError} */
  async approve(id: string, review: Review): Promise<Recommendation> {
    return atomically(this.#source, (manager) => reviewed(manager, id, 'approve', review))
  }

  /** Rejects a proposed or pending recommendation. @throws {WrongStateError} @throws {NotFoundError} @throws {InvalidValueError} */
  async reject(id: string, review: Review): Promise<Recommendation> {
    return atomically(this.#source, (manager) => reviewed(manager, id, 'reject', review))
  }

  /** Notes that an approved recommendation was applied. @throws {WrongStateError} @throws {NotFoundError} */
  async apply(id: string, actor: Review): Promise<Recommendation> {
    return atomically(this.#source, (manager) => applied(manager, id, actor))
  }

  /**
   * Approves, rejects or applies several: all of them, or none.
   *
   * @returns in the order of the ids
   * @throws {WrongStateError} @throws {NotFoundError} of the first one of which it is not possible
   * @example
   * const { items } = await recommendations.list({ status: RecommendationStatus.Proposed })
   * await recommendations.all('approve', items.map(({ id }) => id), { actor: 'Ana Duarte' })
   */
  async all(move: 'approve' | 'reject' | 'apply', ids: readonly string[], review: Review): Promise<Recommendation[]> {
    const repeated = ids.find((id, index) => ids.indexOf(id) !== index)
    if (repeated !== undefined) throw new InvalidValueError('ids', `has ${repeated} more than once`)
    return atomically(this.#source, async (manager) => {
      const done = new Map<string, Recommendation>()
      // In one order everywhere: two that wait for each other's rows would wait for ever.
      for (const id of ids.toSorted())
        done.set(id, move === 'apply' ? await applied(manager, id, review) : await reviewed(manager, id, move, review))
      return ids.flatMap((id) => done.get(id) ?? [])
    })
  }

  /**
   * Changes the content of a recommendation that is not decided yet.
   *
   * @param changes the fields that become different; without a difference nothing is stored
   * @throws {WrongStateError} @throws {NotFoundError} @throws {InvalidValueError}
   */
  async edit(id: string, changes: Partial<RecommendationContent>, actor: Review): Promise<Recommendation> {
    return atomically(this.#source, async (manager) => {
      const before = await find(manager, id)
      check({ ...before, ...changes })
      expect(before, 'edit')
      if (Object.keys(differences(before, { ...before, ...changes })).length === 0) return before
      return changed(manager, before, 'edit', changes, actor)
    })
  }

  /**
   * Deletes a recommendation. Its entries in the audit log stay, without a link to it, and one is added that has all of it.
   *
   * @throws {NotFoundError} @throws {InvalidValueError}
   */
  async delete(
    id: string,
    { notes = null, ...actor }: Omit<Review, 'notes'> & { readonly notes?: string | null },
  ): Promise<void> {
    await atomically(this.#source, async (manager) => {
      const before = await find(manager, id)
      await manager.update(AuditLog, { recommendationId: id }, { recommendationId: null })
      const { affected } = await manager.delete(Recommendation, { id })
      if (affected !== 1) throw new NotFoundError('recommendation', id)
      await recordEntry(manager, {
        ...who(actor),
        action: 'delete',
        beforeState: plain(before),
        notes,
        metadata: { recommendationId: id },
      })
    })
  }
}

async function reviewed(
  manager: EntityManager,
  id: string,
  move: 'approve' | 'reject',
  review: Review,
): Promise<Recommendation> {
  hasLength('actor', review.actor, 1, 100)
  const status = move === 'approve' ? Approved : Rejected
  const values = { status, reviewedBy: review.actor, reviewedAt: new Date(), reviewNotes: review.notes ?? null }
  return changed(manager, await find(manager, id), move, values, review)
}

async function applied(manager: EntityManager, id: string, actor: Review): Promise<Recommendation> {
  hasLength('actor', actor.actor, 1, 100)
  const values = { status: Applied, appliedBy: actor.actor, appliedAt: new Date() }
  return changed(manager, await find(manager, id), 'apply', values, actor)
}

/**
 * Changes a recommendation if it is still as it was read, and records that.
 *
 * @throws {WrongStateError}
 */
async function changed(
  manager: EntityManager,
  before: Recommendation,
  move: Move,
  values: Partial<Recommendation>,
  actor: Review,
): Promise<Recommendation> {
  expect(before, move)
  const { id, status, updatedAt } = before
  const { affected } = await manager
    .createQueryBuilder()
    .update(Recommendation)
    .set({ ...values, updatedAt: new Date(Math.max(Date.now(), updatedAt.getTime() + 1)) })
    .where('id = :id AND status = :status AND updatedAt = :updatedAt', { id, status, updatedAt })
    .execute()
  const after = await find(manager, id)
  if (affected !== 1) {
    expect(after, move)
    throw wrongState(after, `recommendation ${id} was changed by somebody else meanwhile`, move)
  }
  await recordEntry(manager, {
    ...who(actor),
    action: move,
    recommendationId: id,
    beforeState: plain(before),
    afterState: plain(after),
    changes: differences(before, after),
    notes: actor.notes ?? null,
  })
  return after
}

/** @throws {WrongStateError} if this is not possible with it */
function expect(recommendation: Recommendation, move: Move): void {
  const { id, status, reviewedBy, appliedBy } = recommendation
  if (possible[move].includes(status)) return
  const by = status === Applied ? appliedBy : reviewedBy
  throw wrongState(
    recommendation,
    `cannot ${move} recommendation ${id}: it is ${status}${by === null ? '' : ` by ${by}`}`,
    move,
  )
}

function wrongState({ id, status }: Recommendation, message: string, move: Move): WrongStateError {
  return new WrongStateError(message, { id, state: status, expected: possible[move] })
}

async function find(manager: EntityManager, id: string): Promise<Recommendation> {
  const found = await manager.findOneBy(Recommendation, { id })
  if (found === null) throw new NotFoundError('recommendation', id)
  return found
}

function who({ actor, actorType }: Actor): Actor {
  return { actor, ...(actorType === undefined ? {} : { actorType }) }
}

/** As JSON: times become texts. */
function plain(recommendation: Recommendation): object {
  return JSON.parse(JSON.stringify(recommendation)) as object
}

function differences(before: object, after: object): Readonly<Record<string, { from: unknown; to: unknown }>> {
  const [old, now] = [JSON.parse(JSON.stringify(before)), JSON.parse(JSON.stringify(after))] as Record<
    string,
    unknown
  >[]
  return Object.fromEntries(
    Object.keys({ ...old, ...now }).flatMap((key) => {
      const [from, to] = [old?.[key] ?? null, now?.[key] ?? null]
      return key === 'updatedAt' || JSON.stringify(from) === JSON.stringify(to) ? [] : [[key, { from, to }]]
    }),
  )
}

function check({ type, title, confidence }: RecommendationContent): void {
  hasLength('type', type, 1, 50)
  hasLength('title', title, 1, 200)
  if (confidence !== undefined && !(confidence >= 0 && confidence <= 1))
    throw new InvalidValueError('confidence', `must be from 0 to 1, not ${confidence}`)
}
