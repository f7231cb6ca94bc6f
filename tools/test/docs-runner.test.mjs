// The runner of the documents, on documents made up here: it must be able to fail.
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  createReadStream,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { after, afterEach, beforeEach, describe, test } from 'node:test'
import { aludelCommandsOf, commandsOf, missingLine, parseDocument } from '../docs/parse.mjs'
import { Reader } from '../docs/run-docs.mjs'
import { Snapshot } from '../docs/snapshot.mjs'
import { Workspaces } from '../docs/workspace.mjs'
import { root } from '../lib/process.mjs'
import { stateOf } from './folder-state.mjs'

const fence = '```'
const workspaces = new Workspaces()
after(() => workspaces.remove())

/**
 * @param {string} text a document in which `~~~` stands for three backticks
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
  test('separates commands from what they print', () => {
    const text = '$ one \\\n> --two\nprinted\n\n$ three\n'
    assert.deepEqual(commandsOf({ line: 10, language: 'console', text, directives: new Map() }), [
      { line: 11, text: 'one \\\n--two', output: ['printed'] },
      { line: 15, text: 'three', output: undefined },
    ])
  })
})

describe('aludelCommandsOf', () => {
  test('gives the words of commands as a shell does', () => {
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

  test('replaces a revision, but for the time and the parent that it was written with', async () => {
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

  test('gives a block a new database, or the one of the name it asks for', async () => {
    const ask = "node -e \"const { Client } = require('pg'); const c = new Client(process.env.DATABASE_URL);"
    await read(
      `<!-- docs: postgres=shop -->\n~~~sh\n${ask} c.connect().then(() => c.query('CREATE TABLE t ()')).then(() => c.end())"\n~~~\n` +
        `<!-- docs: postgres=shop -->\n~~~sh\n${ask} c.connect().then(() => c.query('SELECT FROM t')).then(() => c.end())"\n~~~\n` +
        `<!-- docs: postgres -->\n<!-- docs: exit=1 -->\n~~~sh\n${ask} c.connect().then(() => c.query('SELECT FROM t')).then(() => c.end())"\n~~~\n` +
        '~~~console\n$ echo "[$DATABASE_URL]"\n[]\n~~~\n',
    )
  })

  test('accepts the exit code that is announced, and no other', async () => {
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

  test('runs commands by its own Node, without the optimizing compiler', async () => {
    await read(
      `~~~console\n$ node -p "process.execPath + ' ' + process.execArgv[0]"\n${process.execPath} --no-opt\n~~~\n`,
    )
  })

  test('shows a document nothing of what another left behind', async () => {
    const before =
      '~~~console\n$ ls -A\nnode_modules\npackage.json\n$ echo "[$GREETING] ${PWD##*/}"\n[] aludel-docs-…\n~~~\n'
    const block = '~~~sh\ntouch left.txt .left\nexport GREETING=hello\nmkdir inner\ncd inner\n~~~\n'
    await read(before + '\n' + block)
    await read(`~~~sh\n[ ! -e left.txt ] && [ ! -e .left ] && [ ! -e inner ]\n~~~\n\n${before}`)
  })

  test('ends what a document left running', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aludel-docs-test-'))
    try {
      const pipe = join(folder, 'pipe')
      execFileSync('mkfifo', [pipe])
      // The pipe has an end when nobody can write into it any more.
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

  test('makes no workspace for a document of which nothing is run', async () => {
    const unused = new Workspaces()
    unused.open = () => assert.fail('a workspace was opened')
    await new Reader('guide.md', markdown('<!-- docs: skip no reason -->\n~~~sh\nfalse\n~~~\n'), unused).close()
  })
})

