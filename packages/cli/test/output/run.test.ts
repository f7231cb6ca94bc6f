import type { PlanResult, RunResult } from '@aludel/engine'

import { Output } from '../../src/output/output'
import { printPlan, printRun } from '../../src/output/run'
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
