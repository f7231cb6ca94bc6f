import { readFileSync, renameSync } from 'node:fs'
import path from 'node:path'

import type { CheckResult, CurrentResult, PlanResult, RepairResult, RunResult } from '@aludel/engine'

import { dialects, execute, writeFiles } from './harness'
import { ids } from './shop'
import { type ErrorDocument, type ShopProject, useShop } from './shop-project'

const email = 'migrations/1700000000002-email.ts'
const posts = 'migrations/1700000000003-posts.ts'

/** Functions that change the files of a project. */
function filesOf(project: ShopProject) {
  return {
    edit(file: string, from: string, to: string): void {
      const text = readFileSync(path.join(project.directory, file), 'utf8')
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
      writeFiles(project.directory, { [file]: text.replaceAll(from, to) })
    },
    move(from: string, to: string): void {
      renameSync(path.join(project.directory, from), path.join(project.directory, to))
    },
  }
}

describe.each(dialects)('an edited revision on %s', (dialect) => {
  const project = useShop(dialect)
  const { edit } = filesOf(project)

  test('upgrade refuses an edited revision until repair shows the edit and accepts it', async () => {
    const git = 'git -c user.name=t -c user.email=t@t'
    const commit = `${git} init -q && ${git} add migrations && ${git} commit -qm revisions`
    expect(await execute('sh', ['-c', commit], { cwd: project.directory })).toMatchObject({ code: 0 })
    await project.succeeds('upgrade +2')
    edit(email, 'varchar(100)', 'varchar(120)')

    const current = await project.succeeds('current -v')
    expect(current.stdout).toMatch(
      new RegExp(
        `^${ids.email}\n✗ 1 finding in the history of this database:\n` +
          `  edited  ${ids.email} \\(email of users\\) was edited after it was applied\n` +
          `    ${email}, applied 20.* UTC by .*\n` +
          `    Restore the file, .*: aludel migrate repair ${ids.email}\n`,
      ),
    )
    expect((await project.succeeds('current')).stdout).not.toContain('edited')
    expect((await project.succeeds('current --json')).json()).not.toHaveProperty('findings')
    expect((await project.succeeds('current -v --json')).json<CurrentResult>().findings).toMatchObject([
      { kind: 'edited', revision: ids.email, mend: [`aludel migrate repair ${ids.email}`] },
    ])

    const upgrade = await project.migrate('upgrade')
    expect(upgrade.code).toBe(4)
    expect(upgrade.stderr).toMatch(/^error: .*email of users.* was edited .* \[ALUDEL_REVISION_EDITED\]$/m)
    expect(upgrade.stderr).toContain(`aludel migrate repair ${ids.email}`)
    expect((await project.aludel(['db', 'init'])).code).toBe(4)
    expect((await project.succeeds('upgrade --plan')).stderr).toContain('[ALUDEL_REVISION_EDITED]')
    expect((await project.succeeds('upgrade --sql')).stderr).toContain('[ALUDEL_REVISION_EDITED]')

    const check = await project.migrate('check --database')
    expect(check.code).toBe(3)
    expect(check.stdout).toContain(`edited  ${ids.email}`)
    expect(check.stdout).toContain('Next: repair the edited revisions first.')

    const list = await project.migrate('repair')
    expect(list.code).toBe(3)
    expect(list.stdout).toContain(`aludel migrate repair ${ids.email}`)
    const refused = await project.migrate(`repair ${ids.email} --no-input --json`)
    expect(refused.code).toBe(4)
    expect(refused.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
      details: { changes: [{ what: 'checksum', diff: expect.stringContaining('varchar(120)') as string }] },
    })
    const dry = await project.succeeds('repair bbbb --dry-run')
    expect(dry.stdout).toMatch(/^ {4}-.*varchar\(100\)/m)
    expect(dry.stdout).toMatch(/^ {4}\+.*varchar\(120\)/m)
    expect(dry.stdout).toContain('From the schema of the files as they are now to the database:')
    expect((await project.migrate('repair')).code).toBe(3)

    const mended = await project.succeeds('repair bbbb --yes --json')
    expect(mended.json<RepairResult>()).toMatchObject({
      repaired: [{ what: 'checksum', revision: ids.email }],
      findings: [],
    })
    await project.succeeds('upgrade')
    expect(await project.tables()).toEqual(['posts', 'users'])
    expect((await project.succeeds('repair')).stdout).toBe('✓ The history and the files agree.\n')
  })
})

