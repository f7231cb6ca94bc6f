import { urlError } from '../url-text'
import type { Environment } from '../entry'
import { severalHosts, type UrlParts } from './url-parts'

/** A parameter that is understood. */
interface Parameter {
  /** The environment variable that replaces it where it is missing. */
  readonly variable?: string
  /** Returns what the value must be, if it is not. */
  readonly must?: (value: string) => string | undefined
  /** What to do instead of a value that is refused. */
  readonly help?: string
}

/** https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION; `no-verify` is that of `pg` */
export const sslModes = ['disable', 'allow', 'prefer', 'require', 'no-verify', 'verify-ca', 'verify-full'] as const

/**
 * The parameters that are understood. Their meaning is that of libpq:
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS and, for the variables,
 * https://www.postgresql.org/docs/current/libpq-envars.html
 */
const parameters = {
  host: { variable: 'PGHOST' },
  port: { variable: 'PGPORT', must: number(1, 65_535) },
  user: { variable: 'PGUSER' },
  password: { variable: 'PGPASSWORD' },
  dbname: { variable: 'PGDATABASE' },
  application_name: { variable: 'PGAPPNAME' },
  fallback_application_name: {},
  // As in libpq, 0 and negative numbers mean to wait without a limit. The maximum is that of a timer of Node.
  connect_timeout: { variable: 'PGCONNECT_TIMEOUT', must: number(-2_147_483, 2_147_483, 'of seconds') },
  keepalives: { must: one('0', '1') },
  keepalives_idle: { must: number(0, 2_147_483, 'of seconds') },
  options: { variable: 'PGOPTIONS' },
  sslmode: { variable: 'PGSSLMODE', must: one(...sslModes) },
  ssl: { must: one('true', '1', 'false', '0', 'no-verify') },
  sslrootcert: { variable: 'PGSSLROOTCERT' },
  sslcert: { variable: 'PGSSLCERT' },
  sslkey: { variable: 'PGSSLKEY' },
  sslpassword: {},
  sslnegotiation: { variable: 'PGSSLNEGOTIATION', must: one('postgres', 'direct') },
  // Parameters of which only the value is understood that `pg` fulfills anyway.
  uselibpqcompat: { must: one('true'), help: 'sslmode always has the meaning of libpq here.' },
  client_encoding: {
    must: (value: string) => (/^(?:utf-?8|unicode|auto)$/i.test(value) ? undefined : 'utf8'),
    help: 'The driver "pg" always uses UTF-8.',
  },
  channel_binding: {
    must: one('disable', 'prefer'),
    help: 'The driver "pg" can use channel binding, but cannot insist on it: channel_binding=prefer, with sslmode=verify-full.',
  },
  gssencmode: {
    must: one('disable', 'prefer'),
    help: 'The driver "pg" has no GSSAPI. Encrypt with sslmode=verify-full.',
  },
  target_session_attrs: {
    must: one('any'),
    help: [
      'The driver "pg" connects to one host and does not choose by its state. Name the primary, or a host name or proxy that',
      'always leads to it. A read-only server is refused before anything runs.',
    ].join('\n'),
  },
  load_balance_hosts: { must: one('disable'), help: 'The driver "pg" connects to one host.' },
} satisfies Readonly<Record<string, Parameter>>

/** The name of a parameter that is understood. */
export type ParameterName = keyof typeof parameters

const dataSourceSchema =
  'Set `schema` of the DataSource; without a DataSource file, `search_path` of the session: ?options=-csearch_path%3DNAME'

/** Known parameters of libpq and other tools that are not understood, with the way out. */
const otherWays: Readonly<Record<string, string>> = {
  schema: dataSourceSchema,
  currentSchema: dataSourceSchema,
  search_path: dataSourceSchema,
  database: 'Write the database after the host, or as dbname.',
  username: 'Write the user before the host, or as user.',
  hostaddr: 'Write the address as the host.',
  passfile: 'Set the environment variable PGPASSFILE, which the driver "pg" reads.',
  service: 'The driver "pg" reads no service file. Write its values into the URL.',
  statement_timeout: 'Set it for the session: ?options=-cstatement_timeout%3D5min',
  lock_timeout: 'Use --lock-timeout, or `limits` of the configuration.',
  connection_limit: 'Set `poolSize` of the DataSource.',
  pool_timeout: 'Set `extra` of the DataSource.',
  pgbouncer: 'Remove it. If the pooler works in transaction mode, add --lock lease.',
  keepalives_interval: 'Node sets it itself. Set keepalives_idle.',
  keepalives_count: 'Node sets it itself. Set keepalives_idle.',
  tcp_user_timeout: 'Node cannot set it. Set keepalives_idle.',
}

