import type { Tls } from './url-tls'

/** `ssl` options that came from a URL. They contain the text of certificates, and `pg_dump` needs the files. */
const known = new WeakMap<object, Tls>()

const encryptedMode = /^(?:require|verify-ca|verify-full)$/

/** Keeps what a URL says about TLS, for programs that connect in the same way. */
export function rememberTls(ssl: object, tls: Tls): void {
  known.set(ssl, tls)
}

/**
 * The environment variables with which a program of PostgreSQL encrypts as this connection does.
 *
 * @param ssl the `ssl` option of the connection
 * @param env variables that are set already
 */
export function tlsVariables(ssl: unknown, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (ssl === undefined || ssl === null) return {}
  const variable = env['PGSSLMODE'] ?? ''
  // The variable may demand what the URL has switched off.
  if (ssl === false) return encryptedMode.test(variable) ? { PGSSLMODE: 'prefer' } : {}
  const tls = typeof ssl === 'object' ? known.get(ssl) : undefined
  const { sslrootcert, sslcert, sslkey } = tls?.files ?? {}
  return {
    PGSSLMODE: modeOf(tls, variable),
    ...(sslrootcert === undefined ? {} : { PGSSLROOTCERT: sslrootcert }),
    ...(sslcert === undefined ? {} : { PGSSLCERT: sslcert }),
    ...(sslkey === undefined ? {} : { PGSSLKEY: sslkey }),
  }
}

function modeOf(tls: Tls | undefined, variable: string): string {
  if (tls?.mode !== undefined) return tls.mode === 'no-verify' ? 'require' : tls.mode
  if (tls !== undefined) return 'verify-full'
  // The mode of a DataSource is not known in libpq's terms, but it encrypts.
  return encryptedMode.test(variable) ? variable : 'require'
}
