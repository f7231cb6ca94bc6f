import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { EntitySchema } from 'typeorm'

import { dialectNames, openDatabase, type TestDatabase } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from './project'
import { runScript } from './scripts'

describe.each(dialectNames)('offline SQL on %s', (dialect) => {
  const authors = entity('authors', { id, name: text(50), note: { type: 'text', nullable: true } })
  const later: EntitySchema[] = [
    entity(
      'authors',
      { id, name: text(90), age: { type: 'int', default: 1 } },
      { indices: [{ name: 'idx_age', columns: ['age'] }] },
    ),
    entity('books', { id, title: text(80) }),
  ]
  let project: TestProject
  let other: TestDatabase

  beforeEach(async () => {
    project = await openProject(dialect)
    other = await openDatabase(dialect)
    await project.migrator([authors]).create('first', { revisionId: 'aaaaaaaaaaaa' })
    await project.migrator(later).create(`second: it's "quoted" -- and; more`, {
      revisionId: 'bbbbbbbbbbbb',
      noRename: ['authors.note'],
      confirm: () => Promise.resolve(true),
    })
  })

  afterEach(async () => {
    await other.drop()
    await project.remove()
  })

  /** The project's migrator, on the other database. */
  const onOther = () => project.migrator(later, { dataSource: project.dataSource(later, other.options) })

  async function everything(database: TestDatabase) {
    const schema = await database.dialect.introspection.read(database.queryRunner, { ignoreTables: [] })
    const history = await database.rows('SELECT "timestamp", "name" FROM "migrations" ORDER BY "id"')
    const journal = await database.rows(
      'SELECT "revision", "name", "direction", "statement", "checksum", "outcome", "error" FROM "aludel_journal" ORDER BY "id"',
    )
    return { schema, history, journal }
  }

  test.each(['base:head', 'head'])('upgrade --sql %s has the same effect as upgrade', async (target) => {
    const { statements } = await onOther().sql('upgrade', target)
    await runScript(other, statements)
    await project.migrator(later).upgrade()
    expect(await everything(other)).toEqual(await everything(project.database))
    expect((await onOther().current()).upToDate).toBe(true)
  })

  test('downgrade --sql has the same effect as downgrade', async () => {
    await project.migrator(later).upgrade()
    await onOther().upgrade()
    const { statements } = await onOther().sql('downgrade', '-1')
    await runScript(other, statements)
    await project.migrator(later).downgrade('-1', { backup: 'never' })
    expect(await everything(other)).toEqual(await everything(project.database))
  })

  test('downgrade --sql of a range works on an empty database and leaves it empty', async () => {
    const { statements } = await onOther().sql('downgrade', 'bbbbbbbbbbbb:aaaaaaaaaaaa')
    expect(statements.join('\n')).toContain('DELETE FROM "migrations"')
    expect(await other.rows(countTables(dialect))).toEqual([{ n: dialect === 'postgres' ? '0' : 0 }])
  })

  test("upgrade --sql creates TypeORM's metadata table for a revision that uses it", async () => {
    await project.write({
      '1999999999999-view.js': `const { View } = require(${JSON.stringify(require.resolve('typeorm'))})
      exports.View1999999999999 = class View1999999999999 {
        static revision = 'cccccccccccc'
        static downRevision = 'bbbbbbbbbbbb'
        async up(queryRunner) {
          await queryRunner.createView(new View({ name: 'titles', expression: 'SELECT "title" FROM "books"' }), true)
        }
        async down(queryRunner) {
          await queryRunner.dropView('titles')
        }
      }`,
    })
    const view = new EntitySchema({
      name: 'titles',
      type: 'view',
      expression: 'SELECT "title" FROM "books"',
      columns: { title: { type: 'varchar' } },
    })
    const upgraded = project.migrator([...later, view])
    const scripted = project.migrator([...later, view], {
      dataSource: project.dataSource([...later, view], other.options),
    })
    await upgraded.upgrade()
    await runScript(other, (await scripted.sql('upgrade')).statements)
    expect((await everything(other)).schema).toEqual((await everything(project.database)).schema)
    expect(await other.rows('SELECT "name" FROM "typeorm_metadata"')).toEqual([{ name: 'titles' }])

    await upgraded.downgrade('-1', { backup: 'never' })
    await runScript(other, (await scripted.sql('downgrade')).statements)
    expect((await everything(other)).schema).toEqual((await everything(project.database)).schema)
    expect(await other.rows('SELECT "name" FROM "typeorm_metadata"')).toEqual([])
  })

  test('upgrade --sql names the revision and the statement that fails while it is recorded', async () => {
    await writeFile(
      path.join(project.revisions, '1999999999999-asks.js'),
      `exports.Asks1999999999999 = class Asks1999999999999 {
        static revision = 'cccccccccccc'
        static downRevision = 'bbbbbbbbbbbb'
        async up(queryRunner) {
          const rows = await queryRunner.query('SELECT 1 AS "n"')
          if (rows.length === 1) await queryRunner.query('DROP TABLE "no_such_table"')
        }
        async down() {}
      }`,
    )
    await expect(onOther().sql('upgrade')).rejects.toMatchObject({
      code: 'ALUDEL_REPLAY',
      details: { revision: 'cccccccccccc', statement: 'DROP TABLE "no_such_table"' },
    })
  })

  test('upgrade --sql warns of a revision that reads rows, and marks its statements in the script', async () => {
    const select = 'SELECT "id" FROM "books"'
    const guard = 'SELECT 1 / (1 - count(*)) FROM "t"'
    await project.write({
      '1999999999999-reads.js': `exports.Reads1999999999999 = class Reads1999999999999 {
        static revision = 'cccccccccccc'
        static downRevision = 'bbbbbbbbbbbb'
        async up(queryRunner) {
          if (await queryRunner.hasColumn('books', 'title')) await queryRunner.query('CREATE TABLE "t" ("id" integer)')
        }
        async down() {}
      }
      exports.Copies1999999999999 = class Copies1999999999999 {
        static revision = 'dddddddddddd'
        static downRevision = 'cccccccccccc'
        async up(queryRunner) {
          for (const { id } of await queryRunner.query('${select}')) await queryRunner.query('INSERT INTO "t" VALUES (' + id + ')')
        }
        async down() {}
      }
      exports.Guarded1999999999999 = class Guarded1999999999999 {
        static revision = 'eeeeeeeeeeee'
        static downRevision = 'dddddddddddd'
        async up(queryRunner) {
          await queryRunner.query('${guard}')
        }
        async down() {}
      }`,
    })
    const warnings: string[] = []
    const migrator = project.migrator(later, {
      dataSource: project.dataSource(later, other.options),
      onEvent: (event) => {
        if (event.type === 'warning') warnings.push(event.message)
      },
    })
    const { statements } = await migrator.sql('upgrade')
    expect(warnings).toEqual([
      `the upgrade of dddddddddddd (copies) reads rows (${select}): the script has its statements for a database without ` +
        'rows. Where they depend on rows, run it with the tool',
    ])
    const comments = statements.filter((line) => line.startsWith('--'))
    expect(comments.slice(-3)).toEqual([
      '-- upgrade dddddddddddd: copies',
      `-- it reads rows, and these are its statements for a database without any: ${select}`,
      '-- upgrade eeeeeeeeeeee: guarded',
    ])
    // A statement that only reads may stop the script, so one that is known from the file is kept.
    expect(statements).toContain(`${guard};`)
  })

  test('stamp --sql has the same effect as stamp', async () => {
    const { statements } = await onOther().stampSql(['head'])
    await runScript(other, statements)
    expect((await onOther().current()).current).toEqual(['bbbbbbbbbbbb'])
    await project.migrator(later).stamp(['head'], { force: true })
    const journal = 'SELECT "revision", "direction", "outcome", "checksum" FROM "aludel_journal" ORDER BY "id"'
    expect(await other.rows(journal)).toEqual(await project.database.rows(journal))
  })
})

