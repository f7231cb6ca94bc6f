import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { format } from 'prettier'
import ts from 'typescript'
import type { DataSource, DataSourceOptions } from 'typeorm'

import type { MigratorOptions } from '../../src/project/options'
import type { RepairChange } from '../../src/results'
import { dialectNames } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from './project'

describe.each(dialectNames)('Migrator with a history that disagrees with the files on %s', (dialect) => {
  const ids = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'] as const
  const shapes = [
    entity('authors', { id, name: text(50) }),
    entity('authors', { id, name: text(50), age: { type: 'int', nullable: true } }),
    entity('authors', { id, name: text(50), age: { type: 'int', nullable: true }, town: text(30, { nullable: true }) }),
  ]
  let project: TestProject
  /** The files of the history, which is created once. */
  let written: Readonly<Record<string, string>> | undefined
  /** Its replay cache. */
  let cacheDirectory: string
  /** All migrators of a test share its connection; each rereads the files. */
  let connected: DataSource
  let warnings: string[]

  beforeAll(async () => {
    cacheDirectory = await mkdtemp(path.join(tmpdir(), 'aludel-replays-'))
  })
  afterAll(() => rm(cacheDirectory, { recursive: true, force: true }))

  const open = (options: Partial<MigratorOptions> = {}) =>
    project.migrator(shapes.slice(-1), {
      dataSource: connected,
      cacheDirectory,
      onEvent: (event) => {
        // Ignore that there may be no pg_dump for this server.
        // Which programs for backups this machine has does not matter here.
        const isAboutBackups = event.type === 'warning' && /^no backup|backed up: pg_dump/.test(event.message)
        if (event.type === 'warning' && !isAboutBackups) warnings.push(event.message)
      },
      ...options,
    })
  const found = async (): Promise<string[]> =>
    ((await open().current({ verbose: true })).findings ?? []).map(({ kind, name }) => `${kind} ${name.slice(0, -13)}`)

  beforeEach(async () => {
    warnings = []
    project = await openProject(dialect)
    connected = await project.database.connect({ entities: shapes.slice(-1) })
    if (written !== undefined) return project.write(written)
    for (const [index, message] of ['First', 'Second', 'Third'].entries()) {
      const entities = shapes.slice(index, index + 1)
      await project.migrator(entities).create(message, { revisionId: ids[index] ?? '' })
    }
    written = await project.files()
  })

  afterEach(() => project.remove())

  async function fileOf(message: string): Promise<string> {
    const name = Object.keys(await project.files()).find((one) => one.includes(`-${message.toLowerCase()}`))
    if (name === undefined) throw new Error(`no file of ${message}`)
    return path.join(project.revisions, name)
  }

  async function nameOf(message: string): Promise<string> {
    return /class (\w+)/.exec(await readFile(await fileOf(message), 'utf8'))?.[1] ?? ''
  }

  async function edit(message: string, change: (text: string) => string | Promise<string>): Promise<void> {
    const file = await fileOf(message)
    const before = await readFile(file, 'utf8')
    const after = await change(before)
    expect(after).not.toBe(before)
    await writeFile(file, after)
  }

  const wider = (from: string): string => from.replaceAll('"age"', '"years"')

  test('refuses to upgrade past an edited revision until repair accepts it', async () => {
    await open().upgrade(ids[1])
    expect(await found()).toEqual([])
    await edit('Second', wider)
    expect(await found()).toEqual(['edited Second'])
    const refused = open().upgrade()
    await expect(refused).rejects.toMatchObject({
      code: 'ALUDEL_REVISION_EDITED',
      kind: 'refused',
      message: `${ids[1]} (Second) was edited after it was applied`,
      help: expect.stringMatching(
        new RegExp(`migrations.*second.*applied 20.* UTC by test@host[^]*aludel migrate repair ${ids[1]}`),
      ) as string,
    })
    await expect(open().initialize()).rejects.toMatchObject({ code: 'ALUDEL_REVISION_EDITED' })
    await open().plan('upgrade')
    expect(warnings).toEqual([expect.stringContaining('this would be refused')])
    expect((await open().current()).current).toEqual([ids[1]])

    const asked: (readonly RepairChange[])[] = []
    const no = (changes: readonly RepairChange[]): Promise<boolean> => {
      asked.push(changes)
      return Promise.resolve(false)
    }
    await expect(open().repair({ revisions: ['bbbb'], confirm: no })).rejects.toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
    })
    expect(asked[0]).toMatchObject([{ what: 'checksum', revision: ids[1], diff: null }])
    expect(asked[0]?.[0]?.database?.join()).toContain('age')
    expect(await found()).toEqual(['edited Second'])

    expect(await open().repair({ revisions: ['bbbb'] })).toMatchObject({
      repaired: [{ what: 'checksum', revision: ids[1] }],
      findings: [],
    })
    expect((await open().upgrade()).steps.map(({ revision }) => revision)).toEqual([ids[2]])
  })

  test('treats a file that was restored, formatted or compiled as unedited', async () => {
    await open().upgrade(ids[1])
    const before = await readFile(await fileOf('Second'), 'utf8')
    await edit('Second', wider)
    await edit('Second', () => before)
    await edit('First', (from) => format(from, { parser: 'typescript', semi: true, printWidth: 60 }))
    const second = await fileOf('Second')
    const { outputText } = ts.transpileModule(before, {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2017 },
    })
    await rm(second)
    await writeFile(second.replace(/\.ts$/, '.js'), outputText)
    expect(await found()).toEqual([])
    await open().upgrade()
    expect(warnings).toEqual([])
  })

  test('warns about an edited revision when nothing is pending, but not at start-up', async () => {
    await open().upgrade()
    await edit('Second', wider)
    await open().upgrade()
    expect(warnings).toEqual([`${ids[1]} (Second) was edited after it was applied`])
    expect(await open().initialize()).toMatchObject({ action: 'none', warnings: [] })
  })

  test('downgrades an edited revision if confirmed, or else with a warning', async () => {
    await open().upgrade()
    await edit('Third', (from) => from.replace('async down(', 'async down(\n'))
    await edit('Third', (from) => from.replaceAll('"town"', '"town" '))
    const plan = await open().plan('downgrade')
    expect(plan.steps).toMatchObject([{ revision: ids[2], edited: true }])
    await expect(open().downgrade('-1', { confirm: () => Promise.resolve(false) })).rejects.toMatchObject({
      help: expect.stringContaining('(its file was edited after it was applied)') as string,
    })
    expect(warnings).toEqual([])
    await open().downgrade('-1', { confirm: () => Promise.resolve(true) })
    expect(warnings).toEqual([])
    await edit('Second', wider)
    await open()
      .upgrade()
      .catch(() => undefined)
    await edit('Second', (from) => from.replaceAll('"years"', '"age"'))
    await open().upgrade()
    await edit('Second', wider)
    await open().downgrade()
    expect(warnings).toEqual([`${ids[1]} (Second) was edited after it was applied`])
  })

  test('shows the difference from the text that was applied, found in git', async () => {
    const git = (...words: string[]): void => {
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...words], { cwd: project.directory })
    }
    await open().upgrade()
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'applied')
    const file = await fileOf('Second')
    await edit('Second', wider)
    git('mv', file, path.join(project.revisions, 'renamed.ts'))
    git('commit', '-qam', 'edited and renamed')
    const { changes, repaired, findings } = await open().repair({ revisions: [ids[1]], dryRun: true })
    expect(repaired).toEqual([])
    expect(findings).toHaveLength(1)
    expect(changes[0]?.source).toMatch(/^git commit [0-9a-f]+$/)
    const lines = changes[0]?.diff?.split('\n') ?? []
    expect(lines[0]).toMatch(/^--- migrations\/renamed\.ts\tapplied/)
    expect(lines.filter((line) => /^\+[^+]/.test(line)).join('\n')).toContain('"years"')
    expect(lines.filter((line) => /^-[^-]/.test(line)).join('\n')).toContain('"age"')
  })

  test('names an applied revision without a file, and removes and restores its row by name', async () => {
    await open().upgrade()
    const file = await fileOf('Third')
    const name = await nameOf('Third')
    await rename(file, `${file}.off`)
    expect((await open().current({ verbose: true })).findings).toMatchObject([
      { kind: 'missing', name, revision: ids[2], path: null, appliedBy: 'test@host' },
    ])
    expect((await open().check({ database: true })).database).toMatchObject({
      clean: false,
      operations: [],
      findings: [{ kind: 'missing' }],
    })
    await expect(open().downgrade()).rejects.toMatchObject({ code: 'ALUDEL_UNKNOWN_APPLIED', kind: 'refused' })
    await open().upgrade()
    expect(warnings).toEqual([`${name} (${ids[2]}) is applied, and no file has it`])
    await expect(open().repair({ revisions: [ids[2]] })).rejects.toMatchObject({ code: 'ALUDEL_NOT_A_TARGET' })
    await expect(open().repair({ remove: ['Zebra'] })).rejects.toMatchObject({ code: 'ALUDEL_UNKNOWN_REVISION' })
    expect(await open().repair({ remove: ['cccc'] })).toMatchObject({
      repaired: [{ what: 'remove', revision: ids[2], name }],
      findings: [],
    })
    await rename(`${file}.off`, file)
    expect(await open().repair({ restore: [name] })).toMatchObject({
      repaired: [{ what: 'restore', name }],
      findings: [],
    })
    expect((await open().current()).upToDate).toBe(true)
    expect((await open().check({ database: true })).database).toMatchObject({ clean: true, findings: [] })
  })

  test('refuses to restore a row without its parents or its schema, unless forced', async () => {
    await open().upgrade(ids[0])
    await expect(open().repair({ restore: [ids[2]] })).rejects.toMatchObject({ code: 'ALUDEL_OUT_OF_ORDER' })
    await expect(open().repair({ restore: [ids[1]] })).rejects.toMatchObject({ code: 'ALUDEL_STAMP_MISMATCH' })
    await expect(open().repair({ restore: [ids[0]] })).rejects.toMatchObject({ code: 'ALUDEL_NOT_A_TARGET' })
    expect((await open().current()).current).toEqual([ids[0]])
    expect((await open().repair({ restore: [ids[2]], force: true })).findings).toMatchObject([{ kind: 'gap' }])
  })

  test('fills a gap only with outOfOrder, and repair puts the rows in order again', async () => {
    await open().upgrade()
    await open().repair({ remove: ['Second'] })
    await project.database.rows('ALTER TABLE "authors" DROP COLUMN "age"')
    expect(await found()).toEqual(['gap Second'])
    expect((await open().check({ database: true })).database?.clean).toBe(false)
    await expect(open().upgrade()).rejects.toMatchObject({
      code: 'ALUDEL_OUT_OF_ORDER',
      kind: 'refused',
      help: expect.stringContaining(`${ids[2]} (Third), which depends on it, is`) as string,
    })
    await expect(open().initialize()).rejects.toMatchObject({ code: 'ALUDEL_OUT_OF_ORDER' })
    await open().upgrade('head', { outOfOrder: true })
    expect(warnings).toEqual([expect.stringContaining(`${ids[1]} runs out of order`)])
    expect(await found()).toEqual(['late Second'])
    expect(await open().repair({ order: true })).toMatchObject({
      repaired: [{ what: 'order', revision: ids[1] }],
      findings: [],
    })
    const rows = await project.database.rows('SELECT "name" FROM "migrations" ORDER BY "id"')
    expect(rows.map(({ name }) => String(name).slice(0, -13))).toEqual(['First', 'Second', 'Third'])
  })

  test('finds no edits in what TypeORM itself applied, and fills gaps with a warning', async () => {
    const plain = (name: string, stamp: number, up: string) =>
      writeFile(
        path.join(project.revisions, `${String(stamp)}-${name}.js`),
        `module.exports = class ${name}${String(stamp)} { async up(q) { await q.query('${up}') } async down() {} }\n`,
      )
    for (const name of Object.keys(await project.files())) await rm(path.join(project.revisions, name))
    await plain('One', 1700000000001, 'CREATE TABLE "one" ("id" integer)')
    await plain('Three', 1700000000003, 'CREATE TABLE "three" ("id" integer)')
    const theirs = await project.database.connect({
      migrations: [path.join(project.revisions, '*.js')],
    } as Partial<DataSourceOptions>)
    await theirs.runMigrations()
    expect(await found()).toEqual([])
    await plain('Three', 1700000000003, 'CREATE TABLE "other" ("id" integer)')
    expect(await found()).toEqual([])
    await plain('Two', 1700000000002, 'CREATE TABLE "two" ("id" integer)')
    expect(await found()).toEqual(['gap Two'])
    expect((await open().upgrade()).steps).toHaveLength(1)
    expect(warnings).toEqual([expect.stringMatching(/^\w+ runs out of order: .*three/)])
    expect(await found()).toEqual(['late Two'])
  })

  test('trusts a stamp, and compares with checksums of an older version', async () => {
    await open().upgrade(ids[1])
    await edit('Second', wider)
    await open().stamp(['base'], { force: true })
    await open().stamp([ids[1]], { force: true })
    expect(await found()).toEqual([])
    const whole = async (message: string): Promise<string> => {
      const { revisions } = await open().show(message === 'First' ? ids[0] : ids[1])
      const { createHash } = await import('node:crypto')
      return createHash('sha256')
        .update(await readFile(revisions[0]?.path ?? '', 'utf8'))
        .digest('hex')
    }
    for (const message of ['First', 'Second']) {
      const sum = await whole(message)
      await project.database.rows(
        `UPDATE "aludel_journal" SET "checksum" = '${sum}' WHERE "name" LIKE '${message}%' AND "checksum" <> ''`,
      )
    }
    expect(await found()).toEqual([])
    await edit('First', (from) => `${from}// a comment\n`)
    // The journal of that version has only a checksum of the whole text.
    expect(await found()).toEqual(['edited First'])
  })

  test('finds nothing wrong with replaced revisions, and removes them together with the squash', async () => {
    await open().upgrade()
    await edit('Second', wider)
    await edit('Second', (from) => from.replaceAll('"years"', '"age"'))
    await open().squash('base:head', { revisionId: 'ffffffffffff' })
    expect(await found()).toEqual([])
    for (const message of ['First', 'Second', 'Third']) await rm(await fileOf(`${message}.ts`))
    expect(await found()).toEqual([])
    expect((await open().check({ database: true })).database).toMatchObject({ clean: true, findings: [] })
    expect((await open().repair({ remove: ['ffff'] })).findings).toEqual([])
    expect(await project.database.rows('SELECT "name" FROM "migrations"')).toEqual([])
    expect((await open().repair({ restore: ['ffff'] })).findings).toEqual([])
    expect((await open().current()).current).toEqual(['ffffffffffff'])
    const squash = path.join(project.revisions, Object.keys(await project.files())[0] ?? '')
    await writeFile(squash, (await readFile(squash, 'utf8')).replaceAll('"age"', '"years"'))
    expect(await found()).toEqual([expect.stringMatching(/^edited /)])
  })

  test('returns findings from current only when asked, and none for a sound history', async () => {
    await open().upgrade()
    expect((await open().current()).findings).toBeUndefined()
    expect(await open().current({ verbose: true })).toHaveProperty('findings', [])
    expect(await open().repair()).toEqual({ repaired: [], changes: [], findings: [] })
  })
})
