/**
 * Schema migrations for any TypeORM DataSource.
 *
 * {@link Migrator} is the face of the library: every command of `aludel migrate` is one of its methods.
 * {@link initializeDatabase} is what an application calls at start-up.
 *
 * @packageDocumentation
 */
export { type RebaseOptions } from './branches/rebase'
export { branchesLine, conflictLines } from './branches/describe'
export { type CheckOptions } from './inspect/check'
export { type GraphOptions } from './inspect/document'
export { type EditOptions } from './inspect/edit'
export { type MigratorOptions } from './project/context'
export { type CreateConfirmation, type CreateOptions } from './create/create'
export { type AskBackfill, type BackfillQuestion } from './create/answers'
export { type AskRename } from './create/diff'
export { type AskUnmanaged } from './create/settle'
export { type MergeOptions, type MergeResult } from './branches/merge'
export type { DialectName } from './dialect/registry'
export type { LockHolder, LockKind } from './dialect/roles/locks'
export { holderWords } from './dialect/polling'
export { type State } from './history/state'
export {
  AludelError,
  type AludelErrorOptions,
  type ErrorCode,
  errorCodes,
  type ErrorKind,
  isAludelError,
} from './errors'
export { createModuleLoader, type ModuleLoader } from './files/load'
export { initializeDatabase } from './initialize-database'
export { type DowngradeOptions, Migrator } from './migrator'
export { type AludelConfig, configNames, defineConfig } from './project/config'
export { defaultDatabaseUrl, parseDatabaseUrl } from './dialect/database-url'
export { redactUrl } from './dialect/url-text'
export { initProject, type InitOptions, type InitResult } from './project/init'
export { howToRemember, rememberUnmanaged } from './project/remember'
export {
  loadProject,
  type Project,
  type ProjectDefaults,
  type ProjectOptions,
  type ReadConnection,
} from './project/project'
export * from './results'
export { type GraphFormat, graphFormats } from './revision/document/formats'
export { drawLanes, type LaneRevision, type LaneRow } from './revision/lanes'
export { type Direction, type Plan, type Revision, type Step } from './revision/revision'
export { type RunEvent, type RunListener } from './project/events'
export { type MigrateOptions } from './run/run'
export { type RepairOptions } from './repair/repair'
export { type Finding, type FindingKind, type StoppedRun } from './history/findings'
export { type RenameQuestion } from './difference/renames'
export { type SquashOptions } from './squash/squash'
export { type StampOptions } from './run/stamp'
export { type UnlockOptions } from './run/unlock'
export { type InitializeOptions, type InitializeResult } from './run/start-up'
export { handMadeLine } from './create/hand-made-text'
export { toolVersion } from './version'
