import path from 'node:path'

import type { CurrentResult, InitializeResult, PlanResult, RevisionsResult, RunResult, SqlResult } from '@aludel/engine'

import { dialects, writeFiles } from './harness'
import { ids, nextRevision, revision, run as write } from './shop'
import { type ErrorDocument, useShop } from './shop-project'

describe.each(dialects)('running and showing revisions on %s', (dialect) => {
  const project = useShop(dialect)

  test('prints with --sql, upgrades an empty database to head, and downgrades it to base only when confirmed', async () => {
    const before = await project.migrate('current --json')
    expect(before.code).toBe(0)
    expect(before.json<CurrentResult>()).toMatchObject({
      current: [],
      heads: [ids.posts],
      pending: 3,
      upToDate: false,
      database: { dialect },
    })
    expect((await project.migrate('current --check-heads')).code).toBe(3)

    const { statements } = (await project.succeeds('upgrade --sql --json')).json<SqlResult>()
    expect(statements.join('\n')).toContain('CREATE TABLE "users"')
    expect(await project.tables()).toEqual([])
    const script = (await project.succeeds('upgrade --sql')).stdout
    // Each script contains the id of its own run.
    const anonymous = (text: string): string => text.replace(/'[0-9a-f-]{36}'/g, 'RUN')
    expect(anonymous(script)).toBe(anonymous(`${statements.join('\n')}\n`))
    expect((await project.migrate('upgrade --sql --plan')).code).toBe(2)

    const first = (await project.succeeds('upgrade +1 --json')).json<RunResult>()
    expect(first).toMatchObject({ direction: 'upgrade', from: [], to: [ids.users], backup: null })
    expect(first.steps).toEqual([
      { revision: ids.users, message: 'users', direction: 'upgrade', durationMs: expect.any(Number) as number },
    ])

    const human = await project.succeeds('upgrade')
    expect(human.stdout).toMatch(/✓ {2}bbbb11112222 {2}email of users +\d/)
    expect(human.stdout).toContain('Applied 2 revisions in')
    expect(await project.tables()).toEqual(['posts', 'users'])
    expect((await project.migrate('current --check-heads')).stdout).toBe(`${ids.posts} (head)\n`)

    const nothing = await project.succeeds('upgrade --json')
    expect(nothing.json<RunResult>().steps).toEqual([])

    const history = (await project.succeeds('history -i --json')).json<RevisionsResult>()
    expect(history.revisions.map((entry) => [entry.revision, entry.applied, entry.isCurrent, entry.isHead])).toEqual([
      [ids.posts, true, true, true],
      [ids.email, true, false, false],
      [ids.users, true, false, false],
    ])
    expect(
      (await project.succeeds('history -r -2:current --json'))
        .json<RevisionsResult>()
        .revisions.map((entry) => entry.revision),
    ).toContain(ids.posts)

    const refused = await project.migrate('downgrade')
    expect(refused.code).toBe(4)
    expect(refused.stdout).toBe('')
    expect(refused.stderr).toMatch(/^error: .* \[ALUDEL_CONFIRMATION\]$/m)
    expect(refused.stderr).toContain(ids.posts)
    expect(refused.stderr).toContain('--yes')
    expect(await project.tables()).toEqual(['posts', 'users'])

    const document = await project.migrate('downgrade --json --no-input')
    expect(document.json<ErrorDocument>().error.code).toBe('ALUDEL_CONFIRMATION')
    expect(document.stderr).toBe('')

    const plan = (await project.succeeds('downgrade --plan --json')).json<PlanResult>()
    expect(plan.steps).toHaveLength(1)
    expect(plan.steps[0]).toMatchObject({ revision: ids.posts, transactional: true, sql: ['DROP TABLE "posts"'] })
    expect(plan.steps[0]?.destroys.join()).toContain('posts')
    expect((await project.succeeds('downgrade --plan')).stdout).toContain('loses')

    const down = (await project.succeeds('downgrade -1 --yes --json')).json<RunResult>()
    expect(down).toMatchObject({ direction: 'downgrade', from: [ids.posts], to: [ids.email] })
    expect(await project.tables()).toEqual(['users'])
    expect((await project.succeeds('downgrade base -y')).stdout).toContain('Undid 2 revisions')
    expect(await project.tables()).toEqual([])
  })

  test('shows history, heads, branches and --sql without a database', async () => {
    await project.database.drop()
    const history = await project.succeeds('history')
    expect(history.stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      'cccc11112222  posts           2023-11-14 22:13  (head)',
      'bbbb11112222  email of users  2023-11-14 22:13',
      'aaaa11112222  users           2023-11-14 22:13',
      '',
    ])
    expect((await project.succeeds('heads --json')).json<{ heads: object[] }>().heads).toEqual([
      {
        revision: ids.posts,
        down: [ids.email],
        dependsOn: [],
        branchLabels: [],
        message: 'posts',
        name: 'Posts1700000000003',
        createdAt: '2023-11-14T22:13:20.003Z',
        path: path.join(project.directory, 'migrations/1700000000003-posts.ts'),
        applied: null,
        isHead: true,
        isCurrent: false,
        isBranchPoint: false,
        isMergePoint: false,
      },
    ])
    expect((await project.succeeds('show bbbb')).stdout).toMatch(/message +email of users\n/)
    expect((await project.succeeds('branches --json')).json()).toEqual({ revisions: [] })
    expect((await project.succeeds('upgrade base:head --sql')).stdout).toContain('CREATE TABLE "users"')
  })

  test('history -v and show -v tell what each revision does, and who applied it when; the plan tells it before', async () => {
    expect((await project.succeeds('upgrade --plan')).stdout).toMatch(
      /aaaa11112222 {2}users\n {4}does {2}create table users\n/,
    )
    await project.succeeds('upgrade bbbb')
    const { stdout } = await project.succeeds('history -v -i')
    const [posts = '', email = ''] = stdout.split('\n\n')
    expect(posts).toMatch(
      /^revision +cccc11112222 [^]*\nparent +bbbb11112222\n[^]*\nfile +migrations\/[^]*\napplied +no\ndoes +create table posts$/,
    )
    expect(email).toMatch(/\napplied +\d{4}-\d\d-\d\d \d\d:\d\d UTC by \S+@\S+\ndoes +add column users\.email/)
    expect((await project.succeeds('show bbbb -v')).stdout.trimEnd()).toBe(email)
    const { revisions } = (await project.succeeds('history -v -i --json')).json<RevisionsResult>()
    expect(revisions).toMatchObject([
      { applied: false, does: ['create table posts'] },
      { applied: true, appliedAt: expect.any(String) as string, appliedBy: expect.stringContaining('@') as string },
      { does: ['create table users'] },
    ])
    expect((await project.succeeds('history -i --json')).stdout).not.toContain('"does"')
    expect((await project.succeeds('history -v')).stdout).not.toContain('applied')
  })

  test('keeps the output of a revision out of the JSON document', async () => {
    writeFiles(project.directory, nextRevision('loud', { up: "console.log('LOUD'); process.stdout.write('LOUDER')" }))
    const ran = await project.succeeds('upgrade --json')
    expect(ran.json<RunResult>().steps).toHaveLength(4)
    expect(ran.stderr).toContain('LOUD\nLOUDER')
  })

  test('stops db init when the backup fails, unless --backup is never', async () => {
    await project.succeeds('upgrade')
    writeFiles(project.directory, {
      'migrations/1700000000004-nameless.ts': revision({
        name: 'Nameless1700000000004',
        id: 'dddd11112222',
        down: `'${ids.posts}'`,
        message: 'nameless',
        up: write('ALTER TABLE "users" DROP COLUMN "name"'),
        undo: write('ALTER TABLE "users" ADD COLUMN "name" varchar(50)'),
      }),
      backups: 'a file where the folder should be',
    })
    const refused = await project.aludel(['db', 'init', '--backup', 'always', '--json'])
    expect(refused.code).toBe(1)
    const { code, help } = refused.json<ErrorDocument>().error
    expect(code).toMatch(/^ALUDEL_BACKUP(?:_TOOLS)?$/)
    expect(help).toContain('--backup never')
    expect((await project.succeeds('current --json')).json<CurrentResult>()).toMatchObject({ pending: 1 })
    const done = await project.aludel(['db', 'init', '--backup', 'never', '--json'])
    expect(done.json<InitializeResult>()).toMatchObject({ action: 'upgraded', applied: ['dddd11112222'], warnings: [] })
  })
})
