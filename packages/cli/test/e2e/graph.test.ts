import { readdirSync } from 'node:fs'
import path from 'node:path'

import type { CheckResult, CurrentResult, PlanResult, RevisionsResult, RunResult } from '@aludel/engine'

import { aludel, makeDirectory, type Ran, removeDirectory, shippedConfig, writeFiles } from './harness'
import type { ErrorDocument } from './shop-project'

/** Revisions in plain JavaScript from the notation of graph-cases.json: `x<a,b +y #label`. */
function files(...texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text, index) => {
      const [head = '', ...rest] = text.split(' ')
      const [id = '', parents] = head.split('<')
      const marked = (mark: string) => rest.flatMap((part) => (part.startsWith(mark) ? part.slice(1).split(',') : []))
      const timestamp = 1_700_000_000_000 + index * 1000
      const name = `R${id}x${String(timestamp)}`
      const down = parents === undefined ? 'null' : JSON.stringify(parents.split(','))
      const source = [
        `/** revision ${id} */`,
        `class ${name} {`,
        `  static revision = '${id}'`,
        `  static downRevision = ${down}`,
        `  static branchLabels = ${JSON.stringify(marked('#'))}`,
        `  static dependsOn = ${JSON.stringify(marked('+'))}`,
        `  async up(runner) { await runner.query('CREATE TABLE "t_${id}" ("id" integer)') }`,
        `  async down(runner) { await runner.query('DROP TABLE "t_${id}"') }`,
        '}',
        `exports.${name} = ${name}`,
        '',
      ].join('\n')
      return [`migrations/${String(timestamp)}-${id}.js`, source]
    }),
  )
}

