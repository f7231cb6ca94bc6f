import type { DataSource } from 'typeorm'

import { constructDataSource } from '../driver-error'
import { connectError, sqlStateOf } from './errors'
import { adminOptions, type Connection, toDatabase } from './shadow-options'

/** `invalid_catalog_name`: there is no such database. */
const databaseMissing = '3D000'

/**
 * Connects to the configured database, or to another one of its server when it does not exist yet.
 *
 * @throws AludelError the reason why the server cannot be reached
 */
export async function connectAdmin(template: DataSource, connection: Connection): Promise<DataSource> {
  try {
    return await connect(template, connection)
  } catch (error) {
    if (sqlStateOf(error) === databaseMissing) {
      for (const database of ['postgres', 'template1']) {
        try {
          return await connect(template, toDatabase(connection, database))
        } catch {
          // The first error is reported.
        }
      }
    }
    throw connectError(error, adminOptions(connection))
  }
}

/** A DataSource without entities, for what is done to databases from outside. */
export async function connect(template: DataSource, connection: Connection): Promise<DataSource> {
  return constructDataSource(template, adminOptions(connection)).initialize()
}
