import type { Dialect } from '../dialect'
import { batches } from './batches'
import { connectionOptions, driverTypes } from './driver'
import { connectError, errorText, refusesRows } from './errors'
import { history } from './history-sql'
import { describe, isReachable, tableSizes } from './info'
import { lock, lockHolder, removeLease } from './lock'
import { literal, quote } from './quote'
import { script } from './script'
import { beforeCommit, beforeTransaction, beginAgain } from './session'
import { steps } from './steps'

/** What reading the history does without is loaded when it is first asked for. */
/* eslint-disable @typescript-eslint/no-require-imports */
const lazy = {
  effects: () => require('../../sql/sqlite/effects') as typeof import('../../sql/sqlite/effects'),
  introspect: () => require('./introspect') as typeof import('./introspect'),
  render: () => require('./render') as typeof import('./render'),
  guard: () => require('./guard') as typeof import('./guard'),
  sample: () => require('./sample') as typeof import('./sample'),
  shadow: () => require('./shadow') as typeof import('./shadow'),
  entities: () => require('./create-entities') as typeof import('./create-entities'),
  rebuilds: () => require('./rebuild-watch') as typeof import('./rebuild-watch'),
  backup: () => require('./backup') as typeof import('./backup'),
  preflight: () => require('./preflight') as typeof import('./preflight'),
} as const
/* eslint-enable @typescript-eslint/no-require-imports */

/** SQLite through TypeORM's `better-sqlite3`, and through `sqlite` (the `sqlite3` package) of TypeORM 0.3. */
export const sqlite: Dialect = {
  name: 'sqlite',
  driverTypes,
  connectionOptions,
  locksTables: false,
  quote,
  literal,
  readEffects: async (columns) => lazy.effects().sqliteEffects(await columns()),
  introspect: async (database, options) => lazy.introspect().introspect(database, options),
  render: (operations, from) => lazy.render().render(operations, from),
  renderBothWays: (operations, reverse, from, to) => lazy.render().renderBothWays(operations, reverse, from, to),
  countMisfits: (need) => lazy.guard().countMisfits(need),
  isReachable,
  sampleValue: (column, schema, seed) => lazy.sample().sampleValue(column, schema, seed),
  history,
  batches,
  lock,
  lockHolder,
  removeLease,
  preflight: async (queryRunner, options) => lazy.preflight().preflight(queryRunner, options),
  beforeTransaction,
  beginAgain,
  beforeCommit,
  watchRebuilds: async (options) => lazy.rebuilds().watchRebuilds(options),
  steps,
  script,
  openShadow: async (options) => lazy.shadow().openShadow(options),
  createEntities: async (dataSource) => lazy.entities().createEntities(dataSource),
  // Functions and collations are the connection's, not the database's: no revision can have made one.
  isMissingObject: () => false,
  dropDescribed: () => [],
  backup: async (queryRunner, directory, name) => lazy.backup().backup(queryRunner, directory, name),
  connectError,
  refusesRows,
  errorText,
  describe,
  tableSizes,
}
