import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

import type { RunListener } from '../../src/project/events'
import { writePlainMigration } from './by-hand'
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

@Entity('events')
class Event {
  @PrimaryColumn('int', { primaryKeyConstraintName: 'pk_events' }) id!: number
  @PrimaryColumn('date', { primaryKeyConstraintName: 'pk_events' }) at!: string
  @Column('varchar', { length: 10 }) k!: string
}

@Entity('events')
@Index('ix_k', ['k'], { concurrent: true })
class IndexedEvent {
  @PrimaryColumn('int', { primaryKeyConstraintName: 'pk_events' }) id!: number
  @PrimaryColumn('date', { primaryKeyConstraintName: 'pk_events' }) at!: string
  @Column('varchar', { length: 10 }) k!: string
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

  test('recreates the index in the transaction of a change that needs it dropped', async () => {
    const tickets = (states: readonly string[]) => {
      @Entity('tickets')
      @Index('ix_state', ['state'], { concurrent: true, where: `"state" = 'on'` })
      class Ticket {
        @PrimaryColumn('int') id!: number
        @Column('enum', { enum: [...states], enumName: 'state' }) state!: string
      }
      return [Ticket]
    }
    await project.migrator(tickets(['on', 'off'])).create('first')
    await project.migrator(tickets(['on', 'off'])).upgrade()
    const yes = { confirm: () => Promise.resolve(true) }
    const { sql, more } = await project.migrator(tickets(['on', 'off', 'gone'])).create('another', yes)
    expect(more).toBeUndefined()
    expect(sql.postgres?.down.filter((text) => text.includes('INDEX'))).toEqual([
      'DROP INDEX "ix_state"',
      expect.stringMatching(/^CREATE INDEX "ix_state"/),
    ])
    const migrator = project.migrator(tickets(['on', 'off', 'gone']))
    await migrator.upgrade()
    await migrator.downgrade('-1')
    await migrator.upgrade()
    expect((await migrator.check({ database: true })).database).toMatchObject({ clean: true })
  })

  describe('on a partitioned table', () => {
    const unmanaged = ['partition:events.*']

    async function events(more: readonly string[] = []): Promise<void> {
      await project.migrator([Note]).create('notes')
      await writePlainMigration(
        project,
        [
          `CREATE TABLE events (id integer NOT NULL, at date NOT NULL, k varchar(10) NOT NULL, CONSTRAINT pk_events PRIMARY KEY (id, at)) PARTITION BY RANGE (at)`,
          `CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
          `CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY HASH (id)`,
          `CREATE TABLE "Events 0" PARTITION OF events_2025 FOR VALUES WITH (MODULUS 2, REMAINDER 0)`,
          `CREATE TABLE "Events 1" PARTITION OF events_2025 FOR VALUES WITH (MODULUS 2, REMAINDER 1)`,
          ...more,
        ],
        ['DROP TABLE events'],
      )
      await project.migrator([Note, Event]).upgrade()
      await project.database.rows(
        `INSERT INTO events VALUES (1, '2024-02-02', 'a'), (2, '2025-02-02', 'b'), (3, '2025-02-02', 'c')`,
      )
    }

    const built = () =>
      project.database.rows(
        `SELECT i.indrelid::regclass::text AS table, i.indisvalid AS valid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE c.relname LIKE 'ix\\_k%' ORDER BY 1`,
      )

    test('builds the index concurrently on each partition, and attaches it', async () => {
      await events()
      const migrator = project.migrator([Note, IndexedEvent], { unmanaged })
      const { sql } = await migrator.create('index k')
      expect(sql.postgres?.up.slice(1)).toEqual([
        'CREATE INDEX "ix_k" ON ONLY "events" ("k")',
        'CREATE INDEX CONCURRENTLY "ix_k_events_2024" ON "events_2024" ("k")',
        'CREATE INDEX "ix_k_events_2025" ON ONLY "events_2025" ("k")',
        'CREATE INDEX CONCURRENTLY "ix_k_Events 0" ON "Events 0" ("k")',
        'CREATE INDEX CONCURRENTLY "ix_k_Events 1" ON "Events 1" ("k")',
        'ALTER INDEX "ix_k_events_2025" ATTACH PARTITION "ix_k_Events 1"',
        'ALTER INDEX "ix_k_events_2025" ATTACH PARTITION "ix_k_Events 0"',
        'ALTER INDEX "ix_k" ATTACH PARTITION "ix_k_events_2025"',
        'ALTER INDEX "ix_k" ATTACH PARTITION "ix_k_events_2024"',
      ])
      expect(sql.postgres?.down).toEqual(['DROP INDEX "ix_k"'])
      const { steps } = await migrator.upgrade()
      expect(steps).toHaveLength(1)
      expect(await built()).toEqual(
        ['"Events 0"', '"Events 1"', 'events', 'events_2024', 'events_2025'].map((table) => ({ table, valid: true })),
      )
      expect(await project.migrator([Note, IndexedEvent], { unmanaged }).check({ database: true })).toMatchObject({
        clean: true,
        database: { clean: true },
      })
      await migrator.downgrade('-1')
      expect(await built()).toEqual([])
      await migrator.upgrade()
      expect(await built()).toHaveLength(5)
    })

    test('is proved with rows that a partition accepts', async () => {
      await events()
      const warnings: string[] = []
      const onEvent: RunListener = (event) => {
        if (event.type === 'warning') warnings.push(event.message)
      }
      await project.migrator([Note, IndexedEvent], { unmanaged, onEvent }).create('index k')
      expect(warnings).toEqual([])
    })

    test('loses nothing according to the plan', async () => {
      await events()
      const migrator = project.migrator([Note, IndexedEvent], { unmanaged })
      await migrator.create('index k')
      expect((await migrator.plan('upgrade')).steps).toEqual([expect.objectContaining({ destroys: [], unknown: [] })])
    })

    test('stops before any change if only the live database has one of the partitions', async () => {
      await events()
      const migrator = project.migrator([Note, IndexedEvent], { unmanaged })
      await migrator.create('index k')
      await project.database.rows(
        `CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`,
      )
      await expect(migrator.upgrade()).rejects.toThrow(
        /no revision creates these partitions of events, so ix_k cannot be built concurrently: events_2026/,
      )
      expect(await built()).toEqual([])
      // A revision knows it, and it is gone: that does not hide the other one.
      await project.database.rows('DROP TABLE events_2024')
      await expect(migrator.upgrade()).rejects.toThrow(/cannot be built concurrently: events_2026/)
      await project.database.rows(
        `CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
      )
      await project.database.rows('DROP TABLE events_2026')
      await migrator.upgrade()
      expect(await built()).toHaveLength(5)
    })
  })
})
