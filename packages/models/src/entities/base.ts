/**
 * What an entity gives itself: its id and its times.
 *
 * Neither a constructor nor a database default does it. A constructor also runs when TypeORM loads a row, and a row loaded
 * with only some of its columns would get a new id and new times, and save them. A database default would be the
 * database's clock and its way of writing time, which differ.
 */
import { randomUUID } from 'node:crypto'
import { BeforeInsert, BeforeUpdate } from 'typeorm'
import type { EntitySubscriberInterface, InsertEvent, UpdateEvent } from 'typeorm'

/** The properties that are filled in; which of them a class has is in `stampsOf`. */
interface Stamped {
  id?: string | null
  createdAt?: Date | null
  updatedAt?: Date | null
}

/** Which of the properties an entity class fills in besides `createdAt`. */
export interface Stamps {
  readonly id: boolean
  readonly updatedAt: boolean
}

function stampInsert(entity: Stamped, stamps: Stamps): void {
  const now = new Date()
  if (stamps.id) entity.id ??= randomUUID()
  entity.createdAt ??= now
  if (stamps.updatedAt) entity.updatedAt ??= entity.createdAt
}

/** Later than before even when the clock stood still or went back, so that "changed since" can be answered. */
function stampUpdate(entity: Stamped, last: Date | null | undefined): void {
  const before = last?.getTime() ?? Number.NaN
  entity.updatedAt = new Date(Number.isNaN(before) ? Date.now() : Math.max(Date.now(), before + 1))
}

/** An entity that knows when it was made. */
export abstract class CreatedEntity {
  /** When the row was made; set on insert when absent. */
  abstract createdAt: Date

  protected static readonly stamps: Stamps = { id: false, updatedAt: false }

  @BeforeInsert()
  protected stampInsert(): void {
    stampInsert(this, stampsOf(this.constructor))
  }
}

/** An entity with an `id` of its own making. */
export abstract class IdentifiedEntity extends CreatedEntity {
  protected static override readonly stamps: Stamps = { id: true, updatedAt: false }

  /** A UUID v4; set on insert when absent. */
  abstract id: string
}

/** An entity that also knows when it was last changed. */
export abstract class UpdatedEntity extends IdentifiedEntity {
  protected static override readonly stamps: Stamps = { id: true, updatedAt: true }

  /** When the row was last changed; moves forward with every save that changes something. */
  abstract updatedAt: Date

  @BeforeUpdate()
  protected stampUpdate(): void {
    stampUpdate(this, this.updatedAt)
  }
}

function stampsOf(target: unknown): Stamps {
  return (target as { readonly stamps: Stamps }).stamps
}

function isStamped(target: unknown): boolean {
  return typeof target === 'function' && target.prototype instanceof CreatedEntity
}

/**
 * TypeORM runs the hooks of a class for its instances only: `repository.save({…})`, `repository.insert({…})` and
 * `repository.update(id, {…})` pass plain objects, and would go without. A subscriber sees those too.
 */
class PlainObjectStamps implements EntitySubscriberInterface<Stamped> {
  beforeInsert(event: InsertEvent<Stamped>): void {
    const { target } = event.metadata
    if (!isStamped(target) || !isPlain(event.entity)) return
    stampInsert(event.entity, stampsOf(target))
  }

  beforeUpdate(event: UpdateEvent<Stamped>): void {
    const { target } = event.metadata
    if (!isStamped(target) || !stampsOf(target).updatedAt || !isPlain(event.entity)) return
    // without a row that was read first this is `repository.update`, where a time that is given is meant
    if (event.databaseEntity === undefined && event.entity.updatedAt !== undefined) return
    stampUpdate(event.entity, event.databaseEntity?.updatedAt ?? event.entity.updatedAt)
  }
}

function isPlain(entity: unknown): entity is Stamped {
  return typeof entity === 'object' && entity !== null && !(entity instanceof CreatedEntity)
}

/** Adds the subscriber for plain objects to a `DataSource`'s subscribers, once. */
export function stampPlainObjects(subscribers: unknown[]): void {
  if (!subscribers.some((each) => each instanceof PlainObjectStamps)) subscribers.push(new PlainObjectStamps())
}
