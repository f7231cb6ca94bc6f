import type { DialectName } from '../dialect/registry'
import type { SchemaObjects } from '../schema/document'

/** The schema of a database, or of a revision. */
export interface SchemaDocument extends SchemaObjects {
  /** `live`, the id of a revision, or `base`. Of several heads their ids, with commas between them. */
  readonly at: string
  readonly dialect: DialectName
}

/** What would lead from one schema to another. */
export interface SchemaDifference {
  /** As in {@link SchemaDocument}. */
  readonly from: string
  readonly to: string
  /** In an order in which they apply. */
  readonly operations: readonly OperationJson[]
}

/** The revisions that made and changed a table or a column. */
export interface Story {
  readonly table: string
  /** Null: the whole table. */
  readonly column: string | null
  /** Oldest first; empty if no revision is about it. */
  readonly events: readonly StoryEvent[]
}

/** A revision in a {@link Story}. */
export interface StoryEvent {
  readonly revision: string
  readonly message: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly applied: boolean
  /** In words, in run order: `add column orders.total numeric(10,2)`. Names are those of that time. */
  readonly operations: readonly string[]
  /** Its name before this revision, if it has renamed it: of the table, or of the column. */
  readonly renamedFrom?: string
}

/** An operation as JSON: the keys listed here, and those of its kind. */
export interface OperationJson {
  /** Its kind, for example `addColumn`. */
  readonly op: string
  readonly table?: string
  readonly name?: string
  /** True if it loses rows or values. */
  readonly destroys: boolean
  readonly dialects: readonly DialectName[]
  /** One line for display. */
  readonly description: string
  readonly [key: string]: unknown
}
