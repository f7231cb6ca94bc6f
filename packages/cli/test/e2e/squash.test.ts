import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import type { CurrentResult, RevisionsResult, SquashResult } from '@aludel/engine'

import { aludel, dialects, makeDatabase, type TestDatabase, writeFiles } from './harness'
import { revision, run } from './shop'
import { type ErrorDocument, useShop } from './shop-project'

describe.each(dialects)('squash on %s', (dialect) => {
  const project = useShop(dialect)
  const extra: TestDatabase[] = []
  afterEach(async () => {
    for (const one of extra.splice(0)) await one.drop()
  })

  const on = async (database: TestDatabase, words: string) => {
    const ran = await aludel(
      ['migrate', ...words.split(' '), '--data-source', 'data-source.ts', '--database-url', database.url],
      { cwd: project.directory },
    )
    if (ran.code !== 0) throw new Error(`${words}: ${ran.stdout}\n${ran.stderr}`)
    return ran
  }
  const another = async (): Promise<TestDatabase> => {
    const one = await makeDatabase(dialect)
    extra.push(one)
    return one
  }
  const files = (): string[] => readdirSync(path.join(project.directory, 'migrations'))

  test('brings full, partial and empty databases to the new revision, even without old files', async () => {
    const before = (await project.succeeds('history --json')).json<RevisionsResult>().revisions
    const [some, none] = [await another(), await another()]
    await project.succeeds('upgrade')
    await on(some, `upgrade ${before.at(-1)?.revision ?? ''}`)

    const dry = (await project.succeeds('squash base:head --dry-run --json')).json<SquashResult>()
    expect(dry).toMatchObject({ created: null, kept: expect.any(Array) as unknown })
    expect(files()).toHaveLength(before.length)
    const { stdout } = await project.succeeds('squash base:head --rev-id 5ca1ab1e0001 -m beginning')
    expect(stdout).toMatch(/✓ 5ca1ab1e0001 migrations\/\d{13}-beginning\.ts/)
    expect(stdout).toContain(`Replaces ${String(before.length)} revisions:`)

    const current = async (database: TestDatabase) => (await on(database, 'current --json')).json<CurrentResult>()
    expect(await current(project.database)).toMatchObject({ current: ['5ca1ab1e0001'], upToDate: true })
    expect((await on(some, 'upgrade')).stdout).toContain('the database is at 5ca1ab1e0001')
    expect((await on(none, 'upgrade')).stdout).toContain('Applied 1 revision')
    for (const name of files())
      if (!name.includes('beginning')) rmSync(path.join(project.directory, 'migrations', name))
    for (const database of [project.database, some, none]) {
      expect(await current(database)).toMatchObject({ current: ['5ca1ab1e0001'], upToDate: true, unknown: [] })
      expect((await on(database, 'check --database')).stdout).toContain('✓ The database matches its revision.')
    }
    expect((await project.succeeds('show head')).stdout).toContain(before[0]?.revision)
  })

  test('names the revision that blocks it and writes nothing', async () => {
    const head = (await project.succeeds('heads --json')).json<{ heads: { revision: string }[] }>().heads[0]?.revision
    writeFiles(project.directory, {
      'migrations/1900000000001-reader.ts': revision({
        name: 'Reader1900000000001',
        id: 'aa01',
        down: `'${head ?? ''}'`,
        message: 'reader',
        up: `for (const { id } of await queryRunner.query('SELECT id FROM users')) await queryRunner.query('DELETE FROM users WHERE id = ' + id)`,
        undo: run('SELECT 1'),
      }),
    })
    const names = files()
    const ran = await project.migrate(`squash ${head ?? ''}:aa01 --json`)
    expect(ran.code).toBe(4)
    expect(ran.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_SQUASH',
      message: expect.stringContaining('aa01 (reader)') as string,
      help: expect.stringContaining('1900000000001-reader.ts') as string,
    })
    expect(await project.migrate('squash head')).toMatchObject({ code: 3 })
    expect(await project.migrate('squash')).toMatchObject({ code: 2 })
    expect(files()).toEqual(names)
  })
})
