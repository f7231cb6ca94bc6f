import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { Check, Column, Entity, Index, JoinColumn, ManyToOne, OneToOne, PrimaryColumn, Unique } from 'typeorm'

import { dialectNames } from '../run/databases'
import { type EntityOption, openProject, type TestProject } from './project'

function tables({ more = false, name = 'title' } = {}): readonly EntityOption[] {
  @Entity('authors')
  class Author {
    @PrimaryColumn('int') id!: number
    @Column('varchar', { length: 50, unique: true }) email!: string
  }
  @Entity('books')
  @Unique(['title', 'year'])
  @Unique('uq_given', ['year', 'isbn'])
  @Check('"year" > 1400')
  class Book {
    @PrimaryColumn('int') id!: number
    @PrimaryColumn('int') part!: number
    @Column('varchar', { length: 50, name }) title!: string
    @Column('int') @Index() year!: number
    @Column('varchar', { length: 50 }) isbn!: string
    @ManyToOne(() => Author) @JoinColumn({ name: 'authorId' }) author!: Author
    @OneToOne(() => Author) @JoinColumn({ name: 'editorId' }) editor!: Author
  }
  if (more) Column('int', { nullable: true })(Book.prototype, 'pages')
  return [Author, Book]
}

describe.each(dialectNames)('names that TypeORM derives, on %s', (dialect) => {
  let project: TestProject

  beforeEach(async () => {
    project = await openProject(dialect)
    await project.migrator(tables()).create('first')
    await renameAll()
  })

  afterEach(() => project.remove())

  /** As an older version of TypeORM, or under another name of the table, would have derived them. */
  async function renameAll(pattern = /\b(PK|FK|UQ|REL|CHK|IDX)_[0-9a-f]+/g): Promise<void> {
    for (const [file, text] of Object.entries(await project.files()))
      await project.write({ [file]: text.replace(pattern, (name) => `${name.slice(0, -4)}0000`) })
  }

  test('are reported apart by check, which fails only if asked to', async () => {
    const checked = await project.migrator(tables()).check()
    expect(checked).toMatchObject({ clean: true, operations: [], unmanaged: [] })
    const kinds = checked.names.map(({ table, kind }) => `${table} ${kind}`)
    expect(kinds.filter((kind) => !kind.endsWith('primaryKey'))).toEqual([
      'authors unique',
      'books unique',
      'books unique',
      'books check',
      'books foreignKey',
      'books foreignKey',
      'books index',
    ])
    for (const { database, entity, dialects } of checked.names) {
      expect(dialects).toEqual([dialect])
      expect(database).toBe(`${entity.slice(0, -4)}0000`)
    }
    expect(await project.migrator(tables()).check({ names: true })).toMatchObject({
      clean: false,
      names: checked.names,
    })
  })

  test('are kept by create where nobody can be asked', async () => {
    const created = await project.migrator(tables()).create('names')
    expect(created).toMatchObject({ created: null, operations: [] })
    expect(created.names?.length).toBeGreaterThan(6)
    const more = await project.migrator(tables({ more: true })).create('pages')
    expect(more.operations).toMatchObject([{ op: 'addColumn', table: 'books', name: 'pages' }])
    expect(more.names).toEqual(created.names)
    await project.migrator(tables({ more: true })).upgrade()
    const { database } = await project.migrator(tables({ more: true })).check({ database: true })
    expect(database).toMatchObject({ clean: true })
  })

  test('are asked about once, and a name that is kept stays quiet', async () => {
    const configPath = path.join(project.directory, 'aludel.config.json')
    await writeFile(configPath, '{\n  "dialects": ["sqlite"]\n}\n')
    const askNames = jest.fn(() => Promise.resolve('keep' as const))
    expect(await project.migrator(tables(), { configPath }).create('names', { askNames })).toMatchObject({
      created: null,
    })
    expect(askNames).toHaveBeenCalledTimes(1)
    const { names } = JSON.parse(await readFile(configPath, 'utf8')) as { readonly names: 'keep' }
    expect(names).toBe('keep')
    const again = project.migrator(tables({ more: true }), { configPath, names })
    expect(await again.create('pages', { askNames })).toMatchObject({ operations: [{ op: 'addColumn' }] })
    expect(askNames).toHaveBeenCalledTimes(1)
  })

  test('are renamed together if the answer is so, up and down', async () => {
    await project.migrator(tables()).upgrade()
    const askNames = jest.fn(() => Promise.resolve('rename' as const))
    const { created, operations, names } = await project.migrator(tables()).create('names', { askNames })
    expect(created).not.toBeNull()
    expect(names).toBeUndefined()
    expect(operations.length).toBeGreaterThan(6)
    expect(new Set(operations.map(({ op }) => op))).toEqual(new Set(['renameConstraint', 'renameIndex']))
    await project.migrator(tables()).upgrade()
    const migrator = project.migrator(tables())
    expect(await migrator.check({ database: true, names: true })).toMatchObject({
      clean: true,
      names: [],
      database: { clean: true },
    })
    await migrator.downgrade('-1', { confirm: () => Promise.resolve(true) })
    expect(await project.migrator(tables()).check({ database: true })).toMatchObject({ database: { clean: true } })
  })

  if (dialect === 'sqlite')
    test('are reported for constraints without a name', async () => {
      for (const [file, text] of Object.entries(await project.files()))
        await project.write({ [file]: text.replace(/CONSTRAINT "UQ_[0-9a-f]+" /g, '') })
      const { clean, names } = await project.migrator(tables()).check()
      expect(clean).toBe(true)
      expect(names.filter(({ database }) => database === null).map(({ kind }) => kind)).toEqual(['unique', 'unique'])
      const { operations } = await project.migrator(tables()).create('names', { names: 'rename' })
      expect(operations.map(({ op }) => op)).toEqual(expect.arrayContaining(['dropUnique', 'addUnique']))
      expect(await project.migrator(tables()).check()).toMatchObject({ clean: true, names: [] })
    })

  test('follow a column that is renamed', async () => {
    const renamed = tables({ name: 'heading' })
    const { operations } = await project.migrator(renamed).create('heading', { rename: ['books.title=heading'] })
    expect(operations.map(({ op }) => op)).toEqual(['renameColumn', 'renameConstraint'])
    expect(await project.migrator(renamed).check()).toMatchObject({ clean: true })
  })

  test('leave the names that entities give to be renamed', async () => {
    await renameAll(/\buq_given/g)
    const checked = await project.migrator(tables()).check()
    expect(checked).toMatchObject({ clean: false, operations: [{ op: 'renameConstraint', to: 'uq_given' }] })
  })
})
