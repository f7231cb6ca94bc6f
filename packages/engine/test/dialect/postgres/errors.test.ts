import { createServer, type Server, type Socket } from 'node:net'
import { inspect } from 'node:util'

import { DataSource, type DataSourceOptions } from 'typeorm'

import { AludelError } from '../../../src/errors'
import { connectError, errorText, sqlStateOf } from '../../../src/dialect/postgres/errors'
import { postgresUrl } from '../../../../../tools/testing/databases'
import { runScript, TestDatabases, uniqueName, urlOf } from './support'

const databases = new TestDatabases()
const servers: Server[] = []
const sockets: Socket[] = []
afterAll(async () => {
  for (const server of servers) server.close()
  for (const socket of sockets) socket.destroy()
  await databases.close()
})

const secret = 's3cr&t/p@ss:w0rd'

/** Returns the coded error of a failed connection, and checks that it contains no form of the password. */
async function refusal(options: Partial<DataSourceOptions>): Promise<AludelError> {
  const all = { type: 'postgres', ...options } as DataSourceOptions
  const thrown: unknown = await new DataSource(all).initialize().catch((error: unknown) => error)
  const error = connectError(thrown, all)
  const everything = inspect(error, { depth: 10 }) + String(error.stack) + JSON.stringify(error)
  expect(everything).not.toContain(secret)
  expect(everything).not.toContain(encodeURIComponent(secret))
  return error
}

async function listen(answer: (data: Buffer) => Buffer | undefined): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      const reply = answer(data)
      if (reply === undefined) socket.destroy()
      else if (reply.length > 0) socket.write(reply)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const login = { username: 'somebody', password: secret, database: 'app' }

