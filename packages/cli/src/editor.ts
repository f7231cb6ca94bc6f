import { spawn } from 'node:child_process'

import { AludelError } from '@aludel/engine'

import { usageError } from './errors'

interface EditorOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/**
 * Opens files in the user's editor, and waits until it is closed.
 *
 * `VISUAL`, else `EDITOR`, is a command line as in git: `code --wait`, `"/opt/my editor" -n`.
 *
 * @throws AludelError `ALUDEL_USAGE` when no editor is set or it is not found; `ALUDEL_EDITOR` when it fails
 */
export async function openEditor(files: readonly string[], { env, cwd }: EditorOptions): Promise<void> {
  const editor = [env['VISUAL'], env['EDITOR']].find((value) => value !== undefined && value.trim() !== '')
  const where = `${files.length === 1 ? 'The file is' : 'The files are'} ${files.join(', ')}.`
  if (editor === undefined) {
    throw usageError('no editor is set', `${where} Set VISUAL or EDITOR, for example to \`nano\` or \`code --wait\`.`)
  }
  const { code, signal } = await run(editor, files, { env, cwd })
  if (code === 0) return
  // Exit codes of a shell for a command that is not found, or not executable.
  if (code === 127 || code === 126) {
    throw usageError(`the editor \`${editor}\` does not start`, `${where} Correct VISUAL or EDITOR.`)
  }
  throw new AludelError(
    'ALUDEL_EDITOR',
    `the editor \`${editor}\` ended with ${code === null ? String(signal) : `exit code ${String(code)}`}`,
    { help: where, details: { paths: files } },
  )
}

/** A shell parses the command line, as users expect of these variables; the files are separate arguments. */
function run(
  editor: string,
  files: readonly string[],
  { env, cwd }: EditorOptions,
): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
  const options = { cwd, env: { ...env }, stdio: 'inherit' } as const
  const child =
    process.platform === 'win32'
      ? spawn([editor, ...files.map((file) => `"${file}"`)].join(' '), { ...options, shell: true })
      : spawn('/bin/sh', ['-c', `${editor} "$@"`, editor, ...files], options)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
}
