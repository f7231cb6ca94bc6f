import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import type { Subject } from '../rule'
import type { Catalog } from './catalog'

/** A statement for PostgreSQL, as rules see it. */
export interface PostgresSubject extends Subject {
  /** The parse tree of `libpg-query`: `{ IndexStmt: { … } }`. See `bodyOf` in `sql/postgres/nodes.ts`. */
  readonly node: Node
  /** Where it begins in its text, in bytes: the `location` of a node counts from the beginning of the text. */
  readonly start: number
  /** What is known before the step. */
  readonly before: Catalog
  /** What is known before the statement. It changes afterwards: do not keep it. */
  readonly catalog: Catalog
  /** The statements before it in this step. */
  readonly earlier: readonly PostgresSubject[]
  /** The lowest major version of the servers that it must run on. */
  readonly server: number
}
