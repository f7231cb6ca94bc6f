import type { QueryRunner } from 'typeorm'
import type { DialectName } from '../support/services'

/** When the first row of each table was created. The rows are 20 seconds apart. */
export const begin = new Date('2025-01-01T00:00:00Z')

/** The time of a row. */
export function timeOf(row: number): Date {
  return new Date(begin.getTime() + row * secondsApart * 1000)
}

/** The id of a row, in no order. */
export function idOf(row: number): string {
  const scrambled = (BigInt(row) * factor) % 2n ** 32n
  return `${scrambled.toString(16).padStart(8, '0')}${idEnd}`
}

export const checkpointsPerWorkflow = 4
export const resultsPerFile = 10
export const decisionsPerAnalysis = 100
export const decisionsPerComponent = 10

const secondsApart = 20
const factor = 2_654_435_761n
const idEnd = '-0000-4000-8000-000000000000'

/** Expressions that the two databases write differently. */
interface Writing {
  /** Rows numbered from 1, in a column `i`. */
  series(rows: number): string
  id(row: string): string
  time(row: string): string
  /** A value of an enum. */
  enum(type: string, value: string): string
}

const writings: Readonly<Record<DialectName, Writing>> = {
  postgres: {
    series: (rows) => `generate_series(1::bigint, ${rows}) AS series(i)`,
    id: (row) => `lpad(to_hex((${row}) * ${factor} % 4294967296), 8, '0') || '${idEnd}'`,
    time: (row) => `timestamptz '${begin.toISOString()}' + (${row}) * interval '${secondsApart} seconds'`,
    enum: (type, value) => `CAST(${value} AS ${type})`,
  },
  sqlite: {
    series: (rows) =>
      `(WITH RECURSIVE series(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < ${rows}) SELECT i FROM series)`,
    id: (row) => `printf('%08x', (${row}) * ${factor} % 4294967296) || '${idEnd}'`,
    time: (row) =>
      `strftime('%Y-%m-%d %H:%M:%f', '${begin.toISOString().slice(0, 19).replace('T', ' ')}', ((${row}) * ${secondsApart}) || ' seconds')`,
    enum: (_type, value) => value,
  },
}

/** One of several values: the first of a row that leaves 0, and so on; the last for the rest. */
function pick(row: string, ...values: readonly (readonly [below: number, value: string])[]): string {
  const cases = values.map(([below, value]) => `WHEN ${row} * 7919 % 100 < ${below} THEN '${value}'`)
  return `CASE ${cases.join(' ')} END`
}

/** One of as many names. */
function name(prefix: string, row: string): string {
  return `'${prefix}' || (${row})`
}

/**
 * Fills all tables, with one statement each.
 *
 * @param runner foreign keys are not checked: the rows are right
 */
export async function fill(runner: QueryRunner, dialect: DialectName, rows: number): Promise<void> {
  const { series, id, time, enum: oneOf } = writings[dialect]
  const every = (count: number): string => `((i - 1) / ${count} + 1)`
  const tables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    workflows: {
      id: id('i'),
      type: pick('i', [60, 'validation'], [90, 'enhancement'], [100, 'report']),
      state: oneOf(
        'workflow_state',
        pick('i', [2, 'pending'], [4, 'running'], [6, 'paused'], [90, 'completed'], [97, 'failed'], [100, 'cancelled']),
      ),
      created_at: time('i'),
      updated_at: time('i'),
    },
    checkpoints: {
      id: id('i'),
      workflow_id: id(every(checkpointsPerWorkflow)),
      name: name('step ', `i % ${checkpointsPerWorkflow}`),
      step_number: `i % ${checkpointsPerWorkflow}`,
      created_at: time('i'),
    },
    validation_results: {
      id: id('i'),
      workflow_id: id(every(5)),
      file_path: name('docs/', every(resultsPerFile)),
      severity: pick('i', [10, 'high'], [40, 'medium'], [100, 'low']),
      status: oneOf('validation_status', pick('i', [70, 'pass'], [85, 'fail'], [95, 'warning'], [100, 'skipped'])),
      run_id: name('run-', every(200)),
      version_number: `(i - 1) % ${resultsPerFile} + 1`,
      created_at: time('i'),
      updated_at: time('i'),
    },
    recommendations: {
      id: id('i'),
      // Two for every second result.
      validation_id: id('((i + 1) / 2 * 2 - 1)'),
      type: pick('i', [50, 'link'], [80, 'wording'], [100, 'structure']),
      title: name('Mend it ', 'i'),
      status: oneOf(
        'recommendation_status',
        pick('i', [5, 'proposed'], [10, 'pending'], [30, 'approved'], [50, 'rejected'], [100, 'applied']),
      ),
      created_at: time('i'),
      updated_at: time('i'),
    },
    audit_logs: {
      id: id('i'),
      recommendation_id: id(every(2)),
      action: pick('i', [50, 'propose'], [80, 'approve'], [100, 'apply']),
      actor: name('reviewer ', 'i % 20'),
      created_at: time('i'),
    },
    cache_entries: {
      cache_key: id('i'),
      agent_id: name('agent ', 'i % 5'),
      method_name: name('method ', 'i % 7'),
      input_hash: id('i'),
      size_bytes: 'i % 1000',
      expires_at: time('i'),
      last_accessed: time('i'),
      created_at: time('i'),
    },
    metrics: { id: id('i'), name: name('metric ', 'i % 50'), value: 'i % 1000', created_at: time('i') },
    review_decisions: {
      id: id('i'),
      analysis_id: name('analysis ', every(decisionsPerAnalysis)),
      component_id: name('component ', every(decisionsPerComponent)),
      threat_id: name('threat ', 'i'),
      original_decision: oneOf('risk_decision', pick('i', [80, 'Mitigate'], [100, 'Accept'])),
      final_decision: oneOf('risk_decision', pick('i', [70, 'Mitigate'], [90, 'Accept'], [100, 'Avoid'])),
      reviewer: name('reviewer ', 'i % 20'),
      justification: "'It is unlikely.'",
      review_date: "'2025-04-20'",
      status: oneOf('review_status', pick('i', [5, 'pending'], [10, 'in_progress'], [100, 'completed'])),
      created_at: time('i'),
      updated_at: time('i'),
    },
  }
  for (const [table, columns] of Object.entries(tables)) {
    const names = Object.keys(columns).map((column) => `"${column}"`)
    await runner.query(
      `INSERT INTO "${table}" (${names.join(', ')}) SELECT ${Object.values(columns).join(', ')} FROM ${series(rows)}`,
    )
  }
}
