import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import {
  aludel,
  dialects,
  makeDatabase,
  makeDirectory,
  type Ran,
  removeDirectory,
  shippedConfig,
  type TestDatabase,
  writeFiles,
} from './harness'

const entry = {
  original_decision: 'Mitigate',
  final_decision: 'Accept',
  reviewer: 'Ana Duarte',
  justification: 'Freshness counter in place.\nSee the tests.',
  review_date: '2025-04-20',
}
const files = {
  'gateway-v2': {
    ECU001: {
      'Replay attack': { ...entry, additional_notes: 'Look again.', evidence_references: ['EV-1', 'EV-2'] },
      Spoofing: { ...entry, final_decision: 'Mitigate', status: 'pending' },
    },
    ECU002: { Spoofing: { ...entry, reviewer: 'Jonas Weber', status: 'in_progress' } },
  },
  'lock-1.8': { radio: { 'Relay \u001b[31m attack': { ...entry, final_decision: 'Accept with Controls' } } },
}

interface List {
  readonly reviews: readonly { readonly componentId: string; readonly threatId: string }[]
  readonly next?: string
}

describe.each(dialects)('aludel reviews on %s', (dialect) => {
  let directory: string
  let database: TestDatabase

  beforeAll(async () => {
    directory = makeDirectory(shippedConfig)
    database = await makeDatabase(dialect)
    expect((await here('db', 'init')).code).toBe(0)
    expect((await here('reviews', 'status')).stdout).toContain('No review decisions.')
    expect((await here('reviews', 'export', 'nothing')).stdout).toContain('Nothing was written.')
    writeFiles(
      directory,
      Object.fromEntries(Object.entries(files).map(([id, file]) => [`in/${id}_reviews.json`, JSON.stringify(file)])),
    )
    expect((await here('reviews', 'import', 'in', '--json')).json()).toMatchObject({ imported: 4, failed: [] })
  })

  afterAll(async () => {
    await database.drop()
    removeDirectory(directory)
  })

  const here = (...args: string[]): Promise<Ran> =>
    aludel(args, { cwd: directory, env: { DATABASE_URL: database.url } })
  const threats = ({ reviews }: List): string[] => reviews.map((one) => `${one.componentId} ${one.threatId}`)
  const list = async (...args: string[]): Promise<List> =>
    (await here('reviews', 'list', ...args, '--json')).json<List>()

  test('list filters by analysis, component, status, decision and reviewer', async () => {
    expect(threats(await list('--analysis', 'gateway-v2', '--component', 'ECU001'))).toEqual([
      'ECU001 Replay attack',
      'ECU001 Spoofing',
    ])
    expect(threats(await list('--status', 'in_progress'))).toEqual(['ECU002 Spoofing'])
    expect(threats(await list('--reviewer', 'Jonas Weber'))).toEqual(['ECU002 Spoofing'])
    expect(threats(await list('--decision', 'accept with controls'))).toEqual(['radio Relay \u001b[31m attack'])
    expect(await list('--reviewer', 'nobody')).toEqual({ reviews: [] })
    expect((await here('reviews', 'list', '--reviewer', 'nobody')).stdout).toBe('No such review decisions.\n')
    expect(await here('reviews', 'list', '--decision', 'Ignore')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('One of Accept, Accept with Controls') as string,
    })
  })

  test('list continues where --limit ended', async () => {
    const first = await list('--limit', '3')
    expect(first.reviews).toHaveLength(3)
    const { next = '' } = first
    const second = await list('--limit', '3', '--after', next)
    expect(threats(second)).toEqual(['radio Relay \u001b[31m attack'])
    expect(second).not.toHaveProperty('next')
    expect((await here('reviews', 'list', '--limit', '3')).stdout).toContain(`--after ${next}`)
    expect(await here('reviews', 'list', '--after', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('[ALUDEL_INVALID_VALUE]') as string,
    })
  })

  test('list shows a decision on one line, without control characters', async () => {
    const { stdout } = await here('reviews', 'list', '--analysis', 'lock-1.8')
    expect(stdout).toMatch(
      /^radio {2}Relay \\u001b\[31m attack {2}Mitigate → Accept with Controls {2}Ana Duarte {2}2025-04-20 {2}completed\n/,
    )
  })

  test('show prints decisions in full', async () => {
    const { stdout } = await here('reviews', 'show', 'gateway-v2', 'ECU001', 'Replay attack')
    expect(stdout).toContain('gateway-v2 ECU001 Replay attack\n  decision       Mitigate → Accept\n')
    expect(stdout).toContain('  justification  Freshness counter in place.\n')
    expect(stdout).toContain('                 See the tests.\n')
    expect(stdout).toContain('  evidence       EV-1\n                 EV-2\n')
    const all = (await here('reviews', 'show', 'gateway-v2', '--json')).json<List>()
    expect(all.reviews).toHaveLength(3)
    expect(await here('reviews', 'show', 'gateway-v2', 'ECU009')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no review decision "gateway-v2 ECU009" [ALUDEL_NOT_FOUND]') as string,
    })
    expect((await here('reviews', 'show')).code).toBe(2)
  })

  test('status counts the decisions of one analysis or of all', async () => {
    const { stdout } = await here('reviews', 'status')
    expect(stdout).toMatch(/^analysis +decisions +pending +in progress +completed\n/)
    expect(stdout).toMatch(/^gateway-v2 +3 +1 +1 +1$/m)
    expect(stdout).toContain('2 analyses: 2 of 4 review decisions completed.')
    expect((await here('reviews', 'status', 'gateway-v2', '--json')).json()).toEqual({
      analyses: [
        {
          analysisId: 'gateway-v2',
          total: 3,
          byStatus: { pending: 1, in_progress: 1, completed: 1 },
          byFinalDecision: { Accept: 2, 'Accept with Controls': 0, Transfer: 0, Avoid: 0, Mitigate: 1 },
        },
      ],
    })
    expect((await here('reviews', 'status', 'gateway-v2')).stdout).toMatch(/^Mitigate +1$/m)
    const first = (await here('reviews', 'status', '--limit', '1', '--json')).json<{ next: string }>()
    const rest = (await here('reviews', 'status', '--after', first.next, '--json')).json()
    expect(rest).toMatchObject({ analyses: [{ analysisId: 'lock-1.8', total: 1 }] })
    expect((await here('reviews', 'status', 'none')).code).toBe(1)
  })

  test('export writes what was imported', async () => {
    const dry = await here('reviews', 'export', 'out', '--dry-run', '--json')
    expect(dry.json()).toEqual({ files: 2, written: 2, unchanged: 0, exported: 4, failed: [] })
    expect(existsSync(path.join(directory, 'out'))).toBe(false)
    const done = await here('reviews', 'export', 'out')
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('2 written, 0 unchanged') as string })
    for (const [id, file] of Object.entries(files))
      expect(JSON.parse(readFileSync(path.join(directory, `out/${id}_reviews.json`), 'utf8'))).toEqual(file)
    expect((await here('reviews', 'import', 'out', '--json')).json()).toMatchObject({ unchanged: 4, failed: [] })
    expect((await here('reviews', 'export', 'out', '--json')).json()).toMatchObject({ written: 0, unchanged: 2 })
  })

  test('export replaces no other file unless --overwrite says so', async () => {
    writeFiles(directory, { 'kept/gateway-v2_reviews.json': 'mine', 'kept/other.txt': 'mine' })
    const refused = await here('reviews', 'export', 'kept', '--json')
    expect(refused.code).toBe(4)
    expect(refused.json()).toMatchObject({
      error: {
        code: 'ALUDEL_FILES_EXIST',
        details: { files: [{ file: 'gateway-v2_reviews.json', reason: 'has other contents' }] },
      },
    })
    expect(readdirSync(path.join(directory, 'kept')).sort()).toEqual(['gateway-v2_reviews.json', 'other.txt'])
    const one = await here('reviews', 'export', 'kept', '--overwrite', '--analysis', 'gateway-v2', '--json')
    expect(one.json()).toMatchObject({ files: 1, written: 1, exported: 3 })
    expect(readFileSync(path.join(directory, 'kept/gateway-v2_reviews.json'), 'utf8')).toContain('Replay attack')
    expect(readdirSync(path.join(directory, 'kept'))).toHaveLength(2)
    const none = await here('reviews', 'export', 'kept', '--analysis', 'none', '--json')
    expect(none.code).toBe(1)
    expect(none.json()).toMatchObject({ files: 0, failed: [{ analysisId: 'none' }] })
  })
})
