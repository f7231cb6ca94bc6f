import { AludelError, type Migrator } from '@aludel/engine'
import type { DataSource } from 'typeorm'

import type { CommandContext } from '../command-context'
import { plural } from '../output/format'
import { withMigrator } from './migrator'

/**
 * Runs `work` on the connected DataSource of the project.
 *
 * @throws AludelError `ALUDEL_REVIEWS` when it has no entity `ReviewDecision`, or when revisions are pending, so that
 *   tables may not match the entities
 */
export function withReviews<T>(context: CommandContext, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  return withMigrator(
    context,
    async (migrator: Migrator) => {
      const dataSource = await migrator.connect()
      if (!dataSource.entityMetadatas.some(({ name }) => name === 'ReviewDecision')) {
        throw new AludelError('ALUDEL_REVIEWS', 'this DataSource has no entity ReviewDecision', {
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
