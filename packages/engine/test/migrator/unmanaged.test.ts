// cspell:ignore byhand
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { EntitySchema } from 'typeorm'

import type { MigratorOptions } from '../../src/project/options'
import type { Migrator } from '../../src/migrator'
import type { UnmanagedObject } from '../../src/results'
import { dialectNames } from '../run/databases'
import { writePlainMigration } from './by-hand'
import { entity, id, openProject, type TestProject, text } from './project'
import { unmanaged } from './unmanaged-objects'

const yes = { confirm: () => Promise.resolve(true) }
type CreateOptions = NonNullable<Parameters<Migrator['create']>[1]>

describe.each(dialectNames)('unmanaged object on %s', (dialect) => {
  const { up, down, patterns } = unmanaged[dialect]
  /** Its history is created and applied once. Tests that write no revision use it, since its replay is cached. */
  let project: TestProject
  const cacheDirectory = (): string => path.join(project.directory, 'node_modules', '.cache', 'aludel')

  const posts = (title = text(80), more: object = {}) =>
    entity(
      'posts',
      { id, title, body: { type: 'text', nullable: true }, views: { type: 'int', default: 0 }, ...more },
      { indices: [{ name: 'ix_views', columns: ['views'] }] },
    )

  /** A migrator with the entities of the first revision, for tests that write no revision. */
  let unaware: Migrator

  beforeAll(async () => {
    project = await openProject(dialect)
    await project.migrator([posts()]).create('first')
    await writePlainMigration(project, up, down)
    unaware = migrator(project, [posts()])
    await unaware.upgrade()
  })
  afterAll(() => project.remove())

  const opened: TestProject[] = []
  /** Opens another project with the same history and its own database. */
  async function openAnother(): Promise<TestProject> {
    const other = await openProject(dialect)
    opened.push(other)
    await other.write(await project.files())
    return other
  }
  afterEach(async () => {
    for (const other of opened.splice(0)) await other.remove()
  })

  /** Applies the history, and returns the migrator. */
  async function applied(there: TestProject): Promise<Migrator> {
    const one = migrator(there, [posts()])
    await one.upgrade()
    return one
  }

  const migrator = (of: TestProject, entities: readonly EntitySchema[], options: Partial<MigratorOptions> = {}) =>
    of.migrator(entities, { cacheDirectory: cacheDirectory(), ...options })

  async function answered(answer: 'keep' | 'drop', of = unaware, options: CreateOptions = {}) {
    const asked: UnmanagedObject[] = []
    const result = await of.create('second', {
      ...yes,
      askUnmanaged: (question) => {
        asked.push(question)
        return Promise.resolve(answer)
      },
      ...options,
    })
    return { result, asked, patterns: asked.map(({ pattern }) => pattern).sort() }
  }

  test('makes create list the flags and write nothing if no prompt is available', async () => {
    await expect(unaware.create('second', yes)).rejects.toMatchObject({
      code: 'ALUDEL_UNMANAGED_QUESTION',
      kind: 'refused',
      help: expect.stringMatching(
        /index:posts\.ix_title is unmanaged: revision [0-9a-f]{12} \(.*\) created it, and no entity describes it\n {2}--keep 'index:posts\.ix_title'\n {2}--drop 'index:posts\.ix_title'/,
      ) as string,
    })
    expect(Object.keys(await project.files())).toHaveLength(2)
  })

  test('raises one question, and is no longer a difference once it is kept', async () => {
    const { asked, result, patterns: asking } = await answered('keep')
    expect(asking).toEqual(patterns)
    expect(asked[0]?.madeBy?.path).toMatch(/-byhand\.js$/)
    expect(result).toMatchObject({ created: null, operations: [], unmanaged: { path: null } })
    expect([...result.unmanaged.added].sort()).toEqual(patterns)

    const known = migrator(project, [posts()], { unmanaged: result.unmanaged.added })
    expect((await answered('drop', known)).patterns).toEqual([])
    expect(await known.check({ database: true })).toMatchObject({
      clean: true,
      operations: [],
      unmanaged: [],
      database: { clean: true },
    })
  })

  test('is added to a configuration file in JSON, which keeps its layout', async () => {
    const configPath = path.join(project.directory, 'aludel.config.json')
    const before =
      '{\n    "revisions": "./migrations", "dialects": ["sqlite"],\n\n    "unmanaged": ["table:other"]\n}\n'
    await writeFile(configPath, before)
    const { result } = await answered('keep', migrator(project, [posts()], { configPath, unmanaged: ['table:other'] }))
    expect(result.unmanaged.path).toBe(configPath)
    const after = await readFile(configPath, 'utf8')
    expect((JSON.parse(after) as { unmanaged: string[] }).unmanaged.sort()).toEqual([...patterns, 'table:other'].sort())
    expect(after.startsWith('{\n    "revisions": "./migrations", "dialects": ["sqlite"],\n\n    "unmanaged": [')).toBe(
      true,
    )
  })

  test('raises a warning with the line to add if the configuration is a program', async () => {
    const warnings: string[] = []
    const { result } = await answered(
      'keep',
      migrator(project, [posts()], {
        configPath: path.join(project.directory, 'aludel.config.ts'),
        onEvent: (event) => {
          if (event.type === 'warning') warnings.push(event.message)
        },
      }),
    )
    expect(result.unmanaged.path).toBeNull()
    expect(warnings.join('\n')).toMatch(/aludel\.config\.ts.*\n {2}unmanaged: \['.*'index:posts\.ix_title'.*\],/)
  })

  test('is kept or dropped by flags with patterns, without a question', async () => {
    const there = await openAnother()
    const options = {
      keep: patterns.filter((pattern) => !pattern.startsWith('index:')),
      drop: ['index:posts.*'],
      askUnmanaged: () => Promise.reject(new Error('nothing is left to ask')),
    }
    const { result } = await answered('keep', await applied(there), options)
    expect(result.operations.map(({ op }) => op)).toEqual(['dropIndex', 'dropIndex'])
    const known = migrator(there, [posts()], { unmanaged: result.unmanaged.added })
    await known.upgrade()
    expect((await known.check({ database: true })).database?.clean).toBe(true)
    await known.downgrade('-1')
    expect((await known.check({ database: true })).database?.clean).toBe(true)
  })

  test('is dropped if so answered, and is restored by the downgrade', async () => {
    const still = await applied(await openAnother())
    const { result } = await answered('drop', still)
    expect(result.operations.length).toBeGreaterThanOrEqual(patterns.length)
    await still.upgrade()
    expect(await still.check({ database: true })).toMatchObject({ clean: true, database: { clean: true } })
    await still.downgrade('-1')
    expect((await still.check({ database: true })).database?.clean).toBe(true)
  })

  test('survives changes to its columns, and still works afterwards', async () => {
    const there = await openAnother()
    await applied(there)
    const { rows } = there.database
    await rows(`INSERT INTO posts (id, title, body) VALUES (1, 'one', 'b')`)
    const changed = posts({ type: 'text' } as never, { rating: { type: 'int', default: 3 } })
    const { result } = await answered('keep', migrator(there, [changed]))
    expect(result.operations.map(({ op, name }) => [op, name])).toEqual(
      expect.arrayContaining([
        ['alterColumn', 'title'],
        ['addColumn', 'rating'],
      ]),
    )
    const known = migrator(there, [changed], { unmanaged: result.unmanaged.added })
    await known.upgrade()
    expect(await known.check({ database: true })).toMatchObject({ clean: true, database: { clean: true } })
    await rows(`UPDATE posts SET body = 'c' WHERE id = 1`)
    expect(await rows('SELECT views FROM posts')).toEqual([{ views: 1 }])
    await known.downgrade('-1')
    expect((await known.check({ database: true })).database?.clean).toBe(true)
    await rows(`UPDATE posts SET body = 'd' WHERE id = 1`)
    expect(await rows('SELECT views FROM posts')).toEqual([{ views: 2 }])
  })

  test('follows a renamed table and a renamed column', async () => {
    const there = await openAnother()
    await applied(there)
    const { rows } = there.database
    await rows(`INSERT INTO posts (id, title, body) VALUES (1, 'one', 'b')`)
    const renamed = entity(
      'articles',
      { id, headline: text(80), body: { type: 'text', nullable: true }, views: { type: 'int', default: 0 } },
      { indices: [{ name: 'ix_views', columns: ['views'] }] },
    )
    // A tool cannot rename within the text of a view or a function.
    const options = { rename: ['posts=articles', 'articles.title=headline'], keep: patterns }
    const renaming = migrator(there, [renamed])
    const { result } = await answered('keep', renaming, options)
    expect(result.destroys).toEqual([])
    await renaming.upgrade()
    // The revision that created an object is found under the name that the object had then.
    const asked = (await renaming.check()).unmanaged
    expect(asked.map(({ pattern, madeBy }) => [pattern, madeBy?.message]).sort()).toEqual(
      patterns.map((pattern) => [pattern.replace(':posts.', ':articles.'), 'by hand']),
    )
    const known = migrator(there, [renamed], {
      unmanaged: patterns.map((pattern) => pattern.replace(':posts.', ':articles.')),
    })
    expect(await known.check({ database: true })).toMatchObject({ clean: true, database: { clean: true } })
    await rows(`UPDATE articles SET body = 'c' WHERE id = 1`)
    expect(await rows('SELECT views FROM articles')).toEqual([{ views: 1 }])
    await known.downgrade('-1')
    expect((await known.check({ database: true })).database?.clean).toBe(true)
  })

  test('is never a generated index: create drops one that its entity no longer has, without a question', async () => {
    const bare = entity('posts', {
      id,
      title: text(80),
      body: { type: 'text', nullable: true },
      views: { type: 'int', default: 0 },
    })
    const { patterns: asking, result } = await answered('keep', migrator(project, [bare]), { sql: true })
    expect(asking).toEqual(patterns)
    expect(result.operations.map(({ op, name }) => [op, name])).toEqual([['dropIndex', 'ix_views']])
  })

  test('is never a generated object of a table that was renamed since or is renamed now', async () => {
    const there = await openAnother()
    const { columns } = posts().options
    const extra = { ...columns, extra: text(20, { nullable: true }) }
    const indices = [{ name: 'ix_views', columns: ['views'] }]
    await migrator(there, [entity('posts', extra, { indices })]).create('second', { ...yes, keep: patterns })
    const notes = [entity('notes', extra, { indices })]
    await migrator(there, notes).create('third', { ...yes, rename: ['posts=notes'], keep: patterns })
    const options = { rename: ['notes=texts'], keep: patterns.map((pattern) => pattern.replace(':posts.', ':notes.')) }
    const { result, asked } = await answered('keep', migrator(there, [entity('texts', columns)]), options)
    expect(asked).toEqual([])
    expect(result.destroys).toEqual(['values of texts.extra'])
    expect(result.operations.map(({ op }) => op)).toEqual(expect.arrayContaining(['dropColumn', 'dropIndex']))
  })

  test('is reported by check, separately from the operations', async () => {
    const { clean, operations, unmanaged: found } = await unaware.check()
    expect({ clean, operations }).toEqual({ clean: false, operations: [] })
    expect(found.map(({ pattern }) => pattern).sort()).toEqual(patterns)
    expect(found.find(({ pattern }) => pattern === 'index:posts.ix_title')).toEqual({
      pattern: 'index:posts.ix_title',
      description: 'drop index ix_title on posts (title)',
      madeBy: {
        revision: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
        message: expect.any(String) as string,
        path: expect.stringMatching(/-byhand\.js$/) as string,
      },
      destroys: [],
      blockedBy: null,
    })
  })

  test('raises no question if its entity declares synchronize: false', async () => {
    const declared = entity(
      'posts',
      { id, title: text(80), body: { type: 'text', nullable: true }, views: { type: 'int', default: 0 } },
      {
        indices: [
          { name: 'ix_views', columns: ['views'] },
          { name: 'ix_title', columns: ['title'], synchronize: false },
        ],
      },
    )
    const { patterns: asking } = await answered('keep', migrator(project, [declared]))
    expect(asking).toEqual(patterns.filter((pattern) => pattern !== 'index:posts.ix_title'))
  })

  test('cannot be named by an invalid pattern, and the error shows a valid one', async () => {
    await expect(answered('keep', unaware, { keep: ['ix_title'] })).rejects.toMatchObject({
      code: 'ALUDEL_USAGE',
      message: '--keep: "ix_title" is not a pattern of the form kind:name',
      help: expect.stringContaining('index:posts.ix_body') as string,
    })
    expect(() => project.migrator([posts()], { unmanaged: ['indx:a'] })).toThrow('unmanaged: "indx:a" is not a pattern')
  })
})

describe.each(dialectNames)('Migrator on %s', (dialect) => {
  let project: TestProject
  const notes = (columns: object = {}) => entity('notes', { id, ...columns })
  const body = { body: { type: 'text', nullable: true } }

  /** The first revision is created once. */
  let written: Readonly<Record<string, string>> | undefined

  beforeEach(async () => {
    project = await openProject(dialect)
    if (written !== undefined) return project.write(written)
    await project.migrator([notes(body)]).create('first')
    written = await project.files()
  })
  afterEach(() => project.remove())

  test('cannot keep a trigger of a dropped column', async () => {
    await writePlainMigration(
      project,
      dialect === 'sqlite'
        ? ['CREATE TRIGGER tr AFTER UPDATE OF body ON notes BEGIN SELECT 1; END']
        : [
            'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
            'CREATE TRIGGER tr BEFORE UPDATE OF body ON notes FOR EACH ROW EXECUTE FUNCTION f()',
          ],
    )
    const keep = { ...yes, keep: ['function:*'] }
    const migrator = project.migrator([notes()])
    await expect(migrator.create('second', keep)).rejects.toMatchObject({
      code: 'ALUDEL_UNMANAGED_QUESTION',
      help: expect.stringMatching(
        /trigger:notes\.tr is unmanaged: .*; it needs column notes\.body, which is dropped\n {2}--drop/,
      ) as string,
    })
    await expect(
      migrator.create('second', { ...keep, askUnmanaged: () => Promise.resolve('keep') }),
    ).rejects.toMatchObject({
      message: 'trigger:notes.tr cannot be kept: it needs column notes.body, which is dropped',
    })
    const result = await migrator.create('second', { ...keep, drop: ['trigger:notes.tr'] })
    expect(result.operations.map(({ op }) => op)).toEqual(['dropTrigger', 'dropColumn'])
  })

  test('drops a trigger that reads a column which is renamed, and makes it again on the way down', async () => {
    await writePlainMigration(
      project,
      dialect === 'sqlite'
        ? [
            'CREATE TRIGGER tr AFTER UPDATE OF body ON notes BEGIN UPDATE notes SET body = upper(new.body) WHERE id = new.id; END',
          ]
        : [
            'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.body = upper(NEW.body); RETURN NEW; END $$',
            'CREATE TRIGGER tr BEFORE UPDATE OF body ON notes FOR EACH ROW EXECUTE FUNCTION f()',
          ],
    )
    const renamed = project.migrator([notes({ content: body.body })])
    const { operations } = await renamed.create('second', {
      ...yes,
      keep: ['function:*'],
      drop: ['trigger:notes.tr'],
      rename: ['notes.body=content'],
    })
    expect(operations.map(({ op }) => op)).toEqual(['dropTrigger', 'renameColumn'])
    await renamed.upgrade()
    await renamed.downgrade('-1')
    await project.database.rows(`INSERT INTO notes (id, body) VALUES (1, 'a')`)
    await project.database.rows(`UPDATE notes SET body = 'b'`)
    expect(await project.database.rows('SELECT body FROM notes')).toEqual([{ body: 'B' }])
  })

  test('creates a second revision on top of a first that is still pending', async () => {
    const title = { title: text(20, { nullable: true }) }
    const changed = project.migrator([notes({ ...body, ...title })])
    await changed.create('title')
    expect((await changed.create('title again')).created).toBeNull()
    expect((await changed.current()).pending).toBe(2)
    const more = project.migrator([notes({ ...body, ...title, n: { type: 'int', nullable: true } })])
    const { operations } = await more.create('n')
    expect(operations.map(({ op, name }) => [op, name])).toEqual([['addColumn', 'n']])
    await more.upgrade()
    expect(await more.check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })
  })

  test('hides ignored objects from check, stamp and create', async () => {
    const all = project.migrator([notes(body)])
    await all.upgrade()
    await project.database.rows('CREATE TABLE spatial_ref_sys (id integer)')
    await project.database.rows('CREATE INDEX ix_theirs ON notes (body)')
    const ignoring = project.migrator([notes(body)], { ignore: ['table:spatial_*', 'index:ix_theirs'] })
    expect((await all.check({ database: true })).database?.clean).toBe(false)
    expect((await ignoring.check({ database: true })).database).toMatchObject({
      clean: true,
      operations: [],
    })
    await ignoring.stamp(['head'])
    expect((await ignoring.create('nothing', { from: 'database' })).created).toBeNull()
  })
})
