import net from 'node:net'

/**
 * A connection pooler in transaction mode, as PgBouncer is one: a client gets a connection to the server when it sends
 * something, and loses it when the server says that no transaction is open (ReadyForQuery with status I). The connection
 * that came back last is given first. Nothing is reset between clients.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class TransactionPooler {
  readonly #listener: net.Server
  readonly #target: { readonly host: string; readonly port: number }
  readonly #credentials: { readonly user: string; readonly password: string; readonly database: string }
  readonly #idle: Backend[] = []
  readonly #all = new Set<net.Socket>()
  #closed = false

  /**
   * @param url of the database behind it, with the password: clients of the pooler need none
   */
  constructor(url: string) {
    const { hostname, port, username, password, pathname } = new URL(url)
    this.#target = { host: hostname, port: Number(port === '' ? 5432 : port) }
    this.#credentials = {
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
    }
    // An answer is several messages, which the system would otherwise hold back for each other.
    this.#listener = net.createServer({ noDelay: true }, (socket) => {
      this.#serve(socket)
    })
  }

  /** Its URL for clients. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#listener.listen(0, '127.0.0.1', resolve))
    const address = this.#listener.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const { user, database } = this.#credentials
    return `postgres://${encodeURIComponent(user)}@127.0.0.1:${String(address.port)}/${encodeURIComponent(database)}`
  }

  /** Connections to the server that nobody has now; the next client gets the last. */
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
    const giveBack = (used: Backend): void => {
      used.onMessage = undefined
      backend = undefined
      if (!used.socket.destroyed) this.#idle.push(used)
    }
    const handle = async (message: Message): Promise<void> => {
      if (message.type === '') {
        this.#greet(client, message)
        return
      }
      if (message.type === 'X') {
        client.end()
        return
      }
      backend ??= this.#take()
      const used = await backend
      used.onMessage = (answer) => {
        client.write(answer.bytes)
        if (answer.type === 'Z' && answer.bytes[5] === 'I'.charCodeAt(0)) giveBack(used)
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
      // A transaction that is left open is the pooler's to end; it ends the connection.
      void backend?.then((left) => left.socket.destroy()).catch(() => undefined)
    })
  }

  /** What a server says of itself, but for the key: that is the pooler's own. */
  #greet(client: net.Socket, { bytes }: Message): void {
    const code = bytes.readInt32BE(4)
    // SSLRequest, GSSENCRequest: no.
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
          server_version: '16.0',
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

  async #take(): Promise<Backend> {
    for (let backend = this.#idle.pop(); backend !== undefined; backend = this.#idle.pop())
      if (!backend.socket.destroyed) return backend
    return this.#connect()
  }

  /** Through `pg`, which knows how to log in; then only its socket is used. */
  async #connect(): Promise<Backend> {
    const { Client } = await import('pg')
    const client = new Client({ ...this.#target, ...this.#credentials })
    await client.connect()
    const socket = (client as unknown as { readonly connection: { readonly stream: net.Socket } }).connection.stream
    if (this.#closed) socket.destroy()
    socket.removeAllListeners('data')
    socket.removeAllListeners('error')
    socket.removeAllListeners('close')
    socket.removeAllListeners('end')
    this.#all.add(socket)
    const backend: Backend = { socket, onMessage: undefined, onClose: undefined }
    const messages = new MessageReader(false)
    socket.on('data', (data: Buffer) => {
      for (const message of messages.read(data)) backend.onMessage?.(message)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => backend.onClose?.())
    return backend
  }
}

interface Backend {
  readonly socket: net.Socket
  onMessage: ((message: Message) => void) | undefined
  onClose: (() => void) | undefined
}

interface Message {
  /** One letter; empty for what a client sends first. */
  readonly type: string
  readonly bytes: Buffer
}

/** Cuts a stream into messages. */
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
      // After a refused request for encryption comes the start-up message itself.
      if (this.#starting && bytes.readInt32BE(4) === 196608) this.#starting = false
      yield { type, bytes }
    }
  }
}

function packet(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
