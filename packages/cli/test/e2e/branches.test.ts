import { readdirSync } from 'node:fs'
import path from 'node:path'

import type { CheckResult, HeadsResult, RebaseResult } from '@aludel/engine'

import { writeFiles } from './harness'
import { revision, run } from './shop'
import { useShop } from './shop-project'

function branch(stamp: number, id: string, down: string, up: string, undo: string): Record<string, string> {
  const name = `${id.toUpperCase()}${String(stamp)}`
  return {
    [`migrations/${String(stamp)}-${id}.ts`]: revision({
      name,
      id,
      down: `'${down}'`,
      message: id,
      up: run(up),
      undo: run(undo),
    }),
  }
}

/** Two clones that each add a revision to the same parent, in one directory after `git merge`. */
describe('two branches', () => {
  const [one, two] = [1_900_000_000_001, 1_900_000_000_002]
  const project = useShop('sqlite')

  const add = (column: string): string => `ALTER TABLE users ADD COLUMN ${column}`
  const drop = (column: string): string => `ALTER TABLE users DROP COLUMN ${column}`
  const head = async (): Promise<string> =>
    (await project.succeeds('heads --json')).json<HeadsResult>().heads[0]?.revision ?? ''

  test('merge when they commute, and upgrade then applies both', async () => {
    const parent = await head()
    writeFiles(project.directory, branch(one, 'aa01', parent, 'CREATE TABLE "one" ("id" integer)', 'DROP TABLE "one"'))
    await project.succeeds('upgrade')
    writeFiles(project.directory, branch(two, 'bb02', parent, 'CREATE TABLE "two" ("id" integer)', 'DROP TABLE "two"'))
    expect(await project.migrate('upgrade')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('aludel migrate merge heads') as string,
    })
    expect((await project.succeeds('merge heads')).stdout).toContain('✓ aa01 and bb02 commute.')
    await project.succeeds('upgrade')
    expect(await project.tables()).toEqual(expect.arrayContaining(['one', 'two']))
    expect((await project.migrate('check --database --json')).json<CheckResult>().database).toMatchObject({
      clean: true,
      pending: 0,
    })
  })

  test('fail check and merge when they conflict, and follow each other after a rebase', async () => {
    const parent = await head()
    writeFiles(project.directory, {
      ...branch(one, 'aa01', parent, add('born text'), drop('born')),
      ...branch(two, 'bb02', parent, add('born integer'), drop('born')),
    })
    const check = await project.migrate('check')
    expect(check.code).toBe(3)
    expect(check.stdout).toContain('✗ aa01 and bb02 meet in 3 places, and do not commute:')
    expect(check.stdout).toContain('column users.born: both branches touch it (sqlite)')
    expect(check.stdout).toContain(`aa01 (migrations/${String(one)}-aa01.ts): add column users.born text`)
    expect(check.stdout).toContain('aludel migrate rebase bb02 --onto aa01')

    const merge = await project.migrate('merge heads --no-input')
    expect(merge).toMatchObject({ code: 4, stderr: expect.stringContaining('[ALUDEL_BRANCH_CONFLICT]') as string })
    const rebase = await project.migrate('rebase bb02')
    expect(rebase).toMatchObject({ code: 1, stderr: expect.stringContaining('duplicate column name') as string })

    writeFiles(project.directory, branch(two, 'bb02', parent, add('died integer'), drop('died')))
    const { moved } = (await project.succeeds('rebase bb02 --dry-run --json')).json<RebaseResult>()
    expect(moved).toMatchObject([{ revision: 'bb02', down: ['aa01'] }])
    expect((await project.succeeds('rebase bb02')).stdout).toContain('Moved 1 revision on top of aa01:')
    expect(readdirSync(path.join(project.directory, 'migrations')).filter((name) => name.startsWith('.'))).toEqual([])
    expect(await head()).toBe('bb02')
    await project.succeeds('upgrade')
    await project.succeeds('downgrade -2 --yes')
  })
})
