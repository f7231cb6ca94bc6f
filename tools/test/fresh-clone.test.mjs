// Tests that every command can start in a fresh clone without dependencies, since it begins by installing them.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, describe, test } from 'node:test'
import { root } from '../lib/process.mjs'

const clone = mkdtempSync(join(tmpdir(), 'aludel-clone-'))
cpSync(join(root, 'tools'), join(clone, 'tools'), { recursive: true })
cpSync(join(root, 'package.json'), join(clone, 'package.json'))
mkdirSync(join(clone, 'packages'))
after(() => rmSync(clone, { recursive: true }))

describe('a fresh clone', () => {
  for (const file of readdirSync(join(root, 'tools', 'commands'))) {
    test(`loads tools/commands/${file} before anything is installed`, () => {
      const script = `await import('./tools/commands/${file}')`
      const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        cwd: clone,
        encoding: 'utf8',
      })
      assert.equal(status, 0, stderr)
    })
  }
})
