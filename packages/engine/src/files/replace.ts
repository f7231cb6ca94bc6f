import { rename, rm, stat, writeFile } from 'node:fs/promises'

import { temporaryBeside, temporaryMark } from '../dialect/temporary-files'
import { AludelError, messageOf } from '../errors'
import { place } from './place'

/** A file to rewrite, and possibly rename. */
export interface Replacement {
  readonly from: string
  readonly to: string
  readonly text: string
}

/**
 * Rewrites files, all or none: every text is written before the first file is renamed, and if a rename fails, the earlier
 * ones are reverted.
 *
 * @throws AludelError `ALUDEL_REVISION_EXISTS` a new name is taken; `ALUDEL_REVISION_DIRECTORY` it cannot be written
 */
export async function replaceFiles(replacements: readonly Replacement[]): Promise<void> {
  const mark = temporaryMark()
  const staged = replacements.map((one) => ({
    ...one,
    next: temporaryBeside(one.to, 'new', mark),
    last: temporaryBeside(one.from, 'old', mark),
  }))
  const undo: (() => Promise<unknown>)[] = []
  try {
    for (const { from, to, next, text } of staged) {
      if (!replacements.some((one) => one.from === to) && (await exists(to))) {
        throw new AludelError('ALUDEL_REVISION_EXISTS', `the file ${to} exists`, {
          help: 'Nothing was written.',
          details: { path: to },
        })
      }
      undo.push(() => rm(next, { force: true }))
      await writeFile(next, text, { flag: 'wx', mode: (await stat(from)).mode })
    }
    for (const { from, last } of staged) {
      undo.push(() => rename(last, from))
      await rename(from, last)
    }
    for (const { to, next, text } of staged) {
      await place(next, to, text)
      // Registered only now: if the name was taken meanwhile, that file must not be deleted.
      undo.push(() => rm(to, { force: true }))
    }
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => undefined)
    if (error instanceof AludelError) throw error
    throw new AludelError('ALUDEL_REVISION_DIRECTORY', `the files cannot be written: ${messageOf(error)}`, {
      help: 'No file was changed.',
      cause: error,
    })
  }
  for (const { last, next } of staged) {
    await rm(last, { force: true })
    await rm(next, { force: true })
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
