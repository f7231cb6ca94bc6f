import path from 'node:path'

import type { DataSourceOptions } from 'typeorm'

import { AludelError } from '../../errors'
import { makeFolder } from '../make-folder'

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
