import { AludelError, type AludelErrorOptions } from '../errors'
import { dialectEntries } from './registry'

/**
 * An error about a database URL. Its texts must contain nothing of the URL but its scheme and names of known parameters: where a
 * URL is malformed, nobody knows which part is the password.
 */
export function urlError(
  message: string,
  options: AludelErrorOptions<'ALUDEL_DATABASE_URL'> = {},
): AludelError<'ALUDEL_DATABASE_URL'> {
  return new AludelError('ALUDEL_DATABASE_URL', message, { help: urlHelp(), ...options })
}

/** The URL forms of all dialects, for the help of an error. */
export function urlHelp(): string {
  const forms = dialectEntries().map(({ urlForms }) => urlForms)
  return `Forms: ${forms.join(',\n       ')}`
}

/** How to write special characters, for the help of an error. */
export const encodingHelp =
  'In user and password, percent-encode special characters: "@" is %40, "/" %2F, ":" %3A, "#" %23, "?" %3F, "%" %25.'

/**
 * A part of a URL, decoded.
 *
 * @throws AludelError `ALUDEL_DATABASE_URL`
 */
export function decodePart(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw urlError('a "%" in the database URL does not begin a percent-encoded character of UTF-8', {
      help: 'Write a literal "%" as %25.',
    })
  }
}
