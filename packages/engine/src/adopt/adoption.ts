import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { operationToJson } from '../difference/merge-dialects'
import { AludelError } from '../errors'
import { databaseWords, sidesAhead } from '../inspect/sides'
import type { Operation } from '../operations/operation'
import type { MigratorContext } from '../project/context'
import type { AdoptDifference, AdoptResult } from '../results'
import type { BackupOptions } from '../run/back-up'
import type { ConvertAnswers } from './convert/answers'
import { conversionLines } from './convert/words'
import type { Match } from '../inspect/match/match'
import { ignorePatterns, shownNames } from '../history/recognize'
import type { Survey } from './survey'

/** Options of `Migrator.adopt`. */
export interface AdoptOptions extends BackupOptions, ConvertAnswers {
  /** A REV: compare with this revision only, and record it. Default: find the newest one whose schema the database has. */
  readonly revision?: string
  /** The message of the first revision, if there are none. Default is `adopt the database`. */
  readonly message?: string
  /**
   * What to do if no revision has the schema of the database. False (default): return the differences. True: convert the database to
   * the schema of the nearest revision, or refuse if that would lose a row or a value. `offer`: convert it if that loses nothing, or
   * else return the differences and `obstacles`.
   */
  readonly convert?: boolean | 'offer'
  /**
   * Receives the result as it would be, before anything is written; false stops. Not called if no revision has the schema of the
   * database, and it is not converted. Absent: it is done without confirmation.
   */
  readonly confirm?: (plan: AdoptResult) => Promise<boolean>
}

/** One call, with what it has read before any question. */
export interface Adoption {
  readonly context: MigratorContext
  readonly dialect: Dialect
  readonly runner: QueryRunner
  readonly survey: Survey
  readonly options: AdoptOptions
}

/** What is the same whatever is done. */
export function foundIn({ tools: [tool, ...others], live, state }: Survey): AdoptResult {
  return {
    ...{
      tool: tool ?? null,
      others,
      tables: shownNames(live.tools),
      ignore: ignorePatterns(live.schema, live.tools),
      forgotten: state.unknown,
    },
    ...{ matches: null, nearest: null, stamped: [], unproved: [], created: null },
    ...{ renames: [], sql: [], backup: null, differences: [] },
  }
}

/** The result if no revision has the schema of the database, and nothing is changed. */
export function differing({ dialect, survey }: Adoption, { heads, operations }: Match): AdoptResult {
  return { ...foundIn(survey), nearest: heads[0]?.id ?? null, differences: differencesOf(dialect, operations) }
}

function differencesOf({ name }: Dialect, operations: readonly Operation[]): AdoptDifference[] {
  const aheadOf = sidesAhead(operations)
  return operations.map((operation) => {
    const ahead = aheadOf(operation)
    return { ...operationToJson(operation, [name]), ahead, explanation: databaseWords(operation, ahead) }
  })
}

/** On SQLite, a constraint without a name gets one by being dropped and added. */
function isHalf(op: string): boolean {
  return op.startsWith('drop')
}

/** @throws AludelError `ALUDEL_CONFIRMATION` without a yes */
export async function confirmOrRefuse({ confirm }: AdoptOptions, plan: AdoptResult): Promise<void> {
  if (confirm === undefined || (await confirm(plan))) return
  const { tool, created, renames, stamped, unproved, forgotten, conversion, unread = [] } = plan
  throw new AludelError('ALUDEL_CONFIRMATION', 'taking over the database was not confirmed', {
    help: [
      ...(tool === null ? [] : [`${tool.name} has a history in ${tool.table}`]),
      ...(created === null ? [] : [`would write ${created.path}`]),
      ...unread.map(({ kind, name }) => `${kind} ${name} would not be in it`),
      ...renames.flatMap(({ op, description }) => (isHalf(op) ? [] : [`would ${description}`])),
      ...(conversion === undefined ? [] : conversionLines(conversion).map((line) => `would ${line}`)),
      `would record ${stamped.join(', ')} as applied`,
      ...unproved.map((id) => `${id} changes no schema: the database cannot show whether it ever ran`),
      ...forgotten.map((name) => `would remove ${name} from the history, which has no file`),
      'Nothing was changed. Confirm with --yes.',
    ].join('\n'),
    details: { steps: stamped, ...(conversion !== undefined && { conversion }) },
  })
}

/** The error if the plan under the lock is not the one that was confirmed. */
export function changedMeanwhile(): AludelError {
  return new AludelError('ALUDEL_CONFIRMATION', 'the database changed while waiting for confirmation', {
    help: 'Nothing was changed; ask again.',
  })
}
