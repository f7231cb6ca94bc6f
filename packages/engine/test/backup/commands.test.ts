import { mkdirSync, rmSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { servePgPrograms, writePgPrograms } from '../../../../tools/testing/pg-programs'
import type { Manifest } from '../../src/backup/manifest'
import type { MigratorOptions } from '../../src/project/options'
import type { RunEvent } from '../../src/project/events'
import { entity, id, openProject, type TestProject, text } from '../migrator/project'
import { dialectNames } from '../run/databases'

const pathBefore = process.env['PATH']
const authors = entity('authors', { id, name: text(50) })
const idPattern = /^\d{8}T\d{6}Z-[0-9a-f]{4}$/

/** No program is found, wherever it is installed here. */
const without: Partial<MigratorOptions> = { backups: { tools: '/nowhere' } }

/** The files are not part of what is tested, and are created once for each dialect. */
const written = new Map<string, Readonly<Record<string, string>>>()

describe.each(dialectNames)('backups on %s', (dialect) => {
  let project: TestProject
  let programs: string
  let stopPrograms: () => void
  beforeAll(async () => {
    programs = await mkdtemp(path.join(tmpdir(), 'aludel-programs-'))
    stopPrograms = await servePgPrograms(programs)
  })
  afterAll(() => {
    stopPrograms()
    rmSync(programs, { recursive: true, force: true })
  })

  const open = async (): Promise<void> => {
    project = await openProject(dialect)
    const files = written.get(dialect)
    if (files === undefined) {
      await project.migrator([authors]).create('authors', { revisionId: 'aaaaaaaaaaaa' })
      written.set(dialect, await project.files())
    } else await project.write(files)
    await project.migrator([authors]).upgrade()
    await project.database.rows(`INSERT INTO "authors" VALUES (1, 'Ann'), (2, 'Bob')`)
  }
  const close = (): Promise<void> => project.remove()

  const folder = (): string => path.join(project.directory, 'backups')
  const names = async (): Promise<string[]> => (await readdir(folder()).catch(() => [])).sort()
  const migrator = ({ backups, ...options }: Partial<MigratorOptions> = {}) =>
    project.migrator([authors], { ...options, backups: { tools: programs, ...backups } })
  /** A revision that is written by hand. */
  const revise = (name: string, statements: readonly string[]): Promise<void> =>
    project.write({
      [`1999999999999-${name}.js`]: `exports.${name}1999999999999 = class ${name}1999999999999 {
  async up(queryRunner) {
${statements.map((sql) => `    await queryRunner.query(${JSON.stringify(sql)})`).join('\n')}
  }
  async down() {}
}
`,
    })

  describe('of a database that does not change', () => {
    beforeAll(open)
    afterAll(close)
    afterEach(async () => {
      await rm(folder(), { recursive: true, force: true })
      await rm(path.join(project.revisions, '1999999999999-broken.ts'), { force: true })
    })

    describe('createBackup', () => {
      test('writes a verified copy and a manifest that describes it', async () => {
        const clock = () => new Date('2026-11-30T04:15:00.000Z')
        const result = await migrator({ clock }).createBackup()
        expect(result).toMatchObject({
          id: expect.stringMatching(/^20261130T041500Z-[0-9a-f]{4}$/) as string,
          createdAt: '2026-11-30T04:15:00.000Z',
          revision: ['aaaaaaaaaaaa'],
          kind: 'database',
          reason: 'requested',
          database: { dialect },
        })
        expect(result.tables.find(({ name }) => name === 'authors')?.rows).toBe(2)
        expect(result.bytes).toBe((await stat(result.path)).size)
        const ending = dialect === 'sqlite' ? '.db' : '.dump'
        expect(await names()).toEqual(['.gitignore', `${result.id}${ending}`, `${result.id}.json`].sort())
        const text = await readFile(path.join(folder(), `${result.id}.json`), 'utf8')
        const manifest = JSON.parse(text) as Manifest
        expect(manifest).toMatchObject({
          format: 1,
          file: `${result.id}${ending}`,
          history: { journal: expect.stringContaining('aludel_journal') as string },
          files: [{ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string, bytes: result.bytes }],
        })
        const { options } = project.dataSource([])
        if ('url' in options && options.url !== undefined) expect(text).not.toContain(new URL(options.url).password)
      })

      test('does not need revision files that can be read', async () => {
        await project.write({ '1999999999999-broken.ts': 'export class {' })
        const warnings: string[] = []
        const onEvent = (event: RunEvent): void => void (event.type === 'warning' && warnings.push(event.message))
        expect((await migrator({ onEvent }).createBackup()).revision).toEqual([])
        expect(warnings).toEqual([expect.stringContaining('the backup does not say which revision it has')])
      })

      test('reports its progress', async () => {
        const phases = new Set<string>()
        const onEvent = (event: RunEvent): void => void (event.type === 'backup' && phases.add(event.phase))
        await migrator({ onEvent }).createBackup()
        expect([...phases]).toEqual(['copy', 'verify'])
      })

      test('ends at a signal, and leaves nothing', async () => {
        const controller = new AbortController()
        const onEvent = (event: RunEvent): void => void (event.type === 'backup' && controller.abort())
        await expect(migrator({ onEvent, signal: controller.signal }).createBackup()).rejects.toMatchObject({
          code: 'ALUDEL_INTERRUPTED',
        })
        expect(await names()).toEqual(['.gitignore'])
      })

      test('names the folder that cannot be used, and the way out', async () => {
        await writeFile(folder(), 'a file where the folder should be')
        await expect(migrator().createBackup()).rejects.toMatchObject({
          code: 'ALUDEL_BACKUP',
          message: `${folder()} cannot hold backups: it is a file, or a part of its path is one`,
          help: expect.stringContaining('backup.directory') as string,
        })
      })

      test('works beside a process that was killed while it wrote one', async () => {
        mkdirSync(folder())
        const left = path.join(folder(), '.20261130T041500Z-9f3c.db.00000000-1-00000000.tmp')
        await writeFile(left, 'half')
        await migrator().createBackup()
        // Another host may be writing it.
        expect(await names()).toContain(path.basename(left))
      })
    })

    test('listBackups shows the newest first, and needs no database', async () => {
      const made = [await migrator().createBackup(), await migrator().createBackup()]
      const elsewhere = migrator({ dataSource: () => Promise.reject(new Error('no database')) })
      const { backups, directory } = await elsewhere.listBackups()
      expect(directory).toBe(folder())
      expect(backups.map((backup) => backup.id).sort()).toEqual(made.map((backup) => backup.id).sort())
      expect(backups.every((backup) => backup.state === 'complete' && idPattern.test(backup.id))).toBe(true)
      expect((await elsewhere.listBackups({ directory: 'none' })).backups).toEqual([])
    })

    describe('verifyBackup', () => {
      test('finds an intact backup intact, by id, prefix or as the latest', async () => {
        const { id, path: location } = await migrator().createBackup()
        const intact = { id, path: location, ok: true, checked: ['size', 'checksum', 'content', 'rows'], problems: [] }
        expect(await migrator().verifyBackup()).toEqual(intact)
        expect(await migrator().verifyBackup(id)).toEqual(intact)
        expect(await migrator().verifyBackup(id.slice(0, -1))).toEqual(intact)
        await expect(migrator().verifyBackup('zz')).rejects.toMatchObject({ code: 'ALUDEL_UNKNOWN_BACKUP' })
      })

      test.each<[string, (file: string) => Promise<unknown>, string]>([
        ['a file that is cut off', (file) => truncate(file, 10), 'has 10 bytes instead of'],
        ['a file that is missing', (file) => rm(file), 'cannot be read'],
        [
          'a file with another byte',
          async (file) => {
            const bytes = await readFile(file)
            bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
            await writeFile(file, bytes)
          },
          'was changed: its checksum is another one',
        ],
        [
          'a manifest that was changed',
          async (file) => {
            const manifest = file.replace(/\.\w+$/, '.json')
            await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(/"rows": 2/, '"rows": 3'))
          },
          'rows instead of 3',
        ],
        [
          'a manifest that is no JSON',
          (file) => writeFile(file.replace(/\.\w+$/, '.json'), '{'),
          'is not the manifest',
        ],
        ['no manifest', (file) => rm(file.replace(/\.\w+$/, '.json')), 'it was not finished'],
      ])('is not content with %s', async (_, damage, problem) => {
        const { id, path: location } = await migrator().createBackup()
        await damage(location)
        const result = await migrator().verifyBackup(id)
        expect(result.ok).toBe(false)
        expect(result.problems.join('\n')).toContain(problem)
      })

      test('checks what can be checked of a backup without a manifest, of an earlier version', async () => {
        const { path: location, id } = await migrator().createBackup()
        const old = `before-2025-11-22T08-40-00-000Z${path.extname(location)}`
        await rename(location, path.join(folder(), old))
        await rm(path.join(folder(), `${id}.json`))
        expect(await migrator().verifyBackup('before')).toMatchObject({ ok: true, checked: ['size', 'content'] })
        await writeFile(path.join(folder(), old), 'foreign')
        expect(await migrator().verifyBackup('before')).toMatchObject({ ok: false })
        await writeFile(path.join(folder(), old), '')
        expect(await migrator().verifyBackup('before')).toMatchObject({ ok: false, problems: ['it is empty'] })
      })
    })

    describe('pruneBackups', () => {
      const at = (time: string): Partial<MigratorOptions> => ({ clock: () => new Date(`${time}T00:00:00Z`) })
      const make = async (time: string): Promise<string> => (await migrator(at(time)).createBackup()).id

      test('removes what the rules do not keep, after a question', async () => {
        const [old, middle, young] = [await make('2026-01-01'), await make('2026-02-01'), await make('2026-03-01')]
        const keep = { count: 2 }
        const asked: string[][] = []
        const confirm = (answer: boolean) => (removed: readonly { readonly id: string }[]) => {
          asked.push(removed.map((backup) => backup.id))
          return Promise.resolve(answer)
        }
        expect(await migrator().pruneBackups({ keep, dryRun: true, confirm: confirm(false) })).toMatchObject({
          removed: [{ id: old }],
          remaining: 3,
          dryRun: true,
        })
        expect(asked).toEqual([])
        await expect(migrator().pruneBackups({ keep, confirm: confirm(false) })).rejects.toMatchObject({
          code: 'ALUDEL_CONFIRMATION',
          details: { backups: [old] },
        })
        expect((await migrator().listBackups()).backups).toHaveLength(3)
        expect(await migrator().pruneBackups({ keep, confirm: confirm(true) })).toMatchObject({
          removed: [{ id: old }],
          remaining: 2,
        })
        expect(asked).toEqual([[old], [old]])
        expect((await migrator().listBackups()).backups.map((backup) => backup.id)).toEqual([young, middle])
        expect(await names()).toHaveLength(5)
        // The newest stays, however old.
        expect(await migrator().pruneBackups({ keep: { age: '1h' } })).toMatchObject({ removed: [{ id: middle }] })
      })

      test.each([
        ['without rules', undefined],
        ['with zero as a number', { count: 0 }],
        ['with a text that is not an age', { age: 'old' }],
      ])('refuses %s', async (_, keep) => {
        await expect(migrator().pruneBackups({ keep })).rejects.toMatchObject({ code: 'ALUDEL_USAGE' })
      })

      test('leaves backups of another database, and what has no manifest', async () => {
        const mine = await make('2026-01-01')
        const other = await make('2026-01-02')
        const file = path.join(folder(), `${other}.json`)
        const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest
        await writeFile(file, JSON.stringify({ ...manifest, database: { ...manifest.database, name: 'another' } }))
        await writeFile(path.join(folder(), 'before-2020-01-01T00-00-00-000Z.db'), 'x')
        expect(await migrator().pruneBackups({ keep: { count: 1 } })).toMatchObject({ removed: [], remaining: 3 })
        expect((await migrator().verifyBackup(mine)).ok).toBe(true)
      })

      test('removes what a killed process has left, once it is old', async () => {
        await make('2026-01-01')
        const { path: location } = await migrator(at('2026-01-02')).createBackup()
        await rm(location.replace(/\.\w+$/, '.json'))
        expect(await migrator().pruneBackups({ keep: { count: 1 } })).toMatchObject({ removed: [] })
        const tomorrow = { clock: () => new Date(Date.now() + 86_400_000) }
        expect(await migrator(tomorrow).pruneBackups({ keep: { count: 1 } })).toMatchObject({
          removed: [{ path: location }],
        })
      })
    })

    if (dialect === 'postgres') {
      test('create fails, and names what to install', async () => {
        await expect(migrator(without).createBackup()).rejects.toMatchObject({
          code: 'ALUDEL_BACKUP_TOOLS',
          message: 'there is no pg_dump in /nowhere, which the configuration names',
          help: expect.stringContaining('backup.tools') as string,
        })
        expect(await names()).toEqual([])
      })

      test('verify compares size and checksum, and says that the content was not read', async () => {
        await migrator().createBackup()
        expect(await migrator(without).verifyBackup()).toMatchObject({
          ok: true,
          checked: ['size', 'checksum'],
          unchecked: expect.stringContaining('no pg_restore in /nowhere') as string,
        })
      })
      test('create refuses a pg_dump that is older than the server', async () => {
        const old = path.join(project.directory, 'old')
        mkdirSync(old)
        await writePgPrograms(old, { version: '9.6' })
        await expect(migrator({ backups: { tools: old } }).createBackup()).rejects.toMatchObject({
          code: 'ALUDEL_BACKUP_TOOLS',
          message: expect.stringMatching(/^pg_dump is version 9, but the server is version \d+$/) as string,
        })
      })

      test('create takes the programs of the configured folder, and of PATH without one', async () => {
        expect((await migrator().createBackup()).program).toBe('pg_dump 99.1')
        const elsewhere = project.migrator([authors])
        process.env['PATH'] = `${programs}${path.delimiter}${String(pathBefore)}`
        try {
          expect((await elsewhere.createBackup()).program).toBe('pg_dump 99.1')
          expect(await elsewhere.verifyBackup()).toMatchObject({ ok: true })
        } finally {
          process.env['PATH'] = pathBefore
        }
      })
    } else {
      test('create refuses a database that does not exist, and does not create it', async () => {
        const missing = path.join(project.directory, 'missing.db')
        const dataSource = project.dataSource([authors], { database: missing } as never)
        await expect(migrator({ dataSource }).createBackup()).rejects.toMatchObject({ code: 'ALUDEL_DATABASE_MISSING' })
        await expect(stat(missing)).rejects.toMatchObject({ code: 'ENOENT' })
      })

      test('a copy of a private database is private', async () => {
        const { database } = project.dataSource([]).options
        await chmod(String(database), 0o600)
        const umask = process.umask(0)
        try {
          const { path: location } = await migrator().createBackup()
          expect((await stat(location)).mode & 0o777).toBe(0o600)
          expect((await stat(folder())).mode & 0o777).toBe(0o700)
        } finally {
          process.umask(umask)
        }
      })
    }
  })

  describe('of a database of its own', () => {
    beforeEach(open)
    afterEach(close)

    describe('the settings', () => {
      test('name the directory, relative to the project', async () => {
        const { path: location } = await migrator({ backups: { directory: 'elsewhere' } }).createBackup()
        expect(path.dirname(location)).toBe(path.join(project.directory, 'elsewhere'))
        expect(await names()).toEqual([])
      })

      test('remove old backups after a new one, of a run as well', async () => {
        const keep = { backups: { keep: { count: 1 } } }
        const first = await migrator(keep).createBackup()
        const second = await migrator(keep).createBackup()
        expect((await migrator().listBackups()).backups.map((backup) => backup.id)).toEqual([second.id])
        await revise('Second', ['DELETE FROM "authors"'])
        const { backup } = await migrator(keep).upgrade()
        expect((await migrator().listBackups()).backups.map(({ id: one }) => one)).toEqual([backup?.id])
        expect(first.id).not.toBe(second.id)
      })

      test('say when a run is backed up', async () => {
        await revise('Second', ['DELETE FROM "authors"'])
        expect((await migrator({ backups: { when: 'never' } }).upgrade()).backup).toBeNull()
        const again = await migrator({ backups: { when: 'always' } }).downgrade('-1')
        expect(again.backup).not.toBeNull()
        const never = await migrator({ backups: { when: 'always' } }).upgrade('head', { backup: 'never' })
        expect(never.backup).toBeNull()
      })
    })

    test('a run says why it made a backup, at which revision', async () => {
      await revise('Second', ['DELETE FROM "authors"'])
      const up = await migrator().upgrade()
      const down = await migrator().downgrade('-1', { backup: 'always' })
      const { backups } = await migrator().listBackups()
      expect(new Map(backups.map((one) => [one.id, 'reason' in one ? one.reason : '']))).toEqual(
        new Map([
          [up.backup?.id, 'before-upgrade'],
          [down.backup?.id, 'before-downgrade'],
        ]),
      )
      expect(backups.find(({ id: one }) => one === up.backup?.id)?.revision).toEqual(['aaaaaaaaaaaa'])
      expect(up.backup?.path).toBe(path.join(folder(), path.basename(up.backup?.path ?? '')))
    })

    if (dialect === 'postgres') {
      describe('without pg_dump', () => {
        const warnings: string[] = []
        const onEvent = (event: RunEvent): void => void (event.type === 'warning' && warnings.push(event.message))
        beforeEach(() => (warnings.length = 0))

        test.each(['auto', 'always'] as const)('a run copies the tables that it destroys (%s)', async (backup) => {
          await project.database.rows('CREATE TABLE "books" ("author" integer REFERENCES "authors" ON DELETE CASCADE)')
          await project.database.rows('INSERT INTO "books" VALUES (1), (1), (2)')
          await revise('Second', ['DELETE FROM "authors" WHERE "id" = 1'])
          const { backup: made } = await migrator({ ...without, onEvent }).upgrade('head', { backup })
          expect(warnings).toEqual([
            'only public.authors, public.books were backed up: there is no pg_dump in /nowhere, which the configuration names',
          ])
          const { backups } = await migrator().listBackups()
          expect(backups).toEqual([
            expect.objectContaining({
              id: made?.id,
              kind: 'tables',
              tables: [
                { schema: 'public', name: 'authors', rows: 2 },
                { schema: 'public', name: 'books', rows: 3 },
              ],
            }),
          ])
          expect(await migrator(without).verifyBackup()).toMatchObject({
            ok: true,
            checked: ['size', 'checksum', 'content', 'rows'],
          })
          await writeFile(path.join(made?.path ?? '', '9.copy'), '')
          expect(await migrator(without).verifyBackup()).toMatchObject({
            ok: false,
            problems: ['9.copy does not belong to it'],
          })
        })

        test.each([
          [
            'what it loses is not known',
            ['DO $$ BEGIN DELETE FROM "authors"; END $$'],
            /it is not known which ones lose/,
          ],
          [
            'a table has another name yet',
            ['ALTER TABLE "authors" RENAME TO "writers"', 'DELETE FROM "writers"'],
            undefined,
          ],
        ])('a run that must have a backup is refused where %s', async (_, statements, reason) => {
          await revise('Second', statements)
          const always = migrator({ ...without, onEvent }).upgrade('head', { backup: 'always' })
          if (reason === undefined) {
            // The effects know the table by its present name, or the copy is refused; never is it left out.
            const made = await always.catch((error: unknown) => error)
            if (!(made instanceof Error))
              expect((await migrator().listBackups()).backups[0]).toMatchObject({
                tables: [{ name: 'authors', rows: 2 }],
              })
            return
          }
          await expect(always).rejects.toMatchObject({
            code: 'ALUDEL_BACKUP_TOOLS',
            message: expect.stringMatching(reason) as string,
          })
          expect(await project.database.rows('SELECT count(*)::integer AS "n" FROM "authors"')).toEqual([{ n: 2 }])
          const { backup: made } = await migrator({ ...without, onEvent }).upgrade()
          expect(made).toBeNull()
          expect(warnings).toEqual([
            expect.stringMatching(/^no backup was made: there is no pg_dump .*it is not known/),
          ])
        })
      })
    }
  })
})
