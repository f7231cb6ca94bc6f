import type { DialectName } from '../dialect/registry'
import type { CopiedTable } from '../dialect/roles/backup'

/** The version of the manifests that this version writes. It reads no later one. */
export const manifestFormat = 1

/** Why a backup was made. */
export const backupReasons = ['requested', 'before-upgrade', 'before-downgrade', 'before-restore'] as const
export type BackupReason = (typeof backupReasons)[number]

/** `database`: all of it · `tables`: only the tables that a run was about to destroy or rewrite. */
export type BackupKind = 'database' | 'tables'

/** The content of `<id>.json`, which is written last: a backup without it was not finished. It holds no password. */
export interface Manifest {
  readonly format: typeof manifestFormat
  /** `20261130T041500Z-9f3c`: the time in UTC, and four random hex digits. */
  readonly id: string
  readonly kind: BackupKind
  /** ISO 8601. */
  readonly createdAt: string
  readonly reason: BackupReason
  /** The version of Aludel. */
  readonly toolVersion: string
  /** What wrote the copy: `pg_dump 18.1`, `SQLite 3.53.2`. */
  readonly program: string
  readonly database: {
    readonly dialect: DialectName
    /** The absolute path of a SQLite file, the name of a PostgreSQL database. */
    readonly name: string
    readonly serverVersion: string
    /** Tells databases of the same name on different servers apart; absent where the server does not report it. */
    readonly server?: string
  }
  /** Ids of the applied heads in the copy. */
  readonly revision: readonly string[]
  /** The tables of the history; either may be `schema.table`. */
  readonly history: { readonly table: string; readonly journal: string }
  /** Exact rows, as they were counted in the copy. */
  readonly tables: readonly CopiedTable[]
  /** Name of the file or folder beside the manifest. */
  readonly file: string
  /** The sum of all its files. */
  readonly bytes: number
  /** One for a file, with its name; the files of a folder, with their names in it. */
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[]
  /** Settings of the database that the copy does not contain, as the dialect reads and restores them. */
  readonly settings: Readonly<Record<string, unknown>>
}
