// Fails if a file of the project contains a path of a machine, a merge conflict or a note about unfinished work:
// `node tools/check-text.mjs`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { projectFiles } from './lib/files.mjs'
import { isProgram, root } from './lib/process.mjs'

/** @type {{ pattern: RegExp, why: string }[]} */
const forbidden = [
  // After a host or another folder, the same letters are part of an address or of a path in a container.
  { pattern: /(?<![\w.~/-])\/(?:root|work|home\/\w+|Users\/\w+)\/[\w.-]/, why: 'a path of one machine' },
  { pattern: /\b(?:TO[D]O|FIX[M]E|XX[X])\b/, why: 'a note about work that is not done: do it, or open an issue' },
  { pattern: /^(?:<{7}|>{7}) /m, why: 'the marker of a merge conflict' },
  // A spelling linter reads single words. "It can not only read but write" is correct.
  { pattern: /\b[Cc]an not\b(?! only)/, why: 'one word in American English: cannot' },
]

/** The lockfile must not name a host, so that npm uses the registry that it is configured for. */
const forbiddenInLockfile = [{ pattern: /"resolved": "[a-z+]*:/, why: 'the address of a registry' }]

const textFiles = /\.(?:[cm]?[jt]s|json|md|ya?ml|html|css|sql|txt|sh)$|(?:^|\/)[^.]*$|(?:^|\/)\.[^/]*(?:rc|ignore)$/
const fixtures = /(?:^|\/)fixtures\//

/**
 * @param {string} file relative to the root
 * @param {string} text
 * @returns {{ line: number, why: string, found: string }[]}
 */
export function problemsOf(file, text) {
  return (file === 'package-lock.json' ? forbiddenInLockfile : forbidden).flatMap(({ pattern, why }) => {
    const found = pattern.exec(text)
    return found ? [{ line: text.slice(0, found.index).split('\n').length, why, found: found[0].trim() }] : []
  })
}

if (isProgram(import.meta)) {
  for (const file of projectFiles().filter((path) => textFiles.test(path) && !fixtures.test(path))) {
    for (const { line, why, found } of problemsOf(file, readFileSync(join(root, file), 'utf8'))) {
      console.error(`${file}:${line}: ${why}: ${found}`)
      process.exitCode = 1
    }
  }
}
