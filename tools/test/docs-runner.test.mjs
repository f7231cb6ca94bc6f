// cspell:ignore fiel
// Tests the runner of the documents on invented documents, and that it can fail.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, describe, test } from 'node:test'
import { aludelCommandsOf, commandsOf, missingLine, parseDocument } from '../docs/parse.mjs'
import { Reader } from '../docs/run-docs.mjs'
import { Workspaces } from '../docs/workspace.mjs'
import { root } from '../lib/process.mjs'

const fence = '```'
const workspaces = new Workspaces()
after(() => workspaces.remove())

/**
 * @param {string} text a document with `~~~` in place of three backticks
 */
const markdown = (text) => text.replaceAll('~~~', fence)

/**
 * @param {string} text
 * @param {'empty' | 'repository'} [workspace]
 */
async function read(text, workspace = 'empty') {
  const reader = new Reader('guide.md', markdown(`<!-- docs: workspace=${workspace} -->\n${text}`), workspaces)
  try {
    for (const block of reader.blocks) await reader.run(block)
  } finally {
    await reader.close()
  }
}

describe('parseDocument', () => {
  test('takes the shell blocks of a document, and others only with a directive', () => {
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

describe('aludelCommandsOf', () => {
  test('splits commands into words as a shell does', () => {
    const script =
      "# first\nnpx aludel migrate upgrade +1  # not this: it's a comment\n\n  npx aludel a 'b  #c' \"it's\" x=1 ''\n"
    const commands = [
      ['migrate', 'upgrade', '+1'],
      ['a', 'b  #c', "it's", 'x=1', ''],
    ]
    assert.deepEqual(aludelCommandsOf(script), commands)
    const shell = spawnSync('bash', ['-c', `npx() { printf '<%s>' "$@"; }\n${script}`], { encoding: 'utf8' })
    assert.equal(
      shell.stdout,
      commands.map((words) => ['aludel', ...words].map((word) => `<${word}>`).join('')).join(''),
    )
  })

  for (const script of [
    '',
    '# npx aludel a',
    'npx aludel a\nls',
    'npx aludel a > file',
    'A=1 npx aludel a',
    'npx aludel a; ls',
    'npx aludel a &',
    'npx aludel "$A"',
    'npx aludel $A',
    'npx aludel `ls`',
    'npx aludel "`ls`"',
    'npx aludel ~/a',
    'npx aludel *.ts',
    'npx aludel a\\ b',
    'npx aludel a \\\n  b',
    "npx aludel 'a\nb'",
    'npx aludel a"b"',
    'npx aludel2',
    'npx other',
  ]) {
    test(`leaves ${JSON.stringify(script)} to a shell`, () => {
      assert.equal(aludelCommandsOf(script), undefined)
    })
  }
})

describe('missingLine', () => {
  const printed = 'one 1 ms\ntwo\nthree (3)\n'
  test('finds the shown lines in order, with gaps between them', () => {
    assert.equal(missingLine(['one … ms', 'three (3)'], printed), undefined)
    assert.equal(missingLine(['  two', '…', 'three …'], printed), undefined)
  })
  test('names the first line that is missing or out of order', () => {
    assert.equal(missingLine(['two', 'one … ms'], printed), 'one … ms')
    assert.equal(missingLine(['tw'], printed), 'tw')
  })
})

describe('Reader', () => {
  test('keeps the folder and exported variables from block to block, as a terminal does', async () => {
    await read(
      '~~~sh\nmkdir inner\ncd inner\nexport GREETING=hello\n~~~\n\n~~~console\n$ echo "$GREETING ${PWD##*/}"\nhello inner\n~~~\n',
    )
  })

  test('writes, extends and patches files as directives ask', async () => {
    const patch = '--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n'
    await read(
      '<!-- docs: file=a.txt -->\n~~~text\none\n~~~\n\n<!-- docs: append=a.txt -->\n~~~text\ntwo\n~~~\n\n' +
        `<!-- docs: patch -->\n~~~diff\n${patch}~~~\n\n~~~console\n$ cat a.txt\none\nthree\n~~~\n`,
    )
  })

  test('replaces a revision and keeps its timestamp and parent', async () => {
    const revision = (/** @type {string} */ name, /** @type {string} */ parent) =>
      `export class ${name} {\n  static readonly revision = 'aa'\n  static readonly downRevision = ${parent}\n}\n`
    await read(
      `<!-- docs: file=migrations/1.ts -->\n~~~ts\n${revision('Old1763750000000', "['b', 'c']")}~~~\n` +
        `<!-- docs: edit-revision=aa -->\n~~~ts\n${revision('New1999999999999', "'PARENT'")}~~~\n` +
        `~~~console\n$ cat migrations/1.ts\n${revision('New1763750000000', "['b', 'c']")}~~~\n`,
    )
    await assert.rejects(read('<!-- docs: edit-revision=bb -->\n~~~ts\n~~~\n'), /no file of revision bb/)
  })

  test('finds the installed aludel on the PATH', async () => {
    await read('~~~sh\ncommand -v aludel\n~~~\n')
  })

  test('gives a block a new database, or the one with the given name', async () => {
    const ask = "node -e \"const { Client } = require('pg'); const c = new Client(process.env.DATABASE_URL);"
    await read(
      `<!-- docs: postgres=shop -->\n~~~sh\n${ask} c.connect().then(() => c.query('CREATE TABLE t ()')).then(() => c.end())"\n~~~\n` +
        `<!-- docs: postgres=shop -->\n~~~sh\n${ask} c.connect().then(() => c.query('SELECT FROM t')).then(() => c.end())"\n~~~\n` +
        `<!-- docs: postgres -->\n<!-- docs: exit=1 -->\n~~~sh\n${ask} c.connect().then(() => c.query('SELECT FROM t')).then(() => c.end())"\n~~~\n` +
        '~~~console\n$ echo "[$DATABASE_URL]"\n[]\n~~~\n',
    )
  })

  test('accepts the declared exit code, and no other', async () => {
    await read('<!-- docs: exit=3 -->\n~~~sh\nexit 3\n~~~\n')
    await assert.rejects(read('<!-- docs: exit=3 -->\n~~~sh\ntrue\n~~~\n'), /guide\.md:4: exit code 0, expected 3/)
  })

  test('reports line, command and output of a failure', async () => {
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

  test('runs commands with its own Node, without the optimizing compiler', async () => {
    await read(
      `~~~console\n$ node -p "process.execPath + ' ' + process.execArgv[0]"\n${process.execPath} --no-opt\n~~~\n`,
    )
  })

  test('hides from a document what another one left behind', async () => {
    const before =
      '~~~console\n$ ls -A\nnode_modules\npackage.json\n$ echo "[$GREETING] ${PWD##*/}"\n[] aludel-docs-…\n~~~\n'
    const block = '~~~sh\ntouch left.txt .left\nexport GREETING=hello\nmkdir inner\ncd inner\n~~~\n'
    await read(before + '\n' + block)
    await read(`~~~sh\n[ ! -e left.txt ] && [ ! -e .left ] && [ ! -e inner ]\n~~~\n\n${before}`)
  })

  test('ends processes that a document left running', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aludel-docs-test-'))
    try {
      const pipe = join(folder, 'pipe')
      execFileSync('mkfifo', [pipe])
      // The pipe ends when no process can write to it any more.
      const ended = new Promise((resolve) =>
        createReadStream(pipe)
          .resume()
          .on('end', () => resolve(undefined)),
      )
      await read(`~~~sh\nsleep infinity > "${pipe}" 2>&1 &\n~~~\n`)
      await ended
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('opens no workspace for a document without commands', async () => {
    const unused = new Workspaces()
    unused.open = () => assert.fail('a workspace was opened')
    await new Reader('guide.md', markdown('<!-- docs: skip no reason -->\n~~~sh\nfalse\n~~~\n'), unused).close()
  })
})

describe('Reader with a warm command line', () => {
  const version = /** @type {string} */ (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)

  test('runs aludel in its process, with the exported variables, and other commands in a shell', async () => {
    const { folder, aludel, close } = workspaces.open('repository')
    /** @type {unknown[]} */
    const asked = []
    const watched = {
      run: (/** @type {Parameters<import('../docs/warm.mjs').WarmCommandLine['run']>} */ ...args) => {
        asked.push([args[0], args[1], args[2]['GREETING']])
        return aludel?.run(...args)
      },
    }
    const opened = Object.assign(new Workspaces(), { open: () => ({ folder, aludel: watched, close }) })
    const variable = "export GREETING='good\n  day'"
    const text =
      `~~~sh\nnpx aludel --version\n${variable}\n~~~\n` +
      `~~~console\n$ npx aludel --version\n${version}\n$ npx aludel --version | tr . -\n${version.replaceAll('.', '-')}\n~~~\n` +
      `~~~sh\ncd packages\n~~~\n~~~console\n$ npx aludel --version\n${version}\n~~~\n`
    const reader = new Reader('guide.md', markdown(text), opened)
    for (const block of reader.blocks) await reader.run(block)
    await reader.close()
    assert.deepEqual(asked, [[['--version'], folder, 'good\n  day']])
  })

  test('reports which of several commands failed, with its exit code and the output so far', async () => {
    const text = '~~~sh\nnpx aludel --version\nnpx aludel nonsense\nnpx aludel --version\n~~~\n'
    await assert.rejects(read(text, 'repository'), (/** @type {Error} */ { message }) => {
      assert.match(message, /^guide\.md:3: exit code 2, expected 0\n/)
      assert.match(message, new RegExp(`\\+ npx aludel --version\\n${version}\\n\\+ npx aludel nonsense\\n.*nonsense`))
      assert.equal(message.split(version).length, 2)
      return true
    })
  })

  test('starts another process after the packages were rebuilt', async () => {
    const changed = "sed -i.bak 's/output.raw(/output.raw(process.pid + /' packages/cli/dist/bundle/index.js"
    await read(`~~~console\n$ npx aludel --version\n${version}\n~~~\n`, 'repository')
    await read(`~~~sh\n${changed}\n~~~\n~~~console\n$ npx aludel --version\n…${version}\n~~~\n`, 'repository')
    await read(`~~~console\n$ npx aludel --version\n${version}\n~~~\n`, 'repository')
  })
})

describe('WarmCommandLine', () => {
  test('returns the output of a command, or reports that its process has ended', async () => {
    const { folder, aludel, close } = workspaces.open('repository')
    close()
    if (aludel === undefined) throw new Error('the repository has no such process')
    const run = (/** @type {string[]} */ ...argv) => aludel.run(argv, folder, process.env, 60_000)
    const main = join(folder, 'packages/cli/dist/bundle/index.js')
    writeFileSync(main, readFileSync(main, 'utf8').replace('output.raw(', 'output.raw(process.pid + '))
    const [first, second] = [await run('--version'), await run('--version')]
    assert.match(first.output, /^\d+/)
    assert.deepEqual(second, first)
    writeFileSync(main, readFileSync(main, 'utf8').replace('output.raw(', 'process.exit(7, '))
    assert.deepEqual(await run('--version'), { code: 7, output: 'the process of the command line has ended' })
    writeFileSync(main, readFileSync(main, 'utf8').replace('process.exit(7, ', 'for (;;) ('))
    assert.deepEqual(await aludel.run(['--version'], folder, process.env, 2_000), {
      code: 'SIGKILL',
      output: 'the process of the command line has ended',
    })
  })
})

describe('Workspaces', () => {
  test('opens a workspace for one document at a time', () => {
    const { close } = workspaces.open('empty')
    assert.throws(() => workspaces.open('empty'), /the empty workspace is in use/)
    close()
    const second = workspaces.open('empty')
    second.close()
  })
})
