import type { Dialect } from '../dialect'
import { loadedLater } from '../roles/keeping'
import { keptRegistry } from './keep/names'
import { waitingFlight } from '../roles/running'
import { oneByOne } from '../roles/shadow'
import { batches } from './batches'
import { connectionOptions } from './driver'
import { driverTypes } from './entry'
import {
  connectError,
  errorCode,
  errorText,
  isBusy,
  isMissingColumn,
  isMissingTable,
  isTakenName,
  missingFile,
  isRaised,
  refusalOf,
  refusesRows,
} from './errors'
import { describe, isReachable, tableNames, tableSizes, virtualTables } from './info'
import { generatedValue } from './generated-value'
import { journal } from './journal'
import { lock, lockHolder, removeLease } from './lock'
import { literal, quote } from './quote'
import { script } from './script'
import { beforeCommit, beginAgain, prepare } from './session'
import { scaleLoadedLater } from '../roles/scale'
import { nothingMeasured } from '../roles/trace'
import { statements } from './statements'

/** Modules that reading the history does not need are loaded at their first use. */
/* eslint-disable @typescript-eslint/no-require-imports */
const lazy = {
  effects: () => require('../../sql/sqlite/effects') as typeof import('../../sql/sqlite/effects'),
  lint: () => require('./lint') as typeof import('./lint'),
  introspect: () => require('./introspect') as typeof import('./introspect'),
  mark: () => require('./mark') as typeof import('./mark'),
  compile: () => require('./compile') as typeof import('./compile'),
  render: () => require('./render') as typeof import('./render'),
  guard: () => require('./guard') as typeof import('./guard'),
  sample: () => require('./sample') as typeof import('./sample'),
  hostile: () => require('./hostile') as typeof import('./hostile'),
  place: () => require('./place') as typeof import('./place'),
  scale: () => require('./scale') as typeof import('./scale'),
  shadow: () => require('./shadow') as typeof import('./shadow'),
  values: () => require('./values') as typeof import('./values'),
  entities: () => require('./create-entities') as typeof import('./create-entities'),
  rebuilds: () => require('./rebuild-watch') as typeof import('./rebuild-watch'),
  estimateSizes: () => require('./estimate-sizes') as typeof import('./estimate-sizes'),
  backup: () => require('./backup') as typeof import('./backup'),
  foreignRows: () => require('./foreign-rows') as typeof import('./foreign-rows'),
  keep: () => require('./keep') as typeof import('./keep'),
  observer: () => require('./observer') as typeof import('./observer'),
  preflight: () => require('./preflight') as typeof import('./preflight'),
  restore: () => require('./restore') as typeof import('./restore'),
  restoreFile: () => require('./restore-file') as typeof import('./restore-file'),
  restoreLeftovers: () => require('./restore-leftovers') as typeof import('./restore-leftovers'),
} as const
/* eslint-enable @typescript-eslint/no-require-imports */

