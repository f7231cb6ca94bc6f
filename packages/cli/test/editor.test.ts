import { chmodSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'

import { main } from '../src/main'

import { shippedConfig } from './e2e/harness'
import { revision } from './e2e/shop'
import { collector, type Ran } from './world'

/** `migrate edit` in a terminal. The editors are real programs: shell scripts that change the file. */

let directory: string
beforeEach(() => {
  directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'aludel edit-')))
  writeFileSync(path.join(directory, 'aludel.config.json'), shippedConfig['aludel.config.json'])
  for (const [index, id] of ['aaaa11112222', 'bbbb11112222'].entries()) {
    const stamp = String(1700000000001 + index)
    const down = index === 0 ? 'null' : `'aaaa11112222'`
    const text = revision({ name: `R${stamp}`, id, down, message: `r${String(index)}`, up: '', undo: '' })
    writeFileSync(path.join(directory, `${stamp}-r.ts`), text)
  }
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const file = (stamp: number) => path.join(directory, `${String(stamp)}-r.ts`)

/** Writes a shell script to use as the editor, and returns its path in quotes. */
function editor(script: string): string {
  const program = path.join(directory, 'my editor')
  writeFileSync(program, `#!/bin/sh\n${script}\n`)
  chmodSync(program, 0o755)
  return `"${program}"`
}

async function edit(revs: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const [stdout, stderr] = [collector({ isTTY: true, columns: 80 }), collector({ isTTY: true, columns: 80 })]
  const code = await main(['migrate', 'edit', ...revs, '--revisions', directory, '--no-color'], {
    stdin: Object.assign(new PassThrough(), { isTTY: true }),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    cwd: directory,
    exit: () => undefined,
  })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

test('passes the editor its own arguments, then the files, and prefers VISUAL to EDITOR', async () => {
  const VISUAL = `${editor(`printf '%s\\n' "$@" > "${directory}/arguments"`)} --wait 'two words'`
  const ran = await edit(['head', 'aaaa'], { VISUAL, EDITOR: 'false' })
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  expect(ran.stdout).toContain('1700000000002-r.ts, 1700000000001-r.ts: read again, and valid.')
  const given = readFileSync(path.join(directory, 'arguments'), 'utf8').trim().split('\n')
  expect(given).toEqual(['--wait', 'two words', file(1700000000002), file(1700000000001)])
})

test.each([
  ['no longer parses', `echo 'export class {' >> "$1"`, 'ALUDEL_REVISION_SYNTAX'],
  [
    'has the id of another revision',
    `sed -i.bak "s/= 'bbbb11112222'/= 'aaaa11112222'/" "$1"`,
    'ALUDEL_DUPLICATE_REVISION',
  ],
  ['names a parent that does not exist', `sed -i.bak "s/= 'aaaa1/= 'cccc1/" "$1"`, 'ALUDEL_MISSING_PARENT'],
  ['has a new id', `sed -i.bak "s/= 'bbbb1/= 'cccc1/" "$1"`, 'ALUDEL_REVISION_INVALID'],
  ['was deleted', 'rm "$1"', 'ALUDEL_REVISION_INVALID'],
])('fails when the edited file %s', async (_, script, errorCode) => {
  const ran = await edit(['head'], { EDITOR: editor(script) })
  expect(ran.stderr).toContain(`[${errorCode}]`)
  expect(ran.stderr).toContain('1700000000002-r.ts')
  expect(ran.code).toBe(1)
})

test('accepts an edit that keeps the revision valid', async () => {
  const ran = await edit(['bbbb'], { EDITOR: editor(`sed -i.bak 's/\\* r1 \\*/* better words */' "$1"`) })
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  expect(readFileSync(file(1700000000002), 'utf8')).toContain('better words')
})

test.each([
  ['no editor is set', {}, 2, 'no editor is set [ALUDEL_USAGE]'],
  ['VISUAL and EDITOR are empty', { VISUAL: ' ', EDITOR: '' }, 2, 'Set VISUAL or EDITOR'],
  ['the editor does not exist', { EDITOR: 'no-such-editor-anywhere -w' }, 2, 'does not start [ALUDEL_USAGE]'],
  ['the editor fails', { EDITOR: 'sh -c "exit 3"' }, 1, 'ended with exit code 3 [ALUDEL_EDITOR]'],
])('reports the error and the path of the file when %s', async (_, env, code, message) => {
  const ran = await edit(['head'], env)
  expect(ran.stderr).toContain(message)
  expect(ran.stderr).toContain(file(1700000000002))
  expect(ran.code).toBe(code)
})

test('opens nothing when one REV has no file', async () => {
  const EDITOR = editor(`touch "${directory}/opened"`)
  expect(await edit(['head', 'base'], { EDITOR })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('base is before everything. The first revision is aaaa11112222.') as string,
  })
  expect((await edit(['zzzz'], { EDITOR })).code).toBe(2)
  expect(readdirSync(directory)).not.toContain('opened')
})
