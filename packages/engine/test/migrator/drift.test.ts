import type { DataSourceOptions } from 'typeorm'

import type { DatabaseDrift } from '../../src/results'
import { dialectNames } from '../run/databases'
import { writePlainMigration } from './by-hand'
import { entity, id, openProject, type TestProject, text } from './project'

describe.each(dialectNames)('drift check on %s', (dialect) => {
  let project: TestProject
  const notes = (columns: object = {}, more: object = {}) =>
    entity(
      'notes',
      { id, title: text(40), ...columns },
      { indices: [{ name: 'ix_title', columns: ['title'] }], ...more },
    )
  const body = { body: { type: 'text', nullable: true } }

  beforeEach(async () => {
    project = await openProject(dialect)
    await project.migrator([notes()]).create('first', { revisionId: 'aaaaaaaaaaaa' })
    await project.migrator([notes()]).upgrade()
  })
  afterEach(() => project.remove())

  async function drift(entities = [notes()]): Promise<DatabaseDrift> {
    const { database } = await project.migrator(entities).check({ database: true })
    if (database === null) throw new Error('the database was to be looked at')
    return database
  }

  test('finds no drift after an upgrade', async () => {
    expect(await drift()).toEqual({ clean: true, operations: [], pending: 0, matches: null, findings: [], broken: [] })
  })

  test('names extra objects, and missing ones with the revision that creates them', async () => {
    await project.database.rows('DROP INDEX ix_title')
    await project.database.rows('CREATE INDEX by_hand ON notes (id, title)')
    const { clean, operations, matches } = await drift()
    expect({ clean, matches }).toEqual({ clean: false, matches: null })
    expect(operations.map(({ ahead, revision, explanation }) => ({ ahead, revision, explanation }))).toEqual([
      {
        ahead: 'revisions',
        revision: 'aaaaaaaaaaaa',
        explanation: 'the database lacks index ix_title on notes (title): revision aaaaaaaaaaaa (first) creates it',
      },
      {
        ahead: 'database',
        revision: null,
        explanation: 'the database has index by_hand on notes (id, title), which no revision creates (unmanaged?)',
      },
    ])
  })

  test('does not make create drop objects that exist only in the database', async () => {
    await project.database.rows('CREATE INDEX by_hand ON notes (id, title)')
    await project.database.rows('CREATE TABLE theirs (id integer)')
    expect((await project.migrator([notes()]).create('second')).created).toBeNull()
  })

  test('does not report objects that a pending revision creates, and counts that revision', async () => {
    await project.migrator([notes(body)]).create('body')
    expect(await drift([notes(body)])).toEqual({
      clean: true,
      operations: [],
      pending: 1,
      matches: null,
      findings: [],
      broken: [],
    })
  })

  test('reports that the database already matches the head', async () => {
    await project.migrator([notes(body)]).create('body')
    await project.database.rows('ALTER TABLE notes ADD COLUMN body text')
    const { operations, pending, matches } = await drift([notes(body)])
    expect({ pending, matches }).toEqual({ pending: 1, matches: 'head' })
    expect(operations.map(({ matches: match, explanation }) => [match, explanation])).toEqual([
      ['head', 'the database has column notes.body text, which a pending revision creates'],
    ])
    await project.migrator([notes(body)]).stamp(['head'])
    expect((await drift([notes(body)])).clean).toBe(true)
  })

  test('reports that the database already matches the entities', async () => {
    const synchronized = await project
      .dataSource([notes(body)], { synchronize: true } as Partial<DataSourceOptions>)
      .initialize()
    await synchronized.destroy()
    const { operations, matches } = await drift([notes(body)])
    expect(matches).toBe('entities')
    expect(operations.map(({ matches: match, explanation }) => [match, explanation])).toEqual([
      ['entities', 'the database has column notes.body text, as the entities define it, and no revision creates it'],
    ])
  })

  test('reports an index that was changed by hand under the same name', async () => {
    await project.database.rows('DROP INDEX ix_title')
    await project.database.rows(`CREATE INDEX ix_title ON notes (title DESC) WHERE title <> ''`)
    const { operations } = await drift()
    expect(operations.map(({ op, name, ahead }) => [op, name, ahead])).toEqual([
      ['dropIndex', 'ix_title', 'both'],
      ['createIndex', 'ix_title', 'both'],
    ])
    expect(operations[0]?.explanation).toBe('the revisions have index ix_title on notes (title)')
    expect(operations[1]?.explanation).toMatch(
      /^the database has another index ix_title on notes \(title desc where .*\) \(changed by hand\?\)$/,
    )
  })

  test('names what differs between two indexes and two views that otherwise look the same', async () => {
    if (dialect === 'sqlite') return
    await writePlainMigration(project, ['CREATE VIEW v AS SELECT id FROM notes'])
    const made = { unmanaged: ['view:*'] }
    await project.migrator([notes()], made).upgrade()
    await project.database.rows('ALTER INDEX ix_title SET (fillfactor = 70)')
    await project.database.rows(`COMMENT ON INDEX ix_title IS 'for the list'`)
    await project.database.rows('ALTER VIEW v SET (security_barrier = true)')
    const { database } = await project.migrator([notes()], made).check({ database: true })
    expect(database?.operations.map(({ explanation }) => explanation).sort()).toEqual([
      'the database has another index ix_title on notes (title) with (fillfactor=70), comment "for the list" (changed by hand?)',
      'the database has another view v (options security_barrier=true) (changed by hand?)',
      'the revisions have index ix_title on notes (title)',
    ])
  })

  test('reports changed triggers on SQLite, and functions, policies and views on PostgreSQL', async () => {
    const change =
      dialect === 'sqlite'
        ? (value: number) => [
            'DROP TRIGGER IF EXISTS tr',
            `CREATE TRIGGER tr AFTER UPDATE ON notes BEGIN SELECT ${String(value)}; END`,
          ]
        : (value: number) => [
            'DROP VIEW IF EXISTS v',
            'DROP POLICY IF EXISTS p ON notes',
            `CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT ${String(value)}'`,
            `CREATE POLICY p ON notes USING (id > ${String(value)})`,
            `CREATE VIEW v AS SELECT id FROM notes WHERE id > ${String(value)}`,
          ]
    await writePlainMigration(project, change(1))
    const made = { unmanaged: ['trigger:*', 'function:*', 'policy:*', 'view:*'] }
    await project.migrator([notes()], made).upgrade()
    expect((await project.migrator([notes()], made).check({ database: true })).database?.clean).toBe(true)
    for (const sql of change(2)) await project.database.rows(sql)
    const { clean, operations, database } = await project.migrator([notes()], made).check({ database: true })
    expect({ clean, operations }).toEqual({ clean: true, operations: [] })
    expect(database?.operations.map(({ op, ahead }) => [op, ahead]).sort()).toEqual(
      dialect === 'sqlite'
        ? [['replaceTrigger', 'both']]
        : [
            ['replaceFunction', 'both'],
            ['replacePolicy', 'both'],
            ['replaceView', 'both'],
          ],
    )
    for (const { explanation } of database?.operations ?? [])
      expect(explanation).toMatch(/^the database has another .* \(changed by hand\?\)$/)
  })
})

describe('drift check on postgres, of a history in another schema', () => {
  test.each([
    { schema: 'app' },
    { migrationsTableName: 'log.done' },
    { schema: 'app', migrationsTableName: 'log.done' },
  ])('finds none before the first run and after it, with the options %j', async (options) => {
    const project = await openProject('postgres')
    try {
      const notes = [entity('notes', { id })]
      const migrator = () =>
        project.migrator(notes, { dataSource: project.dataSource(notes, options as Partial<DataSourceOptions>) })
      const operations = async () => (await migrator().check({ database: true })).database?.operations
      expect(await operations()).toEqual([])
      await migrator().create('first')
      expect(await operations()).toEqual([])
      await migrator().upgrade()
      expect(await operations()).toEqual([])
      await migrator().downgrade('base', { backup: 'never' })
      expect(await operations()).toEqual([])
    } finally {
      await project.remove()
    }
  })
})
