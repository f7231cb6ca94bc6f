// Tests `npm run bench` at the smallest sizes: every program does its work on both databases. It does not test speed.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, before, describe, test } from 'node:test'
import { describeMachine, describeVersions } from '../bench/machine.mjs'
import { compare } from '../bench/measure.mjs'
import { shellPeer } from '../bench/programs.mjs'
import { printHead } from '../bench/report.mjs'
import { printRows, report } from '../bench/run.mjs'
import { groups } from '../bench/scenarios.mjs'
import { openSetting } from '../bench/setting.mjs'
import { root } from '../lib/process.mjs'

/** @typedef {import('../bench/measure.mjs').Row} Row */

/** @type {string} */
let folder
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'aludel-bench-test-'))
})
after(() => rmSync(folder, { recursive: true }))

/** @param {string[]} args */
const bench = (...args) =>
  spawnSync(process.execPath, [join(root, 'tools', 'bootstrap.mjs'), 'bench', ...args], { encoding: 'utf8', cwd: root })

/** @param {Partial<Row>} row */
const rowWith = (row) =>
  /** @type {Row} */ ({
    scenario: 'upgrade',
    figure: 'upgrade',
    against: 'psql',
    measure: 'ms',
    kind: 'ratio',
    ours: [],
    theirs: [],
    values: [],
    ok: null,
    ...row,
  })

describe('the scenarios of npm run bench', () => {
  test('do their work with every program that is here', { timeout: 600_000 }, async () => {
    const fast = process.env['ALUDEL_TEST_POSTGRES_URL']
    assert(fast, 'ALUDEL_TEST_POSTGRES_URL is not set: npm test sets it')
    const sizes = { few: 8, revisions: 12, many: 14, entities: 3, branched: 4, rows: 50, decisions: 20 }
    const setting = openSetting({ sizes, install: false, say: () => undefined, warm: false, running: { fast } })
    /** @type {Row[]} */
    const rows = []
    try {
      // All of them start hundreds of processes: that is for npm run test:all. Those of a group share their code.
      const isAll = process.env['ALUDEL_TEST_SCOPE'] === 'all'
      for (const group of groups)
        for (const scenario of isAll ? group(setting) : group(setting).slice(0, 1))
          rows.push(...(await compare(scenario, { runs: 1, warmUp: false })))
    } finally {
      await setting.close()
    }
    for (const { figure, against, failed, ok } of rows) {
      if (ok === null) assert.equal(failed, undefined, `${figure}, ${against}: ${failed}`)
    }
    for (const row of rows) {
      const { figure, against, kind, values, skipped, ok } = row
      if (skipped !== undefined) assert.match(skipped, /^no \S+ here$|^not installed with --quick$/)
      else if (kind === 'answer') assert.equal(typeof ok, 'boolean', figure)
      else assert.equal(values.filter((it) => Number.isFinite(it)).length, 1, `${figure}, ${against}`)
    }
    assert(rows.some(({ values }) => values.length === 1))
  })
})

describe('the table of npm run bench', () => {
  const program = (/** @type {string} */ name, /** @type {object} */ more = {}) => ({
    name,
    prepare: async () => ({ command: 'true', args: [], collect: () => ({ trips: 6 }), ...more }),
  })

  test('has a row for each peer and limit, with goal and answer', async (t) => {
    const scenario = {
      name: 'nothing',
      open: async () => ({
        ours: program('ours'),
        peers: [
          { ...program('theirs'), rows: [{ factor: 1000, goal: 1.15 }] },
          {
            ...program('others'),
            rows: [{ measure: /** @type {const} */ ('trips'), kind: /** @type {const} */ ('more'), goal: 2 }],
          },
          { name: 'dbmate', skipped: 'no dbmate here', goal: 1 },
        ],
        limits: [{ figure: 'round trips', measure: /** @type {const} */ ('trips'), goal: 3 }],
      }),
    }
    const print = t.mock.method(console, 'log', () => undefined)
    printHead()
    printRows(await compare(scenario, { runs: 3, warmUp: false }))
    const lines = print.mock.calls.map((call) => String(call.arguments[0]).replaceAll(/ +/g, ' '))
    assert.equal(lines[0], 'figure against ours theirs ratio goal ok')
    assert.match(
      String(lines[2]),
      /^nothing 1000 × theirs \S+ ms \(.*–.* ms\) \S+ ms \(.*–.* ms\) 0\.00 \(0\.00–0\.\d\d\) 1\.15 yes$/,
    )
    assert.equal(lines[3], ' others 6 (6–6) 6 (6–6) +0 (+0–+0) +2 yes')
    assert.match(String(lines[4]), /^ dbmate 1 skipped: no dbmate here$/)
    assert.equal(lines[5], 'round trips a limit 6 (6–6) 3 no')
  })

  test('skips a program that is not installed, with the reason', () => {
    const before = process.env['PATH']
    process.env['PATH'] = folder
    try {
      const peer = shellPeer('postgres', 'a script', { goal: 2 }, () => () => Promise.reject(new Error('it ran')))
      assert.deepEqual(peer, { name: 'psql, a script', skipped: 'no psql here', goal: 2 })
    } finally {
      process.env['PATH'] = before
    }
  })

  test('says of a program that failed why, and measures the others', async () => {
    const failing = program('broken', { check: () => Promise.reject(new Error('no row')) })
    const open = async () => ({ ours: program('ours'), peers: [program('theirs'), failing] })
    const [theirs, broken] = await compare({ name: 'nothing', open }, { runs: 1, warmUp: false })
    assert.equal(theirs?.values.length, 1)
    assert.match(String(broken?.failed), /^broken did not do its work: no row/)
  })

  test('reads what a program measures from its standard output, with warnings beside it', async () => {
    const code = 'console.error("a warning"); console.log(JSON.stringify({ trips: 3 })); console.error("another")'
    const measuring = {
      name: 'measuring',
      prepare: async () => ({
        command: process.execPath,
        args: ['-e', code],
        collect: (/** @type {string} */ output) => JSON.parse(output),
      }),
    }
    const limits = [{ measure: /** @type {const} */ ('trips'), goal: 3 }]
    const [row] = await compare(
      { name: 'nothing', open: async () => ({ ours: measuring, peers: [], limits }) },
      { runs: 1, warmUp: false },
    )
    assert.deepEqual([row?.failed, row?.values], [undefined, [3]])
  })

  test('has only failed rows if our program failed', async () => {
    const failing = program('ours', { command: 'false' })
    const open = async () => ({ ours: failing, peers: [program('theirs')], limits: [{ goal: 1 }] })
    const rows = await compare({ name: 'nothing', open }, { runs: 1, warmUp: false })
    assert.deepEqual(
      rows.map(({ failed }) => failed?.split('\n')[0]),
      ['ours ended with exit code 1:', 'ours ended with exit code 1:'],
    )
  })
})

