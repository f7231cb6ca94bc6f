import path from 'node:path'

import { readRevisions } from '../../src/files/read'
import { restampedPath, rewritePlaces } from '../../src/files/rewrite'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'

const old = 1763750000000
const next = 1763760000000

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'aludel-rewrite-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** Rewrites a file, and returns its new text, name and revisions. */
async function rewritten(name: string, text: string, down: readonly string[]) {
  const file = path.join(directory, name)
  await writeFile(file, text)
  const { revisions } = await readRevisions([directory])
  const after = await rewritePlaces(
    text,
    revisions.map((revision, index) => ({ revision, down, timestamp: next + index })),
  )
  await rm(file)
  const moved = restampedPath(revisions[0] ?? neverRead(), next)
  await writeFile(moved, after)
  return { after, file: path.basename(moved), revisions: (await readRevisions([directory])).revisions }
}

function neverRead(): never {
  throw new Error('nothing was read')
}

const body = `  async up(queryRunner) {
    await queryRunner.query('CREATE TABLE "A${String(old)}" ("downRevision" text)')
  }
  async down() {}`

test.each<[string, string, string]>([
  [
    'a TypeScript file',
    `${String(old)}-a.ts`,
    `/** the first */\nexport class A${String(old)} implements MigrationInterface {\n  static readonly revision = 'aaaa'\n  static readonly downRevision = 'bbbb' // parent\n${body}\n}\n`,
  ],
  [
    'a CommonJS file',
    `${String(old)}-a.cjs`,
    `class A${String(old)} {\n  static revision = 'aaaa'\n  static downRevision = ['bbbb', "cccc"]\n${body}\n}\n\nmodule.exports = { A${String(old)} }\n`,
  ],
  [
    'compiled JavaScript',
    `${String(old)}-a.js`,
    `"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nexports.A${String(old)} = void 0;\nclass A${String(old)} {\n${body}\n}\nexports.A${String(old)} = A${String(old)};\nA${String(old)}.revision = 'aaaa';\nA${String(old)}.downRevision = null;\n`,
  ],
  [
    'a class with a name property',
    `a.mjs`,
    `export class Something {\n  name = 'A${String(old)}'\n  static revision = 'aaaa'\n  static downRevision = null\n${body}\n}\n`,
  ],
])('rewritePlaces changes name, timestamp and parent in %s', async (_, name, text) => {
  const { after, file, revisions } = await rewritten(name, text, ['dddd'])
  expect(revisions).toMatchObject([{ id: 'aaaa', name: `A${String(next)}`, timestamp: next, down: ['dddd'] }])
  expect(file).toBe(name.replace(String(old), String(next)))
  // The statements are unchanged.
  expect(after).toContain(`'CREATE TABLE "A${String(old)}" ("downRevision" text)'`)
  expect(after.split('\n')).toHaveLength(text.split('\n').length)
})

test('rewritePlaces writes several parents, or none', async () => {
  const text = `export class A${String(old)} {\n  static revision = 'aaaa'\n  static downRevision = null\n${body}\n}\n`
  expect((await rewritten('a.mjs', text, ['b', 'c'])).after).toContain("static downRevision = ['b', 'c']\n")
  await rm(path.join(directory, 'a.mjs'))
  expect((await rewritten('a.mjs', text.replace('null', "'x'"), [])).after).toContain('static downRevision = null\n')
})

test('rewritePlaces rewrites several classes in one file', async () => {
  const one = (letter: string, digit: number): string =>
    `export class ${letter}${String(old + digit)} {\n  static revision = '${letter.toLowerCase()}'\n  static downRevision = null\n${body}\n}\n`
  const { revisions } = await rewritten('both.mjs', one('A', 0) + one('B', 5), ['dddd'])
  expect(revisions).toMatchObject([
    { id: 'a', name: `A${String(next)}`, down: ['dddd'] },
    { id: 'b', name: `B${String(next + 1)}`, down: ['dddd'] },
  ])
})
