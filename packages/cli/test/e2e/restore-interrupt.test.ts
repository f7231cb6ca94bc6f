import { chmodSync, existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import type { BackupResult, DatabaseInfoResult, RestoreResult } from '@aludel/engine'

import { queryPostgres, sqliteType } from '../../../../tools/testing/databases'
import { hasPgTools } from '../../../../tools/testing/pg-tools'
import { dialects, type Dialect, type Ran, writeFiles } from './harness'
import { dataSource, ids } from './shop'
import { type ErrorDocument, useShop } from './shop-project'

jest.setTimeout(120_000)

/** The driver sqlite3 has no hook in which a restore could be held. */
const holdable = dialects.filter((dialect) =>
  dialect === 'sqlite' ? (sqliteType as string) === 'better-sqlite3' : hasPgTools,
)
const describeHoldable =
  holdable.length === 0 ? describe.skip.each<Dialect>(['postgres']) : describe.each<Dialect>(holdable)

/** Signals while the backup is already in the new database, which has not yet got its name. */
describeHoldable('a restore on %s that is interrupted', (dialect) => {
  const project = useShop(dialect)
  const file = (name: string): string => path.join(project.directory, name)
  const backup = (words: string) => project.aludel(['backup', ...words.split(' ')])
  const users = async (): Promise<number> =>
    Number((await project.database.query('SELECT count(*) AS n FROM users'))[0]?.['n'])
  const leftovers = async () =>
    (await project.aludel(['db', 'info', '--json'])).json<DatabaseInfoResult>().leftovers ?? []
  let id = ''

  beforeEach(async () => {
    await project.succeeds('upgrade')
    await project.database.query(`INSERT INTO users (id, name) VALUES (1, 'Ada')`)
    id = (await backup('create --json')).json<BackupResult>().id
    await project.database.query(`INSERT INTO users (id, name) VALUES (2, 'Bob')`)
    await project.succeeds(`downgrade ${ids.email} --yes --backup never`)
    hold()
  })
  afterEach(async () => {
    writeFiles(project.directory, { 'let-go': '' })
    if (dialect !== 'postgres') return
    const name = new URL(project.database.url).pathname.slice(1, 15)
    for (const row of await queryPostgres(`SELECT datname FROM pg_database WHERE datname LIKE '${name}%restore%'`))
      await queryPostgres(`DROP DATABASE "${String(row['datname'])}" WITH (FORCE)`)
  })

  /** Lets a restore wait where it has copied everything: in the project's own hook, or in `pg_restore`, which a signal does not end. */
  function hold(): void {
    if (dialect === 'sqlite') {
      const held = `prepareDatabase: async (database: { name: string }) => {
        if (!database.name.endsWith('.tmp') || existsSync('let-go')) return
        writeFileSync('held', '')
        while (!existsSync('let-go')) await new Promise((resolve) => setTimeout(resolve, 10))
      },`
      const source = dataSource(dialect).replace('new DataSource({', `new DataSource({ ${held}`)
      writeFiles(project.directory, {
        'data-source.ts': `import { existsSync, writeFileSync } from 'node:fs'\n${source}`,
      })
      return
    }
    writeFiles(project.directory, {
      'aludel.config.json': JSON.stringify({ backup: { tools: 'programs' } }),
      'programs/pg_restore': `#!/bin/sh
pg_restore "$@" || exit
case "$*" in *--dbname=*) ;; *) exit 0 ;; esac
if [ -e "${file('let-go')}" ]; then exit 0; fi
trap '' INT TERM
: > "${file('held')}"
while [ ! -e "${file('let-go')}" ]; do sleep 0.02; done
`,
    })
    chmodSync(file('programs/pg_restore'), 0o755)
  }

  /** Starts a restore and resolves when it is held. */
  const start = async (): Promise<{
    kill: (signal: NodeJS.Signals) => void
    end: Promise<Ran>
    heard: () => string
  }> => {
    let kill: ((signal: NodeJS.Signals) => void) | undefined
    let heard = ''
    let ended = false
    const end = project.alone(['backup', 'restore', id, '--yes', '--json'], {
      onStderr: (text, send) => {
        heard = text
        kill = send
      },
    })
    void end.finally(() => (ended = true))
    while (!existsSync(file('held'))) {
      if (ended) throw new Error(`it ended before it was held: ${(await end).stdout}`)
      await wait(10)
    }
    if (kill === undefined) throw new Error('it has printed nothing')
    return { kill, end, heard: () => heard }
  }

  test('leaves the old database as it was, and nothing beside it', async () => {
    const { kill, end, heard } = await start()
    kill('SIGINT')
    while (!heard().includes('interrupted: stopping')) await wait(10)
    writeFiles(project.directory, { 'let-go': '' })
    const ran = await end
    expect(ran.code).toBe(130)
    expect(ran.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_INTERRUPTED',
      message: 'interrupted while a backup was restored',
      help: 'Nothing was changed.',
    })
    expect(await users()).toBe(2)
    expect(await project.tables()).toEqual(['users'])
    expect(await leftovers()).toEqual([])
    const restored = (await backup(`restore ${id} --yes --json`)).json<RestoreResult>()
    expect(restored).toMatchObject({ restored: id, removed: [] })
    expect(await users()).toBe(1)
  })

  test('twice ends at once; the next command names what is left, and the next restore removes it', async () => {
    const { kill, end, heard } = await start()
    kill('SIGINT')
    while (!heard().includes('interrupted: stopping')) await wait(10)
    kill('SIGINT')
    expect((await end).code).toBe(130)
    expect(await users()).toBe(2)
    expect(await project.tables()).toEqual(['users'])
    // The server needs a moment to notice that the client is gone.
    let left = await leftovers()
    while (left.length === 0) {
      await wait(20)
      left = await leftovers()
    }
    expect(left).toMatchObject([{ kind: 'unfinished' }])
    expect((await backup('list')).stdout).toContain(path.basename(left[0]?.name ?? ''))
    rmSync(file('held'))
    writeFiles(project.directory, { 'let-go': '' })
    const restored = await backup(`restore ${id} --yes --json`)
    expect(restored.stderr).toContain('which an interrupted restore has left')
    expect(restored.json<RestoreResult>().removed).toEqual([path.basename(left[0]?.name ?? '')])
    expect(await users()).toBe(1)
    expect(await leftovers()).toMatchObject([{ kind: 'replaced' }])
  })
})
