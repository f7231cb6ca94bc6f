import { Check, Column, Entity, Index, ManyToOne, PrimaryColumn, JoinColumn, Unique } from 'typeorm'

import { rejection } from '../run/revisions'
import { type EntityOption, openProject, type TestProject } from './project'

@Entity('users')
class User {
  @PrimaryColumn('int') id!: number
  @Column('varchar', { nullable: true }) email!: string | null
  @Column('varchar', { nullable: true }) country!: string | null
  @Column('int', { nullable: true }) age!: number | null
  @Column('int', { nullable: true }) boss!: number | null
}

@Entity('teams')
class Team {
  @PrimaryColumn('int') id!: number
}

@Entity('users')
@Unique('uq_email', ['email'], { deferrable: 'INITIALLY DEFERRED' })
@Index('ix_age', ['age'])
@Check('ck_age', '"age" > 0')
class StrictUser {
  @PrimaryColumn('int') id!: number
  @Column('varchar') email!: string
  @Column('varchar', { default: 'nowhere' }) country!: string
  @Column('int', { nullable: true }) age!: number | null
  @Column('int', { nullable: true }) boss!: number | null
  @ManyToOne(() => Team, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'boss', foreignKeyConstraintName: 'fk_boss' })
  team!: Team
  @Column('text', { nullable: true }) note!: string | null
}

/** The unique columns of one entity: only those of `code` are what a foreign key refers to. */
@Entity('teams')
@Unique('uq_name', ['name'])
@Unique('uq_code', ['code'])
class NamedTeam {
  @PrimaryColumn('int') id!: number
  @Column('varchar', { nullable: true }) name!: string | null
  @Column('varchar', { nullable: true }) code!: string | null
}

@Entity('users')
class CodedUser extends User {
  @ManyToOne(() => NamedTeam)
  @JoinColumn({ name: 'country', referencedColumnName: 'code' })
  team!: NamedTeam
}

@Entity('teams')
class PlainTeam {
  @PrimaryColumn('int') id!: number
  @Column('varchar', { nullable: true }) name!: string | null
  @Column('varchar', { nullable: true }) code!: string | null
}

/** The default alone: NOT NULL with another change is not done online. */
@Entity('users')
class DefaultUser extends User {
  @Column('varchar', { default: 'nowhere', nullable: true }) declare country: string | null
}

