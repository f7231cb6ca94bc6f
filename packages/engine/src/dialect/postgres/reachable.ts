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
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
}
