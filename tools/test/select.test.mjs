// Which tests run where: by a path, and on which stack.
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

describe('the tests that a path selects', () => {
  test('are those whose path contains it, as tasks of their packages', () => {
    const { tasks, missing } = select([
      'cli/test/editor',
      './tools/test/lock',
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

  test('are all of them when there is no path', () => {
    const { tasks } = select([])
    assert.deepEqual(tasks.map(({ task }) => task).sort(), [
      ...['cli', 'engine', 'migrations', 'models', 'services', 'tools'].map((name) => `${name}:test`),
    ])
  })

  test('are missing, one by one, where no file has the path', () => {
    assert.deepEqual(select(['cli/test/editor', 'nowhere', 'src/main.ts']).missing, ['nowhere', 'src/main.ts'])
  })
})

describe('npm test', () => {
  test('does not wait for itself: nx takes no script of the root for a target', () => {
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

  test('refuses an option that it does not have', async (t) => {
    t.mock.method(console, 'error', () => undefined)
    assert.equal(await main(['--timing']), 2)
    assert.equal(await testAll(['stack']), 2)
  })

  test('explains itself', async (t) => {
    const log = t.mock.method(console, 'log', () => undefined)
    assert.equal(await main(['--help']), 0)
    assert.equal(await testAll(['--help']), 0)
    assert.match(String(log.mock.calls[0]?.arguments[0]), /--timings/)
    assert.match(String(log.mock.calls[1]?.arguments[0]), /PostgreSQL 13, 14, 15, 16, 17\n.*Node 20, 22, 24/)
  })
})

describe('a stack that is not the main one', () => {
  const others = Object.keys(stacks.stacks).filter((name) => name !== stacks.mainStack)
  const runs = (/** @type {string} */ stack, /** @type {'change' | 'all'} */ scope, /** @type {string} */ file) => {
    const { match, ignore } = stacks.testsOf(stack, scope)
    const path = `/${file.replace(/^packages/, '')}`
    return [match, ignore].map((patterns) => patterns.some((one) => new RegExp(one).test(path))).join() === 'true,false'
  }

  for (const stack of others) {
    test(`runs a new test in test:all, and not after every change: ${stack}`, () => {
      const added = 'packages/engine/test/migrator/something-new.test.ts'
      assert.equal(runs(stack, 'all', added), true)
      assert.equal(runs(stack, 'change', added), false)
    })

    test(`names only tests that exist, each with a reason: ${stack}`, () => {
      for (const { why, tests } of stacks.meetings[stack] ?? []) {
        assert.match(why, /\w+/)
        for (const pattern of tests) {
          // jest would take a tsconfig.json for a test.
          assert.match(pattern, /\\\.test\\\.ts\$$/)
          assert(
            all.some((file) => new RegExp(pattern).test(file)),
            `no test matches ${pattern}`,
          )
        }
      }
    })

    test(`runs nothing after a change that test:all leaves out: ${stack}`, () => {
      const afterChange = all.filter((file) => runs(stack, 'change', file))
      assert(afterChange.length > 10)
      assert.deepEqual(
        afterChange.filter((file) => !runs(stack, 'all', file)),
        [],
      )
    })
  }

  test('is refused when there is no such stack', () => {
    assert.throws(() => stacks.testsOf('typeorm-2', 'all'), /"typeorm-2": it must be one of typeorm-1, typeorm-0.3/)
  })
})
