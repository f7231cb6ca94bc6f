import { usageError } from '../errors'

const url = /^(?!https?:|file:)[a-z][a-z0-9+]*:?\/\//i
const password = /(?:password|passwd|pwd)\s*=/i
/** A URL without its scheme: `base:shop@head` is a range of revisions, but a host has dots, a port, a path, or is this machine. */
const withoutScheme = /^(?![a-z]:[\\/])[^\s/@]*:\S*@(?:\S*[./:]|localhost$)/i
/** A URL or connection string in any notation: what else has these signs is no command, revision or path. */
const signs = /\/\/|=|:.*@/s

/**
 * Refuses a database where another value is expected: its message, or a name that is made from it, would show the password.
 *
 * @param place the option or argument that has the value
 * @throws AludelError `ALUDEL_USAGE`
 */
export function refuseDatabase(place: string, value: string): void {
  if (url.test(value) || withoutScheme.test(value) || password.test(value))
    throw usageError(`${place} cannot be a database`, help)
}

/** A word of the command line for a message that it is unexpected; without the word if that may name a database. */
export function shownWord(what: string, word: string): string {
  return signs.test(word) ? `${what} that may name a database` : `${what} "${word}"`
}

/** What to do instead. */
export const help = 'Name the database with --database-url, or in DATABASE_URL.'

/** The help for {@link shownWord}. */
export function helpForWord(word: string, otherwise: string): string {
  return signs.test(word) ? `${help} ${otherwise}` : otherwise
}
