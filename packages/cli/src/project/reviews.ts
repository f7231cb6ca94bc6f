import { AludelError, type Migrator } from '@aludel/engine'
import type { DataSource } from 'typeorm'

import type { CommandContext } from '../command-context'
import { plural } from '../output/format'
import { withMigrator } from './migrator'

/**
 * Runs `work` on the connected DataSource of the project.
 *
 * @param entities names of the shipped entities that it must have
 * @throws AludelError `ALUDEL_REVIEWS` when it has no entity `ReviewDecision`, `ALUDEL_ENTITIES` for another one; `ALUDEL_REVIEWS`
 *   when revisions are pending, so that tables may not match the entities
 */
export function withReviews<T>(
  context: CommandContext,
  work: (dataSource: DataSource) => Promise<T>,
  entities: readonly string[] = ['ReviewDecision'],
): Promise<T> {
  return withMigrator(
    context,
    async (migrator: Migrator) => {
      const dataSource = await migrator.connect()
      const missing = entities.find((entity) => !dataSource.entityMetadatas.some(({ name }) => name === entity))
      if (missing !== undefined) {
        const code = missing === 'ReviewDecision' ? 'ALUDEL_REVIEWS' : 'ALUDEL_ENTITIES'
        throw new AludelError(code, `this DataSource has no entity ${missing}`, {
          help: 'Add that of @aludel/models to its entities, or write `"shipped": true` into a configuration.',
        })
      }
      const { upToDate, pending } = await migrator.current()
      if (upToDate) return work(dataSource)
      throw new AludelError(
        'ALUDEL_REVIEWS',
        `the database is not up to date: ${plural(pending, 'revision')} pending`,
        {
          help: 'Bring it to head with `aludel db init`.',
          details: { pending },
        },
      )
    },
    { entities: 'defaults' },
  )
}
