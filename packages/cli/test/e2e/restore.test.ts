import { Client } from 'pg'

import type { BackupResult, DatabaseInfoResult, DropReplacedResult, RestoreResult } from '@aludel/engine'

import { queryPostgres } from '../../../../tools/testing/databases'
import { hasPgTools } from '../../../../tools/testing/pg-tools'
import { dialects, type Dialect, writeFiles } from './harness'
import { ids, nextRevision, run } from './shop'
import { type ErrorDocument, useShop } from './shop-project'

jest.setTimeout(120_000)

/** The bundled server has no `pg_dump`, which may be missing or older. */
const restorable = dialects.filter((dialect) => dialect === 'sqlite' || hasPgTools)

const describeRestorable =
  restorable.length === 0 ? describe.skip.each<Dialect>(['postgres']) : describe.each<Dialect>(restorable)

describeRestorable('aludel backup restore on %s', (dialect) => {
  const project = useShop(dialect)
  const backup = (words: string) => project.aludel(['backup', ...words.split(' ')])
  const create = async (): Promise<string> => (await backup('create --json')).json<BackupResult>().id
  const users = async (): Promise<number> =>
    Number((await project.database.query('SELECT count(*) AS n FROM users'))[0]?.['n'])

  beforeEach(async () => {
    await project.succeeds('upgrade')
    await project.database.query(`INSERT INTO users (id, name) VALUES (1, 'Ada')`)
  })
  afterEach(async () => {
    if (dialect !== 'postgres') return
    const name = new URL(project.database.url).pathname.slice(1, 15)
    for (const row of await queryPostgres(`SELECT datname FROM pg_database WHERE datname LIKE '${name}%restore%'`))
      await queryPostgres(`DROP DATABASE "${String(row['datname'])}" WITH (FORCE)`)
  })

  test('restores the latest backup, keeps what it replaces, and drops that when told to', async () => {
    const id = await create()
    await project.database.query(`INSERT INTO users (id, name) VALUES (2, 'Bob')`)
    await project.succeeds(`downgrade ${ids.users} --yes --backup never`)
    const restored = await backup('restore latest --yes')
    expect(restored).toMatchObject({ code: 0 })
    expect(restored.stdout).toMatch(
      new RegExp(
        `^✓ Restored ${id} in .*: the database .* is at ${ids.posts}\\.\\n  What it was before is kept: .*before.restore.${id}\\n` +
          '  Drop it when it is no longer needed: aludel backup prune --replaced\\n$',
      ),
    )
    expect(await users()).toBe(1)
    expect(await project.tables()).toEqual(['posts', 'users'])

    const info = await project.aludel(['db', 'info'])
    expect(info.stdout).toContain('Left by restores:')
    const { leftovers } = (await project.aludel(['db', 'info', '--json'])).json<DatabaseInfoResult>()
    expect(leftovers).toMatchObject([{ kind: 'replaced' }])
    expect((await backup('list')).stdout).toContain(leftovers?.[0]?.name.split('/').at(-1))
    expect(await backup('prune --replaced')).toMatchObject({ code: 4 })
    expect((await backup('prune --replaced --dry-run --json')).json<DropReplacedResult>()).toMatchObject({
      dropped: leftovers,
      dryRun: true,
    })
    expect(await backup('prune --replaced --yes')).toMatchObject({ code: 0 })
    expect((await project.aludel(['db', 'info', '--json'])).json<DatabaseInfoResult>().leftovers).toBeUndefined()
    expect(await backup('prune --replaced --yes')).toMatchObject({ code: 0, stdout: 'Restores have left nothing.\n' })
  })

  test('--json has the documented keys', async () => {
    const id = await create()
    const restored = await backup(`restore ${id.slice(0, 15)} --yes --json`)
    expect(restored.json<RestoreResult>()).toEqual({
      restored: id,
      revision: [ids.posts],
      path: expect.stringContaining(id) as string,
      kind: 'database',
      database: { dialect, name: expect.any(String) as string },
      kept: expect.stringContaining(id) as string,
      removed: [],
    })
  })

  test('asks nobody: without --yes it refuses with exit code 4, and changes nothing', async () => {
    const id = await create()
    await project.database.query(`INSERT INTO users (id, name) VALUES (2, 'Bob')`)
    for (const words of [`restore ${id}`, `restore ${id} --no-input`]) {
      const refused = await backup(words)
      expect(refused).toMatchObject({ code: 4 })
      expect(refused.stderr).toMatch(/would lose 1 row of users \(now 2, in the backup 1\)[^]*Confirm with --yes/)
    }
    expect(await users()).toBe(2)
  })

  test.each([
    ['restore', 2, /which backup/],
    ['restore 1999 --yes', 2, /starts with "1999"/],
    ['restore latest --file x --yes', 2, /cannot be combined/],
    ['restore --file missing.db --yes', 1, /no file/],
    ['restore --file letter.txt --yes', 1, /cannot be restored/],
  ])('%s ends with %i', async (words, code, message) => {
    writeFiles(project.directory, { 'letter.txt': 'Dear reader' })
    const ended = await backup(words)
    expect(ended).toMatchObject({ code })
    expect(ended.stderr).toMatch(message)
    expect(await users()).toBe(1)
  })

  test('refuses while others are connected, with exit code 4, and cuts them off when told to', async () => {
    const id = await create()
    await project.database.query(`INSERT INTO users (id, name) VALUES (2, 'Bob')`)
    const close = await connectOther(project.database.url, dialect)
    const refused = await backup(`restore ${id} --yes --json`)
    expect(refused.code).toBe(4)
    expect(refused.json<ErrorDocument>().error).toMatchObject({ code: 'ALUDEL_CONNECTED' })
    expect(await users()).toBe(2)
    expect(await backup(`restore ${id} --yes --disconnect --drop-old --json`)).toMatchObject({ code: 0 })
    await close()
    expect(await users()).toBe(1)
  })

  test('an upgrade that fails half-way shows the command that restores, or restores by itself', async () => {
    writeFiles(
      project.directory,
      nextRevision('fails', {
        more: 'readonly transaction = false',
        up: [run('DELETE FROM users'), run('INSERT INTO users (id, name) VALUES (3, NULL)')].join('\n    '),
      }),
    )
    const failed = await project.migrate('upgrade')
    expect(failed.code).toBe(6)
    const [, id = ''] = /aludel backup restore (\S+)$/m.exec(failed.stderr) ?? []
    expect(await users()).toBe(0)
    expect(await backup(`restore ${id} --yes`)).toMatchObject({ code: 0 })
    expect(await users()).toBe(1)

    const restored = await project.migrate('upgrade --restore-on-failure --json')
    expect(restored.code).toBe(1)
    expect(restored.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringContaining('the database was restored from backup') as string,
      details: { restored: expect.any(String) as string, current: [ids.posts] },
    })
    expect(await users()).toBe(1)
    expect(await project.migrate('upgrade --restore-on-failure --backup never')).toMatchObject({ code: 2 })
  })
})

/** Somebody who is connected, and not in a transaction. */
async function connectOther(url: string, dialect: Dialect): Promise<() => Promise<void>> {
  if (dialect === 'postgres') {
    const client = new Client({ connectionString: url })
    client.on('error', () => undefined)
    await client.connect()
    return () => client.end().catch(() => undefined)
  }
  const { default: Database } = await import('better-sqlite3')
  const database = new Database(url.replace('sqlite:///', ''))
  database.prepare('SELECT count(*) FROM users').all()
  return () => Promise.resolve(void database.close())
}
