import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm'

import { hasPgTools } from '../../../../tools/testing/pg-tools'
import type { AdoptResult } from '../../src/results'
import { dialectNames } from '../run/databases'
import { openProject, type TestProject } from '../migrator/project'

@Entity('authors')
class Author {
  @PrimaryColumn('int') id!: number
  @Column('varchar', { length: 50, unique: true }) email!: string
}

@Entity('books')
@Unique(['title', 'year'])
@Check('"year" > 1400')
class Book {
  @PrimaryColumn('int') id!: number
  @Column('varchar', { length: 50 }) title!: string
  @Column('int') @Index() year!: number
  @ManyToOne(() => Author, { nullable: false }) @JoinColumn({ name: 'authorId' }) author!: Author
}

const entities = [Author, Book]

describe.each(dialectNames)(
  'a %s database with other names of constraints and indexes than the revisions',
  (dialect) => {
    let project: TestProject
    const migrator = () => project.migrator(entities)
    const rows = (sql: string) => project.database.rows(sql)

    beforeEach(async () => {
      project = await openProject(dialect)
      const { sql } = await migrator().create('first', { revisionId: 'aaaaaaaaaaaa' })
      // As another version of TypeORM, or another naming strategy, has derived them.
      for (const statement of sql[dialect]?.up ?? [])
        await rows(
          statement.replace(
            /\b(PK|FK|UQ|CHK|IDX)_([0-9a-f]+)/g,
            (_, kind: string, hash: string) => `old_${kind}_${hash.slice(0, 9)}`,
          ),
        )
      await rows(`INSERT INTO "authors" VALUES (1, 'ann@example.com')`)
      await rows(`INSERT INTO "books" ("id", "title", "year", "authorId") VALUES (7, 'One', 1999, 1)`)
    })
    afterEach(() => project.remove())

    test('is taken over after renames alone, which are shown before', async () => {
      const plans: AdoptResult[] = []
      const confirm = async (plan: AdoptResult) => {
        plans.push(plan)
        expect((await migrator().current()).current).toEqual([])
        return true
      }
      const result = await migrator().adopt({ confirm })
      expect(result).toMatchObject({
        matches: 'aaaaaaaaaaaa',
        stamped: ['aaaaaaaaaaaa'],
        differences: [],
        backup: null,
      })
      expect(plans).toEqual([result])
      expect(new Set(result.renames.map(({ op }) => op))).toEqual(new Set(['renameConstraint', 'renameIndex']))
      expect(result.renames.every(({ destroys }) => !destroys)).toBe(true)
      expect(result.renames.length).toBeGreaterThanOrEqual(5)
      expect(result.sql.length).toBeGreaterThan(0)
      expect(await migrator().check({ database: true, names: true })).toMatchObject({
        clean: true,
        database: { clean: true, pending: 0 },
      })
      expect(await rows('SELECT * FROM "books"')).toEqual([{ id: 7, title: 'One', year: 1999, authorId: 1 }])
      expect(await rows('SELECT * FROM "authors"')).toEqual([{ id: 1, email: 'ann@example.com' }])
    })

    test('is taken over after renames if nobody has named its constraints', async () => {
      const other = await openProject(dialect)
      try {
        await other.write(await project.files())
        const { sql } = await other.migrator(entities).create('again', { sql: true })
        expect(sql).toEqual({})
        const { statements } = await other.migrator(entities).sql('upgrade', 'base:head')
        for (const statement of statements.filter((one) => /"(?:authors|books)"/.test(one)))
          await other.database.rows(
            // The server, or nobody, gives them names; an index needs one.
            statement.replaceAll(/CONSTRAINT "[^"]+" (?=PRIMARY|UNIQUE|CHECK|FOREIGN)/g, ''),
          )
        await other.database.rows(`INSERT INTO "authors" VALUES (1, 'ann@example.com')`)
        const { renames, stamped } = await other.migrator(entities).adopt()
        expect(stamped).toEqual(['aaaaaaaaaaaa'])
        expect(renames.length).toBeGreaterThan(2)
        expect(await other.migrator(entities).check({ database: true, names: true })).toMatchObject({
          clean: true,
          database: { clean: true },
        })
        expect(await other.database.rows('SELECT * FROM "authors"')).toEqual([{ id: 1, email: 'ann@example.com' }])
      } finally {
        await other.remove()
      }
    })

    test('keeps its names without a yes, which is told what would be renamed', async () => {
      await expect(migrator().adopt({ confirm: () => Promise.resolve(false) })).rejects.toMatchObject({
        code: 'ALUDEL_CONFIRMATION',
        help: expect.stringMatching(/^would rename [^\n]*old_[^]*would record aaaaaaaaaaaa as applied/) as string,
      })
      expect((await migrator().current()).current).toEqual([])
      expect((await migrator().adopt({ confirm: () => Promise.resolve(true) })).renames.length).toBeGreaterThan(4)
    })

    test('is backed up before the renames if every run is, and keeps its names if it cannot be', async () => {
      if (dialect === 'postgres' && !hasPgTools) {
        await expect(migrator().adopt({ backup: 'always' })).rejects.toMatchObject({ code: 'ALUDEL_BACKUP_TOOLS' })
        expect((await migrator().adopt({ backup: 'never' })).renames.length).toBeGreaterThan(4)
        return
      }
      const { backup } = await migrator().adopt({ backup: 'always' })
      expect(backup).toMatchObject({ kind: 'database' })
      expect((await migrator().listBackups()).backups).toHaveLength(1)
    })

    test('is only compared if something else differs, too, and other names are not among the differences', async () => {
      await rows('ALTER TABLE "books" ADD COLUMN "pages" int')
      const { matches, renames, differences } = await migrator().adopt()
      expect({ matches, renames }).toEqual({ matches: null, renames: [] })
      expect(differences).toMatchObject([{ op: 'addColumn', name: 'pages' }])
      expect((await migrator().current()).current).toEqual([])
    })

    if (dialect === 'postgres')
      test('keeps all of its names, and is not recorded, if a rename fails', async () => {
        const [wanted] = Object.values(await project.files()).flatMap((file) => /IDX_[0-9a-f]+/.exec(file) ?? [])
        // A relation that is part of no compared schema.
        await rows(`CREATE TYPE "${String(wanted)}" AS ("a" int)`)
        await expect(migrator().adopt()).rejects.toMatchObject({
          code: 'ALUDEL_STATEMENT',
          message: expect.stringMatching(/^a rename failed \(ALTER INDEX .*\): .*already exists/) as string,
          help: 'Nothing was changed.',
        })
        expect((await migrator().current()).current).toEqual([])
        await rows(`DROP TYPE "${String(wanted)}"`)
        expect((await migrator().adopt()).renames.length).toBeGreaterThan(4)
      })
  },
)
