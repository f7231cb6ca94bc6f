import { appendFileSync } from 'node:fs'
import path from 'node:path'

import type { CurrentResult, RunResult } from '@aludel/engine'

import { dialects, writeFiles } from './harness'
import { ids, migrations, nextRevision, run } from './shop'
import { type ErrorDocument, useShop } from './shop-project'

/** Code of the project that never ends, or that ends the process: a command must not look as if it had succeeded. */
describe.each(dialects)('project code that does not end as it should, on %s', (dialect) => {
  const project = useShop(dialect)
  const id = 'dddd11112222'

  const add = (up: string, rest: { readonly more?: string; readonly undo?: string } = {}): void => {
    writeFiles(project.directory, nextRevision('next', { ...rest, up }))
  }
  const appendToDataSource = (code: string): void => {
    appendFileSync(path.join(project.directory, 'data-source.ts'), code)
  }
  const current = async () => (await project.succeeds('current --json')).json<CurrentResult>().current

  test('upgrade rolls back a revision whose promise never settles, and names it', async () => {
    add(`${run('CREATE TABLE "one" ("id" integer)')}; await new Promise(() => undefined)`)
    const ran = await project.migrateAlone('upgrade --json')
    expect(ran.code).toBe(1)
    expect(ran.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_UNSETTLED',
      message:
        `upgrade of revision ${id} (next) failed after statement 1: up() never settles: ` +
        'the process has nothing left to wait for',
      details: { revision: id, done: [ids.users, ids.email, ids.posts] },
    })
    expect(await project.tables()).toEqual(['posts', 'users'])
    expect(await current()).toEqual([ids.posts])
  })

  test('upgrade does not end while it restores what a recreated view had', async () => {
    add(
      [`CREATE VIEW "v" AS SELECT 1 AS "x"`, 'DROP VIEW "v"', `CREATE VIEW "v" AS SELECT 2 AS "x"`].map(run).join('; '),
    )
    const ran = await project.migrateAlone('upgrade --json')
    expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining('error')])
    expect(ran.json<RunResult>().steps).toHaveLength(4)
    expect(await current()).toEqual([id])
  })

  test('upgrade reports a revision without a transaction that never settles as half-way', async () => {
    add(`${run('CREATE TABLE "one" ("id" integer)')}; await new Promise(() => undefined)`, {
      more: 'readonly transaction = false',
    })
    const ran = await project.migrateAlone('upgrade --json')
    expect(ran.code).toBe(6)
    expect(ran.json<ErrorDocument>().error).toMatchObject({ code: 'ALUDEL_STATEMENT_HALFWAY', details: { kept: 1 } })
    expect(await project.tables()).toEqual(['one', 'posts', 'users'])
  })

  test('upgrade exits with 1 when a revision calls process.exit(0), and nothing of it remains', async () => {
    add(`${run('CREATE TABLE "one" ("id" integer)')}; process.exit(0)`)
    const ran = await project.migrateAlone('upgrade --json')
    expect(ran.code).toBe(1)
    expect(ran.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_PROCESS_ENDED',
      message: expect.stringMatching(
        new RegExp(
          `^process\\.exit\\(0\\) was called by .*next\\.ts during up\\(\\) of revision ${id} \\(next\\) before`,
        ),
      ) as string,
      details: { exitCode: 0 },
    })
    expect(await project.tables()).toEqual(['posts', 'users'])
    expect(await current()).toEqual([ids.posts])
  })

  test.each([
    ['throws in a timer', "setTimeout(() => { throw new Error('too late') }, 20)", 'too late'],
    ['leaves a promise that rejects', "void Promise.reject(new Error('lost'))", 'lost'],
    [
      'leaves two promises that reject with no error',
      "void Promise.reject(undefined); void Promise.reject('x')",
      'nothing awaits a promise that rejects with undefined',
    ],
  ])('upgrade rolls back a revision that %s, and names it', async (_what, code, message) => {
    add(`${run('CREATE TABLE "one" ("id" integer)')}
    ${code}
    await new Promise((resolve) => setTimeout(resolve, 5000))`)
    const ran = await project.migrateAlone('upgrade --json')
    expect(ran.code).toBe(1)
    expect(ran.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: `upgrade of revision ${id} (next) failed after statement 1: ${message}`,
      details: { revision: id, done: [ids.users, ids.email, ids.posts] },
    })
    expect(await project.tables()).toEqual(['posts', 'users'])
  })

  test('an error in a timer halfway through a revision without a transaction is reported as half-way', async () => {
    add(
      `${run('CREATE TABLE "one" ("id" integer)')}
    setTimeout(() => { throw new Error('too late') }, 20)
    await new Promise((resolve) => setTimeout(resolve, 5000))`,
      { more: 'readonly transaction = false' },
    )
    const ran = await project.migrateAlone('upgrade --json')
    expect(ran.code).toBe(6)
    expect(ran.json<ErrorDocument>().error).toMatchObject({ code: 'ALUDEL_STATEMENT_HALFWAY', details: { kept: 1 } })
  })

  test.each([
    ['calls process.exit', 'process.exit(0)', 'process.exit(0) was called by'],
    ['throws', "throw new Error('too late')", 'uncaught error in'],
  ])('a timer of the DataSource file that %s fails the command, which names the file', async (_what, code, words) => {
    appendToDataSource(`setTimeout(() => { ${code} }, 1)`)
    const ran = await project.migrateAlone('check --json')
    const { error } = ran.json<ErrorDocument>()
    expect(error.message).toContain('data-source.ts')
    // The timer may end before or after the file is loaded.
    const atWork = error.message.includes('does not load')
    expect(error.code).toBe(atWork ? 'ALUDEL_DATA_SOURCE' : 'ALUDEL_PROCESS_ENDED')
    expect(ran.code).toBe(atWork ? 2 : 1)
    expect(error.message).toContain(atWork ? 'too late' : words)
  })

  test.each([
    ['calls process.exit(0) in a timer', 'process.exit(0)'],
    ['throws in a timer', "throw new Error('too late')"],
  ])('the exit code stays that of the answer when the project %s afterwards', async (_what, code) => {
    // Nothing is left to do once the answer is printed.
    appendToDataSource(`
process.on('exit', () => { process.exitCode = 9 })
process.on('exit', () => process.exit(8))
process.once('beforeExit', () => setTimeout(() => { ${code} }, 1))
`)
    const ran = await project.migrateAlone('current --json --check-heads')
    expect(ran.json<CurrentResult>().current).toEqual([])
    expect(ran.code).toBe(3)
  })

  test('a signal rolls back a revision that waits for something that is no statement', async () => {
    add(`${run('CREATE TABLE "one" ("id" integer)')}
    process.kill(process.pid, 'SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 100_000))`)
    const ran = await project.migrateAlone('upgrade --json')
    expect(ran.code).toBe(130)
    expect(ran.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_INTERRUPTED',
      message: `interrupted in revision ${id} (next) after statement 1`,
    })
    expect(await project.tables()).toEqual(['posts', 'users'])
  })

  test('a signal ends a command that waits for a revision on a scratch database', async () => {
    add(`process.kill(process.pid, 'SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 100_000))`)
    for (const words of ['check --json', 'verify --json', 'create next --json']) {
      const ran = await project.migrateAlone(words)
      expect([words, ran.code]).toEqual([words, 130])
      expect(ran.json<ErrorDocument>().error.code).toBe('ALUDEL_INTERRUPTED')
    }
  })

  test.each([
    ['a file of the project loads', 'await new Promise((resolve) => setTimeout(resolve, 100_000))'],
    [
      'a promise that a file exports settles',
      'export const later = new Promise((resolve) => setTimeout(resolve, 100_000))',
    ],
  ])('a signal ends a command that waits until %s', async (_what, code) => {
    appendToDataSource(`setTimeout(() => process.kill(process.pid, 'SIGINT'), 100)\n${code}`)
    const ran = await project.migrateAlone('upgrade --json')
    expect(ran.code).toBe(130)
    expect(ran.json<ErrorDocument>().error.code).toBe('ALUDEL_INTERRUPTED')
  })

  test('a signal during a revision ends the run after that revision', async () => {
    const posts = migrations(dialect)['migrations/1700000000001-users.ts'] ?? ''
    writeFiles(project.directory, {
      'migrations/1700000000001-users.ts': posts.replace(
        'Promise<void> {',
        "Promise<void> {\n    process.kill(process.pid, 'SIGTERM')",
      ),
    })
    const ran = await project.migrateAlone('upgrade --json')
    expect(ran.code).toBe(130)
    expect(ran.json<ErrorDocument>().error).toMatchObject({ code: 'ALUDEL_INTERRUPTED' })
    // The signal arrives during the revision or right after it; what is applied is whole.
    expect([[], ['users']]).toContainEqual(await project.tables())
  })

  test('a revision cannot close the connection of the run, nor open it again', async () => {
    const close = `await queryRunner.release()
    await queryRunner.connection.destroy()
    await queryRunner.connection.initialize()
    await queryRunner.connection.driver.disconnect()
    `
    add(`${close} ${run('CREATE TABLE "one" ("id" integer)')}`, { undo: `${close} ${run('DROP TABLE "one"')}` })
    const ran = await project.migrateAlone('upgrade --json')
    expect(ran.code).toBe(0)
    expect(ran.json<RunResult>().steps).toHaveLength(4)
    const calls = ['queryRunner.release()', 'dataSource.destroy()', 'dataSource.initialize()']
    for (const call of [...calls, 'dataSource.driver.disconnect()']) {
      expect(ran.stderr).toContain(`warning: revision ${id} (next): ${call} was ignored`)
    }
    expect(await project.tables()).toEqual(['one', 'posts', 'users'])
    // On a scratch database as well.
    const verified = await project.migrateAlone('verify --json')
    expect(verified.code).toBe(0)
    const checked = await project.migrateAlone('check --json')
    expect(checked.json()['operations']).toMatchObject([{ op: 'dropTable', name: 'one' }])
  })

  test('a command ends although the project keeps a server, a timer and a thread open, and names only them with --verbose', async () => {
    appendToDataSource(`
import { createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
createServer().listen(0, '127.0.0.1')
new Worker('setInterval(() => undefined, 1000)', { eval: true })
setInterval(() => undefined, 1000)
`)
    const ran = await project.migrateAlone('current --json --verbose')
    expect(ran.code).toBe(0)
    expect(ran.json<CurrentResult>().current).toEqual([])
    const [, named = ''] = /^warning: ended although the project keeps open: (.*)$/m.exec(ran.stderr) ?? []
    expect(named.split(', ').sort()).toEqual(['a server', 'a timer', 'a worker thread'])
  })

  test.each([
    [
      'exports a promise that never settles',
      'export const later = new Promise(() => undefined)',
      /the promise that .*data-source\.ts exports never settles/,
    ],
    ['waits forever at its top level', 'await new Promise(() => undefined)', /data-source\.ts never settles/],
  ])('every command exits with 1 when the DataSource file %s', async (_what, code, message) => {
    appendToDataSource(code)
    for (const words of ['current --json', 'create --json next']) {
      const ran = await project.migrateAlone(words)
      expect(ran.code).toBe(1)
      expect(ran.json<ErrorDocument>().error).toMatchObject({
        code: 'ALUDEL_UNSETTLED',
        message: expect.stringMatching(message) as string,
      })
    }
  })

  test('a command exits with 1 when the DataSource file calls process.exit', async () => {
    appendToDataSource('process.exit(0)')
    const ran = await project.migrateAlone('current')
    expect(ran.code).toBe(1)
    expect(ran.stdout).toBe('')
    expect(ran.stderr).toMatch(
      /^error: process\.exit\(0\) was called by .*data-source\.ts before .* \[ALUDEL_PROCESS_ENDED\]$/m,
    )
  })
})
