import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'

import { messageOf } from '../../errors'
import { urlError } from '../url-text'
import type { ParameterName, Parameters, sslModes } from './url-parameters'

type SslMode = (typeof sslModes)[number]

/** How a connection is encrypted, in the terms of libpq. */
export interface Tls {
  /** Undefined when neither the URL nor the environment contains one. */
  readonly mode: SslMode | undefined
  /** Absolute paths. */
  readonly files: Readonly<Partial<Record<'sslrootcert' | 'sslcert' | 'sslkey', string>>>
}

const checks = { sslrootcert: certificateFault, sslcert: certificateFault, sslkey: keyFault } as const
const fileNames = Object.keys(checks) as readonly (keyof typeof checks)[]

/** Modes that do not encrypt: `pg` cannot try TLS and go on without it, as `allow` and `prefer` of libpq do. */
const unencrypted: ReadonlySet<SslMode | undefined> = new Set<SslMode>(['disable', 'allow', 'prefer'])

/**
 * The mode and the readable files of certificates.
 *
 * @param cwd directory that relative paths start from
 * @throws AludelError `ALUDEL_DATABASE_URL` for a file that cannot be used, and for parameters that contradict each other
 */
export function readTls(parameters: Parameters, cwd: string): Tls {
  let mode = modeOf(parameters)
  const files: Partial<Record<keyof typeof checks, string>> = {}
  for (const name of fileNames) {
    const file = parameters.get(name)
    // A variable is set for all servers, also for those that this URL reaches without TLS.
    if (file === undefined || (parameters.isVariable(name) && (mode === undefined || unencrypted.has(mode)))) continue
    if (name === 'sslrootcert' && file === 'system') {
      mode = modeForSystemRoots(parameters, mode)
      continue
    }
    files[name] = path.resolve(cwd, file)
    refuseFile(parameters, name, files[name])
  }
  if ((files.sslcert === undefined) !== (files.sslkey === undefined)) {
    throw urlError('sslcert and sslkey are needed together: a certificate of the client and its private key', {
      help: undefined,
    })
  }
  if (mode === 'verify-ca' && files.sslrootcert === undefined) {
    // Anybody can get a certificate of a public authority for another host.
    throw urlError('sslmode=verify-ca needs sslrootcert, because it does not check the host name', {
      help: 'Name the file of your certificate authority, or use sslmode=verify-full.',
      details: { parameter: 'sslmode' },
    })
  }
  if (parameters.get('sslnegotiation') === 'direct' && unencrypted.has(mode ?? 'prefer')) {
    throw urlError('sslnegotiation=direct needs an sslmode that encrypts', {
      help: 'Add sslmode=require, verify-ca or verify-full.',
      details: { parameter: 'sslnegotiation' },
    })
  }
  return { mode, files }
}

/** Whether the mode encrypts; undefined when there is none. */
export function encrypts({ mode, files }: Tls): boolean | undefined {
  if (mode === undefined) return Object.keys(files).length > 0 ? true : undefined
  return !unencrypted.has(mode)
}

function modeOf(parameters: Parameters): SslMode | undefined {
  const mode = parameters.get('sslmode') as SslMode | undefined
  const ssl = parameters.get('ssl')
  if (ssl === undefined) return mode
  if (mode !== undefined && !parameters.isVariable('sslmode')) {
    throw urlError('the database URL has both ssl and sslmode', { help: 'Remove ssl.', details: { parameter: 'ssl' } })
  }
  if (ssl === 'no-verify') return 'no-verify'
  // As libpq reads the URLs of JDBC.
  return ssl === 'true' || ssl === '1' ? 'require' : 'disable'
}

/** As in libpq, the public authorities are trusted only together with the host name. */
function modeForSystemRoots(parameters: Parameters, mode: SslMode | undefined): SslMode {
  if (mode === undefined || mode === 'verify-full' || parameters.isVariable('sslmode')) return 'verify-full'
  throw urlError('sslrootcert=system needs sslmode=verify-full', {
    help: 'Everybody can get a certificate of a public authority, so the host name must be checked.',
    details: { parameter: 'sslmode' },
  })
}

function refuseFile(parameters: Parameters, name: (typeof fileNames)[number], file: string): void {
  const refuse = (what: string, cause: unknown): Error =>
    urlError(`${parameters.nameOf(name)}: ${file} ${what}: ${messageOf(cause)}`, {
      help: 'The path is relative to the working directory; the file must be in the format PEM.',
      details: { parameter: name satisfies ParameterName, file },
    })
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw refuse('cannot be read', cause)
  }
  try {
    checks[name](text, parameters.get('sslpassword'))
  } catch (cause) {
    throw refuse(name === 'sslkey' ? 'is not a private key that can be used' : 'is not a certificate', cause)
  }
}

/** Throws the reason. TLS itself ignores an authority that it cannot read, and refuses the server later. */
function certificateFault(text: string): void {
  new X509Certificate(text)
}

function keyFault(text: string, passphrase: string | undefined): void {
  createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) })
}
