import { AludelError } from '../errors'
import { dialectEntries } from './registry'

/** The URL, which may lack its scheme, with its password replaced by `***`; safe to print. */
export function redactUrl(url: string): string {
  return url
    .replace(/((?:[a-z][a-z0-9+.-]*:|(?<![:/]))\/\/[^\s:/?#@]*):[^\s]*@(?=[^@]*$)/i, '$1:***@')
    .replace(/([?&](?:password|sslpassword)=)[^&\s]*/gi, '$1***')
}

/** The URL forms of all dialects, for the help of an error. */
export function urlHelp(): string {
  const forms = dialectEntries().map(({ urlForms }) => urlForms)
  return `Forms: ${forms.join(',\n       ')}`
}

/**
 * A part of a URL, decoded.
 *
 * @throws AludelError `ALUDEL_DATABASE_URL`
 */
export function decodePart(text: string, url: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new AludelError(
      'ALUDEL_DATABASE_URL',
      `a "%" in the URL does not begin a percent-encoded character: ${JSON.stringify(redactUrl(url))}`,
      { help: 'Write a literal "%" as %25.' },
    )
  }
}
