import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { EntitySchema } from 'typeorm'

import type { MigratorOptions } from '../../src/context'
import type { Migrator } from '../../src/migrator'
import type { HandMade } from '../../src/results'
import { postgresMajor } from '../../../../tools/testing/databases'
import { dialectNames } from '../run/databases'
import { writeByHand } from './by-hand'
import { entity, id, openProject, type TestProject, text } from './project'

const yes = { confirm: () => Promise.resolve(true) }
type CreateOptions = NonNullable<Parameters<Migrator['create']>[1]>

/** Unmanaged objects and their patterns, one of each kind that no entity describes. */
const handMade = {
  sqlite: {
    up: [
      'CREATE INDEX ix_lower ON posts (lower(title))',
      'CREATE INDEX ix_title ON posts (title)',
      `CREATE TRIGGER touch AFTER UPDATE OF body ON posts BEGIN UPDATE posts SET views = views + 1 WHERE id = new.id; END`,
      'CREATE VIEW long_posts AS SELECT id, title FROM posts WHERE length(title) > 3',
      'CREATE TABLE legacy_stats (day text, n integer)',
      'ALTER TABLE posts ADD search text',
    ],
    down: [
      'ALTER TABLE posts DROP COLUMN search',
      'DROP TABLE legacy_stats',
      'DROP VIEW long_posts',
      'DROP TRIGGER touch',
      'DROP INDEX ix_title',
      'DROP INDEX ix_lower',
    ],
    patterns: [
      'column:posts.search',
      'index:posts.ix_lower',
      'index:posts.ix_title',
      'table:legacy_stats',
      'trigger:posts.touch',
      'view:long_posts',
    ],
  },
  postgres: {
    up: [
      'CREATE EXTENSION IF NOT EXISTS pg_trgm',
      'CREATE INDEX ix_gin ON posts USING gin (title gin_trgm_ops)',
      'CREATE INDEX ix_title ON posts (title)',
      `CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.views := NEW.views + 1; RETURN NEW; END $$`,
      // A body of statements, which the server knows the tables of, is new in PostgreSQL 14.
      `CREATE FUNCTION long_posts() RETURNS bigint ${
        postgresMajor < 14
          ? 'LANGUAGE sql AS $$ SELECT count(*) FROM posts WHERE length(title) > 3 $$'
          : 'BEGIN ATOMIC; SELECT count(*) FROM posts WHERE length(title) > 3; END'
      }`,
      'CREATE TRIGGER touch BEFORE UPDATE OF title, body ON posts FOR EACH ROW EXECUTE FUNCTION touch()',
      'ALTER TABLE posts ENABLE ROW LEVEL SECURITY',
      `CREATE POLICY visible ON posts FOR SELECT USING (title <> 'secret')`,
      `CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%')`,
      'CREATE TABLE events (id int, at date NOT NULL) PARTITION BY RANGE (at)',
      `CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
      'CREATE SEQUENCE tickets INCREMENT BY 5',
      'ALTER TABLE posts ADD search tsvector',
    ],
    down: [
      'ALTER TABLE posts DROP COLUMN search',
      'DROP SEQUENCE tickets',
      'DROP TABLE events',
      'DROP DOMAIN email',
      'DROP POLICY visible ON posts',
      'ALTER TABLE posts DISABLE ROW LEVEL SECURITY',
      'DROP TRIGGER touch ON posts',
      'DROP FUNCTION long_posts',
      'DROP FUNCTION touch',
      'DROP INDEX ix_title',
      'DROP INDEX ix_gin',
    ],
    patterns: [
      'column:posts.search',
      'domain:email',
      'extension:pg_trgm',
      'function:long_posts()',
      'function:touch()',
      'index:posts.ix_gin',
      'index:posts.ix_title',
      'policy:posts.visible',
      'sequence:tickets',
      'table:events',
      'trigger:posts.touch',
    ],
  },
}

describe.each(dialectNames)('unmanaged object on %s', (dialect) => {
  const { up, down, patterns } = handMade[dialect]
  let project: TestProject
  /** The files of the history, which is created once. */
  let written: Readonly<Record<string, string>> | undefined

  const posts = (title = text(80), more: object = {}) =>
    entity(
      'posts',
      { id, title, body: { type: 'text', nullable: true }, views: { type: 'int', default: 0 }, ...more },
      { indices: [{ name: 'ix_views', columns: ['views'] }] },
    )

  beforeEach(async () => {
    project = await openProject(dialect)
    if (written === undefined) {
      await project.migrator([posts()]).create('first')
      await writeByHand(project, up, down)
      written = await project.files()
    } else await project.write(written)
    await project.migrator([posts()]).upgrade()
  })
  afterEach(() => project.remove())

  async function answered(
    answer: 'keep' | 'drop',
    entities: readonly EntitySchema[] = [posts()],
    options: CreateOptions = {},
    of: Partial<MigratorOptions> = {},
  ) {
    const asked: HandMade[] = []
    const result = await project.migrator(entities, of).create('second', {
      ...yes,
      askUnmanaged: (question) => {
        asked.push(question)
        return Promise.resolve(answer)
      },
      ...options,
    })
    return { result, asked, patterns: asked.map(({ pattern }) => pattern).sort() }
  }

  test('makes create list the flags and write nothing if nobody can be asked', async () => {
    await expect(project.migrator([posts()]).create('second', yes)).rejects.toMatchObject({
      code: 'ALUDEL_UNMANAGED_QUESTION',
      kind: 'refused',
      help: expect.stringMatching(
        /index:posts\.ix_title was made by hand in revision [0-9a-f]{12} \(.*\), and no entity describes it\n {2}--keep 'index:posts\.ix_title'\n {2}--drop 'index:posts\.ix_title'/,
      ) as string,
    })
    expect(Object.keys(await project.files())).toHaveLength(2)
  })

  test('raises one question, and is no difference any more once it is kept', async () => {
    const { asked, result, patterns: asking } = await answered('keep')
    expect(asking).toEqual(patterns)
    expect(asked[0]?.madeBy?.path).toMatch(/-byhand\.js$/)
    expect(result).toMatchObject({ created: null, operations: [], unmanaged: { path: null } })
    expect([...result.unmanaged.added].sort()).toEqual(patterns)

    const known = { unmanaged: result.unmanaged.added }
    expect((await answered('drop', [posts()], {}, known)).patterns).toEqual([])
    expect(await project.migrator([posts()], known).check({ database: true })).toMatchObject({
      clean: true,
      operations: [],
      handMade: [],
      database: { clean: true },
    })
  })

  test('is added to a configuration file in JSON, which keeps its layout', async () => {
    const configPath = path.join(project.directory, 'aludel.config.json')
    const before =
      '{\n    "revisions": "./migrations", "dialects": ["sqlite"],\n\n    "unmanaged": ["table:other"]\n}\n'
    await writeFile(configPath, before)
    const { result } = await answered('keep', [posts()], {}, { configPath, unmanaged: ['table:other'] })
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
      [posts()],
      {},
      {
        configPath: path.join(project.directory, 'aludel.config.ts'),
        onEvent: (event) => {
          if (event.type === 'warning') warnings.push(event.message)
        },
      },
    )
    expect(result.unmanaged.path).toBeNull()
    expect(warnings.join('\n')).toMatch(/aludel\.config\.ts.*\n {2}unmanaged: \['.*'index:posts\.ix_title'.*\],/)
  })

  test('is kept or dropped by flags with patterns, without a question', async () => {
    const { result } = await answered('keep', [posts()], {
      keep: patterns.filter((pattern) => !pattern.startsWith('index:')),
      drop: ['index:posts.*'],
      askUnmanaged: () => Promise.reject(new Error('nothing is left to ask')),
    })
    expect(result.operations.map(({ op }) => op)).toEqual(['dropIndex', 'dropIndex'])
    const known = { unmanaged: result.unmanaged.added }
    await project.migrator([posts()], known).upgrade()
    expect((await project.migrator([posts()], known).check({ database: true })).database?.clean).toBe(true)
    await project.migrator([posts()], known).downgrade('-1')
    expect((await project.migrator([posts()], known).check({ database: true })).database?.clean).toBe(true)
  })

  test('is dropped if so answered, and is restored by the downgrade', async () => {
    const { result } = await answered('drop')
    expect(result.operations.length).toBeGreaterThanOrEqual(patterns.length)
    await project.migrator([posts()]).upgrade()
    expect(await project.migrator([posts()]).check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })
    await project.migrator([posts()]).downgrade('-1')
    expect((await project.migrator([posts()]).check({ database: true })).database?.clean).toBe(true)
  })

  test('survives changes to its columns, and still works afterwards', async () => {
    await project.database.rows(`INSERT INTO posts (id, title, body) VALUES (1, 'one', 'b')`)
    const changed = posts({ type: 'text' } as never, { rating: { type: 'int', default: 3 } })
    const { result } = await answered('keep', [changed])
    expect(result.operations.map(({ op, name }) => [op, name])).toEqual(
      expect.arrayContaining([
        ['alterColumn', 'title'],
        ['addColumn', 'rating'],
      ]),
    )
    const known = { unmanaged: result.unmanaged.added }
    await project.migrator([changed], known).upgrade()
    expect(await project.migrator([changed], known).check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })
    await project.database.rows(`UPDATE posts SET body = 'c' WHERE id = 1`)
    expect(await project.database.rows('SELECT views FROM posts')).toEqual([{ views: 1 }])
    await project.migrator([changed], known).downgrade('-1')
    expect((await project.migrator([changed], known).check({ database: true })).database?.clean).toBe(true)
    await project.database.rows(`UPDATE posts SET body = 'd' WHERE id = 1`)
    expect(await project.database.rows('SELECT views FROM posts')).toEqual([{ views: 2 }])
  })

  test('follows a renamed table and a renamed column', async () => {
    await project.database.rows(`INSERT INTO posts (id, title, body) VALUES (1, 'one', 'b')`)
    const renamed = entity(
      'articles',
      { id, headline: text(80), body: { type: 'text', nullable: true }, views: { type: 'int', default: 0 } },
      { indices: [{ name: 'ix_views', columns: ['views'] }] },
    )
    const { result } = await answered('keep', [renamed], {
      rename: ['posts=articles', 'articles.title=headline'],
      keep: patterns,
      // A tool cannot rename within the text of a view or a function.
    })
    expect(result.destroys).toEqual([])
    await project.migrator([renamed]).upgrade()
    // The revision that made it is found under the name that it had then.
    const asked = (await project.migrator([renamed]).check()).handMade
    expect(asked.map(({ pattern, madeBy }) => [pattern, madeBy?.message]).sort()).toEqual(
      patterns.map((pattern) => [pattern.replace(':posts.', ':articles.'), 'by hand']),
    )
    const known = { unmanaged: patterns.map((pattern) => pattern.replace(':posts.', ':articles.')) }
    expect(await project.migrator([renamed], known).check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })
    await project.database.rows(`UPDATE articles SET body = 'c' WHERE id = 1`)
    expect(await project.database.rows('SELECT views FROM articles')).toEqual([{ views: 1 }])
    await project.migrator([renamed], known).downgrade('-1')
    expect((await project.migrator([renamed], known).check({ database: true })).database?.clean).toBe(true)
  })

  test('is never a generated index: one that leaves its entity is dropped without a question', async () => {
    const bare = entity('posts', {
      id,
      title: text(80),
      body: { type: 'text', nullable: true },
      views: { type: 'int', default: 0 },
    })
    const { patterns: asking, result } = await answered('keep', [bare])
    expect(asking).toEqual(patterns)
    expect(result.operations.map(({ op, name }) => [op, name])).toEqual([['dropIndex', 'ix_views']])
  })

  test('is never a generated object of a table that was renamed since or is renamed now', async () => {
    const { columns } = posts().options
    const extra = { ...columns, extra: text(20, { nullable: true }) }
    const indices = [{ name: 'ix_views', columns: ['views'] }]
    await project.migrator([entity('posts', extra, { indices })]).create('second', { ...yes, keep: patterns })
    const notes = [entity('notes', extra, { indices })]
    await project.migrator(notes).create('third', { ...yes, rename: ['posts=notes'], keep: patterns })
    const { result, asked } = await answered('keep', [entity('texts', columns)], {
      rename: ['notes=texts'],
      keep: patterns.map((pattern) => pattern.replace(':posts.', ':notes.')),
    })
    expect(asked).toEqual([])
    expect(result.destroys).toEqual(['values of "texts"."extra"'])
    expect(result.operations.map(({ op }) => op)).toEqual(expect.arrayContaining(['dropColumn', 'dropIndex']))
  })

  test('is reported by check, separately from the operations', async () => {
    const { clean, operations, handMade: found } = await project.migrator([posts()]).check()
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
    const { patterns: asking } = await answered('keep', [declared])
    expect(asking).toEqual(patterns.filter((pattern) => pattern !== 'index:posts.ix_title'))
  })

  test('cannot be named by an invalid pattern, and the error shows a valid one', async () => {
    await expect(answered('keep', [posts()], { keep: ['ix_title'] })).rejects.toMatchObject({
      code: 'ALUDEL_USAGE',
      message: '--keep: "ix_title" is no pattern of the form kind:name',
      help: expect.stringContaining('index:posts.ix_body') as string,
    })
    expect(() => project.migrator([posts()], { unmanaged: ['indx:a'] })).toThrow('unmanaged: "indx:a" is no pattern')
  })
})

describe.each(dialectNames)('Migrator on %s', (dialect) => {
  let project: TestProject
  const notes = (columns: object = {}) => entity('notes', { id, ...columns })
  const body = { body: { type: 'text', nullable: true } }

  beforeEach(async () => {
    project = await openProject(dialect)
    await project.migrator([notes(body)]).create('first')
  })
  afterEach(() => project.remove())

  test('cannot keep a trigger of a dropped column', async () => {
    await writeByHand(
      project,
      dialect === 'sqlite'
        ? ['CREATE TRIGGER tr AFTER UPDATE OF body ON notes BEGIN SELECT 1; END']
        : [
            'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
            'CREATE TRIGGER tr BEFORE UPDATE OF body ON notes FOR EACH ROW EXECUTE FUNCTION f()',
          ],
    )
    const keep = { ...yes, keep: ['function:*'] }
    await expect(project.migrator([notes()]).create('second', keep)).rejects.toMatchObject({
      code: 'ALUDEL_UNMANAGED_QUESTION',
      help: expect.stringMatching(
        /trigger:notes\.tr was made by hand.*; it needs column notes\.body, which goes\n {2}--drop/,
      ) as string,
    })
    await expect(
      project.migrator([notes()]).create('second', { ...keep, askUnmanaged: () => Promise.resolve('keep') }),
    ).rejects.toMatchObject({ message: 'trigger:notes.tr can not be kept: it needs column notes.body, which goes' })
    const result = await project.migrator([notes()]).create('second', { ...keep, drop: ['trigger:notes.tr'] })
    expect(result.operations.map(({ op }) => op)).toEqual(['dropTrigger', 'dropColumn'])
  })

  test('creates a second revision on top of a first that is still pending', async () => {
    const changed = [notes({ ...body, title: text(20, { nullable: true }) })]
    await project.migrator(changed).create('title')
    expect((await project.migrator(changed).create('title again')).created).toBeNull()
    expect((await project.migrator(changed).current()).pending).toBe(2)
    const more = [notes({ ...body, title: text(20, { nullable: true }), n: { type: 'int', nullable: true } })]
    const { operations } = await project.migrator(more).create('n')
    expect(operations.map(({ op, name }) => [op, name])).toEqual([['addColumn', 'n']])
    await project.migrator(more).upgrade()
    expect(await project.migrator(more).check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })
  })

  test('hides ignored objects from check, stamp and create', async () => {
    await project.migrator([notes(body)]).upgrade()
    await project.database.rows('CREATE TABLE spatial_ref_sys (id integer)')
    await project.database.rows('CREATE INDEX ix_theirs ON notes (body)')
    const ignore = { ignore: ['table:spatial_*', 'index:ix_theirs'] }
    expect((await project.migrator([notes(body)]).check({ database: true })).database?.clean).toBe(false)
    expect((await project.migrator([notes(body)], ignore).check({ database: true })).database).toMatchObject({
      clean: true,
      operations: [],
    })
    await project.migrator([notes(body)], ignore).stamp(['head'])
    expect((await project.migrator([notes(body)], ignore).create('nothing', { from: 'database' })).created).toBeNull()
  })
})
