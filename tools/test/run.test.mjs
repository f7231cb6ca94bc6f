// Tests that `npm test` counts results correctly.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, describe, test } from 'node:test'
import { problemsOf } from '../check-text.mjs'
import { root } from '../lib/process.mjs'
import { endOfSummary, readResult } from '../lib/results.mjs'

const folder = mkdtempSync(join(tmpdir(), 'aludel-run-'))
after(() => rmSync(folder, { recursive: true }))

/** @param {string[]} args of Node */
function node(...args) {
  const env = { ...process.env }
  delete env['NODE_TEST_CONTEXT']
  return spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' })
}

describe('tools/run.mjs', () => {
  for (const code of [0, 3]) {
    test(`records a ${code === 0 ? 'pass' : 'failure'} when the command exits with ${code}`, () => {
      const task = `selftest:exit-${code}`
      const run = node('tools/run.mjs', task, '--', process.execPath, '-e', `process.exit(${code})`)
      assert.equal(run.status, code)
      const result = readResult(task)
      assert.deepEqual([result?.passed, result?.failed], code === 0 ? [1, 0] : [0, 1])
    })
  }

  test('records a failure when the command does not exist', () => {
    assert.equal(node('tools/run.mjs', 'selftest:missing', '--', 'no-such-command').status, 127)
    assert.equal(readResult('selftest:missing')?.failed, 1)
  })

  test('has no result for a task that did not run', () => {
    assert.equal(readResult('selftest:never'), undefined)
  })
})

describe('the test reporter', () => {
  test('counts tests but not suites, and reports each failure', () => {
    const file = join(folder, 'some.test.mjs')
    writeFileSync(
      file,
      `import { describe, it } from 'node:test'
       describe('outer', () => {
         describe('inner', () => { it('a', () => {}); it('b', () => { throw new Error('no') }) })
         it('c', { skip: 'a reason' }, () => {})
         it('d', { todo: true }, () => {})
       })
       it('e', () => {})`,
    )
    const report = join(folder, 'report.json')
    const run = node(
      ...['--test', '--test-reporter=./tools/lib/count-reporter.mjs', `--test-reporter-destination=${report}`, file],
    )
    assert.equal(run.status, 1)
    const { failures, ...counts } = JSON.parse(readFileSync(report, 'utf8'))
    assert.deepEqual(counts, { passed: 2, failed: 1, skipped: 2 })
    assert.equal(failures.length, 1)
    assert.match(failures[0].file, /some\.test\.mjs$/)
    assert.equal(failures[0].name, 'b')
    assert.match(failures[0].message, /^Error: no\n +at /)
  })
})

describe('the end of the test summary', () => {
  const result = { passed: 3, failed: 0, skipped: 1, seconds: 1 }

  test('is one line when no test failed', () => {
    assert.equal(endOfSummary([{ task: 'engine:test', result }]), '3 passed, 0 failed')
  })
  test('counts a task that did not finish as failed', () => {
    assert.equal(endOfSummary([{ task: 'engine:test', result: undefined }]), '0 passed, 1 failed')
  })
  test('names each test that failed, with the first lines of its message', () => {
    const message = ['\u001b[31mexpected 1\u001b[39m', '', ...Array.from({ length: 50 }, (_, at) => `at ${at}`)].join(
      '\n',
    )
    const failures = [{ file: 'packages/engine/test/a.test.ts', name: 'the lock is let go', message }]
    const lines = endOfSummary([{ task: 'engine:test', result: { ...result, failed: 1, failures } }]).split('\n')
    assert.deepEqual(lines.slice(0, 5), [
      'FAILED engine:test: packages/engine/test/a.test.ts',
      '  the lock is let go',
      '    expected 1',
      '',
      '    at 0',
    ])
    assert.equal(lines.at(-1), '3 passed, 1 failed')
    assert.equal(lines.length, 16)
  })
})

describe('the text check', () => {
  // Joined from pieces, since this file is checked as well.
  const bad = [
    'see /ro' + 'ot/notes.md',
    'in /wo' + 'rk/main',
    'cd /ho' + 'me/ann/x',
    '// TO' + 'DO later',
    '<<<<<' + '<< HEAD\n',
    'it can' + ' not be',
  ]
  for (const text of bad) {
    test(`refuses ${text.trim()}`, () => {
      assert.equal(problemsOf('docs/guide.md', `good\n${text}`)[0]?.line, 2)
    })
  }
  test('accepts text that only resembles what it refuses', () => {
    assert.deepEqual(
      problemsOf('docs/guide.md', `https://example.com/${'work'}/x ./${'root'}/x a/${'home'}/b/c TODOS can not only`),
      [],
    )
  })
  test('refuses a registry address in the lockfile', () => {
    const entry = (/** @type {string} */ resolved) => `"resolved": "${resolved}"`
    assert.equal(problemsOf('package-lock.json', entry('https://registry.example.com/a.tgz')).length, 1)
    assert.deepEqual(problemsOf('package-lock.json', entry('packages/cli')), [])
  })
})
