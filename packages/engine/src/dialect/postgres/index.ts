import type { QueryRunner } from 'typeorm'

import { AludelError } from '../../errors'
import type { Dialect } from '../dialect'
import { batches } from './batches'
import { connectionOptions, driverTypes } from './connection'
import { connectError, errorText, refusesRows, sqlStateOf } from './errors'
import { history } from './history-sql'
import { literal } from './literal'
import { lockHolder } from './holder'
import { lock, removeLease } from './lock'
import { quote } from './names'
import { isReachable } from './reachable'
import { script } from './script'
import { describe, tableSizes } from './statistics'
import { steps } from './steps'
import { dropDescribed, isMissingObject } from './undescribed'

/** What reading the history or running revisions does without is loaded when it is first asked for. */
/* eslint-disable @typescript-eslint/no-require-imports */
const lazy = {
  effects: () => require('../../sql/postgres/effects') as typeof import('../../sql/postgres/effects'),
  introspect: () => require('./introspect') as typeof import('./introspect'),
  render: () => require('./render') as typeof import('./render'),
  guard: () => require('./render/guard') as typeof import('./render/guard'),
  families: () => require('./render/families') as typeof import('./render/families'),
  sample: () => require('./sample') as typeof import('./sample'),
  shadow: () => require('./shadow') as typeof import('./shadow'),
  entities: () => require('./create-entities') as typeof import('./create-entities'),
  remadeViews: () => require('./remade-views') as typeof import('./remade-views'),
  backup: () => require('./backup') as typeof import('./backup'),
  preflight: () => require('./preflight') as typeof import('./preflight'),
} as const
/* eslint-enable @typescript-eslint/no-require-imports */

/** `foreign_key_violation` */
const foreignKeyViolation = '23503'

/** PostgreSQL 13 and later, through TypeORM's `postgres` driver. */
export const postgres: Dialect = {
  name: 'postgres',
  driverTypes,
  connectionOptions,
  locksTables: true,
  quote,
  literal,
  // Changes are made in place: what a table has plays no part.
  readEffects: async () => (await lazy.effects().loadPostgresEffects())(() => undefined),
  introspect: async (database, options) => lazy.introspect().introspect(database, options),
  render: (operations, from) => lazy.render().render(operations, from),
  countMisfits: (need) => lazy.guard().countMisfits(need),
  converts: (from, to) => lazy.families().converts(from, to),
  isReachable,
  sampleValue: (column, schema, seed) => lazy.sample().sampleValue(column, schema, seed),
  history,
  batches,
  lock,
  lockHolder,
  removeLease,
  preflight: async (queryRunner, options) => lazy.preflight().preflight(queryRunner, options),
  beforeTransaction: () => Promise.resolve(() => Promise.resolve()),
  beforeCommit,
  steps,
  script,
  watchViews: (warn) => lazy.remadeViews().watchViews(warn),
  openShadow: async (options) => lazy.shadow().openShadow(options),
  createEntities: async (dataSource) => lazy.entities().createEntities(dataSource),
  isMissingObject,
  dropDescribed,
  backup: async (queryRunner, directory, name, signal) => lazy.backup().backup(queryRunner, directory, name, signal),
  connectError,
  refusesRows,
  errorText,
  describe,
  tableSizes,
}

/** Deferred constraints speak now, while it can still be said what they speak about, and not at COMMIT. */
async function beforeCommit(queryRunner: QueryRunner): Promise<void> {
  try {
    await queryRunner.query('SET CONSTRAINTS ALL IMMEDIATE')
  } catch (cause) {
    if (sqlStateOf(cause) !== foreignKeyViolation) throw cause
    throw new AludelError('ALUDEL_FOREIGN_KEYS', errorText(cause), { cause })
  }
}
