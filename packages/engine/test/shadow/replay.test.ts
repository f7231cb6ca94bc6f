import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { shadowPattern } from '../../src/dialect/postgres/names'
import { createModuleLoader } from '../../src/files/load'
import type { Migrator } from '../../src/migrator'
import { dialectNames } from '../run/databases'
import { entity, id, openProject, type TestProject, text, writeRevision } from '../migrator/project'

jest.setTimeout(120_000)

describe.each(dialectNames)('a replay on %s', (dialect) => {
  let project: TestProject
  let cacheDirectory: string
  const notes = entity('notes', { id, title: text(40) })
  const load = createModuleLoader()
  /** Called with each file before it is executed. */
  let onLoad: (file: string) => void = () => undefined
  const migrator = (signal?: AbortSignal): Migrator =>
    project.migrator([notes], {
      cacheDirectory,
      loadModule: (file) => {
        onLoad(path.basename(file))
        return load(file)
      },
      ...(signal !== undefined && { signal }),
    })

  beforeEach(async () => {
    cacheDirectory = await mkdtemp(path.join(tmpdir(), 'aludel-cache-'))
    project = await openProject(dialect)
    const first = project.migrator([notes])
    await first.create('first', { revisionId: 'aaaaaaaaaaaa' })
    // Its scratch databases are dropped with it.
    await first.close()
  })
  afterEach(async () => {
    onLoad = () => undefined
    await project.remove()
    await rm(cacheDirectory, { recursive: true, force: true })
  })

  test('runs outside a transaction what cannot run in one, whatever error the revision makes of that', async () => {
    await writeRevision(
      project,
      'tidy',
      [
        `await queryRunner.query('CREATE TABLE "tidied" ("id" integer)')`,
        `try { await queryRunner.query('VACUUM') } catch { throw new Error('cannot tidy') }`,
      ],
      { mode: '', down: [`await queryRunner.query('DROP TABLE "tidied"')`] },
    )
    // The first attempt is rolled back as a whole.
    await migrator().upgrade()
    expect((await migrator().check({ database: true })).database).toMatchObject({ clean: true, operations: [] })
    expect((await migrator().verify()).revisions.map(({ up, down }) => [up, down])).toEqual([
      ['ok', 'ok'],
      ['ok', 'ok'],
    ])
  })

  test('does not run again what fails for another reason', async () => {
    let count = 0
    onLoad = (file) => (count += file.includes('broken') ? 1 : 0)
    await writeRevision(
      project,
      'broken',
      [`try { await queryRunner.query('SELECT * FROM "missing"') } catch { throw new Error('cannot read') }`],
      { mode: '' },
    )
    await expect(migrator().check()).rejects.toMatchObject({
      code: 'ALUDEL_REPLAY',
      message: expect.stringContaining('cannot read'),
    })
    expect(count).toBe(1)
  })

  const looks: readonly (readonly [what: string, look: (one: Migrator) => Promise<unknown>])[] = [
    ['check', (one) => one.check()],
    ['the check of the database', (one) => one.check({ database: true })],
    ['create', (one) => one.create('fourth')],
    ['the schema after a revision', (one) => one.schema({ at: 'head' })],
    ['verify', (one) => one.verify()],
    ['the story of a table', (one) => one.story({ table: 'notes' })],
    // SQLite has no locks of tables that could be traced.
    ...(dialect === 'sqlite' ? [] : [['lint with a trace', (one: Migrator) => one.lint({ trace: true })] as const]),
  ]
  test.each(looks)('ends before the next revision when %s is canceled, and leaves nothing behind', async (_, look) => {
    const controller = new AbortController()
    const seen: string[] = []
    onLoad = (file) => {
      seen.push(file)
      if (file.includes('second')) controller.abort()
    }
    await writeRevision(project, 'second', [], { mode: '' })
    const [file = ''] = Object.keys(await project.files()).filter((name) => name.includes('second'))
    const { [file]: second = '' } = await project.files()
    await project.write({
      '2000000000000-third.ts': second
        .replaceAll('1999999999999', '2000000000000')
        .replaceAll('Second', 'Third')
        .replaceAll('second', 'third')
        .replace(`downRevision = 'aaaaaaaaaaaa'`, `downRevision = 'bbbbbbbbbbbb'`)
        .replace(`revision = 'bbbbbbbbbbbb'`, `revision = 'cccccccccccc'`),
    })
    const before = Object.keys(await project.files())
    const canceled = migrator(controller.signal)
    await expect(look(canceled)).rejects.toMatchObject({ code: 'ALUDEL_INTERRUPTED' })
    await canceled.close()
    expect(seen.join()).toContain('second')
    expect(seen.join()).not.toContain('third')
    expect(Object.keys(await project.files())).toEqual(before)
    if (dialect === 'postgres') {
      const ours = shadowPattern.replace('%', `${String(process.pid)}\\_%`)
      expect(await project.database.rows(`SELECT datname FROM pg_database WHERE datname LIKE '${ours}'`)).toEqual([])
    }
  })
})
