import { createServer, connect } from 'node:net'

/**
 * Opens a way to a PostgreSQL server that takes longer, as over a network, and counts the round trips.
 *
 * @param {string} server the URL of the server
 * @param {number} delayMs how much longer each way takes
 * @returns {Promise<SlowProxy>}
 *
 * @typedef {object} SlowProxy
 * @property {(url: string) => string} through the URL with this proxy in place of the server
 * @property {() => number} takeTrips how often clients have waited for the server since the last call: requests that are sent
 *   together count once
 * @property {() => void} close
 */
export async function openSlowProxy(server, delayMs) {
  const { hostname, port } = new URL(server)
  let trips = 0
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  // Without `noDelay`, the system would delay data that is passed on in pieces.
  const proxy = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true })
    const count = counter(() => (trips += 1))
    pass(client, upstream, count.request)
    pass(upstream, client, count.answer)
  })
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', () => resolve(undefined)))
  const address = proxy.address()
  if (address === null || typeof address === 'string') throw new Error('no port')

  /**
   * Timers of one length fire in the order in which they were set, so data stays in order.
   *
   * @param {import('node:net').Socket} from
   * @param {import('node:net').Socket} to
   * @param {(data: Buffer) => void} look
   */
  function pass(from, to, look) {
    sockets.add(from)
    from.on('data', (data) => {
      look(data)
      setTimeout(() => to.write(data), delayMs)
    })
    from.on('error', () => undefined)
    from.on('close', () => {
      sockets.delete(from)
      setTimeout(() => to.end(), delayMs)
    })
  }

  return {
    through: (url) => {
      const changed = new URL(url)
      changed.hostname = '127.0.0.1'
      changed.port = String(address.port)
      return changed.href
    },
    takeTrips: () => {
      const taken = trips
      trips = 0
      return taken
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      proxy.close()
    },
  }
}

/**
 * Counts the round trips of one connection.
 *
 * @param {() => void} onTrip
 */
function counter(onTrip) {
  // Requests without an answer.
  let open = 0
  let started = false
  const requests = messages('QS')
  const answers = messages('Z')
  return {
    // What a connection begins with has another form.
    request: (/** @type {Buffer} */ data) => void (started && (open += requests(data))),
    answer: (/** @type {Buffer} */ data) => {
      // The answer to a client that asks for encryption is one byte.
      if (!started && data.length === 1) return
      const ready = answers(data)
      if (started) open -= ready
      else started = ready > 0
      if (ready > 0 && open === 0) onTrip()
    },
  }
}

/**
 * Counts messages of some types in the stream of one direction.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 *
 * @param {string} types the bytes that such messages begin with
 * @returns {(data: Buffer) => number}
 */
function messages(types) {
  /** @type {Buffer} */
  let rest = Buffer.alloc(0)
  return (data) => {
    let buffer = rest.length === 0 ? data : Buffer.concat([rest, data])
    let count = 0
    while (buffer.length >= 5) {
      const length = 1 + buffer.readInt32BE(1)
      if (buffer.length < length) break
      if (types.includes(String.fromCharCode(Number(buffer[0])))) count += 1
      buffer = buffer.subarray(length)
    }
    rest = buffer
    return count
  }
}
