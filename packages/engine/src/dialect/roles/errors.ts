import type { DataSourceOptions } from 'typeorm'

import type { AludelError } from '../../errors'

/** What an error of a driver means. */
export interface ErrorRole {
  /**
   * A coded error for what a driver throws when it cannot connect, or not use what it has connected to. The password is
   * never in it.
   */
  connectError(error: unknown, options: DataSourceOptions): AludelError

  /** The database's own words for a failed statement, without the driver's decoration. */
  textOf(error: unknown): string

  /**
   * True for an error that reports rows that violate a check, a key, a unique index or an exclusion, or that a guard has
   * counted. Not for a missing value (NOT NULL): to fill that is a revision's own business.
   */
  refusesRows(error: unknown): boolean

  /** True when a SELECT failed because its table does not exist. */
  isMissingTable(error: unknown): boolean

  /** True when a named function, type, extension, sequence … does not exist. */
  isMissingObject(error: unknown): boolean

  /** Why a statement was refused that may succeed when it is tried again; undefined when trying again is of no use. */
  contention(error: unknown): Contention | undefined
}

/** Why a statement was refused that may go through when it is tried again. */
export type Contention = 'lock timeout' | 'deadlock' | 'serialization' | 'busy'
