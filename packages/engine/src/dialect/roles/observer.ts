import type { QueryRunner } from 'typeorm'

import type { ObjectName } from '../../schema/schema'
import type { UnmanagedKind } from '../../schema/unmanaged'

/**
 * Reads the schema of a database without this project's introspection (decision D14), so that it also sees what the introspection
 * does not model, and what it reads wrongly.
 */
export interface ObserverRole {
  /** Looks for the tool that fits the server of a connection. */
  open(queryRunner: QueryRunner, options: ObserverOptions): Promise<Observer>
}

export interface ObserverOptions {
  /** The folder of the tools of the database, if it was configured. */
  readonly tools?: string | undefined
  /** Tables of this tool and of TypeORM. */
  readonly ignoreTables: readonly string[]
}

export type Observer =
  /**
   * Reads the committed schema of the database that is given, which may be any one of the same server. `by` names what it reads with,
   * for messages.
   */
  | { readonly by: string; readonly observe: (queryRunner: QueryRunner) => Promise<readonly ObservedObject[]> }
  /** Why no database of the server can be observed, and what to do. */
  | { readonly missing: string }

/** One statement of a schema, normalized: databases with the same statements have the same schema. */
export interface ObservedObject {
  /** Absent for something that no pattern of the configuration can name. */
  readonly kind?: UnmanagedKind | undefined
  /** The table or view that it belongs to. */
  readonly table?: ObjectName | undefined
  /** Its name; for an object with a schema of its own, the display name (`schema.name`). */
  readonly name: string
  readonly text: string
  /** The text without what entities cannot declare; null where they cannot declare such an object at all. */
  readonly declared: string | null
  /** {@link declared} without the name; absent for an object that TypeORM gives no derived name. */
  readonly nameless?: string | undefined
}
