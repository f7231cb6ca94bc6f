import type { MigrationInterface, QueryRunner } from 'typeorm'

import type { KeptSession, RebuildWatch } from '../dialect/roles/running'
import type { JournalEntry } from '../history/types'
import type { Keeping } from '../kept/keeping'
import type { StepLimits } from '../project/limits'
import { historyNames } from '../revision/replaced'
import type { Step } from '../revision/revision'
import type { ReadStep } from './plan'
import type { Preparation } from './preparation'
import type { Session } from './session'
import type { RunSettings } from './settings'

/** A step whose file has been loaded. */
export interface LoadedStep {
  readonly step: ReadStep
  readonly migration: MigrationInterface
  /** False: it runs outside a transaction. */
  readonly transactional: boolean
  /** Position in the plan, from 0. */
  readonly index: number
  /** How long its statements may wait and run. */
  readonly limits: StepLimits
  /** The checksum of its file, for the journal. */
  readonly checksum: string
  /** The same step with a new instance of its class, for a retry. */
  readonly again: () => Promise<LoadedStep>
}

/** A step that is done and committed. */
export interface DoneStep {
  readonly step: Step
  /** With COMMIT, if it had a transaction of its own. */
  readonly durationMs: number
  /** How many statements it executed. */
  readonly statements: number
}

/** A run in progress: its settings, and what it has done so far. */
export interface Run extends Omit<RunSettings, 'queryRunner' | 'dataSource' | 'lock'> {
  readonly session: Session
  /** UUID; the rows of this run in the journal have it. */
  readonly runId: string
  /** How many steps there are. */
  readonly total: number
  /** One transaction for each revision, or one for the whole run. */
  readonly mode: 'each' | 'all'
  readonly watch: RebuildWatch | undefined
  /** What it keeps or gives back; undefined if nothing. */
  readonly keeping: Keeping | undefined
  /** The role and the settings with which every revision begins. */
  readonly kept: KeptSession
  readonly preparation: Preparation
  /** Names in the history table; kept up to date as steps commit. */
  readonly applied: Set<string>
  /** Grows as steps commit. */
  readonly done: DoneStep[]
}

/** The fields in which the journal entries of a run differ. */
type EntryPart = Pick<JournalEntry, 'statement' | 'outcome' | 'startedAt'> &
  Partial<Pick<JournalEntry, 'error' | 'progress'>>

/** A journal entry for a step, finished now. */
export function journalEntry(run: Run, { step, checksum }: LoadedStep, part: EntryPart): JournalEntry {
  const finishedAt = run.now()
  return {
    runId: run.runId,
    revision: step.revision.id,
    name: step.revision.name,
    direction: step.direction,
    checksum,
    finishedAt,
    durationMs: Math.max(0, finishedAt.getTime() - part.startedAt.getTime()),
    actor: run.actor,
    toolVersion: run.toolVersion,
    ...part,
  }
}

/** Runs the migration's own code for the step's direction. */
export function runMigration({ migration, step }: LoadedStep, queryRunner: QueryRunner): Promise<void> {
  return step.direction === 'upgrade' ? migration.up(queryRunner) : migration.down(queryRunner)
}

/** Writes or removes the history row of a step. */
export async function recordStep({ history, session }: Run, step: Step): Promise<void> {
  if (step.direction === 'upgrade') await history.record(session.queryRunner, step.revision)
  else await history.remove(session.queryRunner, step.revision)
}

/** Notes a step as committed. */
export function noteDone(run: Run, done: DoneStep): void {
  follow(run.applied, done.step)
  run.done.push(done)
}

/** Applies a step to the names in the history. */
export function follow(names: Set<string>, { direction, revision }: Step): void {
  if (direction === 'upgrade') names.add(revision.name)
  else for (const name of historyNames(revision)) names.delete(name)
}
