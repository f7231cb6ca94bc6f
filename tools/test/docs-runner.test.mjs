// Tests the runner of the documents on small documents of its own: it must be able to fail.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { commandsOf, missingLine, parseDocument } from '../docs/parse.mjs'
import { Reader } from '../docs/run-docs.mjs'

const fence = '```'

/**
 * @param {string} text a document in which `~~~` replaces three backticks
 */
const markdown = (text) => text.replaceAll('~~~', fence)

/** @param {string} text */
async function read(text) {
  const reader = new Reader('guide.md', markdown('<!-- docs: workspace=empty -->\n' + text))
  try {
    for (const block of reader.blocks) await reader.run(block)
  } finally {
    await reader.close()
  }
}

describe('parseDocument', () => {
  test('takes shell blocks, and other blocks only with a directive', () => {
    const { workspace, blocks } = parseDocument(
      markdown('~~~sh\none\n~~~\n\n~~~ts\ntwo\n~~~\n<!-- docs: file=a.ts -->\n\n~~~ts\nthree\n~~~\n'),
    )
    assert.equal(workspace, 'repository')
    assert.deepEqual(
      blocks.map((block) => [block.line, block.language, block.text, [...block.directives]]),
      [
        [1, 'sh', 'one\n', []],
        [10, 'ts', 'three\n', [['file', 'a.ts']]],
      ],
    )
  })

  test('removes the indentation of a block in a list', () => {
    const [block] = parseDocument(markdown('1. first\n\n   ~~~sh\n   if true; then\n     echo\n   fi\n   ~~~\n')).blocks
    assert.equal(block?.text, 'if true; then\n  echo\nfi\n')
  })

  for (const [what, text, message] of /** @type {[string, string, RegExp][]} */ ([
    ['an unknown directive', '<!-- docs: fiel=a -->\n~~~sh\n~~~', /line 1: unknown docs directive 'fiel=a'/],
    ['a skip without a reason', 'x\n<!-- docs: skip -->\n~~~sh\n~~~', /line 2: skip needs a reason/],
    ['a directive without a block', '<!-- docs: exit=1 -->\ntext\n~~~sh\n~~~', /line 1: a docs directive must stand/],
    ['a directive at the end', '<!-- docs: exit=1 -->\n', /line 1: a docs directive must stand/],
    ['a block without an end', 'text\n~~~sh\necho', /line 2: the block has no end/],
    ['an unknown workspace', '<!-- docs: workspace=mine -->', /line 1: workspace is/],
  ])) {
    test(`refuses ${what}`, () => {
      assert.throws(() => parseDocument(markdown(text)), message)
    })
  }
})

describe('commandsOf', () => {
  test('separates commands from their output', () => {
    const text = '$ one \\\n> --two\nprinted\n\n$ three\n'
    assert.deepEqual(commandsOf({ line: 10, language: 'console', text, directives: new Map() }), [
      { line: 11, text: 'one \\\n--two', output: ['printed'] },
      { line: 15, text: 'three', output: undefined },
    ])
  })
})

describe('missingLine', () => {
  const printed = 'one 1 ms\ntwo\nthree (3)\n'
  test('accepts lines in order with gaps between them', () => {
    assert.equal(missingLine(['one … ms', 'three (3)'], printed), undefined)
    assert.equal(missingLine(['  two', '…', 'three …'], printed), undefined)
  })
  test('names the line that is missing or out of order', () => {
    assert.equal(missingLine(['two', 'one … ms'], printed), 'one … ms')
    assert.equal(missingLine(['tw'], printed), 'tw')
  })
})

describe('Reader', () => {
  test('keeps the folder and variables from block to block, as a terminal does', async () => {
    await read(
      '~~~sh\nmkdir inner\ncd inner\nexport GREETING=hello\n~~~\n\n~~~console\n$ echo "$GREETING ${PWD##*/}"\nhello inner\n~~~\n',
    )
  })

  test('writes, extends and patches files', async () => {
    const patch = '--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n'
    await read(
      '<!-- docs: file=a.txt -->\n~~~text\none\n~~~\n\n<!-- docs: append=a.txt -->\n~~~text\ntwo\n~~~\n\n' +
        `<!-- docs: patch -->\n~~~diff\n${patch}~~~\n\n~~~console\n$ cat a.txt\none\nthree\n~~~\n`,
    )
  })

  test('replaces a revision and keeps its timestamp and parents', async () => {
    const revision = (/** @type {string} */ name, /** @type {string} */ parent) =>
      `export class ${name} {\n  static readonly revision = 'aa'\n  static readonly downRevision = ${parent}\n}\n`
    await read(
      `<!-- docs: file=migrations/1.ts -->\n~~~ts\n${revision('Old1763750000000', "['b', 'c']")}~~~\n` +
        `<!-- docs: edit-revision=aa -->\n~~~ts\n${revision('New1999999999999', "'PARENT'")}~~~\n` +
        `~~~console\n$ cat migrations/1.ts\n${revision('New1763750000000', "['b', 'c']")}~~~\n`,
    )
    await assert.rejects(read('<!-- docs: edit-revision=bb -->\n~~~ts\n~~~\n'), /no file of revision bb/)
  })

  test('finds an aludel command to run', async () => {
    await read('~~~sh\ncommand -v aludel\n~~~\n')
  })

  test('gives each block its own database, or a shared one by name', async () => {
    const ask = "node -e \"const { Client } = require('pg'); const c = new Client(process.env.DATABASE_URL);"
    await read(
      `<!-- docs: postgres=shop -->\n~~~sh\n${ask} c.connect().then(() => c.query('CREATE TABLE t ()')).then(() => c.end())"\n~~~\n` +
        `<!-- docs: postgres=shop -->\n~~~sh\n${ask} c.connect().then(() => c.query('SELECT FROM t')).then(() => c.end())"\n~~~\n` +
        `<!-- docs: postgres -->\n<!-- docs: exit=1 -->\n~~~sh\n${ask} c.connect().then(() => c.query('SELECT FROM t')).then(() => c.end())"\n~~~\n` +
        '~~~console\n$ echo "[$DATABASE_URL]"\n[]\n~~~\n',
    )
  })

  test('accepts only the exit code that is announced', async () => {
    await read('<!-- docs: exit=3 -->\n~~~sh\nexit 3\n~~~\n')
    await assert.rejects(read('<!-- docs: exit=3 -->\n~~~sh\ntrue\n~~~\n'), /guide\.md:4: exit code 0, expected 3/)
  })

  test('reports where it failed, with the command and its output', async () => {
    await assert.rejects(
      read('text\n\n~~~console\n$ echo good\ngood\n$ echo bad; ls nowhere\n~~~\n'),
      /guide\.md:7: exit code 2, expected 0\n\$ echo bad; ls nowhere\nbad\nls: .*nowhere/,
    )
  })

  test('fails when a shown line was not printed', async () => {
    await assert.rejects(
      read('~~~console\n$ echo "one"\ntwo\n~~~\n'),
      /guide\.md:3: not printed: two\n\$ echo "one"\none/,
    )
  })
})
