import type { QueryRunner } from 'typeorm'

import { loadedLater } from '../roles/keeping'
import { keptRegistry } from './keep/names'
import { scaleLoadedLater } from '../roles/scale'
import { nothingPrepared } from '../roles/running'
import { AludelError } from '../../errors'
import type { Dialect } from '../dialect'
import { eachWay } from '../roles/ddl'
import { batches } from './batches'
import { blockers } from './blockers'
import { connectionOptions } from './connection'
import { driverTypes } from './entry'
import {
  connectError,
  contention,
  errorText,
  isDependency,
  isMissingColumn,
  isMissingObject,
  isMissingTable,
  isTakenName,
  obstacle,
  isRaised,
  refusalOf,
  refusesRows,
  sqlStateOf,
} from './errors'
import { flight } from './flight'
import { lockHolder } from './holder'
import { journal } from './journal'
import { keepSession } from './kept-session'
import { limit } from './limits'
import { literal } from './literal'
import { lock, removeLease } from './lock'
import { quote } from './names'
import { isReachable } from './reachable'
import { script } from './script'
import { connectInTime } from './side-session'
import { statements } from './statements'
import { describe, estimateRows, replicationLag, tableNames, tableSizes } from './statistics'
import { socket } from './client'
import { dropEntityObjects, evaluatesOnce } from './entity-objects'

/** Modules that reading the history and running revisions do not need: each is loaded on first use. */
/* eslint-disable @typescript-eslint/no-require-imports */
const lazy = {
  effects: () => require('../../sql/postgres/effects') as typeof import('../../sql/postgres/effects'),
  trace: () => require('./trace') as typeof import('./trace'),
  scale: () => require('./scale') as typeof import('./scale'),
  lint: () => require('./lint') as typeof import('./lint'),
  introspect: () => require('./introspect') as typeof import('./introspect'),
  mark: () => require('./introspect/mark') as typeof import('./introspect/mark'),
  unread: () => require('./introspect/unread') as typeof import('./introspect/unread'),
  render: () => require('./render') as typeof import('./render'),
  guard: () => require('./render/guard') as typeof import('./render/guard'),
  families: () => require('./render/families') as typeof import('./render/families'),
  sample: () => require('./sample') as typeof import('./sample'),
  hostile: () => require('./hostile') as typeof import('./hostile'),
  together: () => require('./together') as typeof import('./together'),
  shadowOptions: () => require('./shadow-options') as typeof import('./shadow-options'),
  shadow: () => require('./shadow') as typeof import('./shadow'),
  values: () => require('./values') as typeof import('./values'),
  entities: () => require('./create-entities') as typeof import('./create-entities'),
  recreated: () => require('./recreated-objects') as typeof import('./recreated-objects'),
  estimateSizes: () => require('./estimate-sizes') as typeof import('./estimate-sizes'),
  backup: () => require('./backup') as typeof import('./backup'),
  foreignRows: () => require('./foreign-rows') as typeof import('./foreign-rows'),
  keep: () => require('./keep') as typeof import('./keep'),
  backupCatalog: () => require('./backup-catalog') as typeof import('./backup-catalog'),
  backupTables: () => require('./backup-tables') as typeof import('./backup-tables'),
  backupTools: () => require('./backup-tools') as typeof import('./backup-tools'),
  observer: () => require('./observer') as typeof import('./observer'),
  preflight: () => require('./preflight') as typeof import('./preflight'),
  restore: () => require('./restore') as typeof import('./restore'),
  restoreLeftovers: () => require('./restore-leftovers') as typeof import('./restore-leftovers'),
  restoreTables: () => require('./restore-tables') as typeof import('./restore-tables'),
} as const
/* eslint-enable @typescript-eslint/no-require-imports */

const render: Dialect['ddl']['render'] = (operations, from) => lazy.render().render(operations, from)

