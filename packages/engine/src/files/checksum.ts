import { createHash } from 'node:crypto'

import type { Revision } from '../revision/revision'
import type { Parsed } from './parse'
import { readText } from './text-file'

/**
 * Length of each half of the checksum in the journal: 32 hex digits of the SHA-256 of the file's text, then 32 of a hash
 * of its code (see `codeHashes` in `code.ts`). If the first halves are equal, the file is unchanged and need not be parsed. If the
 * second halves are equal, only format, comments, names or the place in the graph changed.
 *
 * Older entries hold the whole SHA-256 of the text; their first half means the same.
 */
const half = 32

/** Loaded when a file is parsed. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const code = () => require('./code') as typeof import('./code')

/**
 * The checksum to record for a revision that is being applied.
 *
 * @returns 64 hex digits; those of the text alone if the code cannot be read
 */
export async function recordedChecksum(revision: Revision): Promise<string> {
  try {
    const text = await readText(revision.path)
    return checksumWith(revision, text, await codeHash(revision, text))
  } catch {
    // A checksum without its second half is no reason to fail.
    return revision.checksum
  }
}

/** {@link recordedChecksum} for a file that was read and parsed already. */
export function checksumOf(revision: Pick<Revision, 'exportName' | 'checksum'>, text: string, parsed: Parsed): string {
  try {
    return checksumWith(revision, text, code().codeHashesIn(parsed).get(revision.exportName))
  } catch {
    return revision.checksum
  }
}

function checksumWith({ checksum }: Pick<Revision, 'checksum'>, text: string, hash: string | undefined): string {
  return hash === undefined ? checksum : textHash(text) + hash
}

/**
 * Whether the code of a revision differs from the recorded code. The file is parsed only if its text differs.
 *
 * @param recorded from the journal: the checksum, and the id that the revision had then. Its statements may contain that
 *   id, and a new id alone is not an edit.
 */
export async function isEdited(
  revision: Revision,
  recorded: { readonly checksum: string; readonly revision: string },
): Promise<boolean> {
  if (hasText(recorded.checksum, revision.checksum)) return false
  try {
    const text = (await readText(revision.path)).replaceAll(revision.id, () => recorded.revision)
    return (await codeHash(revision, text)) !== recorded.checksum.slice(half)
  } catch {
    return true
  }
}

/** Whether a text is the recorded one, except for line ends. */
export function isRecordedText(recorded: string, text: string): boolean {
  const unix = text.replace(/\r\n/g, '\n')
  return [text, unix, unix.replace(/\n/g, '\r\n')].some((one) => hasText(recorded, textHash(one)))
}

function hasText(recorded: string, checksum: string): boolean {
  return textOf(recorded) === textOf(checksum)
}

/** What a checksum, of a file or in the journal, has of the text: equal if the texts are. */
export function textOf(checksum: string): string {
  return checksum.slice(0, half)
}

function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, half)
}

async function codeHash(revision: Revision, text: string): Promise<string | undefined> {
  // Imported here because loading the parser takes longer than all the rest.
  return code()
    .codeHashes(await import('oxc-parser'), revision.path, text)
    .get(revision.exportName)
}
