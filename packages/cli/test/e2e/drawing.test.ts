import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import type { RevisionsResult } from '@aludel/engine'

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
import { revision } from './shop'

/** Two merged branches, and a separate revision that depends on one of them. */
const graph: readonly (readonly [id: string, down: string, more?: string])[] = [
  ['aaaa11112222', 'null'],
  ['bbbb11112222', `'aaaa11112222'`, `static readonly branchLabels = ['side']`],
  ['cccc11112222', `'aaaa11112222'`],
  ['dddd11112222', `['bbbb11112222', 'cccc11112222']`],
  ['eeee11112222', 'null', `static readonly dependsOn = ['side']`],
]

function files(): Record<string, string> {
  return Object.fromEntries(
    graph.map(([id, down, more], index) => {
      const stamp = String(1700000000001 + index)
      const message = `the "${id.slice(0, 1)}" one`
      return [
        `migrations/${stamp}-r.ts`,
        revision({ name: `R${stamp}`, id, down, message, up: '', undo: '', ...(more === undefined ? {} : { more }) }),
      ]
    }),
  )
}

let directory: string
beforeEach(() => {
  directory = makeDirectory({ ...shippedConfig, ...files() })
})
afterEach(() => removeDirectory(directory))

const here = (...args: readonly string[]): Promise<Ran> =>
  aludel(['migrate', ...args, '--revisions', 'migrations', '--database-url', 'sqlite:///app.db'], { cwd: directory })

const date = '2023-11-14 22:13'

describe('history --graph', () => {
  test('draws a lane for each branch and opens no database', async () => {
    const ran = await here('history', '--graph')
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toBe(
      [
        `* eeee11112222  the "e" one  ${date}  (head) (depends on side)`,
        '',
        `*   dddd11112222  the "d" one  ${date}  (head)`,
        '|\\',
        `| * cccc11112222  the "c" one  ${date}`,
        `* | bbbb11112222  the "b" one  ${date}  side`,
        '|/',
        `* aaaa11112222  the "a" one  ${date}`,
        '',
      ].join('\n'),
    )
    expect(existsSync(path.join(directory, 'app.db'))).toBe(false)
  })

  test('names the parents of a range that are outside of it', async () => {
    expect((await here('history', '--graph', '-r', 'bbbb:dddd')).stdout).toBe(
      [
        `*   dddd11112222  the "d" one  ${date}  (head)`,
        '|\\',
        `| * cccc11112222  the "c" one  ${date}  (on aaaa11112222)`,
        `* bbbb11112222  the "b" one  ${date}  (on aaaa11112222) side`,
        '',
      ].join('\n'),
    )
  })

  test('adds the drawn rows to the JSON document and keeps its other keys', async () => {
    const without = (await here('history', '--json')).json<RevisionsResult>()
    const { graph: rows, ...rest } = (await here('history', '--graph', '--json')).json<{ graph: unknown }>()
    expect(rest).toEqual(without)
    expect(rows).toEqual([
      { drawing: '*', revision: 'eeee11112222' },
      { drawing: '', revision: null },
      { drawing: '*', revision: 'dddd11112222' },
      { drawing: '|\\', revision: null },
      { drawing: '| *', revision: 'cccc11112222' },
      { drawing: '* |', revision: 'bbbb11112222' },
      { drawing: '|/', revision: null },
      { drawing: '*', revision: 'aaaa11112222' },
    ])
  })
})

describe('graph', () => {
  test('prints Mermaid without a database, and draws a dependency given by label', async () => {
    const ran = await here('graph')
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toMatch(/^flowchart BT\n/)
    expect(ran.stdout).toContain('r_bbbb11112222 -.-> r_eeee11112222')
    expect(ran.stdout).toContain('the #34;d#34; one')
    expect(existsSync(path.join(directory, 'app.db'))).toBe(false)
  })

  test('reports the format, text and path of the drawing with --json', async () => {
    const { stdout } = await here('graph', 'bbbb:', '--format', 'dot')
    expect((await here('graph', 'bbbb:', '--format', 'dot', '--json')).json()).toEqual({ format: 'dot', text: stdout })
    const written = (await here('graph', '-o', 'a.md', '--json')).json()
    const text = readFileSync(path.join(directory, 'a.md'), 'utf8')
    expect(written).toEqual({ format: 'mermaid', text, path: path.join(directory, 'a.md') })
  })

  test.each([
    ['revisions.svg', 'svg', '<svg '],
    ['revisions.gv', 'dot', 'digraph'],
    ['revisions.mmd', 'mermaid', 'flowchart'],
    ['revisions.txt', 'mermaid', 'flowchart'],
  ])('writes the file %s in the format %s', async (file, format, beginning) => {
    const ran = await here('graph', '-o', file)
    expect(ran).toMatchObject({ code: 0, stdout: `Wrote ${file} (${format}).\n` })
    expect(readFileSync(path.join(directory, file), 'utf8').startsWith(beginning)).toBe(true)
  })

  test('refuses a path that it cannot write, an unknown format and an ambiguous range', async () => {
    expect(await here('graph', '-o', 'no/where.svg')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no/where.svg cannot be written: there is no directory') as string,
    })
    expect((await here('graph', '-o', 'migrations')).stderr).toContain('it is a directory')
    expect((await here('graph', '--format', 'png')).code).toBe(2)
    expect((await here('graph', 'head:')).stderr).toContain('[ALUDEL_MULTIPLE_HEADS]')
  })
})

describe('edit without a terminal', () => {
  test('prints each file once and reports why it does not open it', async () => {
    const ran = await here('edit', 'heads', 'dddd')
    expect(ran.stdout).toBe(
      ['4', '5'].map((n) => `${path.join(directory, 'migrations', `170000000000${n}-r.ts`)}\n`).join(''),
    )
    expect(ran).toMatchObject({ code: 0, stderr: 'Not opened: this is no terminal to edit in.\n' })
    expect((await here('edit', 'heads', '--no-input')).stderr).toBe('Not opened: --no-input was given.\n')
    expect((await here('edit', 'aaaa', '--json')).json()).toEqual({
      paths: [path.join(directory, 'migrations', '1700000000001-r.ts')],
    })
  })

  test('rejects base, which has no file', async () => {
    const ran = await here('edit', 'base')
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toContain('"base" is not a revision with a file [ALUDEL_UNKNOWN_REVISION]')
  })
})

describe.each(dialects)('history, graph and edit with a database on %s', (dialect) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await makeDatabase(dialect)
  })
  afterEach(() => database.drop())

  test('mark applied revisions and find the current one', async () => {
    const at = (...args: readonly string[]): Promise<Ran> =>
      aludel(['migrate', ...args, '--revisions', 'migrations', '--database-url', database.url], { cwd: directory })
    expect((await at('edit', 'current')).stderr).toContain('Nothing is applied. The first revision is aaaa11112222.')
    expect((await at('upgrade', 'bbbb')).code).toBe(0)
    const drawn = (await at('history', '--graph', '-i')).stdout.split('\n')
    expect(drawn[4]).toBe(`| * cccc11112222  the "c" one  ${date}  (pending)`)
    expect(drawn[5]).toBe(`* | bbbb11112222  the "b" one  ${date}  (current) side`)
    const { stdout } = await at('graph', '-i')
    expect(stdout).toContain('class r_aaaa11112222,r_bbbb11112222 applied')
    expect(stdout).toContain('<br/>(current) side"]')
    expect((await at('edit', 'current')).stdout).toMatch(/1700000000002-r\.ts\n$/)
  })
})