describe('offline SQL for a database to which TypeORM never connected', () => {
  const tags = entity('tags', {
    id: { type: 'uuid', primary: true, generated: 'uuid' },
    name: { type: 'citext' },
    more: { type: 'hstore', nullable: true },
  })
  let project: TestProject
  let other: TestDatabase

  beforeEach(async () => {
    project = await openProject('postgres')
    other = await openDatabase('postgres')
    await project.write({
      '1700000000000-tags.js': plain(
        'Tags1700000000000',
        'CREATE TABLE "tags" ("id" uuid NOT NULL DEFAULT uuid_generate_v4(), "name" citext NOT NULL, CONSTRAINT "PK_tags" PRIMARY KEY ("id"))',
        'CREATE EXTENSION IF NOT EXISTS citext',
      ),
      '1700000000001-more.js': plain('More1700000000001', 'ALTER TABLE "tags" ADD "more" hstore'),
    })
  })

  afterEach(async () => {
    await other.drop()
    await project.remove()
  })

  const extensions = ({ statements }: { readonly statements: readonly string[] }): readonly string[] =>
    statements.filter((line) => line.startsWith('CREATE EXTENSION'))

  test('creates the extensions that TypeORM creates when it connects, which the revisions need', async () => {
    const script = await project.migrator([tags]).sql('upgrade', 'base:head')
    expect(extensions(script)).toEqual([
      'CREATE EXTENSION IF NOT EXISTS "uuid-ossp";',
      'CREATE EXTENSION IF NOT EXISTS "hstore";',
      // In the revision itself.
      'CREATE EXTENSION IF NOT EXISTS citext;',
    ])
    await runScript(other, script.statements)
    await other.rows(`INSERT INTO "tags" ("name", "more") VALUES ('a', 'b=>c')`)
    expect(await other.rows('SELECT "name" FROM "tags"')).toEqual([{ name: 'a' }])
  })

  test('creates only those of its own revisions, and none to undo them', async () => {
    const { revisions } = await project.migrator([tags]).history()
    const oldest = revisions.at(-1)?.revision ?? ''
    const migrator = project.migrator([tags])
    expect(extensions(await migrator.sql('upgrade', `${oldest}:head`))).toEqual([
      'CREATE EXTENSION IF NOT EXISTS "hstore";',
    ])
    expect(extensions(await migrator.sql('downgrade', 'head:base'))).toEqual([])
  })

  test('creates none if the DataSource does not let TypeORM create them', async () => {
    const dataSource = project.dataSource([tags], { installExtensions: false })
    expect(extensions(await project.migrator([tags], { dataSource }).sql('upgrade', 'base:head'))).toEqual([
      'CREATE EXTENSION IF NOT EXISTS citext;',
    ])
  })

  test('are not created by looking at the database', async () => {
    const before = await project.database.rows('SELECT extname FROM pg_extension ORDER BY 1')
    // A migrator of its own each time: one that is connected already has created them.
    const plan = await project.migrator([tags]).plan('upgrade')
    expect(plan.steps).toHaveLength(2)
    await project.migrator([tags]).sql('upgrade')
    await project.migrator([tags]).check({ database: true })
    expect(await project.database.rows('SELECT extname FROM pg_extension ORDER BY 1')).toEqual(before)
  })

  test('replays such a history on a shadow database', async () => {
    expect((await project.migrator([tags]).check()).operations).toMatchObject([])
  })
})

/** A plain TypeORM migration. */
function plain(name: string, ...statements: readonly string[]): string {
  return `exports.${name} = class ${name} {
    async up(queryRunner) {
      ${statements
        .toReversed()
        .map((sql) => `await queryRunner.query(${JSON.stringify(sql)})`)
        .join('\n')}
    }
    async down(queryRunner) {
      await queryRunner.query('SELECT 1')
    }
  }`
}

function countTables(dialect: string): string {
  return dialect === 'sqlite'
    ? `SELECT count(*) AS n FROM sqlite_master WHERE type = 'table'`
    : `SELECT count(*) AS n FROM pg_tables WHERE schemaname = 'public'`
}
