// cspell:ignore tabel
import type { CurrentResult, RevisionsResult } from '@aludel/engine'

import { dialects, writeFiles } from './harness'
import { ids, nextRevision, revision, run } from './shop'
import { type ErrorDocument, useShop } from './shop-project'

describe.each(dialects)('failures on %s', (dialect) => {
  const project = useShop(dialect)

  test('upgrade rolls back a revision that fails and names its statement', async () => {
    writeFiles(
      project.directory,
      nextRevision('broken', {
        up: `${run('CREATE TABLE "one" ("id" integer)')}; ${run('CREATE TABLE "two" ("id" integer)')}; ${run('CREATE TABEL "three"')}`,
      }),
    )
    const ran = await project.migrate('upgrade')
    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(/^error: .*dddd11112222.*syntax error.* \[ALUDEL_STATEMENT\]$/m)
    expect(ran.stderr).toContain('TABEL')
    expect(ran.stderr).not.toMatch(/^ +at /m)
    expect((await project.migrate('upgrade --verbose')).stderr).toMatch(/^ +at /m)
    expect((await project.succeeds('current --json')).json<CurrentResult>().current).toEqual([ids.posts])
    // Neither "one" nor "two": what the revision had done is rolled back.
    expect(await project.tables()).toEqual(['posts', 'users'])
  })

  test('every command that is asked reports a downgrade that stopped half-way', async () => {
    writeFiles(
      project.directory,
      nextRevision('half', {
        more: 'readonly transaction = false',
        up: run('CREATE INDEX "ix" ON "posts" ("title")'),
        undo: `${run('DROP INDEX "ix"')}; ${run('DROP TABLE "nothing"')}`,
      }),
    )
    await project.succeeds('upgrade')
    expect((await project.migrate('downgrade -1 --yes')).code).toBe(6)
    const halfway = [{ kind: 'halfway', revision: 'dddd11112222', stopped: { direction: 'downgrade', statements: 1 } }]
    const message = 'the downgrade of dddd11112222 (half) stopped half-way: 1 statement is done and stays'

    const upgrade = await project.succeeds('upgrade --json')
    expect(upgrade.json()).toMatchObject({ steps: [], halfway })
    expect(upgrade.stderr).toContain(`warning: ${message}`)

    const current = await project.migrate('current --check-heads')
    expect(current.code).toBe(3)
    expect(current.stdout).toContain(`halfway  ${message}`)
    expect((await project.succeeds('current --json')).json()).toMatchObject({ pending: 0, upToDate: false, halfway })

    const init = await project.aludel(['db', 'init', '--json'])
    expect(init.code).toBe(0)
    expect(init.json()).toMatchObject({ action: 'none', upToDate: false, halfway, warnings: [message] })
    expect((await project.aludel(['db', 'init', '--no-migrate'])).code).toBe(3)

    const resume = 'Next: aludel migrate downgrade dddd11112222@-1'
    expect((await project.succeeds('upgrade')).stdout).toContain(resume)
    expect((await project.succeeds('upgrade --plan')).stdout).toContain(resume)
    expect((await project.succeeds('upgrade --plan --json')).json()).toMatchObject({ steps: [], halfway })
    const info = await project.aludel(['db', 'info'])
    expect(info.stdout).toMatch(/^revision +dddd11112222 \(a run is unfinished\)$/m)
    expect(info.stdout).toContain(resume)
    expect((await project.aludel(['db', 'info', '--json'])).json()).toMatchObject({ upToDate: false, halfway })
    expect((await project.succeeds('history -i')).stdout).toMatch(/^dddd11112222 .* \(downgrade unfinished\)$/m)
    const { revisions } = (await project.succeeds('history -i --json')).json<RevisionsResult>()
    expect(revisions.map((one) => one.halfway)).toEqual(['downgrade', undefined, undefined, undefined])
    expect((await project.succeeds('show head -v')).stdout).toContain('(downgrade unfinished)')
  })

  test('upgrade exits with 6 when a revision without a transaction fails, and reports where', async () => {
    writeFiles(
      project.directory,
      nextRevision('half', {
        more: 'readonly transaction = false',
        up: `${run('CREATE TABLE "one" ("id" integer)')}; ${run('CREATE TABLE "two" ("id" integer)')}`,
      }),
    )
    await project.succeeds(`upgrade ${ids.posts}`)
    await project.database.query('CREATE TABLE "two" ("n" integer)')
    const ran = await project.migrate('upgrade')
    expect(ran.code).toBe(6)
    expect(ran.stderr).toContain('[ALUDEL_STATEMENT_HALFWAY]')
    expect(ran.stderr).toContain('dddd11112222')
    // What ran before the failing statement stays: no transaction rolls it back.
    expect(await project.tables()).toEqual(['one', 'posts', 'two', 'users'])
    // Later commands report it.
    const current = await project.succeeds('current -v')
    expect(current.stdout).toMatch(
      new RegExp(
        `^${ids.posts}\n✗ 1 finding in the history of this database:\n` +
          '  halfway  the upgrade of dddd11112222 \\(half\\) stopped half-way: 1 statement is done and stays\n' +
          '    migrations/1700000000004-half.ts, last heard of 20.* UTC, run by .*@.*\n' +
          '    .*failed at statement 2.*\n' +
          '    To resume after the last done statement.*: aludel migrate upgrade dddd11112222\n',
      ),
    )
    expect((await project.succeeds('upgrade --plan')).stdout).toMatch(
      /^ {2}dddd11112222 {2}half {2}\(not in a transaction\)\n {4}resumes after 1 statement, where the run of \S+@\S+ stopped on 20.* UTC\n/m,
    )
    expect((await project.succeeds('upgrade --sql')).stderr).toContain('; the script begins with its first statement')
    const check = await project.migrate('check --database')
    expect(check.code).toBe(3)
    expect(check.stdout).toContain('  halfway  ')
    expect(check.stdout).toContain('Next: finish the revision that stopped half-way.')
  })
})

