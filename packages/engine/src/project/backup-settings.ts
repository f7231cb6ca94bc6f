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

/** Milliseconds of each unit. */
const units: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** The form of {@link KeepRules.age}. */
export const agePattern = /^(\d{1,5})\s?([hdw])$/

/**
 * Milliseconds of an age; undefined if the text is none.
 *
 * @example
 * ageOf('30d') // 2592000000
 */
export function ageOf(text: string): number | undefined {
  const [, count, unit = ''] = agePattern.exec(text) ?? []
  const factor = units[unit]
  return count === undefined || factor === undefined ? undefined : Number(count) * factor
}
