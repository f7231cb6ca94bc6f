import type { DataSourceOptions } from 'typeorm'

import type { Dialect } from '../../../src/dialect/dialect'
import type { DialectEntry } from '../../../src/dialect/entry'
import type { DialectName } from '../../../src/dialect/registry'
import type { BackupRole } from '../../../src/dialect/roles/backup'
import type { RestoreRole } from '../../../src/dialect/roles/restore'
import type { BatchRole } from '../../../src/dialect/roles/batches'
import type { ConnectionRole } from '../../../src/dialect/roles/connection'
import type { ConversionRole } from '../../../src/dialect/roles/conversion'
import { type DdlRole, eachWay } from '../../../src/dialect/roles/ddl'
import type { ErrorRole } from '../../../src/dialect/roles/errors'
import type { IntrospectionRole } from '../../../src/dialect/roles/introspection'
import type { JournalRole } from '../../../src/dialect/roles/journal'
import type { KeepingRole } from '../../../src/dialect/roles/keeping'
import type { LockRole } from '../../../src/dialect/roles/locks'
import {
  nothingPrepared,
  type RunningRole,
  type StatementWatch,
  waitingFlight,
} from '../../../src/dialect/roles/running'
import { oneByOne, type ShadowRole } from '../../../src/dialect/roles/shadow'
import type { SqlRole } from '../../../src/dialect/roles/sql'
import type { StatementRole } from '../../../src/dialect/roles/statements'
import { nothingForetold } from '../../../src/dialect/roles/scale'
import { nothingMeasured } from '../../../src/dialect/roles/trace'
import { AludelError, messageOf } from '../../../src/errors'
import { emptySchema } from '../../../src/schema/schema'
import type { StatementEffects } from '../../../src/sql/effects'

/** The `type` of a DataSource that only this dialect serves. */
export const driverType = 'third'

/** A dialect name that the types of the engine do not include. */
export const thirdName = 'third'

const nothing = (): Promise<void> => Promise.resolve()

const connection: ConnectionRole = {
  driverTypes: [driverType],
  options: { place: [], driver: [] },
  functions: {},
  isReachable: () => Promise.resolve(true),
  missing: () => undefined,
  makePlace: nothing,
  connect: nothing,
}

const errors: ErrorRole = {
  connectError: (error) => new AludelError('ALUDEL_CONNECT', messageOf(error), { cause: error }),
  textOf: messageOf,
  refusesRows: () => false,
  isRaised: () => false,
  refusalOf: () => undefined,
  isMissingTable: (error) => messageOf(error).startsWith('no such table'),
  isTakenName: () => false,
  isMissingColumn: (error) => messageOf(error).startsWith('no such column'),
  isMissingObject: () => false,
  isDependency: () => undefined,
  contention: () => undefined,
  obstacle: () => undefined,
}

const harmless = (text: string): StatementEffects => ({
  does: text.toLowerCase(),
  reads: false,
  writes: true,
  destroys: [],
  locks: [],
  rewrites: [],
  absent: [],
  transactional: true,
  unknown: null,
})
const sql: SqlRole = {
  quote: (identifier) => `"${identifier}"`,
  literal: (value) => `'${String(value)}'`,
  placeholder: (n) => `:${String(n)}`,
  readEffects: () => Promise.resolve({ read: harmless }),
  locksTables: false,
  script: {
    header: ['-- third'],
    connect: () => Promise.resolve([]),
    begin: () => ['begin;'],
    statements: (statements) => statements,
    around: () => ({ before: [], after: [] }),
    check: [],
    commit: () => ['commit;'],
    footer: [],
  },
}

const render: DdlRole['render'] = () => []
const ddl: DdlRole = {
  render,
  renderBothWays: eachWay(render),
  countViolations: () => null,
  generatedValue: () => undefined,
  converts: () => true,
}

const statements: StatementRole = {
  outsideTransaction: () => undefined,
  refusedByTransaction: () => false,
  sharesTransaction: () => true,
  isOfSession: () => false,
  waitsAlone: () => false,
  probe: () => Promise.resolve('unknown'),
  leftovers: () => Promise.resolve([]),
}

const introspection: IntrospectionRole = {
  read: () => Promise.resolve(emptySchema),
  mark: () => Promise.resolve(''),
  describe: () => Promise.resolve({ name: 'nowhere', version: '3' }),
  tableNames: () => Promise.resolve([]),
  tableSizes: () => Promise.resolve([]),
  estimateSizes: () => Promise.resolve([]),
  estimateRows: () => Promise.resolve(null),
  brokenObjects: () => Promise.resolve([]),
  replicationLag: () => Promise.resolve(null),
  unreadObjects: () => Promise.resolve([]),
}

const noShadow = (): Promise<never> => Promise.reject(new Error('the third dialect has no shadow databases'))
const shadow: ShadowRole = {
  open: noShadow,
  isApart: () => true,
  createEntities: noShadow,
  together: oneByOne,
  dropEntityObjects: () => [],
  evaluatesOnce: () => false,
  sampleValue: () => null,
  mayHaveOrphans: false,
  hostileValues: () => [],
}

