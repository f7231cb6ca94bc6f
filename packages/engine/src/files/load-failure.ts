import { messageOf } from '../errors'
import { firstLine } from '../text'
import { projectFileOf } from './project-file'

/**
 * Why a file of the project does not load, in one line. It names the file that is to blame if that is another one, which the
 * file imports, and no file twice.
 *
 * @example
 * loadFailure('/app/user.ts', error) // '/app/user.ts:3:7 does not load: Expression expected'
 * loadFailure('/app/user.ts', error) // "/app/user.ts does not load: Cannot find module 'x' (/app/role.ts)"
 */
export function loadFailure(file: string, error: unknown): string {
  const words = firstLine(messageOf(error))
  const [, text = words, place] = /^(.*) \((\/.+?|[A-Za-z]:\\.+?)\)$/.exec(words) ?? []
  if (place?.replace(/(?::\d+){1,2}$/, '') === file) return `${place} does not load: ${text}`
  const blamed = projectFileOf(error)
  const isNamed = blamed === undefined || blamed === file || words.includes(blamed)
  return `${file} does not load: ${words}${isNamed ? '' : ` (${blamed})`}`
}
