// Tests the measurements of `npm test -- --timings`.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { describe as suite, test } from 'node:test'
import { root } from '../lib/process.mjs'
import { describe } from '../lib/timings.mjs'

suite('timings', () => {
  const row = { task: 'typeorm-1', wallMs: 2000, cpuMs: 1500, childCpuMs: 0, processes: 0 }

  test('sum up by kind and stack, the most expensive first', () => {
    const text = describe({ wallMs: 61_000, cpuMs: 90_000 }, [
      { ...row, file: 'packages/engine/test/run/a.test.ts' },
      { ...row, file: 'packages/engine/test/run/b.test.ts', childCpuMs: 500, processes: 3 },
      { ...row, file: 'packages/models/test/schema.test.ts', task: 'sqlite3', cpuMs: 9000 },
      { ...row, file: 'workspace:lint', task: 'workspace:lint', cpuMs: 10 },
    ])
    const lines = text.split('\n').map((line) => line.trim().replace(/ {2,}/g, ' | '))
    assert.equal(lines[0], '61.0 s, 1.5 minutes of processor time')
    assert(lines.includes('workspace:lint | 2.0 | 0.0 | 0.0 | 0'))
    const kinds = lines.slice(lines.indexOf('kind (stack) | seconds | processor | of children | processes') + 1)
    assert.deepEqual(kinds.slice(0, 2), [
      'models (sqlite3) | 2.0 | 9.0 | 0.0 | 0',
      'engine/run (typeorm-1) | 4.0 | 3.0 | 0.5 | 3',
    ])
    assert(lines.includes('packages/engine/test/run/b.test.ts (typeorm-1) | 2.0 | 1.5 | 0.5 | 3'))
  })

  test(
    'count the processor time of a task and of the processes that it started',
    { skip: process.platform !== 'linux' },
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'aludel-timings-'))
      try {
        const work = 'while (process.cpuUsage().user < 200_000);'
        const env = { ...process.env, ALUDEL_TEST_TIMINGS: folder, ALUDEL_TEST_RESULTS: 'selftest-timings' }
        spawnSync(process.execPath, ['tools/run.mjs', 'selftest:busy', '--', process.execPath, '-e', work], {
          cwd: root,
          env,
        })
        const [file = ''] = readdirSync(folder)
        const written = JSON.parse(readFileSync(join(folder, file), 'utf8'))
        assert.deepEqual([written.file, written.processes], ['selftest:busy', 1])
        assert(written.childCpuMs >= 100, `only ${written.childCpuMs} ms`)
      } finally {
        rmSync(folder, { recursive: true })
        rmSync(join(root, '.cache', 'selftest-timings'), { recursive: true, force: true })
      }
    },
  )
})
