// Tests the selection of tests by path and by stack.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { main } from '../commands/test.mjs'
import { main as testAll } from '../commands/test-all.mjs'
import { projectFiles } from '../lib/files.mjs'
import { root } from '../lib/process.mjs'
import { select } from '../lib/select.mjs'
import stacks from '../testing/stacks.cjs'

const all = projectFiles().filter((file) => /^packages\/[^/]+\/test\/.*\.test\.ts$/.test(file))

describe('select', () => {
  test('returns the test files whose path contains a text, as tasks of their packages', () => {
    const { tasks, missing } = select([
      'cli/test/editor',
      './tools/test/lock.',
      join(root, 'packages/models/test/schema'),
    ])
    assert.deepEqual(missing, [])
    assert.deepEqual(
      tasks.map(({ task, files }) => [task, files]),
      [
        ['tools:test', ['tools/test/lock.test.mjs']],
        ['cli:test', ['packages/cli/test/editor.test.ts']],
        ['models:test', ['packages/models/test/schema.test.ts']],
      ],
    )
  })

  test('returns all test files without a path', () => {
    const { tasks } = select([])
    assert.deepEqual(tasks.map(({ task }) => task).sort(), [
      ...['cli', 'engine', 'migrations', 'models', 'nestjs', 'services', 'tools', 'web'].map((name) => `${name}:test`),
    ])
  })

  test('lists the paths that match no test file', () => {
    assert.deepEqual(select(['cli/test/editor', 'nowhere', 'src/main.ts']).missing, ['nowhere', 'src/main.ts'])
  })
})

describe('npm test', () => {
  test('does not wait for itself, because nx does not treat scripts of the root as targets', () => {
    const { nx } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    assert.deepEqual(nx.includedScripts, [])
  })

  test('fails when a path matches no test', async (t) => {
    const error = t.mock.method(console, 'error', () => undefined)
    const log = t.mock.method(console, 'log', () => undefined)
    assert.equal(await main(['packages/engine/test/nowhere']), 1)
    assert.equal(
      error.mock.calls[0]?.arguments[0],
      'error: no test file has "packages/engine/test/nowhere" in its path',
    )
    assert.match(String(log.mock.calls.at(-1)?.arguments[0]), /^0 passed, 1 failed$/m)
  })

  test('refuses an unknown option', async (t) => {
    t.mock.method(console, 'error', () => undefined)
    assert.equal(await main(['--timing']), 2)
    assert.equal(await testAll(['stack']), 2)
  })

  test('prints its usage with --help', async (t) => {
    const log = t.mock.method(console, 'log', () => undefined)
    assert.equal(await main(['--help']), 0)
    assert.equal(await testAll(['--help']), 0)
    assert.match(String(log.mock.calls[0]?.arguments[0]), /--timings/)
    assert.match(String(log.mock.calls[1]?.arguments[0]), /PostgreSQL 13, 14, 15, 16, 17\n.*Node 20, 22, 24/)
  })
})

describe('an additional stack', () => {
  const others = Object.keys(stacks.stacks).filter((name) => name !== stacks.mainStack)
  const runs = (/** @type {string} */ stack, /** @type {'change' | 'all'} */ scope, /** @type {string} */ file) => {
    const { match, ignore } = stacks.testsOf(stack, scope)
    const path = `/${file.replace(/^packages/, '')}`
    return [match, ignore].map((patterns) => patterns.some((one) => new RegExp(one).test(path))).join() === 'true,false'
  }

  for (const stack of others) {
    test(`runs a new test in test:all but not in npm test: ${stack}`, () => {
      const added = 'packages/engine/test/migrator/something-new.test.ts'
      assert.equal(runs(stack, 'all', added), true)
      assert.equal(runs(stack, 'change', added), false)
    })

    test(`names only tests that exist, each with a reason: ${stack}`, () => {
      for (const { why, tests } of stacks.stackDependent[stack] ?? []) {
        assert.match(why, /\w+/)
        for (const pattern of tests) {
          // jest would treat a tsconfig.json as a test.
          assert.match(pattern, /\\\.test\\\.ts\$$/)
          assert(
            all.some((file) => new RegExp(pattern).test(file)),
            `no test matches ${pattern}`,
          )
        }
      }
    })

    test(`runs in npm test only tests that test:all runs: ${stack}`, () => {
      const afterChange = all.filter((file) => runs(stack, 'change', file))
      assert(afterChange.length > 10)
      assert.deepEqual(
        afterChange.filter((file) => !runs(stack, 'all', file)),
        [],
      )
    })
  }

  test('is refused if its name is unknown', () => {
    assert.throws(() => stacks.testsOf('typeorm-2', 'all'), /"typeorm-2": it must be one of typeorm-1, typeorm-0.3/)
  })
})
