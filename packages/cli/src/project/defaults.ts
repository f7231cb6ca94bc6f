import type { ProjectDefaults } from '@aludel/engine'
import { revisionsDirectory } from '@aludel/migrations'

import { connect } from './connect'

/** The shipped entities and their revisions, for projects without a DataSource. */
export const shippedProject: ProjectDefaults = {
  revisions: revisionsDirectory,
  dialects: ['sqlite', 'postgres'],
  connect,
  async createDataSource(connection, entities) {
    const { DataSource } = await import('typeorm')
    return new DataSource({ ...connection, entities: [...(entities ?? (await import('@aludel/models')).entities)] })
  },
}
