import { connect } from 'node:net'

import type { DataSourceOptions } from 'typeorm'

import { targetOf } from './connection'

/** How long a server may take to answer, in milliseconds. */
const patience = 2000

/** True when something listens where the options say. A socket in a folder answers at once, so nobody waits for it. */
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
    // A process that got no turn for as long sees that the time is over before it sees the answer that is there by then.
    socket.once('timeout', () => setImmediate(() => end(false)))
    socket.once('error', () => end(false))
  })
}
