import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  Unique,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm'

import { render } from '../../../src/dialect/sqlite/render'
import type { Operation } from '../../../src/operations'
import { emptySchema } from '../../../src/schema/schema'
import { Databases, run, schemaOf } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

@Entity()
class Author {
  @PrimaryGeneratedColumn() id!: number
  @Column({ type: 'varchar', length: 50, unique: true, collation: 'NOCASE' }) name!: string
  @Column({ type: 'simple-enum', enum: ['draft', 'live', 'a, b'], default: 'draft' }) state!: string
  @Column({ type: 'decimal', precision: 10, scale: 2, default: -1.5 }) price!: number
  @Column({ type: 'boolean', default: true }) active!: boolean
  @Column({ type: 'simple-json', nullable: true }) data!: object
  @Column({ type: 'blob', nullable: true }) bytes!: Buffer
  @Column({ type: 'datetime', default: () => "datetime('now', '+1 day')" }) due!: Date
  @CreateDateColumn() created!: Date
  @UpdateDateColumn() updated!: Date
  @VersionColumn() version!: number
  @OneToMany(() => Book, (book) => book.author) books!: Book[]
}

@Entity('the books')
@Unique('UQ_title', ['title', 'year'])
@Check('CHK_year', '"year" > 1000 AND "year" IN (abs(2000), 2001)')
@Index('IX_partial', ['year'], { where: `"title" <> 'x, y'` })
@Index(['title', 'author'], { unique: true })
class Book {
  @PrimaryColumn('varchar', { length: 36 }) id!: string
  @Column({ type: 'text', nullable: true }) title!: string
  @Column({ type: 'int' }) year!: number
  @ManyToOne(() => Author, (author) => author.books, {
    onDelete: 'CASCADE',
    onUpdate: 'SET NULL',
    deferrable: 'INITIALLY DEFERRED',
  })
  @JoinColumn({ name: 'author_id', foreignKeyConstraintName: 'FK_author' })
  author!: Author
  @ManyToMany(() => Author) @JoinTable() readers!: Author[]
}

const entities = [Author, Book]

/** Ends with a named check. */
@Entity('limited')
@Check('CHK_low', '"n" < 9')
@Check('CHK_high', '"n" > 1')
class Limited {
  @PrimaryGeneratedColumn() id!: number
  @Column({ type: 'int' }) n!: number
}

@Entity('place')
@Unique('UQ_code', ['code', 'country'])
class Place {
  @PrimaryColumn('int') code!: number
  @Column({ type: 'int' }) country!: number
}

/** The names of its narrower constraints sort before those that have the same columns and more. */
@Entity('overlapping')
@Unique('UQ_b', ['a', 'b'])
@Unique('UQ_a', ['a'])
class Overlapping {
  @PrimaryGeneratedColumn() id!: number
  @Column({ type: 'int' }) a!: number
  @Column({ type: 'int' }) b!: number
  @ManyToOne(() => Place)
  @JoinColumn([
    { name: 'a', referencedColumnName: 'code', foreignKeyConstraintName: 'FK_b' },
    { name: 'b', referencedColumnName: 'country', foreignKeyConstraintName: 'FK_b' },
  ])
  wide!: Place
  @ManyToOne(() => Place)
  @JoinColumn({ name: 'a', referencedColumnName: 'code', foreignKeyConstraintName: 'FK_a' })
  narrow!: Place
}

describe('schema that TypeORM synchronizes', () => {
  test.each([
    ['of two entities', entities],
    ['with a check at the end', [Limited]],
    ['with constraints on columns of others', [Place, Overlapping]],
  ])('%s is read and recreated so that TypeORM finds nothing to change', async (_what, entities) => {
    const synced = await databases.open({ entities, synchronize: true })
    const schema = await schemaOf(synced)
    const operations: Operation[] = [
      ...schema.tables.map((table): Operation => ({
        op: 'createTable',
        table: { name: table.name },
        definition: { ...table, foreignKeys: [], indexes: [] },
      })),
      ...schema.tables.flatMap((table) =>
        table.indexes.map((index): Operation => ({ op: 'createIndex', table: { name: table.name }, index })),
      ),
      ...schema.tables.flatMap((table) =>
        table.foreignKeys.map((foreignKey): Operation => ({
          op: 'addForeignKey',
          table: { name: table.name },
          foreignKey,
        })),
      ),
    ]
    const made = await databases.open({ entities })
    await run(made, render(operations, emptySchema))
    expect(await schemaOf(made)).toEqual(schema)
    const changes = await made.driver.createSchemaBuilder().log()
    expect(changes.upQueries.map(({ query }) => query)).toEqual([])
  })

  test('is read with enum checks, defaults and foreign key actions', async () => {
    const synced = await databases.open({ entities, synchronize: true })
    const schema = await schemaOf(synced)
    expect(schema.tables.map(({ name }) => name)).toEqual(['author', 'the books', 'the books_readers_author'])
    const [author] = schema.tables
    expect(author?.columns.find(({ name }) => name === 'state')).toEqual({
      name: 'state',
      type: 'varchar',
      nullable: false,
      default: "'draft'",
    })
    expect(author?.checks).toEqual([{ expression: `"state" IN ('draft', 'live', 'a, b')` }])
    expect(author?.columns.find(({ name }) => name === 'created')?.default).toBe("datetime('now')")
    expect(schema.tables[1]?.foreignKeys).toMatchObject([
      { name: 'FK_author', onDelete: 'CASCADE', onUpdate: 'SET NULL', deferrable: 'initially deferred' },
    ])
  })
})
