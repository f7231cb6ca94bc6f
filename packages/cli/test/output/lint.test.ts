import type { LintFinding, LintResult, LintRuleInfo } from '@aludel/engine'

import { githubLines } from '../../src/output/lint/github'
import { sarifOf } from '../../src/output/lint/sarif'
import { printFindings, printRules } from '../../src/output/lint/text'
import { Output } from '../../src/output/output'
import { collector } from '../world'

const finding: LintFinding = {
  rule: 'create-index',
  id: 'L1',
  category: 'locks',
  severity: 'error',
  revision: 'aaaaaaaaaaaa',
  direction: 'upgrade',
  dialects: ['postgres'],
  path: 'migrations/1, two: 100%.ts',
  line: 12,
  statement: 'CREATE INDEX "ix" ON "orders" ("email")',
  message: 'creating index ix blocks writes to orders until it is built',
  help: 'Create it CONCURRENTLY.',
  instead: ['CREATE INDEX CONCURRENTLY "ix"\n  ON "orders" ("email")'],
  table: 'orders',
  rows: 5_000_000,
  bytes: 3_000_000_000,
}
const note: LintFinding = {
  ...{ rule: 'unused-ignore', id: 'I2', category: 'hygiene', severity: 'info', revision: 'bbbbbbbbbbbb' },
  ...{
    direction: null,
    dialects: [],
    path: 'b.ts',
    line: null,
    statement: null,
    message: 'nothing there',
    help: 'Remove it.',
  },
}
const result: LintResult = {
  findings: [finding, { ...finding, direction: 'downgrade', severity: 'warning' }, note],
  revisions: 3,
  ignored: 2,
}

function printed(print: (out: Output) => void, options: { quiet?: boolean; verbose?: boolean } = {}): string {
  const { stream, text } = collector()
  const plain = { env: {}, json: false, quiet: false, verbose: false, noColor: true }
  print(new Output({ ...plain, ...options, stdout: stream, stderr: stream }))
  return text()
}

describe('the findings of lint as text', () => {
  test('are grouped by revision, with what to do, and counted', () => {
    expect(printed((out) => printFindings(result, out, 'head'))).toBe(`aaaaaaaaaaaa migrations/1, two: 100%.ts
  ✗ error   create-index  line 12, postgres
    creating index ix blocks writes to orders until it is built (orders: about 5,000,000 rows, 2.8 GiB)
    Create it CONCURRENTLY.
      CREATE INDEX CONCURRENTLY "ix"
        ON "orders" ("email")
  ! warning create-index  line 12, down, postgres
    creating index ix blocks writes to orders until it is built (orders: about 5,000,000 rows, 2.8 GiB)
    Create it CONCURRENTLY.
      CREATE INDEX CONCURRENTLY "ix"
        ON "orders" ("email")

bbbbbbbbbbbb b.ts
  i note    unused-ignore
    nothing there
    Remove it.

✗ 1 error, 1 warning, 1 note in 3 revisions of head, 2 ignored.
Change the revision where it has not run yet, or say above the statement why it is safe: // aludel-lint-ignore create-index: REASON
`)
  })

  test('are only the errors with --quiet, and have the statement with --verbose', () => {
    const quiet = printed((out) => printFindings(result, out, undefined), { quiet: true })
    expect(quiet.split('\n').filter((line) => /error|warning|note/.test(line))).toEqual([
      '  ✗ error   create-index  line 12, postgres',
    ])
    expect(printed((out) => printFindings(result, out, undefined), { verbose: true })).toContain(
      '      CREATE INDEX "ix" ON "orders" ("email")\n',
    )
  })

  test('say so when there are none', () => {
    expect(printed((out) => printFindings({ findings: [], revisions: 1, ignored: 0 }, out, undefined))).toBe(
      '✓ Nothing found in 1 revision.\n',
    )
  })
})

test('annotations for GitHub have one line each, with what must be escaped escaped', () => {
  const [first, , third] = githubLines(result).split('\n')
  expect(first).toBe(
    '::error file=migrations/1%2C two%3A 100%25.ts,line=12,title=create-index::creating index ix blocks writes to orders until it is built%0ACreate it CONCURRENTLY.%0A  CREATE INDEX CONCURRENTLY "ix"%0A  ON "orders" ("email")',
  )
  expect(third).toBe('::notice file=b.ts,title=unused-ignore::nothing there%0ARemove it.')
})

const rules: readonly LintRuleInfo[] = [
  { id: 'L1', rule: 'create-index', category: 'locks', severity: 'error', dialects: ['postgres'], about: 'It blocks.' },
  { id: 'C1', rule: 'json-type', category: 'style', severity: 'off', dialects: ['postgres'], about: 'No equality.' },
  { id: 'I2', rule: 'unused-ignore', category: 'hygiene', severity: 'info', dialects: [], about: 'It hides.' },
]

test('the log for code scanning names each rule, and each place by a URI', () => {
  const { runs } = sarifOf(result, rules) as { runs: [{ tool: { driver: { rules: object[] } }; results: object[] }] }
  expect(runs[0].tool.driver.rules).toMatchObject([
    { id: 'create-index', defaultConfiguration: { level: 'error', enabled: true } },
    { id: 'json-type', defaultConfiguration: { level: 'none', enabled: false } },
    { id: 'unused-ignore', defaultConfiguration: { level: 'note', enabled: true } },
  ])
  expect(runs[0].results).toMatchObject([
    {
      ...{ ruleId: 'create-index', ruleIndex: 0, level: 'error' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'migrations/1,%20two:%20100%25.ts' },
            region: { startLine: 12 },
          },
        },
      ],
    },
    { level: 'warning' },
    { ruleIndex: 2, level: 'note', locations: [{ physicalLocation: { region: { startLine: 1 } } }] },
  ])
})

test('the list of rules is grouped, and says what each is about with --verbose', () => {
  expect(printed((out) => printRules(rules, out))).toBe(`locks
  L1  create-index  error  postgres

style
  C1  json-type  off  postgres

hygiene
  I2  unused-ignore  info

2 of 3 rules are on; -v shows what each is about.
`)
  expect(printed((out) => printRules(rules, out), { verbose: true })).toContain('  json-type: No equality.\n')
})

test('for how long a statement blocks others is in the annotations and in the SARIF log', () => {
  const stall = {
    table: 'users',
    blocks: 'writes',
    ms: 4210,
    first: 1,
    last: 1,
    text: 'blocks writes to users for about 4 s',
  } as const
  const [finding] = result.findings
  if (finding === undefined) throw new Error('there is no finding')
  const one = { ...result, findings: [{ ...finding, stall }] }
  expect(githubLines(one)).toContain('%0AIt blocks writes to users for about 4 s.%0A')
  expect(sarifOf(one, rules)).toMatchObject({
    runs: [
      {
        results: [
          {
            message: { text: expect.stringContaining('\nIt blocks writes to users for about 4 s.\n') },
            properties: { stall },
          },
        ],
      },
    ],
  })
})