describe('the files of npm run bench', () => {
  const rows = [
    rowWith({
      figure: 'upgrade of 1,000 <SQLite>',
      ours: [1200, 1000, 1100],
      theirs: [1000, 1000, 1000],
      values: [1.2, 1, 1.1],
      goal: 1.25,
      ok: true,
    }),
    rowWith({ figure: 'current', ours: [300], theirs: [100], values: [3], goal: 1.4, ok: false }),
    rowWith({ figure: 'no lock', measure: null, kind: 'answer', ok: true }),
    rowWith({ figure: 'history', ours: [1], theirs: [1], values: [1] }),
  ]
  const results = () => ({
    date: '2026-01-02T03:04:05.000Z',
    machine: describeMachine(),
    versions: describeVersions(),
    runs: 3,
    sizes: { few: 1, revisions: 1, many: 1, entities: 1, branched: 1, rows: 1, decisions: 1 },
    rows,
  })

  test('are JSON with every number, and pictures that are made from it', () => {
    const json = join(folder, 'bench.json')
    report(results(), { json })
    assert.deepEqual(JSON.parse(readFileSync(json, 'utf8')), results())
    assert.match(results().versions['typeorm'] ?? '', /^\d/)

    const { status, stdout, stderr } = bench('--from', json, '--svg', join(folder, 'pictures'))
    assert.equal(status, 0, stderr)
    assert.match(stdout, /upgrade of 1,000 <SQLite> .* 1\.10 \(1\.00–1\.20\) +1\.25 +yes/)
    assert.deepEqual(readdirSync(join(folder, 'pictures')).sort(), ['bench-dark.svg', 'bench-light.svg'])
    for (const theme of ['light', 'dark']) {
      const picture = readFileSync(join(folder, 'pictures', `bench-${theme}.svg`), 'utf8')
      assertWellFormed(picture)
      assert.match(picture, /<text [^>]*>upgrade of 1,000 &lt;SQLite&gt;<\/text>/)
      assert.match(picture, /✓ 1\.10, goal 1\.25/)
      assert.match(picture, /✗ 3\.00, goal 1\.4/)
      assert.match(picture, /2 of 3 goals reached/)
      assert.doesNotMatch(picture, /<script|history|href/)
    }
  })
})

describe('npm run bench', () => {
  test('prints its options', () => {
    const { status, stdout } = bench('--help')
    assert.equal(status, 0)
    assert.match(stdout, /--only WORD/)
  })

  test('refuses wrong options with one line', () => {
    const other = join(folder, 'other.json')
    writeFileSync(other, '{}')
    for (const [args, message] of /** @type {const} */ ([
      [['--fast'], /^error: Unknown option '--fast'/],
      [['all'], /^error: Unexpected argument 'all'/],
      [['--runs', 'many'], /^error: --runs many is not a whole number above 0/],
      [['--revisions', '0'], /^error: --revisions 0 is not a whole number above 0/],
      [['--from', join(folder, 'none.json')], /^error: cannot read .*none\.json/],
      [['--from', other], /^error: .*other\.json was not written by --json/],
      [['--from', other, '--quick'], /^error: --quick has no effect with --from/],
      [['--only', 'no such figure'], /^error: no scenario has no such figure in its name/],
    ])) {
      const { status, stdout, stderr } = bench(...args)
      assert.equal(status, 2, stderr)
      assert.match(stderr, message)
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
      assert.equal(stdout, '')
    }
  })
})

/**
 * Checks that tags are closed in order, and that text and attributes contain no unescaped sign.
 *
 * @param {string} xml
 */
function assertWellFormed(xml) {
  /** @type {string[]} */
  const open = []
  const rest = xml.replaceAll(
    /<(\/?)([a-z]+)((?: [a-z-]+[a-zA-Z0-9]*="[^"<]*")*)(\/?)>/gi,
    (tag, closing, name, attributes, empty) => {
      if (closing === '/') assert.equal(open.pop(), name, tag)
      else if (empty === '') open.push(name)
      assert.doesNotMatch(attributes, /&(?!(amp|lt|gt|quot);)/)
      return ''
    },
  )
  assert.deepEqual(open, [])
  assert.doesNotMatch(rest, /[<>]|&(?!(amp|lt|gt|quot);)/)
}
