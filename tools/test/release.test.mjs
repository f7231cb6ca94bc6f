// Tests `nx release` with --dry-run.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { before, describe, test } from 'node:test'
import { promisify, stripVTControlCharacters } from 'node:util'
import { packageNames } from '../lib/nx.mjs'
import { root } from '../lib/process.mjs'

const version = '99.0.0'
const manifestOf = (/** @type {string} */ name) => {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
}

describe('nx release', () => {
  let output = ''
  before(async () => {
    const { stdout, stderr } = await promisify(execFile)(
      join(root, 'node_modules', '.bin', 'nx'),
      ['release', version, '--dry-run', '--skip-publish'],
      { cwd: root, env: { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false', NO_COLOR: '1' } },
    )
    output = stripVTControlCharacters(stdout + stderr)
  })

  for (const name of packageNames) {
    test(`raises the version of ${name}, and of its dependencies on our packages`, () => {
      const { dependencies = {}, peerDependencies = {} } = manifestOf(name)
      const expected = [
        `@aludel/${name} ${manifestOf(name).version} → ${version}`,
        ...Object.keys({ ...dependencies, ...peerDependencies })
          .filter((dependency) => dependency.startsWith('@aludel/'))
          .map((dependency) => `@aludel/${name} depends on ${dependency} ${version}`),
      ]
      assert.deepEqual(
        expected.filter((line) => !output.includes(line)),
        [],
      )
    })
  }

  test('writes nothing with --dry-run', () => {
    for (const name of packageNames) assert.notEqual(manifestOf(name).version, version)
  })
})

test('our packages depend on exactly the version of each other that the repository contains', () => {
  for (const name of packageNames) {
    const { dependencies, peerDependencies } = manifestOf(name)
    for (const [dependency, range] of Object.entries({ ...dependencies, ...peerDependencies })) {
      if (!dependency.startsWith('@aludel/')) continue
      assert.equal(range, manifestOf(dependency.slice('@aludel/'.length)).version, `${name} depends on ${dependency}`)
    }
  }
})
