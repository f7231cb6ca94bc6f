import { readFile } from 'node:fs/promises'
import path from 'node:path'

import { createTwoFilesPatch } from 'diff'

import { compareLive } from '../inspect/check'
import type { MigratorContext } from '../project/context'
import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import { isAludelError } from '../errors'
import type { State } from '../history/state'
import type { AppliedEntry } from '../history/types'
import { describeOperation } from '../operations'
import type { RepairChange } from '../results'
import type { Revision } from '../revision/revision'
import { recordedText } from './git'

/** What has become of a file since it was applied. */
export interface FileDifference {
  /** Unified; null where the text that was applied is not to be had. */
  readonly diff: string | null
  /** Where that text is from, or why there is none. */
  readonly source: string
}

/** Milliseconds for the comparison of two texts: those that have nothing in common take long, and say nothing. */
const patience = 5000

/**
 * The text that was applied against the text of the file now.
 *
 * @param root paths are shown from here
 */
export async function fileDifference(root: string, revision: Revision, entry: AppliedEntry): Promise<FileDifference> {
  const now = await readFile(revision.path, 'utf8')
  const before = await recordedText(revision.path, entry.checksum)
  if (typeof before === 'string') return { diff: null, source: before }
  const name = path.relative(root, revision.path)
  const lines = (text: string): string => text.replaceAll('\r\n', '\n')
  const headers = [name, name, lines(before.text), lines(now), `applied (${before.commit})`, 'now'] as const
  const patch = createTwoFilesPatch(...headers, { timeout: patience })
  if (patch === undefined)
    return { diff: null, source: `it has next to nothing in common with ${before.commit} in git` }
  // Without the line of equal signs that is for files of many patches.
  return { diff: patch.slice(patch.indexOf('--- ')).trimEnd(), source: `git commit ${before.commit}` }
}

/** What edited files mean for the database. */
export type DatabaseDifference = Pick<RepairChange, 'database' | 'databaseError'>

/** How the database differs from what its applied revisions, replayed, make now. Rows are not compared. */
export async function databaseDifference(
  context: MigratorContext,
  dialect: Dialect,
  database: Queryable,
  state: State,
): Promise<DatabaseDifference> {
  try {
    const { operations } = await compareLive(context, dialect, database, state)
    return { database: operations.map(describeOperation) }
  } catch (error) {
    if (!isAludelError(error)) throw error
    return { databaseError: error.message }
  }
}
