import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { DataSource } from 'typeorm'
import { type DataSourceOptions } from 'typeorm'

import { dialectNames } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from './project'

/** Projects that started with TypeORM's own command line. */
describe.each(dialectNames)('plain TypeORM migrations on %s', (dialect) => {
  const authors = entity('authors', { id, name: text(50) })
  let project: TestProject

  beforeEach(async () => {
    project = await openProject(dialect)
    await plain(
      'First',
      1700000000001,
      'CREATE TABLE "authors" ("id" integer PRIMARY KEY NOT NULL, "name" varchar(40) NOT NULL)',
      'DROP TABLE "authors"',
    )
    await plain(
      'Second',
      1700000000002,
      'CREATE TABLE "extra" ("id" integer PRIMARY KEY NOT NULL)',
      'DROP TABLE "extra"',
    )
  })

  afterEach(() => project.remove())

  function plain(name: string, timestamp: number, up: string, down: string): Promise<void> {
    return writeFile(
      path.join(project.revisions, `${String(timestamp)}-${name}.js`),
      [
        `module.exports = class ${name}${String(timestamp)} {`,
        `  async up(queryRunner) { await queryRunner.query(${JSON.stringify(up)}) }`,
        `  async down(queryRunner) { await queryRunner.query(${JSON.stringify(down)}) }`,
        '}',
      ].join('\n'),
    )
  }

  async function typeorm(): Promise<DataSource> {
    return project.database.connect({
      migrations: [path.join(project.revisions, '*.js')],
    } as Partial<DataSourceOptions>)
  }

  test('form the history, and count as applied if TypeORM ran them', async () => {
    const theirs = await typeorm()
    await theirs.runMigrations()
    const result = await project.migrator([authors]).history({ indicateCurrent: true })
    expect(result.revisions.map(({ name, applied, isCurrent }) => [name, applied, isCurrent])).toEqual([
      ['Second1700000000002', true, true],
      ['First1700000000001', true, false],
    ])
    expect((await project.migrator([authors]).current()).upToDate).toBe(true)
  })

  test('count as applied for TypeORM if upgrade ran them', async () => {
    await project.migrator([authors]).upgrade()
    expect(await (await typeorm()).showMigrations()).toBe(false)
    await project.migrator([authors]).downgrade('-1', { backup: 'never' })
    expect(await (await typeorm()).showMigrations()).toBe(true)
  })

  test('can be followed by new revisions, which TypeORM can run and revert', async () => {
    const { created, operations } = await project.migrator([authors]).create('widen name', {
      noRename: ['extra'],
      confirm: () => Promise.resolve(true),
    })
    expect(created?.path).toMatch(/\.js$/)
    expect(operations.map(({ op }) => op)).toEqual(expect.arrayContaining(['alterColumn', 'dropTable']))
    const theirs = await typeorm()
    await theirs.runMigrations()
    expect(await project.migrator([authors]).check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })
    await theirs.undoLastMigration()
    expect((await project.migrator([authors]).current()).pending).toBe(1)
  })
})
