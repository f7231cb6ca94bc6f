import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'

import { aludelCommand } from '../../../../tools/testing/installed'
import {
  aludel,
  aludelProcess,
  dialects,
  execute,
  makeDatabase,
  makeDirectory,
  type Ran,
  removeDirectory,
  shippedConfig,
  type TestDatabase,
  writeFiles,
} from './harness'

/** `npm run test:all` imports a million. */
const isWhole = process.env['ALUDEL_TEST_SCOPE'] === 'all'
const manyDecisions = isWhole ? 1_000_000 : 60_000

// A million decisions take a minute or so to import.
if (isWhole) jest.setTimeout(600_000)

interface Imported {
  readonly files: number
  readonly imported: number
  readonly updated: number
  readonly unchanged: number
}

describe.each(dialects)('reviews import on %s', (dialect) => {
  let directory: string
  let database: TestDatabase

  beforeEach(async () => {
    directory = makeDirectory(shippedConfig)
    database = await makeDatabase(dialect)
    expect((await here('db', 'init')).code).toBe(0)
  })

  afterEach(async () => {
    await database.drop()
    removeDirectory(directory)
  })

  const options = () => ({ cwd: directory, env: { DATABASE_URL: database.url } })
  const here = (...args: string[]): Promise<Ran> => aludel(args, options())
  const makeFiles = async (count: number, perFile: number): Promise<void> => {
    const program = path.resolve(__dirname, '../../../../tools/testing/decisions.mjs')
    const args = [program, 'reviews', '--count', String(count), '--per-file', String(perFile)]
    expect(await execute(process.execPath, args, options())).toMatchObject({ code: 0, stderr: '' })
  }
  const count = async (): Promise<number> =>
    Number((await database.query('SELECT COUNT(*) AS count FROM review_decisions'))[0]?.['count'])

  test('resumes after a kill when it is run again: no file is half imported, and nothing is imported twice', async () => {
    const [files, perFile] = [60, 500]
    await makeFiles(files * perFile, perFile)
    const child = spawn(process.execPath, [aludelCommand, 'reviews', 'import', 'reviews'], {
      cwd: directory,
      env: { ...process.env, ...options().env },
      stdio: 'ignore',
    })
    const ended = once(child, 'exit')
    while ((await count()) < 2 * perFile && child.exitCode === null) await wait(5)
    child.kill('SIGKILL')
    expect(await ended).toEqual([null, 'SIGKILL'])

    const before = await database.query(
      'SELECT analysis_id AS analysis, COUNT(*) AS count FROM review_decisions GROUP BY analysis_id',
    )
    expect(before.length).toBeGreaterThanOrEqual(2)
    expect(before.length).toBeLessThan(files)
    expect(new Set(before.map((row) => Number(row['count'])))).toEqual(new Set([perFile]))

    const again = (await here('reviews', 'import', 'reviews', '--json')).json<Imported>()
    const total = files * perFile
    const known = before.length * perFile
    expect(again).toEqual({ files, imported: total - known, updated: 0, unchanged: known, failed: [] })
    expect(await count()).toBe(total)
    expect((await here('reviews', 'import', 'reviews', '--json')).json<Imported>()).toMatchObject({ unchanged: total })
  })

  test(`imports ${manyDecisions} decisions with less than 300 MB of memory`, async () => {
    await makeFiles(manyDecisions, isWhole ? 10_000 : manyDecisions)
    writeFiles(directory, {
      'peak.cjs': `process.on('exit', () => require('node:fs').writeFileSync('peak.txt', String(process.resourceUsage().maxRSS)))`,
    })
    const ran = await aludelProcess(['reviews', 'import', 'reviews', '--json'], {
      cwd: directory,
      env: { ...options().env, NODE_OPTIONS: `--require ${path.join(directory, 'peak.cjs')}` },
    })
    expect(ran.json<Imported>()).toMatchObject({ imported: manyDecisions, failed: [] })
    const megabytes = Number(readFileSync(path.join(directory, 'peak.txt'), 'utf8')) / 1024
    expect(megabytes).toBeGreaterThan(30)
    expect(megabytes).toBeLessThan(300)
  })
})
