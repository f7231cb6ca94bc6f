import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { aludelCommand } from '../../../../tools/testing/installed'
import {
  aludel,
  dialects,
  makeDatabase,
  makeDirectory,
  type Ran,
  removeDirectory,
  shippedConfig,
  type TestDatabase,
} from './harness'
import { type ErrorDocument, useShop } from './shop-project'

const tables = [
  'workflows',
  'checkpoints',
  'validation_results',
  'recommendations',
  'audit_logs',
  'cache_entries',
  'metrics',
  'review_decisions',
]

interface Seeded {
  readonly rows: number
  readonly inserted: number
  readonly tables: readonly { readonly name: string; readonly rows: number }[]
}

describe.each(dialects)('commands of the shipped entities on %s', (dialect) => {
  let directory: string
  let database: TestDatabase
  beforeEach(async () => {
    directory = makeDirectory(shippedConfig)
    database = await makeDatabase(dialect)
    expect(await here('db', 'init')).toMatchObject({ code: 0 })
  })
  afterEach(async () => {
    await database.drop()
    removeDirectory(directory)
  })
  const options = (env: Readonly<Record<string, string>> = {}) => ({
    cwd: directory,
    env: { DATABASE_URL: database.url, ...env },
  })
  const here = (...args: string[]): Promise<Ran> => aludel(args, options())
  const seed = async (rows: number): Promise<void> => {
    expect(await here('db', 'seed', '--rows', String(rows))).toMatchObject({ code: 0 })
  }
  const count = async (table: string): Promise<number> =>
    Number((await database.query(`SELECT COUNT(*) AS n FROM "${table}"`))[0]?.['n'])

  test('db seed fills an empty database, refuses one with rows, and adds with --append', async () => {
    const first = await here('db', 'seed', '--rows', '400', '--seed', 'demo', '--json')
    expect(first.code).toBe(0)
    const { tables: filled, ...rest } = first.json<Seeded>()
    expect(rest).toEqual({ seed: 'demo', until: '2026-01-01T00:00:00.000Z', rows: 400, inserted: 400 })
    for (const { name, rows } of filled) expect(await count(name)).toBe(rows)
    const second = await here('db', 'seed', '--rows', '10')
    expect(second).toMatchObject({ code: 4, stdout: '' })
    expect(second.stderr).toMatch(
      /^error: the database has rows in workflows, .* \[ALUDEL_NOT_EMPTY\]\n +Nothing was inserted/m,
    )
    const again = await here('db', 'seed', '--rows', '400', '--seed', 'demo', '--append')
    expect(again.stdout).toContain('Inserted 0 rows of seed demo; 400 rows were there already.')
    const more = await here('db', 'seed', '--rows', '1_000', '--append')
    expect(more.stdout).toContain('Inserted 1,000 rows of seed 1.')
    expect(more.stdout).toMatch(/^table +rows$/m)
  })

  test('db seed refuses production, wrong values, and a database that is not at head', async () => {
    const production = await aludel(['db', 'seed'], options({ NODE_ENV: 'production' }))
    expect(production).toMatchObject({ code: 4 })
    expect(production.stderr).toContain('[ALUDEL_PRODUCTION]')
    for (const [option, value] of [
      ['--rows', 'many'],
      ['--rows', '0'],
      ['--until', '2026-02-30'],
    ] as const)
      expect(await here('db', 'seed', option, value)).toMatchObject({ code: 2 })
    expect(await count('workflows')).toBe(0)
    expect(await here('migrate', 'downgrade', '-1', '--yes', '--backup', 'never')).toMatchObject({ code: 0 })
    expect((await here('db', 'seed')).stderr).toContain('aludel db init')
  })

  test('db seed stops on Ctrl-C between two batches, and says where and how to insert the rest', async () => {
    const child = spawn(process.execPath, [aludelCommand, 'db', 'seed', '--rows', '300000', '--seed', 'a b'], {
      cwd: directory,
      env: { PATH: process.env['PATH'] ?? '', HOME: directory, DATABASE_URL: database.url },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    while ((await count('workflows')) === 0) await wait(20)
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(stderr).toMatch(
      /insert the rest: aludel db seed --rows 300000 --seed 'a b' --until 2026-01-01T00:00:00\.000Z --append$/m,
    )
    const [, done = ''] = /stopped in \w+, after ([\d,]+) of 300,000 rows .*\[ALUDEL_INTERRUPTED\]$/m.exec(stderr) ?? []
    let rows = 0
    for (const table of tables) rows += await count(table)
    expect(done.replaceAll(',', '')).toBe(String(rows))
  })

  if (dialect === 'postgres') {
    test('db seed asks before it fills a database on a machine that is not known to be this one', async () => {
      // Another name of 127.0.0.1, which only the system understands.
      const env = { DATABASE_URL: database.url.replace(/@[^/]*?(?=:\d+\/)/, '@127.1') }
      const refused = await aludel(['db', 'seed', '--rows', '50', '--json'], options(env))
      expect(refused.code).toBe(4)
      expect(refused.json<ErrorDocument>().error).toMatchObject({
        code: 'ALUDEL_CONFIRMATION',
        message: expect.stringMatching(/ at 127\.1:\d+ is not on this machine/) as string,
      })
      expect(await count('metrics')).toBe(0)
      expect(await aludel(['db', 'seed', '--rows', '50', '--yes'], options(env))).toMatchObject({ code: 0 })
    })
  }

  test('stats counts everything by state, in 80 columns and as JSON', async () => {
    const empty = await here('stats')
    expect(empty.code).toBe(0)
    expect(empty.stdout).toMatch(/^workflows +0$/m)
    await seed(600)
    const { stdout } = await here('stats')
    expect(stdout).toMatch(/^workflows +24 +.*completed/m)
    expect(stdout).toMatch(/^cached results +36 +[\d.]+ KiB, \d+ expired$/m)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    const json = (await here('stats', '--json')).json<Record<string, { total?: number; entries?: number }>>()
    expect(Object.keys(json)).toEqual([
      'workflows',
      'checkpoints',
      'validations',
      'recommendations',
      'auditLogs',
      'cache',
      'metrics',
      'reviews',
    ])
    const all = Object.values(json).reduce((sum, { total, entries }) => sum + (total ?? entries ?? 0), 0)
    expect(all).toBe(600)
  })

  test('cache prune asks first, reports with --dry-run, and removes what has expired or is too much', async () => {
    await seed(2000)
    const before = await count('cache_entries')
    // Those of the seed have expired; these have not.
    await database.query(`UPDATE "cache_entries" SET "expires_at" = '2999-01-01 00:00:00.000' WHERE "access_count" > 1`)
    const lasting = Number(
      (await database.query(`SELECT COUNT(*) AS n FROM "cache_entries" WHERE "access_count" > 1`))[0]?.['n'],
    )
    const dry = await here('cache', 'prune', '--dry-run', '--max-entries', '10', '--json')
    expect(dry.json()).toMatchObject({
      dryRun: true,
      expired: { entries: before - lasting },
      surplus: { entries: lasting - 10 },
      removed: 0,
    })
    const refused = await here('cache', 'prune')
    expect(refused).toMatchObject({ code: 4, stdout: '' })
    expect(refused.stderr).toContain('[ALUDEL_CONFIRMATION]')
    expect(await count('cache_entries')).toBe(before)
    const expired = await here('cache', 'prune', '--yes')
    expect(expired.stdout).toBe(`Removed ${String(before - lasting)} cached results.\n`)
    expect(await count('cache_entries')).toBe(lasting)
    expect((await here('cache', 'prune', '--yes', '--max-entries', '10', '--json')).json()).toMatchObject({
      removed: lasting - 10,
    })
    const [row] = await database.query('SELECT SUM("size_bytes") AS n FROM "cache_entries"')
    const half = Math.floor(Number(row?.['n']) / 2)
    const planned = await here('cache', 'prune', '--dry-run', '--max-bytes', String(half), '--json')
    const { surplus } = planned.json<{ surplus: { entries: number } }>()
    expect((await here('cache', 'prune', '--yes', '--max-bytes', String(half), '--json')).json()).toMatchObject({
      removed: surplus.entries,
    })
    const [left] = await database.query('SELECT SUM("size_bytes") AS n FROM "cache_entries"')
    expect(Number(left?.['n'])).toBeLessThanOrEqual(half)
    expect((await here('cache', 'prune', '--yes')).stdout).toBe('Nothing to remove.\n')
    expect(await here('cache', 'prune', '--max-bytes', 'much')).toMatchObject({ code: 2 })
  })

  test('metrics prune needs a time, asks first, and removes in batches', async () => {
    await seed(20_000)
    const all = await count('metrics')
    expect(await here('metrics', 'prune')).toMatchObject({ code: 2 })
    expect(await here('metrics', 'prune', '--older-than', '1d', '--before', '2026-01-01')).toMatchObject({ code: 2 })
    const dry = await here('metrics', 'prune', '--older-than', '1d', '--dry-run')
    expect(dry.stdout).toMatch(/^Would remove [\d,]+ values from before /)
    expect(await here('metrics', 'prune', '--older-than', '1d')).toMatchObject({ code: 4 })
    expect(await count('metrics')).toBe(all)
    const [row] = await database.query(`SELECT COUNT(*) AS n FROM "metrics" WHERE "name" = 'queue.depth'`)
    const named = await here('metrics', 'prune', '--older-than', '1d', '--name', 'queue.depth', '--yes', '--json')
    expect(named.json()).toMatchObject({ name: 'queue.depth', found: Number(row?.['n']), removed: Number(row?.['n']) })
    const rest = await here('metrics', 'prune', '--before', '2026-01-01', '--yes', '--json')
    expect(rest.json()).toMatchObject({ before: '2026-01-01T00:00:00.000Z', removed: all - Number(row?.['n']) })
    expect(await count('metrics')).toBe(0)
  })

  test('audit export writes lines of JSON, filtered, to standard output or a file', async () => {
    await seed(3000)
    const all = await count('audit_logs')
    const exported = await here('audit', 'export')
    const lines = exported.stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(all)
    const entries = lines.map((line) => JSON.parse(line) as { action: string; actor: string; createdAt: string })
    const times = entries.map(({ createdAt }) => createdAt)
    expect(times).toEqual(times.toSorted())
    expect((await here('audit', 'export', '--json')).json()).toEqual({ entries })

    const filtered = await here(
      'audit',
      'export',
      '--action',
      'approve',
      '--actor',
      'Ana Duarte',
      '--from',
      times[50] ?? '',
    )
    const wanted = entries.filter(
      ({ action, actor, createdAt }) =>
        action === 'approve' && actor === 'Ana Duarte' && createdAt >= (times[50] ?? ''),
    )
    expect(wanted.length).toBeGreaterThan(0)
    expect(
      filtered.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(wanted)
    expect((await here('audit', 'export', '--action', 'none')).stdout).toBe('')
    expect((await here('audit', 'export', '--action', 'none', '--json')).json()).toEqual({ entries: [] })

    const toFile = await here('audit', 'export', '--output', 'audit.jsonl', '--json')
    const file = path.join(directory, 'audit.jsonl')
    expect(toFile.json()).toEqual({ entries: all, path: file, bytes: statSync(file).size })
    expect(readFileSync(file, 'utf8')).toBe(exported.stdout)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect((await here('audit', 'export', '--output', 'none/audit.jsonl')).stderr).toContain('[ALUDEL_FILE]')
    expect(await here('audit', 'export', '--from', 'yesterday')).toMatchObject({ code: 2 })
    expect(readdirSync(directory).filter((name) => name.includes('.tmp'))).toEqual([])
    expect(existsSync(path.join(directory, 'none'))).toBe(false)
  })

  test('audit export ends when nobody reads any more', async () => {
    await seed(3000)
    const child = spawn(process.execPath, [aludelCommand, 'audit', 'export'], {
      cwd: directory,
      env: { PATH: process.env['PATH'] ?? '', HOME: directory, DATABASE_URL: database.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    const [first] = (await once(child.stdout, 'data')) as [Buffer]
    child.stdout.destroy()
    expect(first.toString()).toMatch(/^\{"id":/)
    expect(await ended).toBe(0)
    expect(stderr).toBe('')
  })
})

describe('commands of the shipped entities in a project without them', () => {
  const project = useShop('sqlite', 'all')

  test.each([
    ['stats', 'Workflow'],
    ['db seed', 'Workflow'],
    ['cache prune', 'CacheEntry'],
    ['metrics prune --older-than 1d', 'Metric'],
    ['audit export', 'AuditLog'],
  ])('%s names the entity %s', async (words, entity) => {
    const ran = await project.aludel([...words.split(' '), '--json'])
    expect(ran.code).toBe(1)
    expect(ran.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_ENTITIES',
      message: `this DataSource has no entity ${entity}`,
    })
  })
})
