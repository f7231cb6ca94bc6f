import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'

import type { DataSourceOptions } from 'typeorm'

import { AludelError } from '../../errors'

/**
 * Creates the folder of a file when it is missing, as the command line promises.
 *
 * @throws AludelError `ALUDEL_CONNECT`
 */
export async function makePlace(options: DataSourceOptions): Promise<void> {
  const { database } = options
  if (typeof database !== 'string' || database === '' || database === ':memory:') return
  if (database.startsWith('file:')) return
  try {
    await makeFolder(path.dirname(path.resolve(database)))
  } catch (cause) {
    throw new AludelError('ALUDEL_CONNECT', `the folder of ${database} cannot be created`, { cause })
  }
}

/**
 * Creates a folder and those above it, one by one: Node's recursive `mkdir` never ends where the parent exists but a folder in
 * it cannot be found after it was made, as in `/proc`, and blocks the thread meanwhile.
 */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    const code = codeOf(error)
    // Another process may have created it meanwhile. A file of that name is found when the database is opened.
    if (code === 'EEXIST') return
    const parent = path.dirname(folder)
    if (code !== 'ENOENT' || parent === folder || existsSync(parent)) throw error
    await makeFolder(parent)
    await mkdir(folder).catch((again: unknown) => {
      if (codeOf(again) !== 'EEXIST') throw again
    })
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