/** SQLite through TypeORM's `better-sqlite3`, and through `sqlite` (the `sqlite3` package) of TypeORM 0.3. */
export const sqlite: Dialect = {
  name: 'sqlite',

  connection: {
    driverTypes,
    options: connectionOptions,
    // A wrong key is noticed here: "file is not a database".
    functions: { prepareDatabase: (error) => errorCode(error).startsWith('SQLITE_') },
    isReachable,
    missing: ({ database }) => missingFile(database),
    makePlace: async (options) => lazy.place().makePlace(options),
    // There is one connection, which its users share.
    connect: () => Promise.resolve(),
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
    // Functions and collations belong to the connection, not to the database: no revision can create one.
    isMissingObject: () => false,
    isDependency: () => undefined,
    contention: (error) => (isBusy(error) ? 'busy' : undefined),
    obstacle: (error) => (isBusy(error) ? 'busy' : undefined),
  },

  sql: {
    quote,
    literal,
    placeholder: () => '?',
    readEffects: async (columns) => lazy.effects().sqliteEffects((await columns?.()) ?? (() => undefined)),
    locksTables: false,
    script,
  },

  ddl: {
    render: (operations, from) => lazy.render().render(operations, from),
    renderBothWays: (operations, reverse, from, to) => lazy.render().renderBothWays(operations, reverse, from, to),
    countViolations: (need) => lazy.guard().countViolations(need),
    generatedValue,
    // Any value may be in any column: https://www.sqlite.org/flextypegood.html
    converts: () => true,
  },

  statements,
  lint: { linter: async (options) => lazy.lint().linter(options) },
  trace: nothingMeasured,
  scale: scaleLoadedLater(() => lazy.scale().scale),

  introspection: {
    read: async (database, options) => lazy.introspect().introspect(database, options),
    mark: async (database) => lazy.mark().mark(database),
    describe,
    tableNames,
    tableSizes,
    estimateSizes: async (database, tables) => lazy.estimateSizes().estimateSizes(database, tables),
    estimateRows: () => Promise.resolve(null),
    brokenObjects: async (database) => lazy.compile().brokenObjects(database),
    replicationLag: () => Promise.resolve(null),
    unreadObjects: virtualTables,
  },

  shadow: {
    open: async (options) => lazy.shadow().openShadow(options),
    isApart: () => true,
    createEntities: async (dataSource) => lazy.entities().createEntities(dataSource),
    together: oneByOne,
    dropEntityObjects: () => [],
    evaluatesOnce: () => false,
    sampleValue: (column, schema, seed) => lazy.sample().sampleValue(column, schema, seed),
    mayHaveOrphans: true,
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
    watch: async (options) => lazy.rebuilds().watchRebuilds(options),
    prepare: (queryRunner) => prepare(queryRunner, (database) => new (lazy.compile().ObjectWatcher)(database)),
    flight: () => Promise.resolve(waitingFlight()),
    watchObjects: async (database) => lazy.compile().watchObjects(database),
    beginAgain,
    beforeCommit,
    violation: (error) => error,
    // There are no roles and no search path, and each revision sets the pragmas that it depends on.
    keepSession: () => Promise.resolve({ restore: () => Promise.resolve(), own: (session) => session }),
    socket: () => Promise.resolve({ ref: () => undefined, unref: () => undefined }),
    // The connection's `busy_timeout`, which `prepare` sets, limits how long a statement waits for the file.
    limit: () => Promise.resolve(() => Promise.resolve()),
    // The file is locked as a whole, and its lock does not contain the holder.
    blockers: () => Promise.resolve([]),
  },

  journal,
  batches,

  conversion: {
    misread: (column, entityType) => lazy.foreignRows().misread(column, entityType),
    valuesIn: (table, column, limit) => lazy.foreignRows().valuesIn(table, column, limit),
    replaced: (from, to, values) => lazy.foreignRows().replaced(from, to, values),
    // A date is a text, which TypeORM reads as UTC.
    zoned: () => undefined,
    printsTheSame: (from, to) => lazy.foreignRows().printsTheSame(from, to),
    // A transaction of the run is the only writer.
    hold: () => Promise.resolve(),
    witness: async (database, table, request) => lazy.foreignRows().witness(database, table, request),
  },

  keeping: loadedLater(keptRegistry, () => lazy.keep().keeping),

  backup: {
    extension: '.db',
    needsDriver: true,
    requireDatabase: async (options) => lazy.backup().requireDatabase(options),
    // The driver itself copies.
    findTools: () => Promise.resolve(null),
    describe: async (queryRunner) => lazy.backup().describeBackup(queryRunner),
    estimate: async (queryRunner) => lazy.backup().estimateBackup(queryRunner),
    copy: async (queryRunner, options) => lazy.backup().copy(queryRunner, options),
    tablesOf: async (database, names) => lazy.backup().tablesOf(database, names),
    // A whole copy is always possible.
    copyTables: async () => Promise.reject(lazy.backup().backupError('a SQLite database is only copied as a whole')),
    check: async (options) => lazy.backup().check(options),
  },

  restore: {
    nameOf: (options) => lazy.restoreFile().nameOf(options),
    open: async (options) => lazy.restore().openRestore(options),
    // There are no copies of tables: a whole copy is always possible.
    compareTables: () => Promise.reject(lazy.restoreFile().noTables()),
    restoreTables: () => Promise.reject(lazy.restoreFile().noTables()),
    leftovers: async (database) => lazy.restoreLeftovers().leftovers(database),
    removeLeftover: async (database, leftover) => lazy.restoreLeftovers().removeLeftover(database, leftover),
  },
}
