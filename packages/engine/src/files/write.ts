import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { sweepTemporary, temporaryBeside } from '../dialect/temporary-files'
import { AludelError, messageOf } from '../errors'

import { extensions } from './language'
import { slugify } from './names'
import { codeOf, place } from './place'
import { renderRevisionFile, type RevisionFileSpec } from './render'
import { readTemplate } from './template'

export { classNameFor, newRevisionId, slugify } from './names'
export { renderRevisionFile, type RevisionBody, type RevisionFileSpec } from './render'

/** A revision file that is not written yet. */
export interface RenderedFile {
  /** Absolute: `<timestamp>-<slug of the message>.ts`. */
  readonly path: string
  readonly text: string
}

/**
 * A new revision file, in the form of the directory's template if there is one.
 *
 * @throws ALUDEL_TEMPLATE the template cannot be used
 */
export async function renderFile(directory: string, spec: RevisionFileSpec): Promise<RenderedFile> {
  const folder = path.resolve(directory)
  const file = path.join(folder, `${spec.timestamp}-${slugify(spec.message)}${extensions[spec.language]}`)
  const template = await readTemplate(folder, spec.language)
  return { path: file, text: template === undefined ? renderRevisionFile(spec) : await template.render(spec) }
}

/**
 * Writes a new revision file, `<timestamp>-<slug of the message>.ts`, atomically, in the form of the directory's template if
 * there is one. Creates a missing directory; never overwrites.
 *
 * @returns the absolute path of the file
 * @throws ALUDEL_REVISION_EXISTS there is a file of that name
 * @throws ALUDEL_REVISION_DIRECTORY the directory cannot be written to
 * @throws ALUDEL_TEMPLATE the template cannot be used
 */
export async function writeRevisionFile(directory: string, spec: RevisionFileSpec): Promise<{ readonly path: string }> {
  const { path: file, text } = await renderFile(directory, spec)
  const folder = path.dirname(file)
  // Readers of the directory skip hidden files.
  const temporary = temporaryBeside(file)
  try {
    await mkdir(folder, { recursive: true })
    await sweepTemporary(folder)
    await writeFile(temporary, text, { flag: 'wx' })
    await place(temporary, file, text)
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST' && codeOf(cause, 'syscall') !== 'mkdir') {
      throw new AludelError('ALUDEL_REVISION_EXISTS', `the file ${file} exists`, {
        help: 'Nothing was written.',
        details: { path: file },
        cause,
      })
    }
    throw new AludelError('ALUDEL_REVISION_DIRECTORY', `cannot write a revision to ${folder}: ${messageOf(cause)}`, {
      details: { directory: folder },
      cause,
    })
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined)
  }
  return { path: file }
}
