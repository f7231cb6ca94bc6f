/** How backups are made and kept: `backup` of the configuration. */
export interface BackupSettings {
  /** The directory of the backups. Default is `backups/` under the project. */
  readonly directory?: string
  /** The folder of `pg_dump` and `pg_restore`. Default: those of PATH first, then the usual places. */
  readonly tools?: string
  /**
   * Which backups of a database remain after a new one. One that either rule keeps remains, and the newest always does. Default:
   * all.
   */
  readonly keep?: KeepRules
  /** What `--backup` means where it is not given. Default is `auto`. */
  readonly when?: 'auto' | 'always' | 'never'
}

/** Rules by which old backups are removed; see {@link BackupSettings}. */
export interface KeepRules {
  /** The newest ones, at least 1. */
  readonly count?: number
  /** Those that are not older: `12h`, `30d`, `8w`. */
  readonly age?: string
}