/** PostgreSQL 13 and later, through TypeORM's `postgres` driver. */
export const postgres: Dialect = {
  name: 'postgres',

  connection: {
    driverTypes,
    options: connectionOptions,
    functions: { password: () => false },
    isReachable,
    // Connecting creates no database.
    missing: () => undefined,
    makePlace: () => Promise.resolve(),
    connect: connectInTime,
  },

  errors: {
    connectError,
    textOf: errorText,
    refusesRows,
    isRaised,
    refusalOf,
    isMissingTable,
    isTakenName,
    isMissingColumn,
    isMissingObject,
    isDependency,
    contention,
    obstacle,
  },

  sql: {
    quote,
    literal,
    placeholder: (n) => `$${String(n)}`,
    // PostgreSQL alters tables in place, so their columns do not matter.
    readEffects: async () => (await lazy.effects().loadPostgresEffects())(() => undefined),
    locksTables: true,
    script,
  },

  ddl: {
    render,
    renderBothWays: eachWay(render),
    countViolations: (need) => lazy.guard().countViolations(need),
    // A serial, an identity or a default fills the rows when the column is added.
    generatedValue: () => undefined,
    converts: (from, to) => lazy.families().converts(from, to),
  },

  statements,
  lint: { linter: async (options) => lazy.lint().linter(options) },
  trace: {
    measures: true,
    around: async (database, run) => lazy.trace().around(database, run),
  },
  scale: scaleLoadedLater(() => lazy.scale().scale),

  introspection: {
    read: async (database, options) => lazy.introspect().introspect(database, options),
    mark: async (database) => lazy.mark().mark(database),
    describe,
    tableNames,
    tableSizes,
    estimateSizes: async (database, tables) => lazy.estimateSizes().estimateSizes(database, tables),
    estimateRows,
    // The server tracks what views and triggers read, and refuses to drop it.
    brokenObjects: () => Promise.resolve([]),
    replicationLag,
    unreadObjects: async (database) => lazy.unread().unreadObjects(database),
  },

  shadow: {
    open: async (options) => lazy.shadow().openShadow(options),
    isApart: (options) => lazy.shadowOptions().isApart(options),
    together: (queryRunner, work) => lazy.together().together(queryRunner, work),
    createEntities: async (dataSource) => lazy.entities().createEntities(dataSource),
    dropEntityObjects,
    evaluatesOnce,
    sampleValue: (column, schema, seed, stored) => lazy.sample().sampleValue(column, schema, seed, stored),
    mayHaveOrphans: false,
    hostileValues: (column, schema, becomes) => lazy.hostile().hostileValues(column, schema, becomes),
  },

  observer: { open: async (queryRunner, options) => lazy.observer().openObserver(queryRunner, options) },

  values: {
    parameter: (column, value, placeholder) => lazy.values().values.parameter(column, value, placeholder),
    selected: (column, quoted) => lazy.values().values.selected(column, quoted),
    value: (column, raw) => lazy.values().values.value(column, raw),
    numbered: async (database, table, columns) => lazy.values().values.numbered(database, table, columns),
  },

  locks: { acquire: lock, holder: lockHolder, removeLease },

  running: {
    preflight: async (queryRunner, options) => lazy.preflight().preflight(queryRunner, options),
    watch: ({ warn }) => Promise.resolve(lazy.recreated().watchRecreated(warn)),
    prepare: () => Promise.resolve(nothingPrepared),
    flight,
    watchObjects: () => Promise.resolve(null),
    // After an error the server refuses every statement until ROLLBACK: no failure ends the transaction silently.
    beginAgain: () => Promise.resolve(false),
    beforeCommit,
    violation,
    keepSession,
    limit,
    socket,
    blockers,
  },

  journal,
  batches,

  conversion: {
    // Types keep values in one form.
    misread: () => null,
    valuesIn: (table, column, most) => lazy.foreignRows().valuesIn(table, column, most),
    replaced: (from, to, values) => lazy.foreignRows().replaced(from, to, values),
    zoned: (from, to, zone) => lazy.foreignRows().zoned(from, to, zone),
    printsTheSame: (from, to) => lazy.foreignRows().printsTheSame(from, to),
    hold: async (database, tables) => lazy.foreignRows().hold(database, tables),
    witness: async (database, table, request) => lazy.foreignRows().witness(database, table, request),
  },

  keeping: loadedLater(keptRegistry, () => lazy.keep().keeping),

  backup: {
    extension: '.dump',
    needsDriver: false,
    requireDatabase: () => Promise.resolve(),
    findTools: async (queryRunner, folder) => lazy.backupTools().toolsFor(queryRunner, folder),
    describe: async (queryRunner) => lazy.backupCatalog().describeBackup(queryRunner),
    estimate: async (queryRunner, tables) => lazy.backupCatalog().estimateBackup(queryRunner, tables),
    copy: async (queryRunner, options) => lazy.backup().copy(queryRunner, options),
    tablesOf: async (database, names) => lazy.backupCatalog().tablesOf(database, names),
    copyTables: async (queryRunner, options, tables) => lazy.backupTables().copyTables(queryRunner, options, tables),
    check: async (options) => lazy.backup().check(options),
  },

  restore: {
    nameOf: (options) => lazy.restore().nameOf(options),
    open: async (options) => lazy.restore().openRestore(options),
    compareTables: async (database, folder) => lazy.restoreTables().compareTables(database, folder),
    restoreTables: async (queryRunner, options) => lazy.restoreTables().restoreTables(queryRunner, options),
    leftovers: async (database) => lazy.restoreLeftovers().leftovers(database),
    removeLeftover: async (database, leftover) => lazy.restoreLeftovers().removeLeftover(database, leftover),
  },
}

/** `foreign_key_violation` */
const foreignKeyViolation = '23503'

/** Checks deferred constraints before COMMIT, so that the error names the revision that violates them. */
async function beforeCommit(queryRunner: QueryRunner): Promise<void> {
  try {
    await queryRunner.query('SET CONSTRAINTS ALL IMMEDIATE')
  } catch (cause) {
    throw violation(cause)
  }
}

function violation(cause: unknown): unknown {
  if (sqlStateOf(cause) !== foreignKeyViolation) return cause
  return new AludelError('ALUDEL_FOREIGN_KEYS', errorText(cause), { cause })
}
