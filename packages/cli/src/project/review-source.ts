import { AludelError, findPackage, type Project } from '@aludel/engine'
import type { ReviewSource } from '@aludel/web'
import type { DataSource, DataSourceOptions } from 'typeorm'

/**
 * The review decisions of a project, for its page; undefined where there are none: the package is not installed, or the entities are
 * others. Every call has a connection of its own.
 */
export async function reviewSource(project: Pick<Project, 'dataSource'>): Promise<ReviewSource | undefined> {
  if (findPackage('@aludel/services', __dirname) === undefined) return undefined
  const template = await project.dataSource('defaults')
  if (!hasReviews(template)) return undefined
  return {
    list: (query) =>
      withTwin(template, async (dataSource) => {
        const { browseReviews } = await import('@aludel/services')
        const { reviews, next, counts } = await browseReviews(dataSource, query)
        return { reviews: reviews.map((review) => ({ ...review })), next, counts }
      }),
    get: (id) =>
      withTwin(template, async (dataSource) => {
        const { ReviewDecision } = await import('@aludel/models')
        const review = await dataSource.getRepository(ReviewDecision).findOneBy({ id })
        return review === null ? null : { ...review }
      }),
  }
}

function hasReviews({ options }: DataSource): boolean {
  const entities = Object.values(options.entities ?? {}) as readonly unknown[]
  return entities.some((entity) => typeof entity === 'function' && entity.name === 'ReviewDecision')
}

/** TypeORM 0.3 throws the driver's own error for a statement that SQLite cannot compile, as where a table is missing. */
function isOfQuery(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'QueryFailedError' || ('code' in error && String(error.code).startsWith('SQLITE_'))
}

/** A run may be at work on the DataSource itself. */
async function withTwin<T>(template: DataSource, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const make = template.constructor as new (options: DataSourceOptions) => DataSource
  const dataSource = new make(template.options)
  try {
    await dataSource.initialize()
    return await work(dataSource)
  } catch (error) {
    if (isOfQuery(error)) {
      throw new AludelError('ALUDEL_REVIEWS', 'the reviews cannot be read', {
        help: 'If revisions are pending, run them first: the table may not be there yet.',
        cause: error,
      })
    }
    throw error
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy()
  }
}
