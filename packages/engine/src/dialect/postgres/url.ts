import type { DataSourceOptions } from 'typeorm'

import { AludelError } from '../../errors'
import { decodePart, redactUrl, urlHelp } from '../url-text'

/** The connection options of a URL. See `parseDatabaseUrl`. */
export function fromUrl(url: string): DataSourceOptions {
  const normalized = url.replace(/^postgres(?:ql)?(?:\+[a-z0-9_]+)?:/i, 'postgres:')
  let parsed: URL
  try {
    parsed = new URL(normalized)
  } catch (cause) {
    // Node's "Invalid URL" contains the whole text, including the password, so it is not passed on as the cause.
    throw new AludelError('ALUDEL_DATABASE_URL', `not a valid PostgreSQL URL: ${JSON.stringify(redactUrl(url))}`, {
      help: `${urlHelp()}\nSpecial characters in user or password must be percent-encoded.`,
      details: { reason: cause instanceof Error ? cause.name : 'invalid' },
    })
  }
  const database = decodePart(parsed.pathname.replace(/^\//, ''), url)
  if (database === '') {
    throw new AludelError('ALUDEL_DATABASE_URL', `the URL has no database name: ${JSON.stringify(redactUrl(url))}`, {
      help: urlHelp(),
    })
  }
  const query = parsed.searchParams
  const host = query.get('host') ?? parsed.hostname
  return {
    type: 'postgres',
    host: host === '' ? 'localhost' : decodePart(host, url),
    port: Number(query.get('port') ?? (parsed.port === '' ? 5432 : parsed.port)),
    ...(parsed.username === '' ? {} : { username: decodePart(parsed.username, url) }),
    ...(parsed.password === '' ? {} : { password: decodePart(parsed.password, url) }),
    database,
    ...sslOf(query),
    ...(query.has('application_name') ? { applicationName: query.get('application_name') ?? '' } : {}),
    ...(query.has('connect_timeout') ? { connectTimeoutMS: Number(query.get('connect_timeout')) * 1000 } : {}),
    ...(query.has('options') ? { extra: { options: query.get('options') } } : {}),
  }
}

/** libpq's meaning of `sslmode`: `require` encrypts without checking the certificate, `verify-*` checks it. */
function sslOf(query: URLSearchParams): { ssl?: boolean | { rejectUnauthorized: boolean } } {
  const mode = query.get('sslmode')
  switch (mode) {
    case null:
    case 'disable':
    case 'allow':
    case 'prefer':
      return {}
    case 'require':
    case 'no-verify':
      return { ssl: { rejectUnauthorized: false } }
    case 'verify-ca':
    case 'verify-full':
      return { ssl: true }
    default:
      throw new AludelError('ALUDEL_DATABASE_URL', `unknown sslmode "${mode}"`, {
        help: 'One of disable, allow, prefer, require, verify-ca, verify-full.',
      })
  }
}
