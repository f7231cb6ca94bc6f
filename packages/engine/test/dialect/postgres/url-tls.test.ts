// cspell:disable
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { TLSSocket } from 'node:tls'

import { Client } from 'pg'

import { isAludelError } from '../../../src/errors'
import { parseDatabaseUrl } from '../../../src/dialect/database-url'
import { tlsVariables } from '../../../src/dialect/postgres/tls-of-connection'

/** Valid until 2126, for the name another-host.example only. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBtzCCAVygAwIBAgIUAtCanFydr868bEvCDrf8TrTy+wQwCgYIKoZIzj0EAwIw
HzEdMBsGA1UEAwwUYW5vdGhlci1ob3N0LmV4YW1wbGUwIBcNMjYxMTI5MTIzODQ0
WhgPMjEyNjExMDUxMjM4NDRaMB8xHTAbBgNVBAMMFGFub3RoZXItaG9zdC5leGFt
cGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7kXcG7MGLHeHzMalAZjqE6Qw
Hng8AN1g+18WKVNY2cz2iZjq886cg7L4PPvM50iU+WWox9U1TzkvvmD7qKgkPqN0
MHIwHQYDVR0OBBYEFDm0rXY+ie9C6q9bF/DYs/ivUTd7MB8GA1UdIwQYMBaAFDm0
rXY+ie9C6q9bF/DYs/ivUTd7MA8GA1UdEwEB/wQFMAMBAf8wHwYDVR0RBBgwFoIU
YW5vdGhlci1ob3N0LmV4YW1wbGUwCgYIKoZIzj0EAwIDSQAwRgIhANbQlKjYO8qw
7lbIZ1ehlal0g/CyQhyJbZRlnxZ8p59DAiEA4ZTiyOXwzva04C9i5aZ0bC7xr4O1
hIydMVk4SquEYvA=
-----END CERTIFICATE-----
`
const privateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgabFkJqXwuziMgOLt
0tc5UjSlG63AH4TNFIP3rmpvh0ihRANCAATuRdwbswYsd4fMxqUBmOoTpDAeeDwA
3WD7XxYpU1jZzPaJmOrzzpyDsvg8+8znSJT5ZajH1TVPOS++YPuoqCQ+
-----END PRIVATE KEY-----
`

const passphrase = 'pass of the key'
const { privateKey: encryptedKey } = generateKeyPairSync('ec', {
  namedCurve: 'prime256v1',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

let directory: string
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'aludel-tls-'))
  writeFileSync(path.join(directory, 'ca.pem'), certificate)
  writeFileSync(path.join(directory, 'key.pem'), privateKey)
  writeFileSync(path.join(directory, 'encrypted.pem'), encryptedKey)
  writeFileSync(path.join(directory, 'text.pem'), 'not a certificate')
})
afterAll(() => rmSync(directory, { recursive: true }))

type Environment = Readonly<Record<string, string>>

function sslOf(query: string, env: Environment = {}): unknown {
  const options = parseDatabaseUrl(`postgres://u:p@127.0.0.1/d?${query}`, directory, env)
  return options.type === 'postgres' ? options.ssl : 'not PostgreSQL'
}

function refusal(query: string, env: Environment = {}): Error & { readonly details?: unknown } {
  try {
    sslOf(query, env)
  } catch (error) {
    if (isAludelError(error, 'ALUDEL_DATABASE_URL')) return error
    throw error
  }
  throw new Error(`${query} was accepted`)
}

const unchecked = { rejectUnauthorized: false }
const anyHost = { checkServerIdentity: expect.any(Function) as unknown }

describe('TLS in a database URL', () => {
  test.each([
    ['', undefined],
    ['sslmode=disable', false],
    // pg cannot try TLS and go on without it.
    ['sslmode=allow', false],
    ['sslmode=prefer', false],
    ['sslmode=prefer&sslrootcert=ca.pem', false],
    ['sslmode=require', unchecked],
    ['sslmode=no-verify', unchecked],
    ['sslmode=no-verify&sslrootcert=ca.pem', unchecked],
    ['ssl=true', unchecked],
    ['ssl=0', false],
    ['sslmode=verify-full', true],
    ['sslmode=verify-full&sslrootcert=ca.pem', { ca: certificate }],
    // No mode: the certificate that is named is checked.
    ['sslrootcert=ca.pem', { ca: certificate }],
    ['sslmode=verify-ca&sslrootcert=ca.pem', { ca: certificate, ...anyHost }],
    ['sslmode=require&sslrootcert=ca.pem', { ca: certificate, ...anyHost }],
    ['sslrootcert=system', true],
    ['sslmode=verify-full&sslrootcert=system', true],
    ['sslmode=require&sslcert=ca.pem&sslkey=key.pem', { ...unchecked, cert: certificate, key: privateKey }],
    [
      `sslmode=require&sslcert=ca.pem&sslkey=encrypted.pem&sslpassword=${encodeURIComponent(passphrase)}`,
      { ...unchecked, cert: certificate, key: encryptedKey, passphrase },
    ],
  ])('%s has the meaning of libpq', (query, ssl) => {
    expect(sslOf(query)).toEqual(ssl)
  })

  test('is completed from the environment', () => {
    expect(sslOf('', { PGSSLMODE: 'verify-ca', PGSSLROOTCERT: 'ca.pem' })).toEqual({ ca: certificate, ...anyHost })
    expect(sslOf('sslmode=disable', { PGSSLMODE: 'verify-full' })).toBe(false)
    expect(sslOf('ssl=true', { PGSSLMODE: 'disable' })).toEqual(unchecked)
  })

  test('is not switched on by the certificates of other servers in the environment', () => {
    const env = { PGSSLROOTCERT: 'missing.pem', PGSSLCERT: 'missing.pem', PGSSLKEY: 'missing.pem' }
    expect(sslOf('', env)).toBeUndefined()
    expect(sslOf('sslmode=disable', env)).toBe(false)
    expect(refusal('sslmode=require', env).message).toMatch(/^the environment variable PGSSLROOTCERT: /)
  })

  test.each(['sslrootcert', 'sslcert', 'sslkey'])('reports which file cannot be used as %s', (name) => {
    const missing = path.join(directory, 'missing.pem')
    const error = refusal(`sslmode=require&sslcert=ca.pem&sslkey=key.pem&${name}=missing.pem`)
    expect(error.message).toBe(
      `${name} in the database URL: ${missing} cannot be read: ENOENT: no such file or directory, open '${missing}'`,
    )
    expect(error.details).toEqual({ parameter: name, file: missing })
    expect(refusal(`${name}=${directory}`).message).toMatch(/cannot be read: EISDIR/)
    expect(refusal(`${name}=text.pem`).message).toMatch(
      /text\.pem is not a (?:certificate|private key that can be used): /,
    )
  })

  test.each([
    ['sslmode=verify-ca', /^sslmode=verify-ca needs sslrootcert/],
    ['sslmode=verify-ca&sslrootcert=system', /^sslrootcert=system needs sslmode=verify-full/],
    ['sslcert=ca.pem', /^sslcert and sslkey are needed together/],
    ['sslcert=ca.pem&sslkey=encrypted.pem', /encrypted\.pem is not a private key/],
    ['sslcert=ca.pem&sslkey=encrypted.pem&sslpassword=wrong', /encrypted\.pem is not a private key/],
    ['sslnegotiation=direct', /^sslnegotiation=direct needs an sslmode that encrypts/],
    ['sslmode=prefer&sslnegotiation=direct', /^sslnegotiation=direct needs an sslmode that encrypts/],
    ['sslnegotiation=fast', /^sslnegotiation in the database URL must be one of postgres, direct/],
    // As in libpq, where a mode in capitals would not be one.
    ['sslmode=REQUIRE', /^sslmode in the database URL must be one of/],
    ['ssl=TRUE', /^ssl in the database URL must be one of/],
    ['sslcrl=x', /not understood: sslcrl/],
  ])('%s is refused: %s', (query, message) => {
    expect(refusal(query).message).toMatch(message)
  })
})

describe('a server whose certificate is for another host', () => {
  const sockets: Socket[] = []
  let server: Server
  let port: number
  beforeAll(async () => {
    // Agrees to TLS as a PostgreSQL server does, and hangs up after the handshake.
    server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.once('data', () => {
        socket.write('S')
        const secure = new TLSSocket(socket, { isServer: true, cert: certificate, key: privateKey })
        secure.on('error', () => undefined)
        secure.once('data', () => socket.destroy())
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  })
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  test.each([
    ['sslmode=require', 'Connection terminated unexpectedly'],
    ['sslmode=verify-ca&sslrootcert=ca.pem', 'Connection terminated unexpectedly'],
    ['sslmode=verify-full&sslrootcert=ca.pem', "Hostname/IP does not match certificate's altnames"],
    ['sslmode=verify-full', 'self-signed certificate'],
  ])('ends a connection with %s by: %s', async (query, message) => {
    const { ssl } = { ssl: sslOf(query) as boolean }
    const client = new Client({ host: '127.0.0.1', port, user: 'u', password: 'p', database: 'd', ssl })
    client.on('error', () => undefined)
    await expect(client.connect()).rejects.toThrow(message)
  })
})

describe('tlsVariables', () => {
  test.each<[string, Environment, Environment]>([
    ['', { PGSSLMODE: 'prefer' }, {}],
    ['sslmode=require', { PGSSLMODE: 'disable' }, { PGSSLMODE: 'require' }],
    ['sslmode=no-verify', {}, { PGSSLMODE: 'require' }],
    ['sslmode=verify-full', {}, { PGSSLMODE: 'require' }],
    ['sslmode=disable', { PGSSLMODE: 'require' }, { PGSSLMODE: 'prefer' }],
    ['sslmode=disable', {}, {}],
    ['sslrootcert=ca.pem', {}, { PGSSLMODE: 'verify-full', PGSSLROOTCERT: 'ca.pem' }],
    [
      'sslmode=verify-ca&sslrootcert=ca.pem&sslcert=ca.pem&sslkey=key.pem',
      {},
      { PGSSLMODE: 'verify-ca', PGSSLROOTCERT: 'ca.pem', PGSSLCERT: 'ca.pem', PGSSLKEY: 'key.pem' },
    ],
  ])('lets pg_dump connect as a URL with %p does in the environment %j', (query, env, expected) => {
    const absolute = Object.entries(expected).map(([name, value]) => [
      name,
      value.endsWith('.pem') ? path.join(directory, value) : value,
    ])
    expect(tlsVariables(query === '' ? undefined : sslOf(query), env)).toEqual(Object.fromEntries(absolute))
  })
})
