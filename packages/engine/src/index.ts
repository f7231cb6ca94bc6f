/**
 * Schema migrations for any TypeORM DataSource.
 *
 * {@link Migrator} is the main class: every command of `aludel migrate` is one of its methods. An application calls
 * {@link initializeDatabase} when it starts. Revisions import from `@aludel/engine/migration`.
 *
 * `etc/engine.api.md` lists the exports; `npm run api` updates it after an intended change.
 *
 * @module @aludel/engine
 * @packageDocumentation
 */

// Migrator: the commands as methods, with their options and questions.
export { type DowngradeOptions, Migrator, type PlanOptions, type SqlOptions } from './migrator'
export { type MigratorOptions } from './project/options'
export { type LimitOptions } from './project/limits'
export { type DialectName } from './dialect/registry'
export { type LockHolder, type LockKind } from './dialect/roles/locks'
export { type Queryable } from './dialect/queryable'
export { type ExpectOptions } from './run/expected-head'
export { type MigrateOptions } from './run/run'
export { type KeepDropped, type KeepOptions } from './kept/options'
export { type PruneKeptOptions } from './run/prune-kept'
export { type TransactionMode } from './run/steps'
export { type BackupOptions } from './run/back-up'
export { type BackupPlace } from './backup/create'
export { type PruneBackupsOptions } from './backup/prune'
export { type RestoreBackupOptions } from './backup/restore'
export { type DropReplacedOptions } from './backup/restore-leftovers'
export { type ConnectedSession, type RestoreLeftover, sessionText } from './dialect/roles/restore'
export { type BackupSettings, type KeepRules } from './project/backup-settings'
export { type AdoptOptions } from './adopt/adoption'
export { type ConvertAnswers } from './adopt/convert/answers'
export { type StampOptions } from './run/stamp'
export { type UnlockOptions } from './run/unlock'
export { type CreateConfirmation, type CreateOptions } from './create/options'
export { type PreviewCreateOptions } from './create/preview'
export { type AnswerOptions, type AskBackfill, type BackfillQuestion } from './create/answers'
export { type AskRename, type RenameOptions } from './create/diff'
export { type NamesAnswer, type NamesOptions, type NamesQuestion } from './create/names'
export { type AskUnmanaged, type UnmanagedOptions } from './create/questions'
export { type RenameQuestion } from './difference/renames'
export { type ObjectName } from './schema/schema'
export { type CheckOptions } from './inspect/check'
export { type DriftOptions } from './inspect/drift'
export { type HeadsOption } from './inspect/check-heads'
export { type EditOptions } from './inspect/edit'
export { type GraphOptions } from './inspect/document'
export { type HistoryOptions, type InfoOptions } from './inspect/inspect'
export { type JournalOptions } from './inspect/journal'
export { type SchemaDifferenceOptions, type SchemaOptions } from './inspect/schema'
export { type LintOptions } from './inspect/lint/lint'
export { type LintSettings, severities } from './lint/settings'
export { type Severity } from './lint/finding'
export { type Category as LintCategory } from './lint/rule'
export { type Reported } from './lint/report'
export { type StoryOptions } from './inspect/story/story'
export { type TestOptions } from './testing/test'
export { type VerifyOptions } from './inspect/verify'
export { type WaitOptions, type WaitStatus } from './inspect/wait'
export { type GraphFormat, graphFormats } from './revision/document/formats'
export { drawLanes, type LaneRevision, type LaneRow } from './revision/lanes'
export { type LaneLink, type LinkKind, type PlacedRow } from './revision/lane-layout'
export { type LanePicture, lanesOf, type PictureRevision } from './revision/lane-picture'
export { type MergeOptions } from './branches/merge'
export { type RebaseOptions } from './branches/rebase'
export { type SquashOptions } from './squash/squash'
export { type RepairOptions } from './repair/repair'
export { type RepairTargets } from './repair/steps'

// Start-up of an application.
export { initializeDatabase } from './initialize-database'
export { type InitializeOptions } from './run/start-up'

// Code of the project: what runs when the process ends or nothing catches an error.
export { failProjectCode, projectCodeAtWork } from './files/project-code'
export { isDefect, projectFileOf } from './files/project-file'

// Project: the configuration file, and the project as the command line finds it.
export { type AludelConfig, defineConfig } from './project/config'
export {
  loadProject,
  type Project,
  type ProjectDefaults,
  type ProjectOptions,
  type ReadConnection,
  type ShippedProject,
} from './project/project'
export { initProject } from './init-project'
export { type InitOptions, type InitResult } from './project/init'
export { createModuleLoader, type ModuleLoader, type ModuleLoaderOptions } from './files/load'
export { findPackage, installLine } from './packages'
export { toolVersion } from './version'

// Events: the progress of a run.
export { type RunEvent, type RunListener } from './project/events'
export { type BatchProgress } from './batches/progress'
export { type Contention } from './dialect/roles/errors'
export { type Blocker } from './dialect/roles/running'
export { type Direction, type LineOf, type Replaced, type Revision, type Step } from './revision/revision'

// Results of the methods: key for key the JSON documents of the command line.
export type * from './results'
export { erDiagram } from './schema/er-diagram'
export type {
  ColumnDocument,
  ForeignKeyDocument,
  IndexDocument,
  KeyDocument,
  SchemaObjects,
  TableDocument,
  ViewDocument,
} from './schema/document'
export { type MergeResult } from './branches/merge'
export { type InitializeResult } from './run/start-up'
export type { KeptKind } from './dialect/roles/keeping'
export type { BrokenObject, TableEstimate, UnreadObject } from './dialect/roles/introspection'
export type { Blocks } from './dialect/roles/scale'
export { type Finding, type FindingKind, type StoppedRun } from './history/findings'

// Errors: one class with stable codes, and functions for sentences that messages and reports share.
export {
  AludelError,
  type AludelErrorOptions,
  type DetailsOf,
  type ErrorArguments,
  type ErrorCode,
  errorCodes,
  type ErrorDetails,
  type ErrorKind,
  type FailedStep,
  type FindingDetails,
  type RenameQuestionDetails,
  type UnmanagedObjectDetails,
  type ConnectedDetails,
  type HolderDetails,
  isAludelError,
  type UnusableDatabase,
} from './errors'
export { branchesLine, conflictLines } from './branches/describe'
export { unmanagedLine } from './create/unmanaged-text'
export { holderWords } from './dialect/polling'
export { redact, redactJson } from './redact'
