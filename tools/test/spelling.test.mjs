// Tests the configuration of the spelling linter, cspell.json: one that reads no files or no dictionary would always pass.
// cspell:disable
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { root } from '../lib/process.mjs'

const folder = mkdtempSync(join(tmpdir(), 'aludel-spelling-'))
after(() => rmSync(folder, { recursive: true }))
for (const file of ['cspell.json', 'tools/words.txt']) cpSync(join(root, file), join(folder, file))

/** @type {Readonly<Record<string, { text: string, refused: readonly string[] }>>} */
const files = {
  'docs/guide.md': {
    text: 'The colour and the behaviour of a catalogue.',
    refused: ['behaviour', 'catalogue', 'colour'],
  },
  'packages/engine/src/a.ts': {
    text: '/** Canonicalises a neighbour. */\nexport const centre = `a labelled favour`',
    refused: ['Canonicalises', 'centre', 'favour', 'labelled', 'neighbour'],
  },
  'packages/engine/test/a.test.ts': {
    text: "test('recognises modelling', () => {})",
    refused: ['modelling', 'recognises'],
  },
  'tools/a.mjs': { text: '// serialise towards grey', refused: ['grey', 'serialise', 'towards'] },
  'tools/b.cjs': { text: '// a misspeled wrod', refused: ['misspeled', 'wrod'] },
  '.github/workflows/a.yml': { text: 'name: normalise', refused: ['normalise'] },
  'package.json': { text: '{ "description": "judgement" }', refused: ['judgement'] },

  'docs/american.md': {
    text: 'The color and behavior of a catalog; canonicalizes a labeled neighbor in Größen, `attrelid`, PgBouncer and TypeORM.',
    refused: [],
  },
  'tools/c.mjs': { text: "// cspell:ignore upgarde\nrun('upgarde')\nprint('\\u001b[31mexpected')", refused: [] },
  'packages/services/test/fixtures/a.json': { text: '{ "colour": 1 }', refused: [] },
}

describe('the spelling linter', () => {
  for (const [path, { text }] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const args = ['lint', '--no-progress', '--no-summary', '--no-color']
  const { status, stdout } = spawnSync(join(root, 'node_modules', '.bin', 'cspell'), args, {
    cwd: folder,
    encoding: 'utf8',
  })
  const found = Array.from(stdout.matchAll(/^(.+?):\d+:\d+ - \w+ word \((.+?)\)/gm), ([, path, word]) => ({
    path,
    word,
  }))

  test('fails when a word is misspelled', () => {
    assert.equal(status, 1)
  })

  for (const [path, { refused }] of Object.entries(files)) {
    test(refused.length > 0 ? `refuses British spellings and mistakes in ${path}` : `accepts ${path}`, () => {
      const words = found.filter((each) => each.path?.endsWith(path)).map(({ word }) => word)
      assert.deepEqual(words.sort(), refused)
    })
  }

  test('suggests the American spelling', () => {
    assert.match(stdout, /\(catalogue\).*catalog\b/)
  })

  test('has a sorted list of words, each once', () => {
    const words = readFileSync(join(root, 'tools', 'words.txt'), 'utf8')
      .trimEnd()
      .split('\n')
    assert.deepEqual(words, [...new Set(words)].sort())
  })
})
