import { DataSource } from 'typeorm'

import { dialectNames, makeDatabase } from '../../../tools/testing/databases'
import { CoreSchema1795299345114 } from '../src/revisions/1795299345114-core-schema'
import { ReviewDecisions1795299348535 } from '../src/revisions/1795299348535-review-decisions'

const migrations = [CoreSchema1795299345114, ReviewDecisions1795299348535]
const core = [
  'audit_logs',
  'cache_entries',
  'checkpoints',
  'metrics',
  'recommendations',
  'validation_results',
  'workflows',
]

const tablesOf = {
  sqlite: `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migrations' ORDER BY name`,
  postgres: `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations' ORDER BY 1`,
}

describe.each(dialectNames)("TypeORM's own runner on %s", (dialect) => {
  test('runs the shipped revisions and reverts them', async () => {
    const database = await makeDatabase(dialect)
    const dataSource = await new DataSource({ ...database.options, migrations }).initialize()
    const tables = async () =>
      ((await dataSource.query(tablesOf[dialect])) as { name: string }[]).map((row) => row.name)
    try {
      expect((await dataSource.runMigrations()).map((migration) => migration.name)).toEqual([
        'CoreSchema1795299345114',
        'ReviewDecisions1795299348535',
      ])
      expect(await tables()).toEqual([...core, 'review_decisions'].sort())
      await dataSource.undoLastMigration()
      expect(await tables()).toEqual(core)
      await dataSource.undoLastMigration()
      expect(await tables()).toEqual([])
    } finally {
      await dataSource.destroy()
      await database.drop()
    }
  })
})
