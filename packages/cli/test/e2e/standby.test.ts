import { type Pair, startPair } from '../../../../tools/testing/standby'
import { queryPostgres } from '../../../../tools/testing/databases'
import { aludel, makeDirectory, type Ran, removeDirectory, writeFiles } from './harness'
import { ids, shop } from './shop'
import type { ErrorDocument } from './shop-project'

describe('a PostgreSQL standby', () => {
  let pair: Pair
  let directory: string
  beforeAll(async () => {
    pair = await startPair()
    directory = makeDirectory(shop('postgres'))
    const shadow = { postgres: pair.primary }
    writeFiles(directory, { 'aludel.config.json': JSON.stringify({ revisions: 'migrations', shadow }) })
    expect(await migrate(pair.primary, 'upgrade', ids.email)).toMatchObject({ code: 0 })
    await pair.followed()
  })
  afterAll(async () => {
    removeDirectory(directory)
    await pair.close()
  })

  const migrate = (url: string, ...words: string[]): Promise<Ran> =>
    aludel(['migrate', ...words, '--data-source', 'data-source.ts', '--database-url', url], { cwd: directory })

  test.each([
    ['upgrade', []],
    ['downgrade', ['--yes']],
    ['stamp', ['head']],
    ['stamp', ['base', '--force']],
  ])('refuses %s %j as read-only and exits with 1', async (command, more) => {
    const ran = await migrate(pair.standby, command, ...more)
    expect(ran.stderr).toMatch(/^error: postgres is a standby, which can only be read \[ALUDEL_READ_ONLY\]$/m)
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    const json = await migrate(pair.standby, command, ...more, '--json')
    expect(json.code).toBe(1)
    expect(json.json<ErrorDocument>().error).toMatchObject({ code: 'ALUDEL_READ_ONLY', details: { replica: true } })
    expect(await queryPostgres('SELECT name FROM migrations', pair.primary)).toHaveLength(2)
  })

  test('answers current, history and check --database', async () => {
    expect(await migrate(pair.standby, 'current')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(ids.email) as string,
    })
    expect(await migrate(pair.standby, 'history', '--indicate-current')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(ids.posts) as string,
    })
    const check = await migrate(pair.standby, 'check', '--database', '--json')
    expect(check.json()).toMatchObject({ database: { clean: true, pending: 1 } })
    expect(check.code).toBe(0)
  })
})