// repair.test.ts of the engine tests these on every dialect; here it is how the command line reports them.
describe('differences between history and files', () => {
  const project = useShop('sqlite')
  const { edit, move } = filesOf(project)

  test('upgrade ignores edits of comments and format, and only warns when nothing is pending', async () => {
    await project.succeeds('upgrade')
    edit(email, 'async up', '// why\n  async up')
    edit(email, "'", '"')
    const nothing = await project.succeeds('upgrade')
    expect(nothing.stderr).toBe('')
    edit(email, '"email"', '"mail"')
    const edited = await project.succeeds('upgrade')
    expect(edited.stderr).toContain(`warning: ${ids.email} (email of users) was edited after it was applied`)
    expect(edited.stdout).toContain('Nothing to run')
  })

  test('downgrade names edited revisions before it asks, and undoes them once confirmed', async () => {
    await project.succeeds('upgrade')
    edit(posts, 'DROP TABLE "posts"', 'DROP TABLE IF EXISTS "posts"')
    const plan = await project.succeeds('downgrade --plan')
    expect(plan.stdout).toContain('edited after it was applied: it is undone as its file says now')
    expect((await project.succeeds('downgrade --plan --json')).json<PlanResult>().steps).toMatchObject([
      { edited: true },
    ])
    expect(await project.migrate('downgrade')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('(its file was edited after it was applied)') as string,
    })
    const undone = await project.succeeds('downgrade --yes')
    expect(undone.stderr).toContain('warning: ')
    expect(undone.stderr).toContain('it is undone as its file says now')
  })

  test('upgrade refuses an applied revision with no file until repair --remove forgets it', async () => {
    await project.succeeds('upgrade')
    await project.succeeds('downgrade -1 --yes')
    move(email, 'gone.ts')
    edit(posts, ids.email, ids.users)
    expect(await project.migrate('upgrade')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('aludel migrate repair --remove') as string,
    })
    const check = await project.migrate('check --database --json')
    expect(check.code).toBe(3)
    expect(check.json<CheckResult>().database).toMatchObject({
      clean: false,
      operations: [],
      findings: [{ kind: 'missing', name: 'Email1700000000002', revision: ids.email }],
    })
    expect((await project.migrate('check --database')).stdout).toContain(
      'cannot be compared: the files of some applied revisions are missing',
    )
    const removed = await project.succeeds('repair --remove Email --yes')
    expect(removed.stdout).toContain('- Email1700000000002 no longer counts as applied; its changes are not undone')
    await project.succeeds('upgrade')
  })

  test('upgrade fills a gap in the history only with --out-of-order, and repair orders the rows', async () => {
    await project.succeeds('upgrade')
    await project.succeeds('repair --remove bbbb --yes')
    await project.database.query('ALTER TABLE "users" DROP COLUMN "email"')
    const refused = await project.migrate('upgrade --json')
    expect(refused.code).toBe(4)
    expect(refused.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_OUT_OF_ORDER',
      help: expect.stringContaining('--out-of-order') as string,
    })
    const run = await project.succeeds('upgrade --out-of-order --json')
    expect(run.json<RunResult>().steps).toMatchObject([{ revision: ids.email }])
    expect(run.stderr).toContain(`${ids.email} runs out of order`)
    const late = await project.migrate('repair --json')
    expect(late.code).toBe(3)
    expect(late.json<RepairResult>().findings).toMatchObject([
      { kind: 'late', mend: ['aludel migrate repair --order'] },
    ])
    expect((await project.migrate('check --database --json')).json<CheckResult>().database?.clean).toBe(true)
    expect((await project.succeeds('repair --order --yes')).stdout).toContain('✓ 1 change written to the history.')
    await project.succeeds('repair')
  })

  test('repair restores a row by name and rejects wrong arguments', async () => {
    await project.succeeds('upgrade')
    await project.succeeds('repair --remove cccc --yes')
    const restored = await project.succeeds(`repair --restore Posts1700000000003 --yes --json`)
    expect(restored.json<RepairResult>()).toMatchObject({ repaired: [{ what: 'restore', revision: ids.posts }] })
    const codes = async (words: string): Promise<[number | null, string]> => {
      const ran = await project.migrate(`${words} --json`)
      return [ran.code, ran.json<ErrorDocument>().error.code]
    }
    expect(await codes('repair --remove zzzz --yes')).toEqual([2, 'ALUDEL_UNKNOWN_REVISION'])
    expect(await codes('repair --restore cccc --yes')).toEqual([2, 'ALUDEL_NOT_A_TARGET'])
    expect(await codes('repair zzzz --yes')).toEqual([2, 'ALUDEL_UNKNOWN_REVISION'])
    expect(await codes('repair --force')).toEqual([2, 'ALUDEL_USAGE'])
    expect((await project.succeeds('repair cccc --yes')).stdout).toContain('Nothing to repair')
  })
})