/** The checked parameters of a URL, completed from the environment. */
export class Parameters {
  readonly #values = new Map<ParameterName, string>()
  readonly #variables = new Map<ParameterName, string>()

  /**
   * Parameters win over the same parts before the `?`, as in libpq.
   *
   * @throws AludelError `ALUDEL_DATABASE_URL` for a parameter that is not understood, and for a value that it cannot have
   */
  constructor({ port, query }: Pick<UrlParts, 'port' | 'query'>) {
    this.set('port', port)
    for (const [name, value] of new URLSearchParams(query)) {
      if (!isParameter(name)) throw notUnderstood(name, query)
      this.set(name, value)
    }
  }

  /** Takes missing parameters from the environment; `present` names those that other parts of the URL contain. */
  complete(env: Environment, present: ReadonlySet<ParameterName>): void {
    for (const name of names) {
      const { variable }: Parameter = parameters[name]
      const value = variable === undefined ? undefined : env[variable]
      if (variable === undefined || value === undefined || value === '') continue
      if (present.has(name) || this.#values.has(name)) continue
      this.#variables.set(name, variable)
      this.set(name, value)
    }
  }

  get(name: ParameterName): string | undefined {
    return this.#values.get(name)
  }

  set(name: ParameterName, value: string): void {
    // libpq takes its default, or the variable, for an empty part of the URL.
    if (value === '' && mayBeEmpty.has(name)) return
    const { must, help }: Parameter = parameters[name]
    const expected = must?.(value)
    if (expected !== undefined) {
      throw urlError(`${this.nameOf(name)} must be ${expected}`, {
        help,
        details: { parameter: this.#variables.get(name) ?? name },
      })
    }
    if (name === 'host' && value.includes(',')) throw severalHosts(this.nameOf(name))
    this.#values.set(name, value)
  }

  /** Whether it was taken from the environment. */
  isVariable(name: ParameterName): boolean {
    return this.#variables.has(name)
  }

  /** The parameter or environment variable in words. */
  nameOf(name: ParameterName): string {
    const variable = this.#variables.get(name)
    return variable === undefined ? `${name} in the database URL` : `the environment variable ${variable}`
  }
}

const names = Object.keys(parameters) as readonly ParameterName[]
const mayBeEmpty = new Set<ParameterName>(['host', 'port', 'user', 'password', 'dbname'])

function isParameter(name: string): name is ParameterName {
  return Object.hasOwn(parameters, name)
}

function understood(): string {
  return `Parameters that are understood: ${names.join(', ')}.`
}

/** @param query all parameters: the name of one that is not understood may be the rest of a password that contains "&" or "?" */
function notUnderstood(name: string, query: string): Error {
  const way = Object.hasOwn(otherWays, name) ? otherWays[name] : undefined
  const isName = /^[a-z][a-z0-9_]*$/i.test(name) && !/@|password=/i.test(query) && query.includes(`${name}=`)
  if (way === undefined && !isName) {
    return urlError('the database URL has a parameter that is not understood', { help: understood() })
  }
  return urlError(`the database URL has a parameter that is not understood: ${name}`, {
    help: way ?? understood(),
    details: { parameter: name },
  })
}

function number(minimum: number, maximum: number, unit?: string): (value: string) => string | undefined {
  return (value) => {
    const isValid = /^-?\d{1,10}$/.test(value) && Number(value) >= minimum && Number(value) <= maximum
    const range = minimum < 0 ? 'a whole number' : `a whole number from ${String(minimum)} to ${String(maximum)}`
    return isValid ? undefined : [range, ...(unit === undefined ? [] : [unit])].join(' ')
  }
}

function one(...allowed: readonly string[]): (value: string) => string | undefined {
  const [only = ''] = allowed
  const expected = allowed.length === 1 ? only : `one of ${allowed.join(', ')}`
  return (value) => (allowed.includes(value) ? undefined : expected)
}
