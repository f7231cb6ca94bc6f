import type { ProjectDefaults } from '@aludel/engine'

import { connect } from './connect'
import { requirePackage } from './packages'

const setting = 'the configuration with "shipped": true'

/**
 * The shipped entities and their revisions, for configurations that say `shipped: true`. Their packages are optional.
 *
 * @param cwd the lock file from here upwards tells which package manager a message names
 */
export function projectDefaults(cwd: string): ProjectDefaults {
  return {
    async shipped() {
      requirePackage('@aludel/migrations', setting, cwd)
      const { revisionsDirectory } = await import('@aludel/migrations')
      return { revisions: revisionsDirectory, dialects: ['sqlite', 'postgres'] }
    },
    connect,
    async createDataSource(connection, entities) {
      const { DataSource } = await import('typeorm')
      return new DataSource({ ...connection, entities: [...(entities ?? (await shippedEntities()))] })
    },
  }

  async function shippedEntities() {
    requirePackage('@aludel/models', setting, cwd)
    return (await import('@aludel/models')).entities
  }
}
