import type { AdoptOptions } from '../../src/adopt/adoption'
import type { DialectName } from '../../src/dialect/registry'
import type { AdoptResult } from '../../src/results'
import type { Schema } from '../../src/schema/schema'
import { type EntityOption, openProject, type TestProject } from '../migrator/project'
import { ignoreTables } from '../support/ignore-tables'
import { first } from './conversions'
import { tasks } from './foreign-tasks'

/** A project with a revision of tasks, and a database that another program fills. */
export interface ForeignProject {
  readonly project: TestProject
  rows(sql: string): Promise<readonly Record<string, unknown>[]>
  run(statements: readonly string[]): Promise<void>
  /** Converts the database, unless the options say something else. */
  adopt(options?: AdoptOptions, entities?: readonly EntityOption[]): Promise<AdoptResult>
  /** Schema and rows of the tables of the other program. */
  snapshot(): Promise<{ readonly schema: Schema; readonly contents: readonly unknown[] }>
  /** The tasks as TypeORM reads them. */
  read(entities?: readonly EntityOption[]): Promise<readonly Record<string, unknown>[]>
}

export async function openForeign(dialect: DialectName): Promise<ForeignProject> {
  const project = await openProject(dialect)
  const own = [tasks(dialect)]
  await project.migrator(own).create('first', { revisionId: first })
  const rows: ForeignProject['rows'] = (sql) => project.database.rows(sql)
  return {
    project,
    rows,
    run: async (statements) => {
      for (const sql of statements) await rows(sql)
    },
    adopt: (options = {}, entities = own) => project.migrator(entities).adopt({ convert: true, ...options }),
    snapshot: async () => {
      const { queryRunner, dialect: role } = project.database
      const schema = await role.introspection.read(queryRunner, { ignoreTables })
      const contents: unknown[] = []
      for (const { name } of schema.tables) contents.push(await rows(`SELECT * FROM "${name}" ORDER BY 1`))
      return { schema, contents }
    },
    read: async (entities = own) => {
      const dataSource = await project.database.connect({ entities: [...entities] })
      return dataSource.getRepository('tasks').find({ order: { id: 'ASC' } })
    },
  }
}
