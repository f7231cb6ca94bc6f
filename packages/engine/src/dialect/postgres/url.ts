import type { DataSourceOptions } from 'typeorm'
import { type ConnectionOptions, parse } from 'pg-connection-string'

import type { Environment } from '../entry'
import { encodingHelp, urlError } from '../url-text'
import { rememberTls } from './tls-of-connection'
import { type ParameterName, Parameters } from './url-parameters'
import { splitUrl, type UrlParts } from './url-parts'
import { encrypts, readTls, type Tls } from './url-tls'

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>

/** The connection options of a URL. See `parseDatabaseUrl`. */
export function fromUrl(url: string, cwd: string, env: Environment): DataSourceOptions {
  const options = connectionOf(url, cwd, env)
  if (options.database === undefined) {
    throw urlError('the database URL has no database name', {
      help: 'Write it after the host, postgres://user:password@host:5432/database, or set PGDATABASE.',
    })
  }
  return options
}

/**
 * The connection options of a URL that need not name a database.
 *
 * libpq decides what a URL means; `pg-connection-string`, the parser of `pg`, reads it with libpq's meaning of `sslmode`. What that
 * parser passes over in silence is checked before: unknown parameters, numbers, files, and forgotten percent-encodings.
 *
 * @throws AludelError `ALUDEL_DATABASE_URL`
 */
export function connectionOf(url: string, cwd: string, env: Environment): PostgresOptions {
  const parts = splitUrl(url)
  const parameters = new Parameters(parts)
  parameters.complete(env, presentIn(parts))
  const tls = readTls(parameters, cwd)
  const parsed = parseComplete(parts, parameters, tls)
  const database = parameters.get('dbname') ?? nonEmpty(parts.database)
  const application = parameters.get('application_name') ?? parameters.get('fallback_application_name')
  const timeout = parameters.get('connect_timeout')
  const extra = extraOf(parameters)
  return {
    type: 'postgres',
    host: nonEmpty(parsed.host) ?? 'localhost',
    port: Number(nonEmpty(parsed.port) ?? 5432),
    ...(nonEmpty(parsed.user) === undefined ? {} : { username: parsed.user }),
    ...(nonEmpty(parsed.password) === undefined ? {} : { password: parsed.password }),
    ...(database === undefined ? {} : { database }),
    ...sslOf(parsed, tls, parameters),
    ...(application === undefined ? {} : { applicationName: application }),
    ...(timeout === undefined ? {} : { connectTimeoutMS: Math.max(0, Number(timeout)) * 1000 }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  }
}

function presentIn({ userinfo, host, database }: UrlParts): Set<ParameterName> {
  const [user, ...password] = userinfo.split(':')
  const present = new Set<ParameterName>()
  if (nonEmpty(user) !== undefined) present.add('user')
  if (password.join('') !== '') present.add('password')
  if (host !== '') present.add('host')
  if (database !== '') present.add('dbname')
  return present
}

/** Parses the URL with the parameters that were checked, and those of the environment. */
function parseComplete(parts: UrlParts, parameters: Parameters, tls: Tls): ConnectionOptions {
  const query = new URLSearchParams()
  for (const name of ['host', 'port', 'user', 'password'] as const) {
    const value = parameters.get(name)
    if (value !== undefined) query.set(name, value)
  }
  if (encrypts(tls) === true) {
    // `pg` calls `require` without an authority `no-verify`; its parser checks the authority of `no-verify` in libpq's meaning.
    if (tls.mode !== undefined) query.set('sslmode', tls.mode === 'no-verify' ? 'require' : tls.mode)
    for (const [name, file] of Object.entries(tls.files)) {
      if (tls.mode !== 'no-verify' || name !== 'sslrootcert') query.set(name, file)
    }
  }
  const userinfo = parts.userinfo === '' ? '' : `${parts.userinfo}@`
  const host = parameters.get('host') === undefined ? parts.host : ''
  try {
    return parse(`postgres://${userinfo}${host}/?${query.toString()}`, { useLibpqCompat: true })
  } catch (cause) {
    // Node's "Invalid URL" contains the whole text, including the password, so it is not passed on as the cause.
    throw urlError('not a valid PostgreSQL URL', {
      help: `Form: postgres://user:password@host:5432/database?sslmode=require\n${encodingHelp}`,
      details: { reason: cause instanceof Error ? cause.name : 'invalid' },
    })
  }
}

/** TypeORM's `ssl`. It is absent only if nothing says whether to encrypt: `pg` would read PGSSLMODE, with another meaning. */
function sslOf(parsed: ConnectionOptions, tls: Tls, parameters: Parameters): Pick<PostgresOptions, 'ssl'> {
  const isEncrypted = encrypts(tls)
  if (isEncrypted === undefined) return {}
  if (!isEncrypted) return { ssl: false }
  const passphrase = parameters.get('sslpassword')
  const ssl = {
    ...(parsed.ssl as Exclude<PostgresOptions['ssl'], boolean | undefined>),
    ...(passphrase === undefined ? {} : { passphrase }),
  }
  if (Object.keys(ssl).length === 0) return { ssl: true }
  rememberTls(ssl, tls)
  return { ssl }
}

/** What only the driver has an option for. */
function extraOf(parameters: Parameters): Record<string, unknown> {
  const options = parameters.get('options')
  const keepalives = parameters.get('keepalives')
  const idle = parameters.get('keepalives_idle')
  const negotiation = parameters.get('sslnegotiation')
  const binding = parameters.get('channel_binding')
  return {
    ...(options === undefined ? {} : { options }),
    ...(keepalives === undefined && idle === undefined ? {} : { keepAlive: keepalives !== '0' }),
    ...(idle === undefined ? {} : { keepAliveInitialDelayMillis: Number(idle) * 1000 }),
    ...(negotiation === undefined ? {} : { sslnegotiation: negotiation }),
    ...(binding === undefined ? {} : { enableChannelBinding: binding === 'prefer' }),
  }
}

function nonEmpty(text: string | null | undefined): string | undefined {
  return text === null || text === '' ? undefined : text
}