/** Does not lock anything, and counts the calls. */
export const locked = { now: 0, times: 0 }
const locks: LockRole = {
  acquire: () => {
    locked.now += 1
    locked.times += 1
    return Promise.resolve({
      check: nothing,
      begin: nothing,
      beforeStatement: () => undefined,
      beforeCommit: nothing,
      proof: undefined,
      release: () => {
        locked.now -= 1
        return nothing()
      },
    })
  },
  holder: () => Promise.resolve(null),
  removeLease: () => Promise.resolve(false),
}

const running: RunningRole = {
  preflight: nothing,
  watch: () => Promise.resolve({ step: () => ({ before: () => undefined, finish: nothing }) }),
  prepare: () => Promise.resolve(nothingPrepared),
  flight: () => Promise.resolve(waitingFlight()),
  watchObjects: () => Promise.resolve(null),
  beginAgain: () => Promise.resolve(false),
  socket: () => Promise.resolve({ ref: () => undefined, unref: () => undefined }),
  beforeCommit: nothing,
  violation: (error) => error,
  keepSession: () => Promise.resolve({ restore: nothing, own: (session) => session }),
  limit: () => Promise.resolve(nothing),
  blockers: () => Promise.resolve([]),
}

const journalColumns =
  'run_id revision name direction statement progress checksum started_at finished_at duration_ms actor tool_version outcome error history'
const createTable = (table: string, columns: string): string[] => [
  `CREATE TABLE IF NOT EXISTS "${table}" ("id" integer PRIMARY KEY, ${columns.split(' ').join(', ')})`,
]
const journal: JournalRole = {
  createSchema: () => [],
  createHistory: (table) => createTable(table, 'timestamp name'),
  selectApplied: (table) => `SELECT "name", "timestamp" FROM "${table}" ORDER BY "id"`,
  createJournal: (table) => createTable(table, journalColumns),
  createCursors: (table) => createTable(table, 'history revision direction name cursor batches'),
  locate: (_database, table) => Promise.resolve(table),
  addHistory: () => [],
  addHistoryToCursors: () => [],
  selectHistories: `SELECT NULL AS "schema", NULL AS "name" WHERE 1 = 0`,
}

const batches: BatchRole = {
  begin: 'BEGIN',
  lockRows: '',
  keyColumns: () => Promise.resolve([]),
  exact: (column) => column.sql,
  parameter: (_column, exact, placeholder) => ({ sql: placeholder, value: exact }),
  literal: (_column, exact) => exact,
  update: () => Promise.resolve({ changed: 0, still: 0 }),
}

const conversion: ConversionRole = {
  misread: () => null,
  valuesIn: (table) => `VALUES ${table.name}`,
  replaced: (from) => from.name,
  zoned: () => undefined,
  printsTheSame: () => true,
  hold: nothing,
  witness: () => Promise.resolve({ rows: 0, digest: '0', values: {} }),
}

const watchNothing: StatementWatch = { before: () => undefined, finish: nothing }
const keeping: KeepingRole = {
  registry: 'kept',
  registryExists: '1 = 0',
  createRegistry: () => [],
  dropRegistry: () => [],
  nextId: () => Promise.resolve(1),
  survey: (_database, steps) => Promise.resolve(steps.map(() => [])),
  setAside: () => watchNothing,
  foresee: (_database, steps) => Promise.resolve(steps.map(() => [])),
  giveBack: () => watchNothing,
  discard: nothing,
}

const backup: BackupRole = {
  extension: '.none',
  needsDriver: true,
  requireDatabase: () => Promise.resolve(),
  findTools: () => Promise.resolve(null),
  describe: () => Promise.resolve({ name: 'third', serverVersion: '1', settings: {} }),
  estimate: () => Promise.resolve(0),
  copy: () => Promise.resolve({ tables: [], program: 'none' }),
  tablesOf: () => Promise.resolve([]),
  copyTables: () => Promise.resolve({ tables: [], program: 'none' }),
  check: () => Promise.resolve([]),
}

const restore: RestoreRole = {
  nameOf: () => undefined,
  open: () => Promise.reject(new Error('nothing can be restored')),
  compareTables: () => Promise.resolve([]),
  restoreTables: nothing,
  leftovers: () => Promise.resolve([]),
  removeLeftover: nothing,
}

/** A dialect made only of the roles, for a database that does nothing. */
export const third: Dialect = {
  name: thirdName as string as DialectName,
  connection,
  errors,
  sql,
  ddl,
  statements,
  lint: { linter: () => Promise.resolve({ learn: () => undefined, lint: () => [] }) },
  trace: nothingMeasured,
  scale: nothingForetold,
  observer: { open: () => Promise.resolve({ missing: 'nothing observes it' }) },
  values: {
    parameter: (_column, value, placeholder) => ({ sql: placeholder, value }),
    selected: (_column, quoted) => quoted,
    value: (_column, raw) => raw,
    numbered: nothing,
  },
  introspection,
  shadow,
  locks,
  running,
  journal,
  batches,
  conversion,
  keeping,
  backup,
  restore,
}

export const entry: DialectEntry = {
  driverTypes: [driverType],
  schemes: ['third'],
  urlForms: 'third://anywhere',
  fromUrl: (url) => ({ type: driverType, database: url.split('//')[1] }) as unknown as DataSourceOptions,
  load: () => third,
}
