import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

import { openProject, type TestProject } from './project'

/** `EntitySchema` has no option for a concurrent index, so these are classes. */
@Entity('notes')
class Note {
  @PrimaryColumn('int') id!: number
  @Column('varchar') title!: string
}

@Entity('notes')
@Index('ix_title', ['title'], { concurrent: true })
class IndexedNote {
  @PrimaryColumn('int') id!: number
  @Column('varchar') title!: string
}

@Entity('notes')
@Index('ix_title', ['title'], { concurrent: true })
class LongNote {
  @PrimaryColumn('int') id!: number
  @Column('varchar') title!: string
  @Column('text', { nullable: true }) body!: string | null
}

describe('create with a concurrent index', () => {
  let project: TestProject

  beforeEach(async () => {
    project = await openProject('postgres')
  })

  afterEach(() => project.remove())

  const indexes = async () =>
    (await project.database.rows(`SELECT indexname AS name FROM pg_indexes WHERE indexname = 'ix_title'`)).length

  async function notes(): Promise<void> {
    const migrator = project.migrator([Note])
    await migrator.create('notes')
    await migrator.upgrade()
    await project.database.rows(`INSERT INTO "notes" VALUES (1, 'a'), (2, 'b')`)
  }

  test('writes a non-transactional revision if the table exists', async () => {
    await notes()
    const migrator = project.migrator([IndexedNote])
    const result = await migrator.create('index titles')
    expect(result.sql.postgres?.up).toEqual(['CREATE INDEX CONCURRENTLY "ix_title" ON "notes" ("title")'])
    expect(result.sql.postgres?.down).toEqual(['DROP INDEX CONCURRENTLY "ix_title"'])
    expect(result.more).toBeUndefined()
    const [, text] = Object.values(await project.files())
    expect(text).toContain('readonly transaction = false')
    await migrator.upgrade()
    expect(await indexes()).toBe(1)
    expect(await project.migrator([IndexedNote]).check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })
    await migrator.downgrade('-1')
    expect(await indexes()).toBe(0)
  })

  test('writes a second revision for the index, after the transactional changes', async () => {
    await notes()
    const migrator = project.migrator([LongNote])
    const result = await migrator.create('bodies', { revisionId: 'b0d1e5000001' })
    expect(result.created?.revision).toBe('b0d1e5000001')
    expect(result.more).toHaveLength(1)
    expect(result.operations.map(({ op }) => op)).toEqual(['addColumn', 'createIndex'])
    expect(result.sql.postgres?.up).toEqual([
      expect.stringContaining('ADD COLUMN "body"'),
      'CREATE INDEX CONCURRENTLY "ix_title" ON "notes" ("title")',
    ])
    const [, first, second] = Object.values(await project.files())
    expect(first).toContain('ADD COLUMN "body"')
    expect(first).not.toContain('INDEX')
    expect(first).not.toContain('transaction = false')
    expect(second).toContain('CREATE INDEX CONCURRENTLY')
    expect(second).toContain("downRevision = 'b0d1e5000001'")
    expect((await migrator.upgrade()).steps).toHaveLength(2)
    expect(await project.migrator([LongNote]).check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })
    await migrator.downgrade('-2')
    expect(await project.database.rows('SELECT * FROM "notes" ORDER BY "id"')).toEqual([
      { id: 1, title: 'a' },
      { id: 2, title: 'b' },
    ])
  })

  test('returns the index with all other statements with sql: true', async () => {
    await notes()
    const result = await project.migrator([LongNote]).create('bodies', { sql: true })
    expect(result.created).toBeNull()
    expect(result.sql.postgres?.up).toHaveLength(2)
    expect(result.sql.postgres?.down).toEqual([
      'DROP INDEX CONCURRENTLY "ix_title"',
      expect.stringContaining('DROP COLUMN "body"'),
    ])
    expect(Object.keys(await project.files())).toHaveLength(1)
  })

  test('creates the index without CONCURRENTLY if the table is new', async () => {
    const result = await project.migrator([LongNote]).create('notes')
    expect(result.sql.postgres?.up).toContainEqual('CREATE INDEX "ix_title" ON "notes" ("title")')
    expect(result.more).toBeUndefined()
  })
})
