import type { ProjectDefaults } from '@aludel/engine'
import { revisionsDirectory } from '@aludel/migrations'
import type { DataSourceOptions } from 'typeorm'

import { connect } from './connect'

/** What the command works on when a project names no DataSource: the shipped entities and their revisions. */
export const shippedProject: ProjectDefaults = {
  revisions: revisionsDirectory,
  dialects: ['sqlite', 'postgres'],
  connect,
  async createDataSource(connection, entities) {
    const [{ DataSource }, shipped] = await Promise.all([
      import('typeorm'),
      entities === undefined ? import('@aludel/models').then((models) => models.entities) : entities,
    ])
    return new DataSource({ ...connection, entities: [...shipped] } as DataSourceOptions)
  },
}
