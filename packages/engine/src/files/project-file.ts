import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import path from 'node:path'

import { messageOf } from '../errors'

const engine = path.resolve(__dirname, '..')

/**
 * Returns the file of the project that an error comes from, or that imports what is missing: the first one that its stack or
 * its message names. Code in `node_modules` and in Aludel is not the project's.
 *
 * @param own folders of further packages of Aludel
 * @example
 * projectFileOf(error, [path.dirname(__dirname)]) // '/app/src/entities/user.ts'
 */
export function projectFileOf(error: unknown, own: readonly string[] = []): string | undefined {
  const folders = [engine, ...own].map((folder) => folder + path.sep)
  const isOwn = (file: string): boolean => folders.some((folder) => file.startsWith(folder))
  return filesIn(error).find((file) => !file.includes(`${path.sep}node_modules${path.sep}`) && !isOwn(file))
}

/** True if Aludel itself threw the error, and did not mean to. */
export function isDefect(error: unknown, own: readonly string[]): boolean {
  const [first] = filesIn(error)
  return first !== undefined && [engine, ...own].some((folder) => first.startsWith(folder + path.sep))
}

/** Existing files, in the order in which the stack and the message name them. */
function filesIn(error: unknown): string[] {
  const stack: unknown = typeof error === 'object' && error !== null && 'stack' in error ? error.stack : undefined
  const text = `${typeof stack === 'string' ? stack : ''}\n${messageOf(error)}`
  const found = text.matchAll(/(?<![\w./\\])(?:file:\/\/\/|[A-Za-z]:\\|\/)[^\n()'"]+?\.[cm]?[jt]sx?(?![\w.])/g)
  return [...found]
    .map(([file]) => (file.startsWith('file:') ? fileURLToPath(file) : file))
    .filter((file) => existsSync(file))
}
