import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

import { findBinaries, otherUser, reachable } from '../../packages/engine/src/dialect/postgres/embedded-binaries'
import { makeFolders, openFolders, removeFolders } from '../../packages/engine/src/dialect/postgres/embedded-folders'
import { serverSettings, start, stop } from '../../packages/engine/src/dialect/postgres/embedded-server'
import { watch } from '../../packages/engine/src/dialect/postgres/embedded-watch'

const execute = promisify(execFile)

/** A server with its own data directory. */
export interface StartedServer {
  readonly port: number
  /** Stops it and deletes the folders that were created for it. */
  close(): Promise<void>
}

/**
 * Starts a server on existing data.
 *
 * @param data the folder of the data, which is not deleted; or a function that fills a new folder
 */
export async function serve(
  data: string | ((folder: string) => Promise<void>),
  settings: Readonly<Record<string, string>> = {},
): Promise<StartedServer> {
  const folders = await makeFolders()
  const watcher = watch(folders.made)
  const dismiss = async (): Promise<void> => {
    await removeFolders(folders)
    watcher.dismiss()
  }
  try {
    const user = await otherUser()
    if (user !== undefined) await openFolders(folders)
    const native = findBinaries()
    const binaries = user === undefined ? native : await reachable(native, folders.home, user)
    const home = path.join(folders.data, 'server')
    const place = typeof data === 'string' ? data : path.join(home, 'data')
    if (typeof data !== 'string') {
      await mkdir(home, { mode: 0o700 })
      await data(place)
      if (user !== undefined) await execute('chown', ['-R', `${String(user.uid)}:${String(user.gid)}`, home])
    }
    const { port, server } = await start(binaries, folders, place, user, { ...serverSettings, ...settings })
    return {
      port,
      close: async () => {
        await stop(server)
        await dismiss()
      },
    }
  } catch (error) {
    await dismiss()
    throw error
  }
}
