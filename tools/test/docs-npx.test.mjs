// Tests the `npx` that the commands of documents use: it must do what the real one does.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { root } from '../lib/process.mjs'

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