// The following is refused before a database is changed, and does not depend on the dialect.

describe('bad revision arguments', () => {
  const project = useShop('sqlite')

  test.each([
    ['show zzzz', 2, 'ALUDEL_UNKNOWN_REVISION'],
    ['upgrade zzzz', 2, 'ALUDEL_UNKNOWN_REVISION'],
    ['upgrade hea', 2, 'ALUDEL_UNKNOWN_REVISION'],
    ['show a@b@c', 2, 'ALUDEL_MALFORMED_REVISION'],
    ['upgrade +9', 2, 'ALUDEL_RELATIVE_OUT_OF_RANGE'],
    ['downgrade -9 --yes', 2, 'ALUDEL_RELATIVE_OUT_OF_RANGE'],
    ['history -r a:b:c', 2, 'ALUDEL_MALFORMED_REVISION'],
  ])('refuses "%s" with exit code %d and %s', async (words, code, errorCode) => {
    const ran = await project.migrate(`${words} --json`)
    expect(ran.json<ErrorDocument>().error.code).toBe(errorCode)
    expect(ran.code).toBe(code)
    expect(await project.tables()).toEqual([])
  })

  test('names the candidates of an ambiguous prefix', async () => {
    writeFiles(project.directory, nextRevision('twin', { id: 'cccc99998888', up: '' }))
    const ran = await project.migrate('show cccc')
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('[ALUDEL_AMBIGUOUS_REVISION]')
    expect(ran.stderr).toContain(ids.posts)
    expect(ran.stderr).toContain('cccc99998888')
  })
})

describe('bad revision files', () => {
  const project = useShop('sqlite')
  const file = 'migrations/1700000000004-bad.ts'
  const bad = (down: string, id = 'dddd11112222'): string =>
    revision({ name: 'Bad1700000000004', id, down, message: 'bad', up: '', undo: '' })

  test.each([
    ['does not parse', 'export class Bad1700000000004 {{', 'ALUDEL_REVISION_SYNTAX'],
    ['has a duplicate id', bad(`'${ids.posts}'`, ids.users), 'ALUDEL_DUPLICATE_REVISION'],
    ['has a parent that does not exist', bad("'eeee11112222'"), 'ALUDEL_MISSING_PARENT'],
    ['exports nothing', 'const x = 1\n', 'ALUDEL_REVISION_INVALID'],
    ['throws when it is loaded', `throw new Error('on load')\n${bad(`'${ids.posts}'`)}`, 'ALUDEL_REVISION_LOAD'],
  ])('rejects a file that %s', async (_, text, errorCode) => {
    writeFiles(project.directory, { [file]: text })
    const ran = await project.migrate('upgrade --json')
    expect(ran.json<ErrorDocument>().error).toMatchObject({ code: errorCode })
    expect(JSON.stringify(ran.json())).toContain('1700000000004-bad.ts')
    expect(ran.code).toBe(1)
    expect(await project.tables()).not.toContain('bad')
  })

  test('rejects revisions that depend on each other in a cycle', async () => {
    writeFiles(project.directory, {
      'migrations/1700000000001-users.ts': revision({
        name: 'Users1700000000001',
        id: ids.users,
        down: `'${ids.posts}'`,
        message: 'users',
        up: '',
        undo: '',
      }),
    })
    const ran = await project.migrate('history --json')
    expect(ran.json<ErrorDocument>().error.code).toBe('ALUDEL_REVISION_CYCLE')
    expect(ran.code).toBe(1)
  })

  test('rejects a revision directory that does not exist', async () => {
    const ran = await project.migrate('history --revisions nowhere')
    expect(ran.code).toBe(1)
    expect(ran.stderr).toContain('[ALUDEL_REVISION_DIRECTORY]')
    expect(ran.stderr).toContain('nowhere')
  })
})