describe('the revision graph on the command line', () => {
  const directories: string[] = []
  const project = (...texts: readonly string[]): string => {
    const directory = makeDirectory({ 'package.json': '{}', ...shippedConfig, ...files(...texts) })
    directories.push(directory)
    return directory
  }
  const migrate = (cwd: string, command: string): Promise<Ran> =>
    aludel(['migrate', ...command.split(' '), '--revisions', 'migrations', '--database-url', 'sqlite:///x.db'], { cwd })
  const error = async (
    cwd: string,
    command: string,
  ): Promise<ErrorDocument['error'] & { readonly exit: number | null }> => {
    const ran = await migrate(cwd, `${command} --json`)
    return { ...ran.json<ErrorDocument>().error, exit: ran.code }
  }
  const current = async (cwd: string): Promise<readonly string[]> =>
    (await migrate(cwd, 'current --json')).json<CurrentResult>().current

  afterAll(() => {
    directories.forEach(removeDirectory)
  })

  const fork = ['a1', 'b1<a1', 'c1<b1 #one', 'd1<c1', 'c2<b1 #two', 'd2<c2 +lib', 'x1 #lib', 'y1<x1']

  test('refuses ambiguous, malformed and out-of-range REVs, and lists the choices', async () => {
    const cwd = project(...fork)
    expect((await migrate(cwd, 'upgrade heads --quiet')).code).toBe(0)
    const expected: readonly (readonly [string, string, number])[] = [
      ['upgrade head', 'ALUDEL_MULTIPLE_HEADS', 2],
      ['upgrade +1', 'ALUDEL_AMBIGUOUS_REVISION', 2],
      ['downgrade --yes', 'ALUDEL_AMBIGUOUS_REVISION', 2],
      ['downgrade one@-9 --yes', 'ALUDEL_RELATIVE_OUT_OF_RANGE', 2],
      ['show d1-9', 'ALUDEL_RELATIVE_OUT_OF_RANGE', 2],
      ['upgrade a1:b1:c1', 'ALUDEL_MALFORMED_REVISION', 2],
      ['upgrade --sql a1:b1:c1', 'ALUDEL_MALFORMED_REVISION', 2],
      ['history -r a1:b1:c1', 'ALUDEL_MALFORMED_REVISION', 2],
      ['show one@d2', 'ALUDEL_UNKNOWN_REVISION', 2],
    ]
    for (const [command, code, exit] of expected) {
      expect([command, await error(cwd, command)]).toMatchObject([command, { code, exit }])
    }
    const choice = await migrate(cwd, 'downgrade --yes')
    expect(choice.stderr).toContain('"-1" counts from what is applied, and that has 3 heads: d1, d2, y1')
    expect(choice.stderr).toContain('Say which: `one@-1`, `two@-1`, `lib@-1`, or an id.')
    expect(choice.stderr).not.toContain('    at ')
  })

  test('resolves REVs relative to the database in show, history, create and merge', async () => {
    const cwd = project('a1', 'b1<a1', 'c1<b1 #one', 'c2<b1 #two')
    expect((await migrate(cwd, 'upgrade one')).code).toBe(0)
    const shown = async (command: string) =>
      (await migrate(cwd, `${command} --json`)).json<RevisionsResult>().revisions.map(({ revision }) => revision)
    expect(await shown('show current-1')).toEqual(['b1'])
    expect(await shown('show one@current')).toEqual(['c1'])
    expect(await shown('history -r one@-1:one@current')).toEqual(['c1', 'b1'])
    expect((await migrate(cwd, 'create more --no-autogenerate --head current --rev-id d1')).code).toBe(0)
    expect(await shown('show d1-1')).toEqual(['c1'])
    expect((await migrate(cwd, 'merge current two@head --splice --rev-id m1')).code).toBe(0)
    expect(await shown('show m1-1')).toEqual(['c1', 'c2'])
  })

  test('upgrade to an older revision reports that and runs nothing', async () => {
    const cwd = project('a1', 'b1<a1', 'c1<b1')
    await migrate(cwd, 'upgrade')
    const older = await migrate(cwd, 'upgrade a1')
    expect(older).toMatchObject({ code: 0 })
    expect(older.stdout).toContain('a1 is below the current revision, c1')
    expect(older.stdout).toContain('aludel migrate downgrade a1')
    expect((await migrate(cwd, 'upgrade a1 --plan')).stdout).toContain('a1 is below')
    expect((await migrate(cwd, 'upgrade a1 --json')).json<RunResult>()).toMatchObject({ steps: [], older: 'a1' })
    expect((await migrate(cwd, 'upgrade head --json')).json<RunResult>()).not.toHaveProperty('older')
    expect(await current(cwd)).toEqual(['c1'])
  })

  test('downgrade to label@base undoes that branch, and announces dependents it undoes too', async () => {
    const cwd = project(...fork)
    await migrate(cwd, 'upgrade heads')
    expect((await migrate(cwd, 'downgrade one@base --yes --backup never')).code).toBe(0)
    expect(await current(cwd)).toEqual(['d2', 'y1'])

    const refused = await migrate(cwd, 'downgrade lib@base')
    expect(refused.code).toBe(4)
    expect(refused.stderr).toContain('would undo d2 revision d2 (too: it depends on x1)')
    const plan = await migrate(cwd, 'downgrade lib@base --plan --json')
    expect(plan.json<PlanResult>().steps.map(({ revision, because }) => [revision, because])).toEqual([
      ['y1', undefined],
      ['d2', 'depends on x1'],
      ['x1', undefined],
    ])
    expect((await migrate(cwd, 'downgrade lib@base --plan')).stdout).toContain('too, because it depends on x1')
    const done = await migrate(cwd, 'downgrade lib@base --yes --backup never')
    expect(done.stderr).toContain('d2 (revision d2) is undone too: it depends on x1')
    expect(await current(cwd)).toEqual(['c2'])
  })

  test('names the files and lines that break the history', async () => {
    const messages = async (...texts: readonly string[]): Promise<string> =>
      (await error(project(...texts), 'heads')).message
    expect(await messages('a1', 'b1<zz')).toMatch(/1700000001000-b1\.js:4\) names the parent "zz"/)
    expect(await messages('a1', 'b1<a1 +zz')).toMatch(/1700000001000-b1\.js:6\) depends on "zz"/)
    expect(await messages('a1', 'b1<a1', 'b1<a1')).toMatch(/1700000001000-b1\.js:3 and in .*1700000002000-b1\.js:3/)
    expect(await messages('a1<c1', 'b1<a1', 'c1<b1')).toMatch(/a1\.js:4, .*b1\.js:4, .*c1\.js:4/)
    expect(await messages('a1 #x', 'b1<a1 #x')).toMatch(/a1\.js:5\) and by b1 \(.*b1\.js:5/)
  })

  test('create and merge write no revision that would break the history', async () => {
    const cwd = project('a1 #one', 'b1<a1')
    const before = readdirSync(path.join(cwd, 'migrations'))
    const expected: readonly (readonly [string, string])[] = [
      ['create x --no-autogenerate --branch-label one', 'ALUDEL_DUPLICATE_LABEL'],
      ['create x --no-autogenerate --branch-label x-1', 'ALUDEL_REVISION_INVALID'],
      ['create x --no-autogenerate --rev-id a1', 'ALUDEL_DUPLICATE_REVISION'],
      ['create x --no-autogenerate --rev-id a@1', 'ALUDEL_REVISION_INVALID'],
      ['create x --no-autogenerate --depends-on zz', 'ALUDEL_UNKNOWN_REVISION'],
      ['merge a1 b1 --splice', 'ALUDEL_OVERLAPPING_REVISIONS'],
    ]
    for (const [command, code] of expected)
      expect([command, await error(cwd, command)]).toMatchObject([command, { code }])
    expect(readdirSync(path.join(cwd, 'migrations'))).toEqual(before)
    expect(
      (await migrate(cwd, 'create x --no-autogenerate --head base --depends-on b --depends-on one --rev-id z1')).code,
    ).toBe(0)
    const [shown] = (await migrate(cwd, 'show z1 --json')).json<RevisionsResult>().revisions
    expect(shown?.dependsOn).toEqual(['b1', 'one'])
  })

  test('check --heads fails on two heads and needs neither database nor entities', async () => {
    const cwd = project('a1', 'b1<a1', 'c1<a1')
    writeFiles(cwd, { 'data-source.js': 'throw new Error("nobody asked for entities")' })
    const check = (options: string) =>
      aludel(['migrate', 'check', '--heads', '--data-source', 'data-source.js', ...options.split(' ')], { cwd })
    const two = await check('--json')
    expect(two.code).toBe(3)
    expect(two.json<CheckResult>()).toMatchObject({
      clean: false,
      operations: [],
      unmanaged: [],
      branches: [],
      database: null,
      heads: ['b1', 'c1'],
    })
    const human = await check('--no-color')
    expect(human.code).toBe(3)
    expect(human.stdout).toContain('There are 2 heads: b1, c1')
    expect(human.stdout).toContain('aludel migrate merge heads')
    expect(human.stdout).toContain('aludel migrate rebase')

    writeFiles(cwd, files('a1', 'b1<a1', 'c1<b1'))
    const one = await check('--json')
    expect([one.code, one.json<CheckResult>().heads]).toEqual([0, ['c1']])
    const none = await aludel(['migrate', 'check', '--heads', '--json', '--revisions', '.'], { cwd: project() })
    expect([none.code, none.json<CheckResult>()]).toMatchObject([0, { clean: true, heads: [] }])
  })

  test('check --heads --database reports the heads and the database', async () => {
    const cwd = project('a1', 'b1<a1', 'c1<a1')
    await migrate(cwd, 'upgrade heads')
    writeFiles(cwd, { 'aludel.config.json': '{ "shipped": true, "dialects": ["sqlite"] }' })
    const ran = await migrate(cwd, 'check --heads --database --json')
    expect(ran.code).toBe(3)
    expect(ran.json<CheckResult>()).toMatchObject({ clean: false, heads: ['b1', 'c1'], database: { clean: true } })
  })
})
