import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import type { AdoptResult } from '@aludel/engine'

import { dialects } from './harness'
import { ids } from './shop'
import { type ErrorDocument, useShop } from './shop-project'

describe.each(dialects)('adopt, on %s', (dialect) => {
  const project = useShop(dialect)
  const run = async (...statements: string[]): Promise<void> => {
    for (const sql of statements) await project.database.query(sql)
  }
  const withTables = (posts = ''): Promise<void> =>
    run(
      'CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))',
      "INSERT INTO alembic_version VALUES ('27c6a30d7c24')",
      ...tables,
      ...(posts === '' ? [] : [`ALTER TABLE "posts" ADD COLUMN ${posts}`]),
    )
  /** What the revisions of the shop make. */
  let tables: readonly string[] = []

  beforeEach(async () => {
    const script = await project.succeeds('upgrade base:head --sql --json')
    const { statements } = script.json<{ readonly statements: readonly string[] }>()
    tables = statements.filter((statement) => /"(?:users|posts)"/.test(statement))
  })

  test('shows what it found, asks, and without an answer changes nothing and exits with 4', async () => {
    await withTables()
    const refused = await project.migrate('adopt')
    expect(refused.code).toBe(4)
    expect(refused.stderr).toContain('Alembic has a history in alembic_version')
    expect(refused.stderr).toContain(`would record ${ids.posts} as applied`)
    const { error } = (await project.migrate('adopt --json')).json<ErrorDocument>()
    expect(error).toMatchObject({ code: 'ALUDEL_CONFIRMATION', details: { steps: [ids.posts] } })
    expect((await project.migrate('current')).stdout).not.toContain(ids.posts)
  })

  test('records the revision whose schema the database has, and prints what stays', async () => {
    await withTables()
    const adopted = await project.succeeds('adopt --yes')
    const printed = adopted.stdout + adopted.stderr
    for (const line of [
      'Alembic has a history in alembic_version, which ends with 27c6a30d7c24.',
      `It has the schema of ${ids.posts}.`,
      `✓ Recorded ${ids.posts} as applied. No row was changed.`,
      'alembic_version stays, and is not compared with anything. Drop it when nothing uses it.',
    ])
      expect(printed).toContain(line)
    expect((await project.migrate('current')).stdout).toContain(ids.posts)
    expect((await project.migrate('check --database')).stderr).toContain('Not compared: alembic_version (Alembic).')
    const again = await project.migrate('adopt --yes --json')
    expect([again.code, again.json<ErrorDocument>().error.code]).toEqual([4, 'ALUDEL_HISTORY_EXISTS'])
  })

  test('prints the differences from the nearest revision, and exits with 3', async () => {
    await withTables('"extra" integer')
    const printed = await project.migrate('adopt --yes')
    expect(printed.code).toBe(3)
    expect(printed.stdout).toContain(
      `No revision has the schema of the database. The nearest is ${ids.posts}, with 1 difference:`,
    )
    expect(printed.stdout).toContain('+ the database has column posts.extra integer')
    const result = (await project.migrate('adopt --yes --json')).json<AdoptResult>()
    expect(result).toMatchObject({
      tool: { name: 'Alembic', table: 'alembic_version', last: '27c6a30d7c24' },
      matches: null,
      nearest: ids.posts,
      stamped: [],
      differences: [{ op: 'addColumn', table: 'posts', name: 'extra', dialects: [dialect], ahead: 'database' }],
    })
  })

  test('converts the database with --convert, and offers that where no revision fits', async () => {
    await withTables()
    await run('CREATE INDEX ix_other ON users (name)', `INSERT INTO users (id, name) VALUES (1, 'Ann')`)
    const unfit = await project.migrate('adopt --yes')
    expect([unfit.code, unfit.stdout]).toEqual([3, expect.stringContaining('aludel migrate adopt --convert')])
    const unconfirmed = await project.migrate('adopt --convert')
    expect(unconfirmed.code).toBe(4)
    expect(unconfirmed.stderr).toContain('would make 1 change, and change no row')
    const printed = await project.succeeds('adopt --convert --yes --verbose')
    for (const line of [
      `It can be converted to ${ids.posts}, with all its rows, in 1 change:`,
      '- drop index ix_other on users (name)',
      'DROP INDEX "ix_other";',
      '✓ Converted the database. No row was changed.',
      `✓ Recorded ${ids.posts} as applied.`,
    ])
      expect(printed.stdout + printed.stderr).toContain(line)
    expect(await project.database.query('SELECT id, name FROM users')).toEqual([{ id: 1, name: 'Ann' }])
  })

  test('does not convert a database that would lose something, and says what to do', async () => {
    await withTables('"extra" integer')
    const printed = await project.migrate('adopt --convert --yes')
    expect(printed.code).toBe(4)
    expect(printed.stderr).toContain('the database has column posts.extra, and the revisions do not')
    expect(printed.stderr).toContain('add "column:posts.extra" to ignore in the configuration: it stays')
    const { error } = (await project.migrate('adopt --convert --yes --json')).json<ErrorDocument>()
    expect(error).toMatchObject({
      code: 'ALUDEL_ADOPT_CONVERSION',
      details: { nearest: ids.posts, obstacles: [{ kind: 'object', object: 'posts.extra' }] },
    })
    const early = await project.migrate('adopt --yes --map posts.title.a=b')
    expect([early.code, early.stderr]).toEqual([2, expect.stringContaining('is only for a conversion')])
  })

  test('writes the first revision of a project that has none', async () => {
    await withTables()
    const revisions = path.join(project.directory, 'migrations')
    rmSync(revisions, { recursive: true })
    const { created, stamped } = (await project.succeeds('adopt --yes --json')).json<AdoptResult>()
    expect(stamped).toEqual([created?.revision])
    expect(readdirSync(revisions).filter((name) => name.endsWith('-adopt-the-database.ts'))).toHaveLength(1)
    expect((await project.migrate('check')).code).toBe(0)
    expect((await project.succeeds('upgrade')).stdout).toContain('Nothing to run')
  })
})
