import { decodePart, encodingHelp, urlError } from '../url-text'

/** A PostgreSQL URL, split and not yet understood. All parts but the database are still encoded. */
export interface UrlParts {
  /** `user:password`, as written; empty when missing. */
  readonly userinfo: string
  /** An IPv6 address keeps its brackets; empty when missing. */
  readonly host: string
  readonly port: string
  readonly database: string
  readonly query: string
}

const form = /^postgres(?:ql)?(?:\+[a-z0-9_]+)?:\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?(#.*)?$/is

/**
 * Splits a URL by the grammar of libpq, in which every part may be missing, and refuses what can only be a forgotten percent-encoding:
 * such a text would otherwise be read as another URL, whose "host" or "database" is a part of the password and is printed.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 *
 * @throws AludelError `ALUDEL_DATABASE_URL`
 */
export function splitUrl(url: string): UrlParts {
  // `new URL` would drop line breaks, and the parser of `pg` decodes twice where a URL contains spaces.
  const match = form.exec(url.replaceAll(/\s/g, encodeURIComponent))
  if (match === null) throw urlError('a PostgreSQL URL begins with postgres://')
  const [, userinfo, place = '', path = '', query = '', fragment] = match
  if (fragment !== undefined) throw urlError('the database URL contains a "#"', { help: encodingHelp })
  const withoutUser = userinfo === undefined && place.includes(':') && query.includes('@')
  if (path.includes('@') || withoutUser) {
    throw urlError('the database URL contains an "@" after its host', { help: encodingHelp })
  }
  decodePart(userinfo ?? '')
  decodePart(place)
  // SQLAlchemy and browsers write a space as "+".
  decodePart(query)
  return { userinfo: userinfo ?? '', ...hostAndPort(place), database: decodePart(path), query }
}

function hostAndPort(place: string): Pick<UrlParts, 'host' | 'port'> {
  if (place.includes(',')) throw severalHosts('the database URL')
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::([^:]*))?$/.exec(place)
  if (match !== null) {
    const [, host = '', port = ''] = match
    // Without an "@", the password is in the place of the port, and the rest of it would be read as a database or parameter.
    if (!/^\d*$/.test(port)) {
      throw urlError('port in the database URL must be a whole number from 1 to 65535', {
        help: `Form: postgres://user:password@host:5432/database\n${encodingHelp}`,
        details: { parameter: 'port' },
      })
    }
    return { host, port }
  }
  throw urlError('the database URL has more than one ":" after its user and password', {
    help: `The address of an IPv6 host is written in brackets: postgres://user:password@[::1]:5432/database\n${encodingHelp}`,
  })
}

/**
 * libpq tries the hosts of a list in turn. `pg` connects to one.
 *
 * @param place where they are named, for the message
 */
export function severalHosts(place: string): Error {
  return urlError(`${place} names several hosts, but the driver "pg" connects to one`, {
    help: 'Name the primary, or a host name or proxy that always leads to it.',
  })
}
