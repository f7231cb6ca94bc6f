import type { DataSourceOptions } from 'typeorm'

import { AludelError, type ErrorCode, isAludelError, messageOf } from '../../errors'
import { unusableDriver } from '../driver-error'
import { isReadTimeout } from './client'
import type { Contention, Obstacle, Refusal } from '../roles/errors'
import { credentialsOf, secretsOf, splitDataSourceUrl, type Target, targetOf } from './connection'

/** An error of the `pg` driver: the fields of the protocol's ErrorResponse. */
interface DatabaseError {
  readonly code?: string
  readonly detail?: string
  readonly hint?: string
  readonly message?: string
  readonly table?: string
}

/** `foreign_key_violation`, `unique_violation`, `check_violation` (which guards raise too), `exclusion_violation` */
const refusals = new Set(['23503', '23505', '23514', '23P01'])

/** True when rows violate a constraint or a guard. */
export function refusesRows(error: unknown): boolean {
  const state = sqlStateOf(error) ?? ''
  return refusals.has(state) || (state.startsWith('22') && computesValues(error))
}

/** True for `RAISE EXCEPTION`, whatever its SQLSTATE: the server reports the function of its source code that raised an error. */
export function isRaised(error: unknown): boolean {
  const cause = typeof error === 'object' && error !== null && 'driverError' in error ? error.driverError : error
  return typeof cause === 'object' && cause !== null && 'routine' in cause && cause.routine === 'exec_stmt_raise'
}

