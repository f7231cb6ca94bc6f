import net from 'node:net'

import { postgresMajor } from './databases'

interface PoolerOptions {
  /**
   * When a client loses its connection to the server. Default is `transaction`. `statement`: after each statement; one that leaves a
   * transaction open ends the client. `session`: when the client leaves; the connection is reset then.
   */
  readonly mode?: 'transaction' | 'statement' | 'session'
  /** The number of connections to the server. Default is no limit: otherwise clients wait for one. */
  readonly size?: number
}

/**
 * A connection pooler in transaction mode (or another), like PgBouncer: a client gets a connection to the server when it sends a message, and
 * loses it when the server reports that no transaction is open (ReadyForQuery with status I). The connection that was returned last
 * is used first; in statement mode first, so that they alternate. A connection serves clients of one database. Only in session mode
 * is it reset between clients, by PgBouncer's `server_reset_query`.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class TransactionPooler {
  readonly #listener: net.Server
  readonly #target: { readonly host: string; readonly port: number }
  readonly #credentials: { readonly user: string; readonly password: string }
  /** Named in the URL for clients. */
  readonly #database: string
  readonly #idle: Backend[] = []
  readonly #options: PoolerOptions
  #waiting: { readonly database: string; readonly use: (backend: Backend) => void }[] = []
  #connected = 0
  readonly #all = new Set<net.Socket>()
  #closed = false

  /**
   * @param url of the database, with the password, which clients of the pooler do not need
   */
  constructor(url: string, options: PoolerOptions = {}) {
    this.#options = options
    const { hostname, port, username, password, pathname } = new URL(url)
    this.#target = { host: hostname, port: Number(port === '' ? 5432 : port) }
    this.#credentials = {
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
    }
    this.#database = decodeURIComponent(pathname.slice(1))
    // Without this, the system would delay the messages of an answer.
    this.#listener = net.createServer({ noDelay: true }, (socket) => {
      this.#serve(socket)
    })
  }

  /** The URL for clients. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#listener.listen(0, '127.0.0.1', resolve))
    const address = this.#listener.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const { user } = this.#credentials
    return `postgres://${encodeURIComponent(user)}@127.0.0.1:${String(address.port)}/${encodeURIComponent(this.#database)}`
  }

  /** Idle connections to the server; the next client gets the last one. */
  get idle(): number {
    return this.#idle.length
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const socket of this.#all) socket.destroy()
    await new Promise<void>((resolve) => {
      this.#listener.close(() => {
        resolve()
      })
    })
  }

  #serve(client: net.Socket): void {
    this.#all.add(client)
    const messages = new MessageReader(true)
    let backend: Promise<Backend> | undefined
    let queue = Promise.resolve()
    let database = this.#database
    const giveBack = (used: Backend): void => {
      used.onMessage = undefined
      backend = undefined
      if (used.socket.destroyed) return
      const next = this.#waiting.findIndex((one) => one.database === used.database)
      if (next < 0) this.#idle.push(used)
      else this.#waiting.splice(next, 1)[0]?.use(used)
    }
    const { mode = 'transaction' } = this.#options
    const handle = async (message: Message): Promise<void> => {
      if (message.type === '') {
        database = databaseIn(message.bytes) ?? database
        this.#greet(client, message)
        return
      }
      if (message.type === 'X') {
        client.end()
        return
      }
      backend ??= this.#take(database)
      const used = await backend
      used.onMessage = (answer) => {
        const isOpen = answer.type === 'Z' && answer.bytes[5] !== 'I'.charCodeAt(0)
        if (isOpen && mode === 'statement') {
          client.end(fatal('08P01', 'transaction blocks not allowed in statement pooling mode'))
          used.onClose = undefined
          used.socket.destroy()
          return
        }
        client.write(answer.bytes)
        if (answer.type === 'Z' && !isOpen && mode !== 'session') giveBack(used)
      }
      used.onClose = () => client.destroy()
      used.socket.write(message.bytes)
    }
    client.on('data', (data) => {
      for (const message of messages.read(data))
        queue = queue.then(() => handle(message)).catch(() => void client.destroy())
    })
    client.on('error', () => undefined)
    client.on('close', () => {
      void backend
        ?.then((left) => {
          left.onClose = undefined
          if (mode === 'session') reset(left, () => giveBack(left))
          // If the client leaves a transaction open, the pooler ends the connection.
          else left.socket.destroy()
        })
        .catch(() => undefined)
    })
  }

  /** The parameters of a server, without its cancel key, since the pooler has its own. */
  #greet(client: net.Socket, { bytes }: Message): void {
    const code = bytes.readInt32BE(4)
    // Refuses SSLRequest and GSSENCRequest.
    if (code === 80877103 || code === 80877104) {
      client.write('N')
      return
    }
    const key = Buffer.alloc(8)
    key.writeInt32BE(1_000_000_000 + Math.floor(Math.random() * 1_000_000_000), 0)
    client.write(
      Buffer.concat([
        packet('R', Buffer.alloc(4)),
        ...Object.entries({
          server_version: `${String(postgresMajor)}.0`,
          client_encoding: 'UTF8',
          standard_conforming_strings: 'on',
          DateStyle: 'ISO, MDY',
          integer_datetimes: 'on',
        }).map(([name, value]) => packet('S', Buffer.from(`${name}\0${value}\0`))),
        packet('K', key),
        packet('Z', Buffer.from('I')),
      ]),
    )
  }

  async #take(database: string): Promise<Backend> {
    const { mode, size = Infinity } = this.#options
    const next = (): Backend | undefined => {
      // In statement mode there are two, which alternate.
      if (mode === 'statement' && this.#connected < 2) return undefined
      const own = this.#idle.filter((one) => one.database === database)
      const found = mode === 'statement' ? own[0] : own.at(-1)
      if (found !== undefined) this.#idle.splice(this.#idle.indexOf(found), 1)
      return found
    }
    for (let backend = next(); backend !== undefined; backend = next()) if (!backend.socket.destroyed) return backend
    if (this.#connected >= size) return new Promise((use) => this.#waiting.push({ database, use }))
    this.#connected += 1
    return this.#connect(database)
  }

  /** Logs in with `pg`, and then uses only its socket. */
  async #connect(database: string): Promise<Backend> {
    const { Client } = await import('pg')
    const client = new Client({ ...this.#target, ...this.#credentials, database })
    await client.connect()
    const socket = (client as unknown as { readonly connection: { readonly stream: net.Socket } }).connection.stream
    if (this.#closed) socket.destroy()
    socket.removeAllListeners('data')
    socket.removeAllListeners('error')
    socket.removeAllListeners('close')
    socket.removeAllListeners('end')
    this.#all.add(socket)
    const backend: Backend = { database, socket, onMessage: undefined, onClose: undefined }
    const messages = new MessageReader(false)
    socket.on('data', (data: Buffer) => {
      for (const message of messages.read(data)) backend.onMessage?.(message)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#connected -= 1
      backend.onClose?.()
    })
    return backend
  }
}

interface Backend {
  readonly database: string
  readonly socket: net.Socket
  onMessage: ((message: Message) => void) | undefined
  onClose: (() => void) | undefined
}

interface Message {
  /** One letter; empty for the first message of a client. */
  readonly type: string
  readonly bytes: Buffer
}

/** Splits a stream into messages. */
class MessageReader {
  #rest: Buffer = Buffer.alloc(0)
  #starting: boolean

  constructor(starting: boolean) {
    this.#starting = starting
  }

  *read(data: Buffer): Generator<Message> {
    this.#rest = Buffer.concat([this.#rest, data])
    for (;;) {
      const header = this.#starting ? 0 : 1
      if (this.#rest.length < header + 4) return
      const end = header + this.#rest.readInt32BE(header)
      if (this.#rest.length < end) return
      const bytes = this.#rest.subarray(0, end)
      this.#rest = this.#rest.subarray(end)
      const type = this.#starting ? '' : String.fromCharCode(bytes[0] ?? 0)
      // After a refused request for encryption, the client sends the start-up message.
      if (this.#starting && bytes.readInt32BE(4) === 196608) this.#starting = false
      yield { type, bytes }
    }
  }
}

/** The database in the start-up message of a client; undefined in another first message, or where none is named. */
function databaseIn(bytes: Buffer): string | undefined {
  if (bytes.readInt32BE(4) !== 196608) return undefined
  const words = bytes.subarray(8).toString('utf8').split('\0')
  const at = words.findIndex((word, index) => index % 2 === 0 && word === 'database')
  return at < 0 ? undefined : words[at + 1]
}

/** Resets a connection to the server for the next client. */
function reset(backend: Backend, done: () => void): void {
  backend.onMessage = ({ type }) => {
    if (type === 'Z') done()
  }
  backend.socket.write(packet('Q', Buffer.from('DISCARD ALL\0')))
}

/** An error with which the pooler ends a client. */
function fatal(code: string, message: string): Buffer {
  const fields = { S: 'FATAL', V: 'FATAL', C: code, M: message }
  const text = Object.entries(fields).map(([field, value]) => `${field}${value}\0`)
  return packet('E', Buffer.from(`${text.join('')}\0`))
}

function packet(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
