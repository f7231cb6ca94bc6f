import path from 'node:path'

import { createTwoFilesPatch } from 'diff'

import { compareLive } from '../inspect/check'
import type { MigratorContext } from '../project/context'
import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import { isAludelError } from '../errors'
import { readText } from '../files/text-file'
import type { State } from '../history/state'
import type { AppliedEntry } from '../history/types'
import { describeOperation } from '../operations'
import type { RepairChange } from '../results'
import type { Revision } from '../revision/revision'
import { recordedText } from './git'

/** The changes of a file since it was applied. */
interface FileDifference {
  /** Unified; null if the applied text was not found. */
  readonly diff: string | null
  /** Where the applied text was found, or why it was not. */
  readonly source: string
}

/** Milliseconds for the comparison of two texts. Texts without common lines take long, and their diff is useless. */
const patience = 5000

/**
 * Compares the applied text of a file with its current text.
 *
 * @param root paths in the diff are relative to it
 */
export async function fileDifference(root: string, revision: Revision, entry: AppliedEntry): Promise<FileDifference> {
  const now = await readText(revision.path)
  const before = await recordedText(revision.path, entry.checksum)
  if (typeof before === 'string') return { diff: null, source: before }
  const name = path.relative(root, revision.path)
  const lines = (text: string): string => text.replaceAll('\r\n', '\n')
  const headers = [name, name, lines(before.text), lines(now), `applied (${before.commit})`, 'now'] as const
  const patch = createTwoFilesPatch(...headers, { timeout: patience })
  if (patch === undefined) return { diff: null, source: `it has almost nothing in common with ${before.commit} in git` }
  // Without the line of equal signs, which separates several patches in one file.
  return { diff: patch.slice(patch.indexOf('--- ')).trimEnd(), source: `git commit ${before.commit}` }
}

/** How the database differs from the schema of its applied revisions as edited. Rows are not compared. */
export async function databaseDifference(
  context: MigratorContext,
  dialect: Dialect,
  database: Queryable,
  state: State,
): Promise<Pick<RepairChange, 'database' | 'databaseError'>> {
  try {
    const { operations } = await compareLive(context, dialect, database, state)
    return { database: operations.map(describeOperation) }
  } catch (error) {
    if (!isAludelError(error)) throw error
    return { databaseError: error.message }
  }
}
