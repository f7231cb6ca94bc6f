import { connect } from 'node:net'

import type { DataSourceOptions } from 'typeorm'

import { targetOf } from './connection'

/** Milliseconds that a server may take to answer. */
const patience = 2000

/** True when a server listens at the address in the options. A Unix socket answers at once, so it is not checked. */
export function isReachable(options: DataSourceOptions): Promise<boolean> {
  const { host, port } = targetOf(options)
  if (host.startsWith('/')) return Promise.resolve(true)
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: patience })
    const end = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    // A process that was blocked meanwhile handles the timeout before an answer that has already arrived.
    socket.once('timeout', () => setImmediate(() => end(false)))
    socket.once('error', () => end(false))
  })
}