/** Adds a generated column: a value out of range is then computed from the rows. */
function computesValues(error: unknown): boolean {
  const query = (error as { readonly query?: unknown } | null)?.query
  return typeof query === 'string' && /\bADD COLUMN .*\bGENERATED ALWAYS AS \(/s.test(query)
}

/** `unique_violation`, `exclusion_violation`, `not_null_violation`, `foreign_key_violation`, `check_violation` */
const kinds: Readonly<Record<string, Refusal>> = {
  '23505': 'unique',
  '23P01': 'unique',
  '23502': 'not null',
  '23503': 'foreign key',
  '23514': 'check',
}

/** The kind of constraint, or of value, for which rows were refused. A guard counts as a check. */
export function refusalOf(error: unknown): Refusal | undefined {
  const state = sqlStateOf(error) ?? ''
  // `data_exception`: out of range, not of the syntax of the type, too long …
  return kinds[state] ?? (state.startsWith('22') ? 'value' : undefined)
}

/** `undefined_table`: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const undefinedTable = '42P01'
/** `invalid_schema_name`: thrown by CREATE TABLE when its schema is missing; SELECT throws `undefined_table` then. */
const undefinedSchema = '3F000'

/** True when a SELECT failed because its table or schema does not exist. */
export function isMissingTable(error: unknown): boolean {
  return [undefinedTable, undefinedSchema].includes(sqlStateOf(error) ?? '')
}

/** `undefined_column` */
const undefinedColumn = '42703'

/** True when a SELECT failed because a column does not exist. */
export function isMissingColumn(error: unknown): boolean {
  return sqlStateOf(error) === undefinedColumn
}

/** `duplicate_table`, which the server says of every relation. */
export function isTakenName(error: unknown): boolean {
  return sqlStateOf(error) === '42P07'
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const contentions: Readonly<Record<string, Contention>> = {
  '55P03': 'lock timeout',
  '40P01': 'deadlock',
  '40001': 'serialization',
}

/** `undefined_function`, `undefined_object` (types, collations, operator classes), `undefined_table` (sequences too). */
const missingObject = new Set(['42883', '42704', undefinedTable])

/** True when a statement failed because an object that it names does not exist. */
export function isMissingObject(error: unknown): boolean {
  return missingObject.has(sqlStateOf(error) ?? '')
}

/** `dependent_objects_still_exist`; `feature_not_supported`, for the type of a column that a view, rule or trigger reads. */
const dependents = new Set(['2BP01', '0A000'])
/** `undefined_function` (operators too), `datatype_mismatch`, `invalid_table_definition` (a partition key), `invalid_object_definition`. */
const meaningless = new Set(['42883', '42P16', '42P17'])

/** Whether a statement was refused because of an object that depends on what it changes; see `ErrorRole.isDependency`. */
export function isDependency(error: unknown): 'named' | 'possible' | undefined {
  const state = sqlStateOf(error) ?? ''
  if (dependents.has(state)) return 'named'
  return meaningless.has(state) ? 'possible' : undefined
}

/** Why a statement was refused that may succeed when retried; undefined when retrying is useless. */
export function contention(error: unknown): Contention | undefined {
  return contentions[sqlStateOf(error) ?? '']
}

/** The five characters of SQLSTATE, also of an error that TypeORM wraps; undefined for other errors than the server's. */
export function sqlStateOf(error: unknown): string | undefined {
  const { code } = driverError(error)
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** The unique key that a statement was refused for, with the value of it that the server names; undefined without one. */
export function violatedKey(
  error: unknown,
): { readonly table: string; readonly columns: readonly string[]; readonly value: string } | undefined {
  const { table, detail = '' } = driverError(error)
  // `Key (a, b)=(1, x) already exists.`, in the language of the server.
  const found = /\((.*?)\)=\((.*)\)/s.exec(detail)
  if (table === undefined || found === null) return undefined
  const [, columns = '', value = ''] = found
  return { table, columns: columns.split(', ').map((name) => name.replace(/^"(.*)"$/s, '$1')), value }
}

/**
 * The server's message, detail and hint on one line.
 *
 * @example errorText(error) // 'column "x" contains null values'
 */
export function errorText(error: unknown): string {
  const { message, detail, hint } = driverError(error)
  const words = oneLine(message ?? messageOf(error)).replace(/^error: /, '')
  return [
    words,
    ...(typeof detail === 'string' && detail !== '' ? [`DETAIL: ${oneLine(detail)}`] : []),
    ...(typeof hint === 'string' && hint !== '' ? [`HINT: ${oneLine(hint)}`] : []),
    ...(sqlStateOf(error) === '55P04'
      ? ['HINT: the value was added in the same transaction; use one transaction for each revision']
      : []),
    // A canceled statement has the same state.
    ...(sqlStateOf(error) === '57014' && words.includes('statement timeout')
      ? ["HINT: give it more time with --statement-timeout, or with statementTimeout = '30min' in the revision"]
      : []),
    ...(endHints[sqlStateOf(error) ?? ''] ?? []),
    ...(isReadTimeout(error)
      ? ['HINT: the server has not answered for as long as query_timeout of the DataSource allows']
      : []),
  ].join('; ')
}

/** What may be behind an error that a correct revision can get: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const endHints: Readonly<Record<string, readonly string[]>> = {
  // admin_shutdown
  '57P01': ['HINT: somebody ended the session (pg_terminate_backend), or the server is shutting down'],
  // idle_in_transaction_session_timeout
  '25P03': [
    'HINT: the revision waited in its transaction for longer than idle_in_transaction_session_timeout allows; wait outside of it, or raise the limit',
  ],
  // invalid_sql_statement_name
  '26000': [
    'HINT: a connection pooler may have given the session another server process; connect to the server itself, or prepare and execute in one statement',
  ],
  // idle_session_timeout
  '57P05': ['HINT: the session waited for longer than idle_session_timeout allows; raise the limit for this role'],
}

/** Turns a connection error of `pg` into a coded error. Neither it nor its cause contains a password. */
export function connectError(error: unknown, options: DataSourceOptions): AludelError {
  if (isAludelError(error)) return error
  const driver = unusableDriver(error)
  if (driver !== undefined) return driver
  const malformed = malformedUrl(options)
  if (malformed !== undefined) return malformed
  const target = targetOf(options)
  const { code, message, help } = explain(error, target)
  const secrets = secretsOf(options)
  return new AludelError(code, redact(message, secrets), {
    help,
    details: { ...target },
    cause: withoutSecrets(error, secrets),
  })
}

/**
 * The error for a DataSource whose `url` is malformed. `pg` tries to connect anyway, with some part of it as the host or database,
 * so neither the target nor the error of the driver may be shown.
 */
function malformedUrl(options: DataSourceOptions): AludelError | undefined {
  const { url } = credentialsOf(options)
  if (url === undefined) return undefined
  try {
    splitDataSourceUrl(url)
    return undefined
  } catch (fault) {
    if (!isAludelError(fault, 'ALUDEL_DATABASE_URL')) throw fault
    const { help, details } = fault
    return new AludelError('ALUDEL_DATABASE_URL', `the url of the DataSource cannot be used: ${fault.message}`, {
      ...(help === undefined ? {} : { help }),
      details,
    })
  }
}

/** True for an error about the connection, as opposed to a statement or an entity. */
export function isConnectionFault(error: unknown): boolean {
  if (typeof error === 'object' && error !== null && 'syscall' in error) return true
  // Classes 08, 28, 3D, 53 and 57: connection, authorization, no such database, no resources, operator intervention.
  return (
    /^(?:08|28|3D|53|57|25P03)/.test(sqlStateOf(error) ?? '') ||
    /timeout|terminated unexpectedly/i.test(messageOf(error))
  )
}

/** Why a query failed that may succeed later; see `ErrorRole.obstacle`. */
export function obstacle(error: unknown): Obstacle | undefined {
  if (sqlStateOf(error) === '42501') return 'permission'
  if (contention(error) !== undefined) return 'busy'
  return isConnectionFault(error) ? 'connection' : undefined
}

interface Explanation {
  readonly code: ErrorCode
  readonly message: string
  readonly help: string
}

function fault(code: ErrorCode, message: string, help: string): Explanation {
  return { code, message, help }
}

/** Host and port; an IPv6 address in brackets, a folder of sockets without. */
function placeOf({ host, port }: Target): string {
  const name = host.includes(':') && !host.startsWith('/') ? `[${host}]` : host
  return `${name}:${String(port)}`
}

function explain(error: unknown, target: Target): Explanation {
  const place = placeOf(target)
  const user = target.user ?? 'the default user'
  const database = target.database ?? target.user ?? 'the default database'
  const words = errorText(error)
  const checkUrl = 'Check the host and the port of DATABASE_URL (or of the DataSource).'
  switch (driverError(error).code) {
    case 'ECONNREFUSED':
      return fault('ALUDEL_CONNECT', `nothing listens at ${place}`, `Is the server running? ${checkUrl}`)
    case 'ENOENT':
      return fault(
        'ALUDEL_CONNECT',
        `there is no socket of a server in ${target.host}`,
        `Is the server running? ${checkUrl}`,
      )
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fault('ALUDEL_CONNECT', `the host ${target.host} is not known`, checkUrl)
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return fault('ALUDEL_CONNECT', `${place} does not answer`, `A firewall? ${checkUrl}`)
    case 'ECONNRESET':
    case 'EPIPE':
      return fault(
        'ALUDEL_CONNECT',
        `${place} closed the connection`,
        'Is it a PostgreSQL server, and does it want TLS (sslmode=require)?',
      )
    case '28P01':
      return fault(
        'ALUDEL_AUTHENTICATION',
        `${place} refuses the password of ${user}`,
        'Check user and password; special characters in a URL must be percent-encoded.',
      )
    case '28000':
      return fault(
        'ALUDEL_AUTHENTICATION',
        `${place} does not let ${user} in: ${words}`,
        words.includes('no encryption')
          ? 'The server wants TLS: add ?sslmode=require to the URL.'
          : 'Check the user, and the pg_hba.conf of the server.',
      )
    case '3D000':
      return fault(
        'ALUDEL_DATABASE_MISSING',
        `there is no database "${database}" at ${place}`,
        `Create it: createdb -h ${target.host} -p ${String(target.port)}${target.user === undefined ? '' : ` -U ${target.user}`} ${database}\nor, in psql: CREATE DATABASE "${database.replaceAll('"', '""')}"`,
      )
    case '42501':
      return fault(
        'ALUDEL_PERMISSION',
        `${user} may not do this in ${database} at ${place}: ${words}`,
        `Grant the right, for example: ${missingGrant(words, database)} TO "${user}"`,
      )
    case '25006':
      return fault(
        'ALUDEL_READ_ONLY',
        `${database} at ${place} cannot be written: ${words}`,
        'A standby, or default_transaction_read_only? Connect to the primary, as a user who may write.',
      )
    case '53300':
      return fault(
        'ALUDEL_CONNECT',
        `${place} has no connection left: ${words}`,
        'Close other connections, or raise max_connections.',
      )
    case '57P03':
      return fault('ALUDEL_CONNECT', `${place} is not ready: ${words}`, 'Wait until it has started, and try again.')
    default:
      return explainText(words, messageOf(error), place, user)
  }
}

/** Explains errors of the driver and of TLS, which have no code, or one of many. */
function explainText(words: string, message: string, place: string, user: string): Explanation {
  if (/timeout/i.test(message))
    return fault(
      'ALUDEL_CONNECT',
      `${place} does not answer in time`,
      'A firewall, or a server under load? Raise connect_timeout.',
    )
  if (/password must be a string|no password/i.test(message))
    return fault(
      'ALUDEL_AUTHENTICATION',
      `${place} requires a password for ${user}, but none is given`,
      'Give one in the URL, in the DataSource, or in PGPASSWORD.',
    )
  if (/does not support SSL/i.test(message))
    return fault(
      'ALUDEL_CONNECT',
      `${place} does not speak TLS`,
      'Remove sslmode (or `ssl`), or switch TLS on in the server.',
    )
  if (/certificate|self[- ]signed|altnames/i.test(message))
    return fault(
      'ALUDEL_CONNECT',
      `the certificate of ${place} is not accepted: ${words}`,
      /altnames/i.test(message)
        ? 'Connect by a name in the certificate, or use sslmode=verify-ca with sslrootcert, which does not check the name.'
        : 'Name the file of its authority as sslrootcert in the URL (or in `ssl.ca`), or use sslmode=require, which does not check it.',
    )
  if (/terminated unexpectedly/i.test(message))
    return fault('ALUDEL_CONNECT', `${place} closed the connection`, 'Is it a PostgreSQL server? See its log.')
  return fault(
    'ALUDEL_CONNECT',
    `cannot connect to PostgreSQL at ${place}: ${words}`,
    'Check the server, and DATABASE_URL (or the DataSource).',
  )
}

/** Unwraps TypeORM's QueryFailedError and Node's AggregateError (one error for each address of a host). */
function driverError(error: unknown): DatabaseError {
  if (typeof error !== 'object' || error === null) return {}
  if ('driverError' in error && typeof error.driverError === 'object' && error.driverError !== null)
    return error.driverError
  if (error instanceof AggregateError && error.message === '') {
    const [first] = error.errors as readonly unknown[]
    return first === undefined ? error : driverError(first)
  }
  return error
}

/** The text with passwords replaced, also in URLs. */
export function redact(text: string, secrets: readonly string[] = []): string {
  const withoutUrls = text
    // A password that is not encoded may contain "@" and "/": it ends at the last "@" of the word.
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@"'`<>]*):[^\s"'`<>]*@/gi, '$1:***@')
    .replaceAll(/((?:password|passwd|pwd)=)[^&\s]*/gi, '$1***')
  // Very short secrets would turn words into stars, and "password" is a word of the server's own messages.
  return secrets
    .filter((secret) => secret.length > 3 && secret !== 'password')
    .reduce((result, secret) => result.replaceAll(secret, '***'), withoutUrls)
}

/** The error to use as `cause`: name, message, code and stack, without other properties (`input` of a URL error). */
function withoutSecrets(error: unknown, secrets: readonly string[]): Error {
  const safe = new Error(redact(messageOf(error), secrets))
  if (!(error instanceof Error)) return safe
  safe.name = error.name
  if (error.stack !== undefined) safe.stack = redact(error.stack, secrets)
  const { code } = driverError(error)
  return code === undefined ? safe : Object.assign(safe, { code })
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** The grant that a message of the server asks for, on the schema, table or sequence that it names. */
function missingGrant(words: string, database: string): string {
  const schema = /permission denied for schema "?([^\s"]+)"?/.exec(words)?.[1]
  const [, kind, name] = /permission denied for (table|sequence) "?([^\s"]+)"?/.exec(words) ?? []
  if (name !== undefined)
    return kind === 'table'
      ? `GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE "${name}"`
      : `GRANT USAGE ON SEQUENCE "${name}"`
  return schema === undefined
    ? `GRANT CONNECT, CREATE ON DATABASE "${database}"`
    : `GRANT USAGE, CREATE ON SCHEMA "${schema}"`
}
