import type { Dialect } from '../dialect'
import { backup } from './backup'
import { batches } from './batches'
import { createEntities } from './create-entities'
import { connectionOptions, driverTypes } from './driver'
import { connectError, errorText, refusesRows } from './errors'
import { countMisfits } from './guard'
import { history } from './history-sql'
import { describe, isReachable, tableSizes } from './info'
import { introspect } from './introspect'
import { lock, lockHolder, removeLease } from './lock'
import { preflight } from './preflight'
import { literal, quote } from './quote'
import { watchRebuilds } from './rebuild-watch'
import { render, renderBothWays } from './render'
import { sampleValue } from './sample'
import { script } from './script'
import { beforeCommit, beforeTransaction, beginAgain } from './session'
import { openShadow } from './shadow'
import { steps } from './steps'

/** SQLite through TypeORM's `better-sqlite3`, and through `sqlite` (the `sqlite3` package) of TypeORM 0.3. */
export const sqlite: Dialect = {
  name: 'sqlite',
  driverTypes,
  connectionOptions,
  locksTables: false,
  quote,
  literal,
  introspect,
  render,
  renderBothWays,
  countMisfits,
  isReachable,
  sampleValue,
  history,
  batches,
  lock,
  lockHolder,
  removeLease,
  preflight,
  beforeTransaction,
  beginAgain,
  beforeCommit,
  watchRebuilds,
  steps,
  script,
  openShadow,
  createEntities,
  // Functions and collations are the connection's, not the database's: no revision can have made one.
  isMissingObject: () => false,
  dropDescribed: () => [],
  backup,
  connectError,
  refusesRows,
  errorText,
  describe,
  tableSizes,
}