describe('Reader with a process that has the command line loaded', () => {
  const version = /** @type {string} */ (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)

  test('runs commands of aludel in it, with the exported variables, and others in a shell', async () => {
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

  test('reports which of several commands failed, with its exit code and what was printed until then', async () => {
    const text = '~~~sh\nnpx aludel --version\nnpx aludel nonsense\nnpx aludel --version\n~~~\n'
    await assert.rejects(read(text, 'repository'), (/** @type {Error} */ { message }) => {
      assert.match(message, /^guide\.md:3: exit code 2, expected 0\n/)
      assert.match(message, new RegExp(`\\+ npx aludel --version\\n${version}\\n\\+ npx aludel nonsense\\n.*nonsense`))
      assert.equal(message.split(version).length, 2)
      return true
    })
  })

  test('takes another process after the packages were built anew', async () => {
    const changed = "sed -i.bak 's/output.raw(/output.raw(process.pid + /' packages/cli/dist/main.js"
    await read(`~~~console\n$ npx aludel --version\n${version}\n~~~\n`, 'repository')
    await read(`~~~sh\n${changed}\n~~~\n~~~console\n$ npx aludel --version\n…${version}\n~~~\n`, 'repository')
    await read(`~~~console\n$ npx aludel --version\n${version}\n~~~\n`, 'repository')
  })

  test('is told what a command printed, and why there was nothing', async () => {
    const { folder, aludel, close } = workspaces.open('repository')
    close()
    if (aludel === undefined) throw new Error('the repository has no such process')
    const run = (/** @type {string[]} */ ...argv) => aludel.run(argv, folder, process.env, 60_000)
    const main = join(folder, 'packages/cli/dist/main.js')
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
  test('gives a workspace to one document at a time', () => {
    const { close } = workspaces.open('empty')
    assert.throws(() => workspaces.open('empty'), /the empty workspace is in use/)
    close()
    const second = workspaces.open('empty')
    second.close()
  })
})

describe('Snapshot', () => {
  /** @type {string} */
  let folder
  /** @param {...string} names */
  const inside = (...names) => join(folder, ...names)

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'aludel-docs-test-')), 'folder')
    mkdirSync(inside('src', 'empty'), { recursive: true })
    writeFileSync(inside('src', 'a.txt'), 'aaa')
    writeFileSync(inside('src', 'read-only.txt'), 'bbb', { mode: 0o444 })
    writeFileSync(inside('binary'), Buffer.from([0, 255, 128, 10]), { mode: 0o755 })
    symlinkSync('src/a.txt', inside('link'))
    symlinkSync('nowhere', inside('broken'))
    const time = new Date('2026-01-02T03:04:05.678Z')
    for (const file of ['src/a.txt', 'src/read-only.txt', 'binary']) utimesSync(inside(file), time, time)
  })
  afterEach(() => rmSync(dirname(folder), { recursive: true }))

  for (const [what, change] of /** @type {[string, () => void][]} */ ([
    ['a changed file', () => writeFileSync(inside('src', 'a.txt'), 'longer')],
    [
      'a file of the same size and time with another content',
      () => {
        const { atime, mtime } = lstatSync(inside('src', 'a.txt'))
        writeFileSync(inside('src', 'a.txt'), 'xyz')
        utimesSync(inside('src', 'a.txt'), atime, mtime)
      },
    ],
    [
      'a file that is changed by another name of it',
      () => {
        linkSync(inside('src', 'a.txt'), join(dirname(folder), 'other'))
        writeFileSync(join(dirname(folder), 'other'), 'xyz')
      },
    ],
    ['the time of a file', () => utimesSync(inside('binary'), 1, 1)],
    ['the permissions of a file', () => chmodSync(inside('src', 'read-only.txt'), 0o777)],
    ['the permissions of a folder', () => chmodSync(inside('src'), 0o500)],
    ['a locked folder', () => chmodSync(inside('src'), 0)],
    ['a deleted file', () => rmSync(inside('src', 'read-only.txt'))],
    ['a deleted folder', () => rmSync(inside('src'), { recursive: true })],
    ['a deleted link', () => rmSync(inside('link'))],
    ['a moved folder', () => renameSync(inside('src'), inside('moved'))],
    ['a new file', () => writeFileSync(inside('src', 'new.txt'), '')],
    ['a new folder', () => mkdirSync(inside('new', 'newer'), { recursive: true })],
    ['a new link', () => symlinkSync('..', inside('new'))],
    ['a new pipe', () => execFileSync('mkfifo', [inside('pipe')])],
    [
      'a link to elsewhere',
      () => {
        rmSync(inside('link'))
        symlinkSync('src/b.txt', inside('link'))
      },
    ],
    [
      'a folder that became a file',
      () => {
        rmSync(inside('src'), { recursive: true })
        writeFileSync(inside('src'), '')
      },
    ],
    [
      'a folder that became a link',
      () => {
        renameSync(inside('src'), join(dirname(folder), 'src'))
        symlinkSync(join(dirname(folder), 'src'), inside('src'))
      },
    ],
    [
      'a file that became a folder',
      () => {
        rmSync(inside('binary'))
        mkdirSync(inside('binary', 'inner'), { recursive: true })
      },
    ],
    ['everything, deleted', () => rmSync(folder, { recursive: true })],
  ])) {
    test(`restores ${what}, as often as it happens`, () => {
      const before = stateOf(folder)
      const snapshot = new Snapshot(folder)
      for (let times = 0; times < 2; times++) {
        change()
        assert.notDeepEqual(existsSync(folder) ? stateOf(folder) : [], before)
        snapshot.restore()
        assert.deepEqual(stateOf(folder), before)
        rmSync(join(dirname(folder), 'other'), { force: true })
        rmSync(join(dirname(folder), 'src'), { force: true, recursive: true })
      }
    })
  }

  test('leaves what was not changed as it is', () => {
    const snapshot = new Snapshot(folder)
    const before = lstatSync(inside('binary'), { bigint: true })
    writeFileSync(inside('src', 'a.txt'), 'longer')
    snapshot.restore()
    const after = lstatSync(inside('binary'), { bigint: true })
    assert.deepEqual([after.ino, after.ctimeNs], [before.ino, before.ctimeNs])
  })
})

