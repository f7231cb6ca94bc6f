import type { AdoptOptions } from '../../src/adopt/adoption'
import type { EntityOption, TestProject } from '../migrator/project'

export const first = 'aaaaaaaaaaaa'

/** What the tests of conversions do with the project of a test. */
export function conversionsOf(project: () => TestProject) {
  const rows = (sql: string) => project().database.rows(sql)
  return {
    rows,
    run: async (...statements: readonly string[]): Promise<void> => {
      for (const sql of statements) await rows(sql)
    },
    /** Converts the database to the entities, for which a revision is written first. */
    convert: async (entities: readonly EntityOption[], options: AdoptOptions = {}) => {
      const { revisions } = await project().migrator(entities).history()
      if (revisions.length === 0) await project().migrator(entities).create('first', { revisionId: first })
      return project()
        .migrator(entities)
        .adopt({ convert: true, ...options })
    },
    read: async (entities: readonly EntityOption[], name: string) =>
      (await project().database.connect({ entities: [...entities] }))
        .getRepository(name)
        .find({ order: { id: 'ASC' } }),
    isClean: async (entities: readonly EntityOption[]): Promise<void> => {
      expect((await project().migrator(entities).check({ database: true })).database).toMatchObject({
        clean: true,
        pending: 0,
      })
    },
  }
}
