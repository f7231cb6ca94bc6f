import { Client } from 'pg'

/** What `pg` has for the protocol of replication, and its types do not name. */
interface Streaming {
  readonly connection: {
    on(event: 'copyData', listener: (message: { readonly chunk: Buffer }) => void): void
    sendCopyFromChunk(chunk: Buffer): void
  }
}

/**
 * A replica, as far as the server can tell: it receives the log, and says how much of it has been replayed only when it
 * {@link catchUp catches up}. https://www.postgresql.org/docs/current/protocol-replication.html
 */
export class SlowReplica {
  readonly #client: Client
  #received = 0n
  #replays = false

  private constructor(client: Client) {
    this.#client = client
  }

  /** @param connectionString of a superuser */
  static async connect(connectionString: string): Promise<SlowReplica> {
    const client = new Client({ connectionString, ...{ replication: 'true' } })
    client.on('error', () => undefined)
    await client.connect()
    const { rows } = await client.query<{ xlogpos: string }>('IDENTIFY_SYSTEM')
    const position = rows[0]?.xlogpos ?? '0/0'
    const replica = new SlowReplica(client)
    const [high = '0', low = '0'] = position.split('/')
    replica.#received = (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`)
    const { connection } = client as unknown as Streaming
    connection.on('copyData', ({ chunk }) => {
      // XLogData: where it begins, where the log ends now, the time, and the log itself.
      if (chunk[0] === 'w'.charCodeAt(0)) replica.#received = chunk.readBigUInt64BE(1) + BigInt(chunk.length - 25)
      if (replica.#replays) replica.#report()
    })
    // It never ends by itself.
    client.query(`START_REPLICATION PHYSICAL ${position}`).catch(() => undefined)
    await new Promise((resolve) => {
      connection.on('copyData', resolve)
    })
    replica.#report()
    return replica
  }

  /** From now on what is received is replayed at once. */
  catchUp(): void {
    this.#replays = true
    this.#report()
  }

  async end(): Promise<void> {
    await this.#client.end()
  }

  /** Standby status update: written, flushed, replayed, the time, and that no answer is wanted. */
  #report(): void {
    const message = Buffer.alloc(34)
    message.write('r')
    for (const at of [1, 9, 17]) message.writeBigUInt64BE(this.#received, at)
    message.writeBigUInt64BE(BigInt(Date.now() - Date.UTC(2000, 0)) * 1000n, 25)
    const { connection } = this.#client as unknown as Streaming
    connection.sendCopyFromChunk(message)
  }
}
