// What lint finds, and what is measured: as much as the pages need.
import { findTarget } from './plan.mjs'
import { idOf, shopTables } from './shop.mjs'

/** @typedef {import('./state.mjs').State} State */
/** @typedef {import('./shop.mjs').ShopRevision} ShopRevision */
/** @typedef {import('../../src/api/types').LintFinding} LintFinding */
/** @typedef {import('../../src/api/types').TracedStatementResult} TracedStatementResult */

/**
 * @param {State} state
 * @param {URLSearchParams} query
 * @returns {import('../../src/api/types').Lint}
 */
export function lint(state, query) {
  const range = query.get('range')
  const direction = query.get('direction') === 'downgrade' ? 'downgrade' : 'upgrade'
  const wanted = findTarget(state, query.get('target') ?? 'head', direction) ?? new Set()
  const revisions = state.revisions.filter(({ key }) =>
    range === null ? wanted.has(key) !== state.applied.has(key) : idOf(key).startsWith(range),
  )
  return { findings: revisions.flatMap(findingsOf), revisions: revisions.length, ignored: 0 }
}

/**
 * @param {ShopRevision} revision
 * @returns {LintFinding[]}
 */
function findingsOf({ key, up, back }) {
  const path = `migrations/${key}.ts`
  /** @type {readonly ['upgrade' | 'downgrade', string[]][]} */
  const directions = [
    ['upgrade', up],
    ['downgrade', back],
  ]
  return directions.flatMap(([direction, statements]) =>
    statements.flatMap((statement, index) => {
      const found = foundIn(statement)
      if (found === undefined) return []
      const size = shopTables.find(({ name }) => name === found.table)
      return [
        {
          ...found,
          severity: direction === 'upgrade' ? found.severity : /** @type {const} */ ('warning'),
          revision: idOf(key),
          path,
          line: index + (direction === 'upgrade' ? 10 : 16),
          direction,
          dialects: [/** @type {const} */ ('postgres')],
          statement,
          ...(size === undefined ? {} : { rows: size.rows, bytes: size.bytes }),
        },
      ]
    }),
  )
}

/**
 * @param {string} statement
 * @returns {Pick<LintFinding, 'rule' | 'id' | 'category' | 'severity' | 'message' | 'help' | 'instead' | 'table'> | undefined}
 */
function foundIn(statement) {
  const [, table = '', column = ''] = /^ALTER TABLE "(\w+)" (?:ALTER|DROP) COLUMN "(\w+)"/.exec(statement) ?? []
  if (statement.includes(' TYPE '))
    return {
      rule: 'change-type',
      id: 'R1',
      category: 'rewrites',
      severity: 'error',
      message: `changing the type of ${table}.${column} rewrites ${table} while nobody can read or write it`,
      help: 'Add a new column, fill it in batches, and move the application to it.',
      instead: [
        `ALTER TABLE "${table}" ADD COLUMN "${column}_new" bigint`,
        `ALTER TABLE "${table}" ADD CONSTRAINT "ck_${table}_${column}_new" CHECK ("${column}_new" IS NOT NULL) NOT VALID`,
      ],
      table,
    }
  if (statement.includes(' DROP COLUMN '))
    return {
      rule: 'drop-column',
      id: 'D2',
      category: 'loss',
      severity: 'warning',
      message: `dropping ${table}.${column} loses its values, and breaks programs that still name it`,
      help: 'Drop it in a later release, or upgrade with `--keep-dropped`.',
      table,
    }
  if (statement.startsWith('CREATE INDEX CONCURRENTLY'))
    return {
      rule: 'if-not-exists',
      id: 'H4',
      category: 'hygiene',
      severity: 'info',
      message: 'an index that could not be built stays INVALID, and blocks its name',
      help: 'Drop it before the next attempt.',
      table: 'orders',
    }
  return undefined
}

/**
 * @param {import('../../src/api/types').Plan} plan
 * @returns {import('../../src/api/types').Plan}
 */
export function measured(plan) {
  const steps = plan.steps.map((step) => {
    const all = step.sql.map(measuredOf)
    if (all.some(({ locks }) => locks === null))
      return { ...step, measured: all, stallsUnknown: 'it sends other statements, the more rows there are' }
    return { ...step, measured: all, stalls: all.flatMap((one, at) => stallsOf(one, at + 1, all.length)) }
  })
  return { ...plan, steps }
}

/**
 * @param {TracedStatementResult} statement
 * @param {number} first
 * @param {number} last
 * @returns {import('../../src/api/types').Stall[]}
 */
function stallsOf({ locks, takesMs = 0, takes = 'less than 0.1 s' }, first, last) {
  return (locks ?? []).map((lock) => {
    const table = String(lock.split(' ').at(-1))
    const isOfRows = lock.startsWith('ROW')
    const what = isOfRows ? `writes to the rows of ${table} that it changes` : `reads and writes of ${table}`
    return {
      table,
      blocks: isOfRows ? 'changed rows' : 'reads and writes',
      ms: takesMs,
      first,
      last,
      text: `blocks ${what} for ${takes}${first === 1 ? '' : `, from statement ${String(first)} to the end`}`,
    }
  })
}

/**
 * @param {string} sql
 * @returns {TracedStatementResult}
 */
function measuredOf(sql) {
  const table = /^(?:ALTER TABLE|UPDATE) "(\w+)"/.exec(sql)?.[1]
  if (sql.includes('CONCURRENTLY')) return { sql, locks: null, rewrites: null, rebuilds: null, scans: null }
  const quiet = { sql, locks: [], rewrites: [], rebuilds: [], scans: [] }
  if (table === undefined) return quiet
  if (sql.startsWith('UPDATE'))
    return { ...quiet, locks: [`ROW EXCLUSIVE ${table}`], scans: [table], takesMs: 41_800, takes: 'about 42 s' }
  const locks = [`ACCESS EXCLUSIVE ${table}`]
  return sql.includes(' TYPE ')
    ? {
        ...quiet,
        locks,
        rewrites: [table],
        rebuilds: [`${table}_pkey`, `ix_${table}_placed`],
        scans: [table],
        takesMs: 4210,
        takes: 'about 4 s',
      }
    : { ...quiet, locks, takesMs: 2 }
}
