import type { DataSourceOptions } from 'typeorm'

import type { AludelError } from '../../errors'

/** Interprets the errors of drivers. */
export interface ErrorRole {
  /**
   * A coded error for what a driver throws when it cannot connect, or cannot use the database it has connected to. Never
   * contains the password.
   */
  connectError(error: unknown, options: DataSourceOptions): AludelError

  /** The database's own message for a failed statement, without the driver's decoration. */
  textOf(error: unknown): string

  /**
   * True when rows violate a check, a key, a unique index, an exclusion or a guard. False for a missing value (NOT NULL),
   * which the revision itself must fill.
   */
  refusesRows(error: unknown): boolean

  /** True when the revision itself raised the error on purpose: `RAISE EXCEPTION`, a guard that counts rows, a trigger. */
  isRaised(error: unknown): boolean

  /** The kind of constraint, or of value, for which rows were refused; undefined for any other cause. */
  refusalOf(error: unknown): Refusal | undefined

  /** True when a SELECT failed because its table does not exist. */
  isMissingTable(error: unknown): boolean

  /** True when a SELECT failed because a column that it names does not exist. */
  isMissingColumn(error: unknown): boolean

  /** True when CREATE failed because there is a table, an index or another relation of that name. */
  isTakenName(error: unknown): boolean

  /** True when a named function, type, extension, sequence … does not exist. */
  isMissingObject(error: unknown): boolean

  /**
   * Whether a statement was refused because of an object that depends on what it changes: `named` if the database names that
   * object, `possible` if an expression of such an object no longer has a meaning. Undefined for any other cause.
   */
  isDependency(error: unknown): 'named' | 'possible' | undefined

  /** Why a statement was refused that may succeed when retried; undefined when retrying is useless. */
  contention(error: unknown): Contention | undefined

  /**
   * Why a query failed that may succeed later without anybody changing it: the connection was lost, a right is missing that an
   * upgrade or an administrator may grant, or another session has locked the database. Undefined for any other cause.
   */
  obstacle(error: unknown): Obstacle | undefined
}

/** The kinds of constraints for which rows are refused; `value`: a value does not fit its type, or cannot be cast to it. */
export type Refusal = 'unique' | 'not null' | 'foreign key' | 'check' | 'value'
export const refusals: readonly Refusal[] = ['unique', 'not null', 'foreign key', 'check', 'value']

/** What keeps a database from answering a query now. */
export type Obstacle = 'connection' | 'permission' | 'busy'

/** Why a statement was refused that may succeed when retried. */
export type Contention = 'lock timeout' | 'deadlock' | 'serialization' | 'busy'
