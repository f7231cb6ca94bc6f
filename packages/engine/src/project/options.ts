import type { DataSource } from 'typeorm'

import type { DialectName } from '../dialect/registry'
import type { LockKind } from '../dialect/roles/locks'
import type { ModuleLoader } from '../files/load'
import type { LintSettings } from '../lint/settings'
import type { BackupSettings } from './backup-settings'
import type { RunListener } from './events'
import type { LimitOptions } from './limits'
import type { ReadConnection } from './project'

/** Options of a `Migrator`. Only `dataSource` and `revisions` are required. */
export interface MigratorOptions extends LimitOptions {
  /** A TypeORM DataSource (0.3 or 1.x), initialized or not, or a function that returns one. */
  readonly dataSource: DataSource | (() => Promise<DataSource>)
  /** Revision directories; new revisions are written to the first. */
  readonly revisions: string | readonly string[]
  /** Dialects for which new revisions contain statements. Default: that of the DataSource. */
  readonly dialects?: readonly DialectName[] | null
  /** Servers for shadow databases, by dialect. Default: the DataSource's own server, else an embedded one. */
  readonly shadow?: Readonly<Partial<Record<DialectName, string>>>
  /** Loads revision files. Default: Node's `import()`, and for TypeScript a loader that needs no build step. */
  readonly loadModule?: ModuleLoader
  /** Receives progress as typed events. */
  readonly onEvent?: RunListener
  /** A cheaper connection for methods that only read the history. */
  readonly readConnection?: () => Promise<ReadConnection>
  /**
   * Directory that caches schemas of replayed revisions and the content of large revision directories; null: no cache.
   * Default: `node_modules/.cache/aludel` under `root`.
   */
  readonly cacheDirectory?: string | null
  /** Project directory; relative paths start here. Default: the working directory. */
  readonly root?: string
  /** Language of new revision files. Default: that of the newest revision, else TypeScript. */
  readonly language?: 'ts' | 'js' | 'mjs' | 'cjs' | null
  /** Milliseconds to wait for another migrator. Default is 30,000. */
  readonly lockTimeoutMs?: number
  /**
   * The kind of migration lock. `session` (default): held by a database session, and released when that ends. `lease`: a
   * row with a heartbeat, for connections through a pooler in transaction mode. On SQLite both lock a file.
   */
  readonly lock?: LockKind
  /** Milliseconds until the lease of a dead process expires. Default is 30,000. */
  readonly leaseMs?: number
  /**
   * Unmanaged objects to keep (revisions create them, and no entity describes them): patterns `kind:name`
   * (`index:posts.ix_body_gin`, `trigger:posts.*`). `create` asks about the rest.
   */
  readonly unmanaged?: readonly string[]
  /**
   * Constraints and indexes that differ from the entities only in a name that TypeORM derives: `keep` their names, or
   * `rename` them. Default: `create` asks, and keeps them where it cannot.
   */
  readonly names?: 'keep' | 'rename'
  /** Whether `create` avoids blocking others where it is not told: see its option `online`. Default is false. */
  readonly online?: boolean
  /** What `lint` looks for. */
  readonly lint?: LintSettings
  /** Objects that other tools manage, as patterns (`table:spatial_ref_sys`, `schema:queue`): every command ignores them. */
  readonly ignore?: readonly string[]
  /**
   * Set aside in the database itself what upgrades drop or narrow, so that a downgrade can give it back. `{ for: '30d' }`: until
   * then, after which `pruneKept` removes it. Default is false.
   */
  readonly keepDropped?: boolean | { readonly for: string }
  /** The configuration file, to which `create` adds unmanaged objects to keep; null or absent: they are not written. */
  readonly configPath?: string | null
  /** How backups are made and kept. Options of a call override it. */
  readonly backups?: BackupSettings
  /** Stops a run between two statements, and a replay in a scratch database between two revisions, with `ALUDEL_INTERRUPTED`. */
  readonly signal?: AbortSignal
  /** The current time, for tests. */
  readonly clock?: () => Date
  /** The user of a run, for the journal. Default: `user@host`. */
  readonly actor?: string
}
