import { EntitySchema } from 'typeorm'

import { dialectNames } from '../run/databases'
import { writePlainMigration } from './by-hand'
import { type EntityOption, entity, openProject, type TestProject } from './project'

type KeyType = 'int' | 'varchar'

/** Authors and their books. The foreign key has the name that TypeORM derives, or the given one. */
function tables(type: KeyType, name?: string): readonly EntityOption[] {
  const key = { primary: true } as const
  const authors = entity('authors', { id: { type, ...key, primaryKeyConstraintName: 'pk_authors' } })
  const books = new EntitySchema({
    name: 'books',
    tableName: 'books',
    columns: { id: { type: 'int', ...key, primaryKeyConstraintName: 'pk_books' }, author_id: { type } },
    foreignKeys: [
      {
        target: 'authors',
        columnNames: ['author_id'],
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
        ...(name === undefined ? {} : { name }),
      },
    ],
  })
  return [authors, books]
}

describe.each(dialectNames)('foreign key with a name given by hand on %s', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  const byHand = async (constraint: string): Promise<void> => {
    await writePlainMigration(
      project,
      [
        'create table authors (id integer not null, constraint pk_authors primary key (id))',
        `create table books (id integer not null, author_id integer not null, constraint pk_books primary key (id), ${constraint} foreign key (author_id) references authors(id) on delete cascade)`,
        'insert into authors values (1)',
        'insert into books values (2, 1)',
      ],
      ['drop table books', 'drop table authors'],
    )
    await project.migrator([]).upgrade()
  }
  const refuse = { confirm: () => Promise.resolve(true), askUnmanaged: () => Promise.reject(new Error('asked')) }

  const words = [
    'constraint fk_author',
    'CONSTRAINT fk_author',
    'Constraint "fk_author"',
    '/* a */ constraint\nfk_author',
  ]
  test.each(words)('is replaced without a question when both its columns change their type: %j', async (constraint) => {
    await byHand(constraint)
    const migrator = project.migrator(tables('varchar'))
    const { operations, created } = await migrator.create('text keys', refuse)
    expect(created).not.toBeNull()
    expect(operations.filter(({ op }) => op === 'dropForeignKey').map(({ name }) => name)).toEqual(['fk_author'])
    expect(operations.filter(({ op }) => op === 'addForeignKey')).toHaveLength(1)
    await migrator.upgrade()
    expect(await migrator.check({ database: true })).toMatchObject({ clean: true, database: { clean: true } })
    expect(await project.database.rows('select author_id from books')).toEqual([{ author_id: '1' }])
    await migrator.downgrade(undefined, { confirm: () => Promise.resolve(true) })
    expect(await project.database.rows('select author_id from books')).toEqual([{ author_id: 1 }])
  })

  test('serves the entity when it is kept, so that there is no second one', async () => {
    await byHand('constraint fk_author')
    const keep = ['foreignKey:books.fk_author']
    const { operations } = await project.migrator(tables('varchar')).create('text keys', { ...refuse, keep })
    expect(operations.filter(({ op }) => op === 'addForeignKey').map(({ name }) => name)).toEqual(['fk_author'])
    const migrator = project.migrator(tables('varchar'), { unmanaged: keep })
    await migrator.upgrade()
    expect(await migrator.check({ database: true })).toMatchObject({ clean: true, database: { clean: true } })
  })

  test('is still asked about if the entities have no such reference', async () => {
    await byHand('constraint fk_author')
    const books = entity('books', {
      id: { type: 'int', primary: true, primaryKeyConstraintName: 'pk_books' },
      author_id: { type: 'int' },
    })
    const [authors] = tables('int')
    const entities = authors === undefined ? [books] : [authors, books]
    await expect(project.migrator(entities).create('no key')).rejects.toMatchObject({
      code: 'ALUDEL_UNMANAGED_QUESTION',
      details: { unmanaged: [{ pattern: 'foreignKey:books.fk_author' }] },
    })
  })
})
