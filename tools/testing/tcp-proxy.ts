import net from 'node:net'

/**
 * `before`: the request never reaches the server. `answered`: the server executes the request, and its answer is lost, with
 * those to requests that were sent together with it.
 * `stalled`: the server executes the request, and from then on no answers arrive, as from a machine that disappeared.
 */
export type Cut = 'before' | 'answered' | 'stalled'

export interface Fault {
  /** A part of the client's request. */
  readonly at: string
  readonly cut: Cut
  /** The fault happens only after a request with this part, on any connection. */
  readonly behind?: string
}

interface Awaited extends Fault {
  armed: boolean
  readonly happened: () => void
}

/** A proxy between clients and a server. Each requested fault cuts one connection once. */
export class TcpProxy {
  /** Whether to refuse further connections. */
  closed = false
  /** How often a client has waited for the server: requests that are sent together count once. */
  roundTrips = 0
  #faults: Awaited[] = []
  readonly #sockets = new Set<net.Socket>()

  private constructor(
    private readonly server: net.Server,
    readonly port: number,
  ) {}

  /** @example const proxy = await TcpProxy.open('127.0.0.1', 5432) */
  static async open(host: string, port: number): Promise<TcpProxy> {
    let proxy: TcpProxy | undefined
    // Without this, the system would delay data that is passed on in pieces.
    const server = net.createServer({ noDelay: true }, (client) =>
      proxy?.connect(client, net.connect({ port, host, noDelay: true })),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return (proxy = new TcpProxy(server, address.port))
  }

  /** The URL with this proxy in place of the server. */
  through(url: string): string {
    const changed = new URL(url)
    changed.hostname = '127.0.0.1'
    changed.port = String(this.port)
    return changed.href
  }

  /** Requests a fault. Resolves when it has happened. */
  fail(fault: Fault): Promise<void> {
    return new Promise((happened) => {
      this.#faults.push({ ...fault, armed: fault.behind === undefined, happened })
    })
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.server.close()
  }

  private connect(client: net.Socket, server: net.Socket): void {
    if (this.closed) {
      client.destroy()
      server.destroy()
      return
    }
    let cut: Cut | undefined
    // Requests without an answer.
    let open = 0
    let started = false
    const requests = new Messages('QS')
    const answers = new Messages('Z')
    const end = (): void => {
      client.destroy()
      server.destroy()
    }
    client.on('data', (data) => {
      if (cut === 'stalled') return
      const fault = this.#faultAt(data)
      cut ??= fault?.cut
      fault?.happened()
      // What a connection begins with has another form.
      if (started) open += requests.in(data)
      if (cut === 'before') end()
      else server.write(data)
    })
    server.on('data', (data) => {
      const ready = answers.in(data)
      if (started) open -= ready
      else started = ready > 0
      if (started && ready > 0 && open === 0) this.roundTrips += 1
      if (cut === 'answered') {
        if (open === 0) end()
      } else if (cut === undefined) client.write(data)
    })
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        if (cut !== 'stalled') end()
      })
    }
  }

  #faultAt(data: Buffer): Awaited | undefined {
    const found = this.#faults.find(({ armed, at }) => armed && data.includes(at))
    this.#faults = this.#faults.filter((fault) => fault !== found)
    for (const fault of this.#faults) if (fault.behind !== undefined && data.includes(fault.behind)) fault.armed = true
    return found
  }
}

/**
 * Counts messages of some types in the stream of one direction.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
class Messages {
  #rest = Buffer.alloc(0)

  /** @param types the bytes that such messages begin with */
  constructor(private readonly types: string) {}

  in(data: Buffer): number {
    let buffer = Buffer.concat([this.#rest, data])
    let count = 0
    while (buffer.length >= 5) {
      const length = 1 + buffer.readInt32BE(1)
      if (buffer.length < length) break
      if (this.types.includes(String.fromCharCode(buffer[0] ?? 0))) count += 1
      buffer = buffer.subarray(length)
    }
    this.#rest = buffer
    return count
  }
}
