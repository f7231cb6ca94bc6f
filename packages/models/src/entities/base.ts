/**
 * Entities generate their ids and times.
 *
 * A constructor cannot do it, because it also runs when TypeORM loads a row: a row loaded with only some of its columns
 * would get a new id and new times, and save them. A database default would use the clock and the time format of the
 * database, which differ.
 */
import { randomUUID } from 'node:crypto'
import { BeforeInsert, BeforeUpdate } from 'typeorm'
import type { EntitySubscriberInterface, InsertEvent, UpdateEvent } from 'typeorm'

/** The generated properties; `stampsOf` returns which of them a class has. */
interface Stamped {
  id?: string | null
  createdAt?: Date | null
  updatedAt?: Date | null
}

/** The properties that an entity class generates besides `createdAt`. */
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

/** Later than before even if the clock did not advance or was set back, so that queries for "changed since" work. */
function stampUpdate(entity: Stamped, last: Date | null | undefined): void {
  const before = last?.getTime() ?? Number.NaN
  entity.updatedAt = new Date(Number.isNaN(before) ? Date.now() : Math.max(Date.now(), before + 1))
}

/** An entity with a time of creation. */
export abstract class CreatedEntity {
  /** When the row was created; set on insert if absent. */
  abstract createdAt: Date

  protected static readonly stamps: Stamps = { id: false, updatedAt: false }

  @BeforeInsert()
  protected stampInsert(): void {
    stampInsert(this, stampsOf(this.constructor))
  }
}

/** An entity with a generated `id`. */
export abstract class IdentifiedEntity extends CreatedEntity {
  protected static override readonly stamps: Stamps = { id: true, updatedAt: false }

  /** A UUID v4; set on insert if absent. */
  abstract id: string
}

/** An entity with a generated `id` and a time of the last change. */
export abstract class UpdatedEntity extends IdentifiedEntity {
  protected static override readonly stamps: Stamps = { id: true, updatedAt: true }

  /** When the row was last changed; increases with every save that changes the row. */
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

/** Tells other packages, and other copies of this one, that a subscriber does nothing to rows that have ids and times. */
const onlyStamps: unique symbol = Symbol.for('@aludel/models.onlyStamps')

/**
 * TypeORM runs the hooks of a class only for its instances, but `repository.save({…})`, `repository.insert({…})` and
 * `repository.update(id, {…})` pass plain objects. A subscriber also receives those.
 */
class PlainObjectStamps implements EntitySubscriberInterface<Stamped> {
  readonly [onlyStamps] = true

  beforeInsert(event: InsertEvent<Stamped>): void {
    const { target } = event.metadata
    if (!isStamped(target) || !isPlain(event.entity)) return
    stampInsert(event.entity, stampsOf(target))
  }

  beforeUpdate(event: UpdateEvent<Stamped>): void {
    const { target } = event.metadata
    if (!isStamped(target) || !stampsOf(target).updatedAt || !isPlain(event.entity)) return
    // without a row read first, this is `repository.update`, in which a given time is intended
    if (event.databaseEntity === undefined && event.entity.updatedAt !== undefined) return
    stampUpdate(event.entity, event.databaseEntity?.updatedAt ?? event.entity.updatedAt)
  }
}

function isPlain(entity: unknown): entity is Stamped {
  return typeof entity === 'object' && entity !== null && !(entity instanceof CreatedEntity)
}

/** Adds the subscriber for plain objects to the subscribers of a `DataSource`, if missing. */
export function stampPlainObjects(subscribers: unknown[]): void {
  if (!subscribers.some((each) => each instanceof PlainObjectStamps)) subscribers.push(new PlainObjectStamps())
}
