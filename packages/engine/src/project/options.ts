import type { DataSource } from 'typeorm'

import type { DialectName } from '../dialect/registry'
import type { LockKind } from '../dialect/roles/locks'
import type { ModuleLoader } from '../files/load'
import type { RunListener } from './events'
import type { LimitOptions } from './limits'
import type { ReadConnection } from './project'

/** What a `Migrator` is made of. Only `dataSource` and `revisions` are needed. */
export interface MigratorOptions extends LimitOptions {
  /** A TypeORM DataSource (0.3 or 1.x), initialized or not, or a function that gives one. */
  readonly dataSource: DataSource | (() => Promise<DataSource>)
  /** Revision directories; new revisions are written to the first. */
  readonly revisions: string | readonly string[]
  /** Dialects whose statements a new revision holds. Default: that of the DataSource. */
  readonly dialects?: readonly DialectName[] | null
  /** Servers for shadow databases, by dialect. Default: the DataSource's own server, else an embedded one. */
  readonly shadow?: Readonly<Partial<Record<DialectName, string>>>
  /** Loads revision files. Default: Node's `import()`, and for TypeScript a loader that needs no build step. */
  readonly loadModule?: ModuleLoader
  /** Progress, as typed events. */
  readonly onEvent?: RunListener
  /** A cheaper connection for methods that only read the history. */
  readonly readConnection?: () => Promise<ReadConnection>
  /** Directory for schemas of replayed revisions, and for what the files of large revision directories say; null: keep none. Default: `node_modules/.cache/aludel` under `root`. */
  readonly cacheDirectory?: string | null
  /** Project directory; relative paths start here. Default: the working directory. */
  readonly root?: string
  /** Language of new revision files. Default: that of the newest revision, else TypeScript. */
  readonly language?: 'ts' | 'js' | 'mjs' | 'cjs' | null
  /** Milliseconds to wait for another migrator. Default 30,000. */
  readonly lockTimeoutMs?: number
  /**
   * What keeps the migration lock. `session` (default): a database session, and it ends with it. `lease`: a row with a
   * heartbeat, for connections through a pooler in transaction mode. On SQLite both are the lock of a file.
   */
  readonly lock?: LockKind
  /** Milliseconds that a lease lasts when its process is dead. Default 30,000. */
  readonly leaseMs?: number
  /**
   * Objects that revisions create and entities do not describe, and that are kept: patterns `kind:name`
   * (`index:posts.ix_body_gin`, `trigger:posts.*`). `create` asks about the rest.
   */
  readonly unmanaged?: readonly string[]
  /** What others manage, in the same form (`table:spatial_ref_sys`, `schema:queue`): no command sees it, on any side. */
  readonly ignore?: readonly string[]
  /** The configuration file, where `create` notes what it was told to leave alone; null or absent: nowhere. */
  readonly configPath?: string | null
  /** Ends a run between two statements. */
  readonly signal?: AbortSignal
  /** For tests: the time. */
  readonly clock?: () => Date
  /** Who runs, for the journal. Default `user@host`. */
  readonly actor?: string
}
