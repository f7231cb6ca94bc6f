import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

import { AludelError, messageOf } from '../errors'

const execute = promisify(execFile)

/**
 * Runs git in a directory: without a shell, a pager, and programs from the repository's own settings.
 *
 * @returns what it prints
 */
export async function git(directory: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(
    'git',
    ['--no-pager', '-c', 'core.fsmonitor=false', '-c', 'log.showSignature=false', ...args],
    { cwd: directory, maxBuffer: 64 * 1024 * 1024 },
  )
  return stdout
}

/** Why git failed, in words, if the directory or the machine is the reason. */
export function gitFailure(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('code' in error && error.code === 'ENOENT') return 'git is not installed'
  const said = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : ''
  return said.includes('not a git repository') ? 'the file is not in a git repository' : undefined
}

/**
 * The files of a directory that are new since a commit: those that it does not have at the place where the current branch left it,
 * committed since or not.
 *
 * @param since a branch, a tag or a commit
 * @returns absolute paths
 * @throws AludelError `ALUDEL_GIT` without git, outside a repository, and for a commit that does not exist
 */
export async function filesSince(directory: string, since: string): Promise<ReadonlySet<string>> {
  try {
    const base = (await git(directory, 'merge-base', '--end-of-options', since, 'HEAD')).trim()
    const added = await git(directory, 'diff', '--name-only', '-z', '--diff-filter=AR', '--relative', base, '--', '.')
    const untracked = await git(directory, 'ls-files', '-z', '--others', '--exclude-standard', '--', '.')
    const names = `${added}${untracked}`.split('\0').filter((name) => name !== '')
    return new Set(names.map((name) => path.join(directory, name)))
  } catch (cause) {
    const reason = gitFailure(cause)
    throw new AludelError(
      'ALUDEL_GIT',
      reason === undefined
        ? `git does not know what is new since "${since}"`
        : `git cannot tell what is new since "${since}": ${reason}`,
      {
        help:
          reason === undefined
            ? 'Name a branch, a tag or a commit that this clone has. In CI, fetch it first: a shallow clone may lack it.'
            : 'Name the revisions instead: `aludel migrate lint A:B`.',
        cause,
        details: { since, reason: reason ?? messageOf(cause) },
      },
    )
  }
}
