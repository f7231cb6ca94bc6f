import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { dialectNames } from '../run/databases'
import { openProject, type TestProject } from '../migrator/project'
import { allRows, knownTool, lastOf, loadMade, madeByTools } from './made-by-tools'
import { toolEntities } from './tool-entities'

describe.each(dialectNames)('a %s database that a real tool made', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  const names = madeByTools(dialect)
  // db-migrate and postgres-migrations call their own table `migrations`.
  const isTaken = (name: string): boolean => ['db-migrate', 'postgres-migrations'].includes(name)
  const historyOf = (name: string): string => (isTaken(name) ? 'typeorm_migrations' : 'migrations')
  const migrator = (name: string) =>
    project.migrator([], { dataSource: project.dataSource([], { migrationsTableName: historyOf(name) }) })

  test('is one of at least ten', () => {
    expect(names.length).toBeGreaterThanOrEqual(10)
  })

  test.each(names)('with %s is adopted: every row stays, nothing differs, and the next revision runs', async (name) => {
    const known = knownTool(name, dialect)
    await loadMade(project.database, name)
    const before = await allRows(project.database, historyOf(name))
    const { tool, others, tables, stamped, created, forgotten } = await migrator(name).adopt()
    expect({ tool, others }).toEqual({
      tool: { name: known.tool, table: known.tables[0], last: lastOf(name, dialect) },
      others: [],
    })
    // TypeORM's own rows make way for those of the revisions.
    expect(forgotten).toHaveLength(known.tool === 'TypeORM' ? 3 : 0)
    const own = known.tool === 'TypeORM' ? [] : known.tables
    expect(tables).toEqual([...own].sort())
    expect(stamped).toEqual([created?.revision])
    expect(await allRows(project.database, historyOf(name))).toEqual(before)

    const { database } = await migrator(name).check({ database: true })
    expect(database).toMatchObject({ clean: true, pending: 0, operations: [], findings: [] })
    expect(database?.tools ?? []).toEqual(own.length === 0 ? [] : [{ name: known.tool, tables: [...own].sort() }])
    const [verified] = (await migrator(name).verify()).revisions
    expect(verified).toMatchObject({ up: 'ok', down: 'ok' })

    await writeFile(
      path.join(project.revisions, '1999999999999-next.js'),
      `exports.Next1999999999999 = class Next1999999999999 {
  static revision = 'eeeeeeeeeeee'
  static downRevision = '${created?.revision ?? ''}'
  async up(queryRunner) { await queryRunner.query('CREATE TABLE "later" ("id" int)') }
  async down(queryRunner) { await queryRunner.query('DROP TABLE "later"') }
}
`,
    )
    expect(await migrator(name).upgrade()).toMatchObject({ steps: [{ revision: 'eeeeeeeeeeee' }] })
    expect((await migrator(name).check({ database: true })).database).toMatchObject({ clean: true, pending: 0 })
    expect(await allRows(project.database, historyOf(name))).toEqual({
      ...before,
      [dialect === 'sqlite' ? '"later"' : 'public.later']: [],
    })
  })

  test.each(names.filter(isTaken))('with %s is refused with a reason while both want its table', async (name) => {
    await loadMade(project.database, name)
    await expect(project.migrator([]).adopt()).rejects.toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringContaining('cannot read the history in "migrations"') as string,
      help: expect.stringContaining("migrationsTableName: 'typeorm_migrations'") as string,
    })
  })

  /** What entities cannot declare: indexes of expressions and with an order. They are asked about. */
  const undeclared: Readonly<Record<string, readonly string[]>> = {
    alembic: ['index:users.ix_users_name'],
    prisma: ['index:Order.Order_userId_placedAt_idx'],
  }

  test.each(Object.keys(toolEntities))('with %s needs no change for its entities', async (name) => {
    const entities = toolEntities[name]?.(dialect) ?? []
    await loadMade(project.database, name)
    await project.migrator([]).adopt()
    const { operations, unmanaged } = await project.migrator(entities).check()
    // TypeORM wants a primary key, which Prisma gives such a table only on PostgreSQL.
    const key = name === 'prisma' && dialect === 'sqlite' ? [{ op: 'addPrimaryKey', table: '_OrderToTag' }] : []
    expect(operations).toMatchObject(key)
    expect(operations).toHaveLength(key.length)
    expect(unmanaged.map(({ pattern }) => pattern)).toEqual(undeclared[name] ?? [])
    const fromDatabase = await project.migrator(entities, { unmanaged: undeclared[name] ?? [] }).create('next', {
      from: 'database',
      sql: true,
    })
    expect(fromDatabase.operations).toHaveLength(key.length)
  })
})
