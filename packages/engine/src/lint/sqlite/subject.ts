import type { Token } from '../../sql/sqlite/tokens'
import type { Subject } from '../rule'
import type { SqliteCatalog } from './catalog'

/** A statement for SQLite, as rules see it. */
export interface SqliteSubject extends Subject {
  /** Without spaces, comments and the semicolon. See `Cursor` in `sql/sqlite/cursor.ts`. */
  readonly tokens: readonly Token[]
  /** What is known before the statement. It changes afterwards: do not keep it. */
  readonly catalog: SqliteCatalog
  /** The statements before it in this step. */
  readonly earlier: readonly SqliteSubject[]
}
