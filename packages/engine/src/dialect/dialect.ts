import type { DialectName } from './registry'
import type { BackupRole } from './roles/backup'
import type { BatchRole } from './roles/batches'
import type { ConnectionRole } from './roles/connection'
import type { ConversionRole } from './roles/conversion'
import type { DdlRole } from './roles/ddl'
import type { ErrorRole } from './roles/errors'
import type { IntrospectionRole } from './roles/introspection'
import type { JournalRole } from './roles/journal'
import type { KeepingRole } from './roles/keeping'
import type { LintRole } from './roles/lint'
import type { LockRole } from './roles/locks'
import type { ObserverRole } from './roles/observer'
import type { RestoreRole } from './roles/restore'
import type { RunningRole } from './roles/running'
import type { ScaleRole } from './roles/scale'
import type { ShadowRole } from './roles/shadow'
import type { SqlRole } from './roles/sql'
import type { StatementRole } from './roles/statements'
import type { TraceRole } from './roles/trace'
import type { ValueRole } from './roles/values'

/**
 * Everything that differs between databases, as a sum of small roles. No `if (postgres)` outside this folder.
 *
 * A new dialect is a folder next to `postgres/` and `sqlite/`: `index.ts` exports a `Dialect`, and `entry.ts` is registered
 * in `registry.ts`. Every dialect implements every member of a role, with a no-op where its database does not need it.
 */
export interface Dialect {
  readonly name: DialectName
  readonly connection: ConnectionRole
  readonly errors: ErrorRole

  readonly sql: SqlRole
  readonly ddl: DdlRole
  readonly statements: StatementRole
  readonly lint: LintRole
  readonly trace: TraceRole
  readonly scale: ScaleRole
  readonly introspection: IntrospectionRole
  readonly shadow: ShadowRole
  readonly observer: ObserverRole
  readonly values: ValueRole

  readonly locks: LockRole
  readonly running: RunningRole
  readonly journal: JournalRole
  readonly batches: BatchRole
  readonly conversion: ConversionRole
  readonly keeping: KeepingRole
  readonly backup: BackupRole
  readonly restore: RestoreRole
}
