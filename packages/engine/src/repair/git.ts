import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

import { isRecordedText } from '../files/checksum'

const execute = promisify(execFile)

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
  const git = async (...args: readonly string[]): Promise<string> => {
    // Without a shell, a pager, and programs from the repository's own settings.
    const { stdout } = await execute(
      'git',
      ['--no-pager', '-c', 'core.fsmonitor=false', '-c', 'log.showSignature=false', ...args],
      {
        cwd: directory,
        maxBuffer: 64 * 1024 * 1024,
      },
    )
    return stdout
  }
  let log: string
  try {
    const format = [
      '--format=%x00%h',
      '--name-only',
      '--no-ext-diff',
      '--no-textconv',
      `--max-count=${String(versions)}`,
    ]
    log = await git('-c', 'core.quotePath=false', 'log', '--follow', ...format, '--', path.basename(file))
  } catch (error) {
    const missing = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT'
    return missing ? 'git is not installed' : 'the file is not in a git repository'
  }
  for (const entry of log.split('\0').slice(1)) {
    const [commit = '', ...names] = entry.split('\n').filter((line) => line !== '')
    const name = names[0]
    if (name === undefined) continue
    try {
      const text = await git('cat-file', 'blob', `${commit}:${name}`)
      if (isRecordedText(recorded, text)) return { text, commit }
    } catch {
      // The commit that deletes the file does not contain it.
    }
  }
  return 'no git commit contains the applied text'
}