describe('the npx of a reader', () => {
  const shims = join(root, 'tools', 'docs', 'bin')
  /** @type {string} */
  let project
  beforeEach(() => {
    project = realpathSync(mkdtempSync(join(tmpdir(), 'aludel-docs-test-')))
    writeFileSync(join(project, 'package.json'), '{ "name": "project", "version": "1.0.0", "private": true }')
    mkdirSync(join(project, 'src', 'inner'), { recursive: true })
    mkdirSync(join(project, 'node_modules', '.bin'), { recursive: true })
  })
  afterEach(() => rmSync(project, { recursive: true }))

  /**
   * @param {string} path
   * @param {string} script
   */
  const command = (path, script) => {
    mkdirSync(dirname(join(project, path)), { recursive: true })
    writeFileSync(join(project, path), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }

  /**
   * @param {string[]} path searched before that of this process
   * @param {string[]} args
   */
  const npx = (path, args) => {
    const PATH = [...path, process.env['PATH']].join(delimiter)
    const env = { ...process.env, PATH, npm_config_update_notifier: 'false' }
    const cwd = join(project, 'src', 'inner')
    const { status, stdout, stderr } = spawnSync('npx', args, {
      cwd,
      env,
      input: 'typed',
      encoding: 'utf8',
      timeout: 60_000,
    })
    return { status, stdout, stderr }
  }

  test('starts the nearest installed command with the arguments, input, output and exit code of the real one', () => {
    command('node_modules/.bin/show', 'echo outer')
    command('src/node_modules/.bin/show', 'printf "<%s>" "$PWD" "$@"; cat; echo error >&2; exit 7')
    const args = ['show', '--flag', 'two words', '', '$HOME', '*', "it's", '-x', '--', '--yes']
    const shown = npx([shims], args)
    assert.equal(shown.status, 7)
    assert.match(shown.stdout, /\/src\/inner><--flag><two words>/)
    assert.deepEqual(shown, npx([], args))
  })

  test('becomes the command, so that signals reach it', async () => {
    command('node_modules/.bin/show', 'echo $$; exec sleep 600')
    const child = spawn(join(shims, 'npx'), ['show'], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] })
    const pid = await new Promise((resolve) => child.stdout.once('data', (data) => resolve(Number(String(data)))))
    assert.equal(pid, child.pid)
    child.kill('SIGTERM')
    assert.equal(await new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal))), 'SIGTERM')
  })

  for (const args of [
    [],
    ['missing'],
    ['--yes', 'show'],
    ['show@1.0.0'],
    ['@scope/show'],
    ['./show'],
    ['-c', 'show "$HOME"'],
  ]) {
    test(`leaves \`npx ${args.join(' ')}\` to the real one`, () => {
      command('node_modules/.bin/show', 'echo shim')
      command('real/npx', 'printf "<%s>" "$PATH" "$@"')
      command('first/other', '')
      const real = join(project, 'real')
      const first = join(project, 'first')
      const { stdout, status } = npx([first, shims, real], args)
      const path = [first, real, process.env['PATH']].join(delimiter)
      assert.deepEqual({ stdout, status }, { stdout: [path, ...args].map((text) => `<${text}>`).join(''), status: 0 })
    })
  }
})