describe('connectError', () => {
  test('reports that nothing listens at the address', async () => {
    // No other test listens on a system port.
    const port = 1
    const error = await refusal({ host: '127.0.0.1', port, ...login })
    expect(error).toMatchObject({
      code: 'ALUDEL_CONNECT',
      message: `nothing listens at 127.0.0.1:${String(port)}`,
      details: { user: 'somebody', database: 'app' },
    })
    const byName = await refusal({
      url: `postgres://somebody:${encodeURIComponent(secret)}@localhost:${String(port)}/app`,
    })
    expect(byName).toMatchObject({ code: 'ALUDEL_CONNECT', message: `nothing listens at localhost:${String(port)}` })
  })

  test('reports an unknown host', async () => {
    expect(await refusal({ host: 'no-such-host.invalid', ...login })).toMatchObject({
      code: 'ALUDEL_CONNECT',
      message: 'the host no-such-host.invalid is not known',
    })
  })

  test('reports a server that does not answer in time', async () => {
    const port = await listen(() => Buffer.alloc(0))
    expect(await refusal({ host: '127.0.0.1', port, connectTimeoutMS: 100, ...login })).toMatchObject({
      code: 'ALUDEL_CONNECT',
      message: `127.0.0.1:${String(port)} does not answer in time`,
    })
  })

  test('reports a server that closes the connection', async () => {
    const port = await listen(() => undefined)
    expect(await refusal({ host: '127.0.0.1', port, ...login })).toMatchObject({
      code: 'ALUDEL_CONNECT',
      message: `127.0.0.1:${String(port)} closed the connection`,
    })
  })

  test('reports a server that does not speak TLS', async () => {
    const port = await listen(() => Buffer.from('N'))
    expect(await refusal({ host: '127.0.0.1', port, ssl: true, ...login })).toMatchObject({
      code: 'ALUDEL_CONNECT',
      message: expect.stringContaining('does not speak TLS') as string,
    })
  })

  test('reports a wrong password', async () => {
    const url = new URL(postgresUrl())
    url.password = encodeURIComponent(secret)
    const error = await refusal({ url: url.href })
    expect(error).toMatchObject({ code: 'ALUDEL_AUTHENTICATION', details: { user: url.username } })
    expect(error.message).toContain(`refuses the password of ${url.username}`)
  })

  test('reports a missing password when the server asks for one', async () => {
    // A fake server that asks as a real one does. A real server would wait for an answer that `pg` never sends, and
    // older versions create no database meanwhile.
    const authentication = (kind: number, body: string): Buffer => {
      const header = Buffer.alloc(9)
      header.write('R')
      header.writeInt32BE(8 + Buffer.byteLength(body), 1)
      header.writeInt32BE(kind, 5)
      return Buffer.concat([header, Buffer.from(body)])
    }
    const port = await listen((data) =>
      data.toString('latin1').includes('SCRAM-SHA-256')
        ? authentication(11, 'r=nonce,s=c2FsdA==,i=4096')
        : authentication(10, 'SCRAM-SHA-256\0\0'),
    )
    const before = process.env['PGPASSWORD']
    delete process.env['PGPASSWORD']
    try {
      expect(await refusal({ host: '127.0.0.1', port, username: 'somebody', database: 'app' })).toMatchObject({
        code: 'ALUDEL_AUTHENTICATION',
        message: `127.0.0.1:${String(port)} requires a password for somebody, but none is given`,
      })
    } finally {
      if (before !== undefined) process.env['PGPASSWORD'] = before
    }
  })

  test('reports a missing database with a command that creates it', async () => {
    const name = `${uniqueName('missing')} "x"`
    const error = await refusal({ url: urlOf(name) })
    expect(error).toMatchObject({ code: 'ALUDEL_DATABASE_MISSING', details: { database: name } })
    expect(error.help).toContain(`CREATE DATABASE "${name.replaceAll('"', '""')}"`)
    // The command in the help works.
    const admin = await databases.admin()
    await admin.query(`CREATE DATABASE "${name.replaceAll('"', '""')}"`)
    await admin.query(`DROP DATABASE "${name.replaceAll('"', '""')}"`)
  })

  test('reports a user without the CONNECT privilege, or without a connection left', async () => {
    const admin = await databases.admin()
    const database = await databases.create()
    const role = uniqueName('user')
    await runScript(
      admin,
      `CREATE ROLE "${role}" LOGIN PASSWORD '${secret}';\nREVOKE CONNECT ON DATABASE "${database}" FROM PUBLIC;\n`,
    )
    try {
      const url = urlOf(database, { name: role, password: secret })
      expect(await refusal({ url })).toMatchObject({
        code: 'ALUDEL_PERMISSION',
        message: expect.stringContaining('permission denied') as string,
      })
      await runScript(
        admin,
        `GRANT CONNECT ON DATABASE "${database}" TO "${role}";\nALTER ROLE "${role}" CONNECTION LIMIT 0;\n`,
      )
      expect(await refusal({ url })).toMatchObject({
        code: 'ALUDEL_CONNECT',
        message: expect.stringContaining('no connection left') as string,
      })
    } finally {
      await runScript(admin, `REVOKE CONNECT ON DATABASE "${database}" FROM "${role}";\nDROP ROLE "${role}";\n`)
    }
  })

  test('hides the password of an invalid URL', () => {
    const url = `postgres://somebody:${encodeURIComponent(secret)}@host:port/app`
    let thrown: unknown
    try {
      new URL(url)
    } catch (error) {
      thrown = error
    }
    const error = connectError(thrown, { type: 'postgres', url })
    expect(inspect(error, { depth: 10 })).not.toContain(encodeURIComponent(secret))
  })

  test('advises about the name of a server apart from its authority', () => {
    const help = (words: string) => (connectError(new Error(words), { type: 'postgres' }) as AludelError).help
    expect(help('unable to verify the first certificate')).toMatch(/^Name the file of its authority as sslrootcert/)
    expect(help("Hostname/IP does not match certificate's altnames: …")).toMatch(
      /^Connect by a name in the certificate, or use sslmode=verify-ca/,
    )
  })

  test('returns an AludelError unchanged', () => {
    const error = new AludelError('ALUDEL_ENTITIES', 'x')
    expect(connectError(error, { type: 'postgres' })).toBe(error)
  })
})

describe('errorText and sqlStateOf', () => {
  test('return the message with detail and hint on one line, and the SQLSTATE', async () => {
    const database = await databases.open()
    await runScript(
      database,
      `CREATE TABLE "t" ("id" integer PRIMARY KEY, "name" text);\nINSERT INTO "t" VALUES (1);\n`,
    )
    const failure = async (sql: string): Promise<unknown> => database.query(sql).catch((error: unknown) => error)
    expect(errorText(await failure('INSERT INTO "t" VALUES (1)'))).toBe(
      'duplicate key value violates unique constraint "t_pkey"; DETAIL: Key (id)=(1) already exists.',
    )
    expect(errorText(await failure('SELECT "nam" FROM "t"'))).toBe(
      'column "nam" does not exist; HINT: Perhaps you meant to reference the column "t.name".',
    )
    expect(errorText(await failure(`DO $$ BEGIN RAISE EXCEPTION E'two\\nlines'; END $$`))).toBe('two lines')
    expect(sqlStateOf(await failure('SELECT 1/0'))).toBe('22012')
    expect(errorText(new Error('error: plain'))).toBe('plain')
    expect(errorText('a string')).toBe('a string')
    expect(sqlStateOf(new Error('x'))).toBeUndefined()
  })
})
