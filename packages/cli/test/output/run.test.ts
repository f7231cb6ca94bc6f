import type { PlanResult, RunResult } from '@aludel/engine'

import { Output } from '../../src/output/output'
import { planLines, printRun } from '../../src/output/run'
import { collector } from '../world'

test('a run reports how long the whole command took, not how long its revisions did', () => {
  const stdout = collector()
  const output = new Output({
    stdout: stdout.stream,
    stderr: collector().stream,
    env: {},
    json: false,
    quiet: false,
    verbose: false,
    noColor: false,
  })
  const result: RunResult = {
    direction: 'upgrade',
    from: [],
    to: ['bbbbbbbbbbbb'],
    steps: ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'].map((revision) => ({
      revision,
      message: 'step',
      direction: 'upgrade',
      durationMs: 10,
    })),
    backup: null,
  }
  printRun(result, output, 65_000)
  expect(stdout.text()).toContain('Applied 2 revisions in 1 min 05 s: the database is at bbbbbbbbbbbb.')
  expect(stdout.text().match(/10 ms/g)).toHaveLength(2)
})

test('a plan says where a step failed while it was measured', () => {
  const { colors } = new Output({
    stdout: collector().stream,
    stderr: collector().stream,
    env: {},
    json: false,
    quiet: false,
    verbose: false,
    noColor: true,
  })
  const plan: PlanResult = {
    direction: 'upgrade',
    from: [],
    to: ['aaaaaaaaaaaa'],
    steps: [
      {
        revision: 'aaaaaaaaaaaa',
        message: 'step',
        direction: 'upgrade',
        transactional: true,
        does: [],
        destroys: [],
        unknown: [],
        needs: [],
        locks: [],
        rewrites: [],
        sql: [],
        measured: [{ sql: 'LOCK "users"', locks: ['ACCESS EXCLUSIVE users'], rewrites: [], rebuilds: [], scans: [] }],
        unmeasured: 'relation "nowhere" does not exist\nat character 15',
      },
    ],
  }
  expect(planLines(plan, colors).slice(-4)).toEqual([
    '    measured',
    '      LOCK "users"',
    '        locks ACCESS EXCLUSIVE users',
    '    failed while it was measured: relation "nowhere" does not exist',
  ])
})
