import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import type { Revision } from '../revision/revision'
import { codeHashes } from './code'

/**
 * What the journal keeps of a revision's file: 32 hex digits of the SHA-256 of its text, then 32 of a hash of what it
 * does (see {@link codeHashes}). Equal first halves say that nothing changed without a look at the code; equal second
 * halves that nothing changed but format, comments, names and place.
 *
 * Entries of before that hold the whole SHA-256 of the text. Their first half says what it always does.
 */
const half = 32

/**
 * The checksum to record for a revision that is applied now.
 *
 * @returns 64 hex digits; those of the text alone where the code cannot be read
 */
export async function recordedChecksum(revision: Revision): Promise<string> {
  try {
    const text = await readFile(revision.path, 'utf8')
    const hash = await codeHash(revision, text)
    return hash === undefined ? revision.checksum : textHash(text) + hash
  } catch {
    // It ran, or is about to be said not to run: that a checksum has no second half is no reason to fail.
    return revision.checksum
  }
}

/**
 * Whether the file of a revision does something else than what was recorded. The file is parsed only when its text
 * differs.
 *
 * @param recorded from the journal: the checksum, and the id that the revision had then. Its own statements may name that id,
 *   and another id alone does nothing else.
 */
export async function isEdited(
  revision: Revision,
  recorded: { readonly checksum: string; readonly revision: string },
): Promise<boolean> {
  if (hasText(recorded.checksum, revision.checksum)) return false
  try {
    const text = (await readFile(revision.path, 'utf8')).replaceAll(revision.id, () => recorded.revision)
    return (await codeHash(revision, text)) !== recorded.checksum.slice(half)
  } catch {
    return true
  }
}

/** Whether a text, or one with the line ends of another system, is the one that was recorded. */
export function isRecordedText(recorded: string, text: string): boolean {
  const unix = text.replace(/\r\n/g, '\n')
  return [text, unix, unix.replace(/\n/g, '\r\n')].some((one) => hasText(recorded, textHash(one)))
}

function hasText(recorded: string, checksum: string): boolean {
  return recorded.slice(0, half) === checksum.slice(0, half)
}

function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, half)
}

async function codeHash(revision: Revision, text: string): Promise<string | undefined> {
  // Loading the parser takes longer than all the rest.
  return codeHashes(await import('oxc-parser'), revision.path, text).get(revision.exportName)
}
