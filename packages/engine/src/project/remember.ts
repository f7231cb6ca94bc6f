import { writeFile } from 'node:fs/promises'

import type { FormattingOptions } from 'jsonc-parser'

import { AludelError, isAludelError, messageOf } from '../errors'
import { readText } from '../files/text-file'

/**
 * Adds patterns to `unmanaged` in a JSON configuration file; comments and layout stay unchanged.
 *
 * @param configPath null when there is no configuration file
 * @returns the path; null when there is no file, or the file is code, which cannot be edited safely
 * @throws AludelError `ALUDEL_CONFIG` when the file cannot be read or written
 * @example
 * await rememberUnmanaged('/app/aludel.config.json', ['index:posts.ix_body_gin'])
 */
export async function rememberUnmanaged(
  configPath: string | null,
  patterns: readonly string[],
): Promise<string | null> {
  return editJson(configPath, howToRemember(configPath, patterns), async (text, formattingOptions) => {
    const { applyEdits, modify, parse } = await import('jsonc-parser')
    const config = parse(text) as { readonly unmanaged?: readonly string[] }
    const present = config.unmanaged ?? []
    const added = patterns.filter((pattern) => !present.includes(pattern))
    return added.reduce((current, pattern, index) => {
      const edits =
        config.unmanaged === undefined && index === 0
          ? modify(current, ['unmanaged'], [pattern], { formattingOptions })
          : modify(current, ['unmanaged', present.length + index], pattern, {
              formattingOptions,
              isArrayInsertion: true,
            })
      return applyEdits(current, edits)
    }, text)
  })
}

/**
 * Sets `names` in a JSON configuration file.
 *
 * @returns as {@link rememberUnmanaged}
 * @throws AludelError `ALUDEL_CONFIG` when the file cannot be read or written
 */
export async function rememberNames(configPath: string | null, names: 'keep' | 'rename'): Promise<string | null> {
  return editJson(configPath, `Add "names": "${names}" to it.`, async (text, formattingOptions) => {
    const { applyEdits, modify } = await import('jsonc-parser')
    return applyEdits(text, modify(text, ['names'], names, { formattingOptions }))
  })
}

/** Edits a JSON file in its own layout. `jsonc-parser` is imported by the edits because it is rarely needed. */
async function editJson(
  configPath: string | null,
  help: string,
  edit: (text: string, formattingOptions: FormattingOptions) => Promise<string>,
): Promise<string | null> {
  if (configPath?.endsWith('.json') !== true) return null
  try {
    const text = await readText(configPath)
    const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? '  '
    const edited = await edit(text, {
      insertSpaces: !indent.includes('\t'),
      tabSize: indent.length,
      eol: text.includes('\r\n') ? '\r\n' : '\n',
    })
    if (edited !== text) await writeFile(configPath, edited)
    return configPath
  } catch (cause) {
    if (isAludelError(cause)) throw cause
    throw new AludelError('ALUDEL_CONFIG', `${configPath} cannot be changed: ${messageOf(cause)}`, { help, cause })
  }
}

/**
 * Tells the user what to add manually when {@link rememberUnmanaged} cannot.
 *
 * @param patterns the whole list
 */
export function howToRemember(configPath: string | null, patterns: readonly string[]): string {
  const line = `unmanaged: [${patterns.map((pattern) => `'${pattern.replaceAll(/['\\]/g, '\\$&')}'`).join(', ')}],`
  return configPath === null
    ? `there is no configuration file: create one with \`aludel migrate init\`, and add\n  ${line}`
    : `add this line to ${configPath} to keep the answer:\n  ${line}`
}
