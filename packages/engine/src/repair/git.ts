import path from 'node:path'

import { isRecordedText } from '../files/checksum'
import { git, gitFailure } from '../files/git'

/** The text of a file in a commit. */
interface CommittedText {
  readonly text: string
  /** Short hash of the commit. */
  readonly commit: string
}

/** Number of newest versions of a file that are searched. */
const versions = 200

/**
 * Finds the applied text of a file in its git repository.
 *
 * @param file absolute
 * @param recorded the checksum in the journal
 * @returns a sentence if it was not found: no git, no repository, or no commit has it
 */
export async function recordedText(file: string, recorded: string): Promise<CommittedText | string> {
  const directory = path.dirname(file)
  let log: string
  try {
    const format = [
      '--format=%x00%h',
      '--name-only',
      '--no-ext-diff',
      '--no-textconv',
      `--max-count=${String(versions)}`,
    ]
    log = await git(directory, '-c', 'core.quotePath=false', 'log', '--follow', ...format, '--', path.basename(file))
  } catch (error) {
    return gitFailure(error) ?? 'the file is not in a git repository'
  }
  for (const entry of log.split('\0').slice(1)) {
    const [commit = '', ...names] = entry.split('\n').filter((line) => line !== '')
    const name = names[0]
    if (name === undefined) continue
    try {
      const text = await git(directory, 'cat-file', 'blob', `${commit}:${name}`)
      if (isRecordedText(recorded, text)) return { text, commit }
    } catch {
      // The commit that deletes the file does not contain it.
    }
  }
  return 'no git commit contains the applied text'
}
