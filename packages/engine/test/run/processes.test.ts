import { spawn, type ChildProcess } from 'node:child_process'
import path from 'node:path'

import { History } from '../../src/history/history'
import { crowdRevisions } from './crowd'
import { dialectNames, openDatabase, tableNames, type TestDatabase } from './databases'
import { appliedMessages } from './revisions'

interface Finished {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

describe.each(dialectNames)('several processes on one %s database', (name) => {
  let database: TestDatabase
  const children: ChildProcess[] = []
  beforeEach(async () => {
    database = await openDatabase(name)
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await database.drop()
  })

  const start = (...more: string[]): ChildProcess => {
    const { NODE_OPTIONS: _options, ...env } = process.env
    const child = spawn(
      process.execPath,
      [
        '--require',
        require.resolve('../../../../tools/testing/register.cjs'),
        path.join(__dirname, 'upgrade-process.ts'),
        name,
        database.address,
        ...more,
      ],
      { cwd: path.join(__dirname, '../..'), env, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    children.push(child)
    return child
  }
  const finish = (child: ChildProcess): Promise<Finished> =>
    new Promise((resolve) => {
      let output = ''
      let errors = ''
      child.stdout?.on('data', (data: Buffer) => (output += data.toString()))
      child.stderr?.on('data', (data: Buffer) => (errors += data.toString()))
      child.on('close', (code) => {
        resolve({ code, output, errors })
      })
    })
  const messages = crowdRevisions().map((one) => one.revision.message)

  test('all succeed and run each revision once when eight start at the same time', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => finish(start())))
    expect(results.map(({ code, errors }) => ({ code, errors }))).toEqual(results.map(() => ({ code: 0, errors: '' })))
    expect(results.flatMap(({ output }) => JSON.parse(output) as string[])).toEqual(messages)
    expect(await appliedMessages(database, crowdRevisions())).toEqual(messages)
    for (const table of await tableNames(database))
      expect(await database.rows(`SELECT * FROM "${table}"`)).toHaveLength(1)
    expect(await History.of(database.dialect, database.dataSource).readJournal(database.queryRunner)).toHaveLength(4)
  })

  test('finish a revision in the next process when the first one is killed', async () => {
    const killed = start('2')
    const ended = finish(killed)
    await new Promise<void>((resolve) =>
      killed.stdout?.once('data', () => {
        resolve()
      }),
    )
    const waiting = finish(start())
    killed.kill('SIGKILL')
    expect(await ended).toMatchObject({ code: null, output: 'stopped\n' })
    const { code, output, errors } = await waiting
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(JSON.parse(output)).toEqual(messages)
    expect(await database.rows('SELECT * FROM "a"')).toHaveLength(1)
  })
})
