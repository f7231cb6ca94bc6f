import type { MigrationInterface, QueryRunner } from 'typeorm'

import type { Dialect, RebuildWatch } from '../dialect/dialect'
import type { History } from '../history/history'
import type { JournalEntry } from '../history/types'
import { historyNames } from '../revision/replaced'
import type { Step } from '../revision/revision'
import type { RunListener } from '../project/events'
import type { StepLimits } from '../project/limits'
import type { Session } from './session'

/** A step whose file has been loaded. */
export interface LoadedStep {
  readonly step: Step
  readonly migration: MigrationInterface
  /** False: the revision asks to run outside a transaction. */
  readonly transactional: boolean
  /** Position in the plan, from 0. */
  readonly index: number
  /** How long its statements may wait and run. */
  readonly limits: StepLimits
  /** The same step with a new instance of its class, for another try. */
  readonly again: () => Promise<LoadedStep>
}

/** A step that is done and committed. */
export interface DoneStep {
  readonly step: Step
  readonly durationMs: number
  readonly statements: number
}

/** What the parts of one run share. */
export interface RunContext {
  readonly dialect: Dialect
  readonly history: History
  readonly session: Session
  readonly runId: string
  readonly total: number
  readonly mode: 'each' | 'all'
  readonly tell: RunListener
  readonly now: () => Date
  readonly actor: string
  readonly toolVersion: string
  readonly signal: AbortSignal | undefined
  /** Stands by while statements run. */
  readonly watch: RebuildWatch | undefined
  /** What the journal keeps of the files of the steps, by id. */
  readonly checksums: ReadonlyMap<string, string>
  /** Names in the history table; kept up to date as steps commit. */
  readonly applied: Set<string>
  /** Grows as steps commit. */
  readonly done: DoneStep[]
}

/** What differs from one journal entry of a run to another. */
export type EntryPart = Pick<JournalEntry, 'statement' | 'outcome' | 'startedAt'> &
  Partial<Pick<JournalEntry, 'error' | 'progress'>>

/** A journal entry for a step, finished now. */
export function journalEntry(context: RunContext, step: Step, part: EntryPart): JournalEntry {
  const finishedAt = context.now()
  return {
    runId: context.runId,
    revision: step.revision.id,
    name: step.revision.name,
    direction: step.direction,
    checksum: context.checksums.get(step.revision.id) ?? step.revision.checksum,
    finishedAt,
    durationMs: Math.max(0, finishedAt.getTime() - part.startedAt.getTime()),
    actor: context.actor,
    toolVersion: context.toolVersion,
    ...part,
  }
}

/** Runs the migration's own code for the step's direction. */
export function runMigration({ migration, step }: LoadedStep, queryRunner: QueryRunner): Promise<void> {
  return step.direction === 'upgrade' ? migration.up(queryRunner) : migration.down(queryRunner)
}

/** Writes or removes the history row of a step. */
export async function recordStep(context: RunContext, step: Step): Promise<void> {
  const { history, session } = context
  if (step.direction === 'upgrade') await history.record(session.queryRunner, step.revision)
  else await history.remove(session.queryRunner, step.revision)
}

/** Notes a step as committed. */
export function noteDone(context: RunContext, done: DoneStep): void {
  follow(context.applied, done.step)
  context.done.push(done)
}

/** What a step changes in the names of the history. */
export function follow(names: Set<string>, { direction, revision }: Step): void {
  if (direction === 'upgrade') names.add(revision.name)
  else for (const name of historyNames(revision)) names.delete(name)
}
