import type { MigratorOptions } from '../../src/project/options'
import type { DialectName } from '../../src/dialect/registry'
import { dialectNames } from '../run/databases'
import { byHand, writePlainMigration } from './by-hand'
import { entity, id, openProject, type TestProject, text, writeRevision } from './project'

const yes = { confirm: () => Promise.resolve(true) }
const keep = (): Promise<'keep'> => Promise.resolve('keep')

const other = entity('u', { id })
const full = [entity('t', { id, a: text(20), k: text(20, { nullable: true }) }), other]
const less = [entity('t', { id, a: text(20) }), other]
const view = 'CREATE VIEW hv AS SELECT id, k FROM t'
const trigger = 'CREATE TRIGGER tr AFTER INSERT ON u BEGIN UPDATE t SET k = new.id; END'

let project: TestProject
const open = async (dialect: DialectName): Promise<void> => {
  project = await openProject(dialect)
}
afterEach(() => project.remove())

const warnings = (): [string[], Partial<MigratorOptions>] => {
  const found: string[] = []
  return [
    found,
    {
      onEvent: (event) => {
        if (event.type === 'warning') found.push(event.message)
      },
    },
  ]
}

describe('a revision on sqlite that drops a column', () => {
  beforeEach(async () => {
    await open('sqlite')
    await project.migrator(full).create('first')
  })

  test.each([
    { object: 'view', make: view, pattern: 'view:hv', names: { kind: 'view', name: 'hv' } },
    { object: 'trigger', make: trigger, pattern: 'trigger:u.tr', names: { kind: 'trigger', name: 'tr', table: 'u' } },
  ])('is not written if a kept $object reads it', async ({ make, pattern, names }) => {
    await writePlainMigration(project, [make], [`DROP ${names.kind.toUpperCase()} ${names.name}`])
    const files = Object.keys(await project.files())
    await expect(
      project.migrator(less).create('drop k', { ...yes, askUnmanaged: keep, keep: [pattern] }),
    ).rejects.toMatchObject({
      code: 'ALUDEL_BROKEN_OBJECT',
      message: expect.stringMatching(/^the up statements break (view hv|trigger tr of u): no such column: k/) as string,
      help: expect.stringContaining(`--drop '${pattern}'`) as string,
      details: { dialect: 'sqlite', direction: 'up', objects: [names] },
    })
    expect(Object.keys(await project.files())).toEqual(files)

    const { created } = await project.migrator(less).create('drop k', { ...yes, drop: [pattern] })
    expect(created).not.toBeNull()
    const migrator = project.migrator(less)
    await migrator.upgrade()
    expect(await migrator.check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true, broken: [] },
    })
  })

  const dropK = [
    'await queryRunner.query("CREATE TABLE t2 (id integer PRIMARY KEY NOT NULL, a varchar(20) NOT NULL)")',
    'await queryRunner.query("INSERT INTO t2 SELECT id, a FROM t")',
    'await queryRunner.query("DROP TABLE t")',
    'await queryRunner.query("PRAGMA legacy_alter_table = ON")',
    'await queryRunner.query("ALTER TABLE t2 RENAME TO t")',
    'await queryRunner.query("PRAGMA legacy_alter_table = OFF")',
  ].join('\n    ')

  test('is rolled back if a view that worked does not work afterwards', async () => {
    await byHand(project, 'view', [view])
    await project.migrator(full).upgrade()
    await project.database.rows(`INSERT INTO t VALUES (1, 'a', 'k')`)
    const revision = await byHand(project, 'drop k', dropK)
    const migrator = project.migrator(less)
    await expect(migrator.upgrade()).rejects.toMatchObject({
      code: 'ALUDEL_BROKEN_OBJECT',
      message: expect.stringContaining('it breaks view hv: no such column: k') as string,
      details: { revision, kept: 0, objects: [{ kind: 'view', name: 'hv', error: 'no such column: k' }] },
    })
    expect(await project.database.rows('SELECT k FROM hv')).toEqual([{ k: 'k' }])
    expect((await migrator.current()).pending).toBe(1)
  })

  test('may break a view that the next revision of the run drops, with a warning', async () => {
    await byHand(project, 'view', [view])
    const breaking = await byHand(project, 'drop k', dropK)
    await byHand(project, 'mend', ['DROP VIEW hv', 'CREATE VIEW hv AS SELECT id FROM t'])
    const [found, options] = warnings()
    const migrator = project.migrator(less, options)
    await migrator.upgrade()
    expect(found).toEqual([expect.stringContaining(`${breaking} (drop k) breaks view hv: no such column: k`)])
    expect(await project.database.rows('SELECT * FROM hv')).toEqual([])
    expect(await migrator.check({ database: true })).toMatchObject({ database: { clean: true, broken: [] } })
  })

  test('is allowed to break what was broken before, or is new and reads a table that comes later', async () => {
    await byHand(project, 'view', [
      'CREATE VIEW broken AS SELECT gone FROM t',
      'CREATE TRIGGER later AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.id); END',
    ])
    const [found, options] = warnings()
    await project.migrator(full, options).upgrade()
    await byHand(project, 'drop k', ['DROP VIEW broken', 'CREATE VIEW broken AS SELECT away FROM t'])
    await project.migrator(full, options).upgrade()
    expect(found).toEqual([])
  })

  test('breaks a view with a warning where no transaction can be rolled back', async () => {
    await project.migrator(full).upgrade()
    await project.database.rows(view)
    const [found, options] = warnings()
    const current = (await project.migrator(full).current()).current[0] ?? ''
    await writeRevision(project, 'outside', dropK.split('\n    '))
    const file = Object.entries(await project.files()).find(([name]) => name.endsWith('-outside.ts'))
    await project.write({ [file?.[0] ?? '']: (file?.[1] ?? '').replace('aaaaaaaaaaaa', current) })
    await project.migrator(less, options).upgrade()
    expect(found).toEqual([expect.stringMatching(/breaks view hv: no such column: k$/)])
  })

  test('leaves a view whose brokenness check reports, and which `ignore` hides', async () => {
    await project.migrator(full).upgrade()
    await project.database.rows('CREATE VIEW hv AS SELECT id, gone FROM t')
    await project.database.rows('CREATE TRIGGER tr AFTER UPDATE OF gone ON t BEGIN DELETE FROM t; END')
    const ignoreOthers = { unmanaged: ['view:*', 'trigger:*'] }
    const { database } = await project.migrator(full, ignoreOthers).check({ database: true })
    expect(database).toMatchObject({
      clean: false,
      broken: [
        { kind: 'view', name: 'hv', error: 'no such column: gone' },
        { kind: 'trigger', name: 'tr', table: 't', error: 'no such column: gone' },
      ],
    })
    const ignoring = project.migrator(full, { ignore: ['view:hv', 'trigger:t.tr'] })
    expect(await ignoring.check({ database: true })).toMatchObject({ database: { clean: true, broken: [] } })
  })
})

describe.each(dialectNames)('check on %s', (dialect) => {
  beforeEach(() => open(dialect))

  test('reports no broken object of a database whose views all work', async () => {
    await project.migrator(full).create('first')
    await writePlainMigration(project, [view], ['DROP VIEW hv'])
    const migrator = project.migrator(full, { unmanaged: ['view:hv'] })
    await migrator.upgrade()
    expect(await migrator.check({ database: true })).toMatchObject({ database: { clean: true, broken: [] } })
  })
})