describe('create with online', () => {
  let project: TestProject
  const yes = { confirm: () => Promise.resolve(true) }
  const open = (...entities: readonly EntityOption[]) => project.migrator(entities)

  async function users(dialect: 'postgres' | 'sqlite' = 'postgres'): Promise<void> {
    project = await openProject(dialect)
    const migrator = open(User, Team)
    await migrator.create('users')
    await migrator.upgrade()
    await project.database.rows(`INSERT INTO "users" ("id", "email", "age") VALUES (1, 'a', 5), (2, 'b', 6)`)
  }
  afterEach(() => project.remove())

  test('does what blocks others for long in a second revision, step by step, and the rest in a transaction', async () => {
    await users()
    const defaults = open(DefaultUser, Team)
    await defaults.create('defaults', { online: true })
    await defaults.upgrade()
    const migrator = open(StrictUser, Team)
    const { more = [], ...result } = await migrator.create('strict', { online: true, ...yes })
    expect(more).toHaveLength(1)
    const up = result.sql.postgres?.up ?? []
    const check = /aludel_not_null_[0-9a-f]{8}/g
    const flat = up.map((sql) => sql.replaceAll(check, 'CHECKED').replaceAll(/\s+/g, ' '))
    expect(flat.filter((sql) => !sql.startsWith('DO'))).toEqual([
      'ALTER TABLE "users" ADD COLUMN "note" text',
      'ALTER TABLE "users" ADD CONSTRAINT "CHECKED" CHECK ("email" IS NOT NULL) NOT VALID',
      'ALTER TABLE "users" VALIDATE CONSTRAINT "CHECKED"',
      'ALTER TABLE "users" ALTER COLUMN "email" SET NOT NULL',
      'ALTER TABLE "users" DROP CONSTRAINT "CHECKED"',
      'ALTER TABLE "users" ADD CONSTRAINT "CHECKED" CHECK ("country" IS NOT NULL) NOT VALID',
      'UPDATE "users" SET "country" = DEFAULT WHERE "country" IS NULL',
      'ALTER TABLE "users" VALIDATE CONSTRAINT "CHECKED"',
      'ALTER TABLE "users" ALTER COLUMN "country" SET NOT NULL',
      'ALTER TABLE "users" DROP CONSTRAINT "CHECKED"',
      'CREATE UNIQUE INDEX CONCURRENTLY "uq_email" ON "users" ("email")',
      'ALTER TABLE "users" ADD CONSTRAINT "uq_email" UNIQUE USING INDEX "uq_email" DEFERRABLE INITIALLY DEFERRED',
      'ALTER TABLE "users" ADD CONSTRAINT "ck_age" CHECK (age > 0) NOT VALID',
      'ALTER TABLE "users" VALIDATE CONSTRAINT "ck_age"',
      'CREATE INDEX CONCURRENTLY "ix_age" ON "users" ("age")',
      'ALTER TABLE "users" ADD CONSTRAINT "fk_boss" FOREIGN KEY ("boss") REFERENCES "teams" ("id") ON DELETE SET NULL NOT VALID',
      'ALTER TABLE "users" VALIDATE CONSTRAINT "fk_boss"',
    ])
    const texts = Object.values(await project.files())
    expect(texts.map((text) => text.includes('readonly transaction = false'))).toEqual([false, false, false, true])
    expect(texts.at(-1)).toContain('strict (online)')

    await migrator.upgrade()
    const clean = { clean: true, database: { clean: true } }
    expect(await open(StrictUser, Team).check({ database: true })).toMatchObject(clean)
    expect(await project.database.rows(`SELECT "country" FROM "users"`)).toEqual([
      { country: 'nowhere' },
      { country: 'nowhere' },
    ])
    await migrator.downgrade('-2')
    expect(await open(StrictUser, Team).check({ database: true })).toMatchObject({ database: { clean: true } })
    await migrator.upgrade()
    expect(await open(StrictUser, Team).check({ database: true })).toMatchObject(clean)
  })

  test('builds a unique constraint online, unless a new foreign key refers to its columns', async () => {
    project = await openProject('postgres')
    await open(User, PlainTeam).create('users')
    const { sql, more = [] } = await open(CodedUser, NamedTeam).create('unique', { online: true, ...yes })
    expect(more).toHaveLength(1)
    const flat = (sql.postgres?.up ?? []).map((text) => text.replaceAll(/\s+/g, ' '))
    expect(flat).toContain('ALTER TABLE "teams" ADD CONSTRAINT "uq_code" UNIQUE ("code")')
    expect(flat).toContain('CREATE UNIQUE INDEX CONCURRENTLY "uq_name" ON "teams" ("name")')
  })

  test('is what the settings of the project say, unless it is told otherwise', async () => {
    await users()
    const migrator = project.migrator([DefaultUser, Team, Note], { online: true })
    expect((await migrator.create('nothing to block', { sql: true })).more).toBeUndefined()
    @Entity('users')
    @Index('ix_age', ['age'])
    class Indexed extends User {}
    const indexed = project.migrator([Indexed, Team], { online: true })
    expect((await indexed.create('index', { sql: true })).sql.postgres?.up).toEqual([
      'CREATE INDEX CONCURRENTLY "ix_age" ON "users" ("age")',
    ])
    expect((await indexed.create('index', { sql: true, online: false })).sql.postgres?.up).toEqual([
      'CREATE INDEX "ix_age" ON "users" ("age")',
    ])
  })

  test('stops before any change where rows do not fit, and keeps what is done where it fails later', async () => {
    await users()
    const migrator = open(StrictUser, Team)
    await migrator.create('strict', { online: true, ...yes })
    await project.database.rows(`INSERT INTO "users" ("id", "email", "age") VALUES (3, NULL, 1)`)
    expect(await rejection(migrator.upgrade())).toMatchObject({
      message: expect.stringContaining('users.email') as string,
    })
    expect(
      await project.database.rows(`SELECT conname FROM pg_constraint WHERE conname LIKE 'aludel_not_null%'`),
    ).toEqual([])
    await project.database.rows(`UPDATE "users" SET "email" = 'a' WHERE "id" = 3`)
    // Two rows have the same value: the index cannot be built, the statements before it stay.
    expect(await rejection(migrator.upgrade())).toMatchObject({ code: 'ALUDEL_STATEMENT_HALFWAY' })
    await project.database.rows(`UPDATE "users" SET "email" = 'c' WHERE "id" = 3`)
    await migrator.upgrade()
    expect(await open(StrictUser, Team).check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })
  })

  test('changes nothing on SQLite, where every writer locks the whole file', async () => {
    await users('sqlite')
    const migrator = open(StrictUser, Team)
    const result = await migrator.create('strict', { online: true, ...yes })
    expect(result.more).toBeUndefined()
    await migrator.upgrade()
    expect(await open(StrictUser, Team).check({ database: true })).toMatchObject({ database: { clean: true } })
  })
})

@Entity('notes')
@Index('ix_text', ['text'])
class Note {
  @PrimaryColumn('int') id!: number
  @Column('varchar') text!: string
}
