// What the mock server knows: revisions, which are applied, the journal, backups.
import { createHash } from 'node:crypto'
import { layOut } from './lanes.mjs'
import { firstPending, idOf, shopRevisions, shopTables } from './shop.mjs'

/** @typedef {import('../../src/api/types').JournalRun} JournalRun */
/** @typedef {import('../../src/api/types').RevisionDetails} RevisionDetails */
/** @typedef {import('../../src/api/types').RunStep} RunStep */
/** @typedef {import('./shop.mjs').ShopRevision} ShopRevision */

/** @typedef {'shop' | 'current' | 'halfway' | 'failing' | 'empty' | 'huge' | 'readonly' | 'attention'} Scenario */

const dayMs = 86_400_000
export const toolVersion = '0.1.0'
export const actor = 'ada@ops-laptop'

/**
 * @typedef {object} State
 * @property {Scenario} scenario
 * @property {ShopRevision[]} revisions in run order
 * @property {Set<string>} applied keys
 * @property {JournalRun[]} journal newest first
 * @property {import('../../src/api/types').Backups['backups'][number][]} backups
 * @property {string} [halfway] key
 */

/**
 * @param {Scenario} scenario
 * @returns {State}
 */
export function makeState(scenario) {
  const revisions = scenario === 'empty' ? [] : scenario === 'huge' ? hugeRevisions(10_000) : shopRevisions
  const pendingFrom =
    scenario === 'current'
      ? revisions.length
      : scenario === 'huge'
        ? 9_800
        : revisions.findIndex((it) => it.key === firstPending)
  const applied = new Set(revisions.slice(0, Math.max(0, pendingFrom)).map((it) => it.key))
  const last = revisions.slice(0, Math.max(0, pendingFrom)).slice(-60)
  const journal = last.map((revision, index) => entryOf(revision, 'upgrade', { index })).reverse()
  if (scenario === 'halfway') {
    applied.add('order-currency')
    journal.unshift({
      ...entryOf(find(revisions, 'order-currency'), 'upgrade', { index: 3 }),
      startedAt: ago(0.08),
      finishedAt: ago(0.08),
    })
    journal.unshift({
      ...entryOf(find(revisions, 'order-search'), 'upgrade', { index: 4 }),
      outcome: 'failed',
      statement: 0,
      startedAt: ago(0.079),
      finishedAt: ago(0.0785),
      durationMs: 43_210,
      error: 'canceling statement due to lock timeout',
    })
  }
  /** @type {State} */
  const state = { scenario, revisions, applied, journal, backups: scenario === 'empty' ? [] : makeBackups() }
  if (scenario === 'halfway') state.halfway = 'order-search'
  return state
}

/** @param {number} days */
export function ago(days) {
  return new Date(Date.now() - days * dayMs).toISOString()
}

/**
 * @param {readonly ShopRevision[]} revisions
 * @param {string} key
 */
export function find(revisions, key) {
  const found = revisions.find((it) => it.key === key)
  if (found === undefined) throw new Error(`no revision ${key}`)
  return found
}

/**
 * @param {ShopRevision} revision
 * @param {'upgrade' | 'downgrade'} direction
 * @param {{ index?: number, durationMs?: number }} [options]
 * @returns {JournalRun}
 */
export function entryOf(revision, direction, { index = 0, durationMs } = {}) {
  const appliedDays = Math.max(0.4, revision.daysAgo - 2.3)
  const took = durationMs ?? [38, 112, 1_430, 64, 9_812, 241][index % 6] ?? 50
  return {
    revision: idOf(revision.key),
    name: className(revision),
    message: revision.message,
    direction,
    outcome: 'done',
    statement: revision.up.length,
    startedAt: ago(appliedDays),
    finishedAt: new Date(Date.now() - appliedDays * dayMs + took).toISOString(),
    durationMs: took,
    actor: ['deploy@ci-7', 'deploy@ci-3', 'grace@ops-laptop'][index % 3] ?? actor,
    toolVersion,
    error: null,
  }
}

/** @param {ShopRevision} revision */
export function className(revision) {
  const words = revision.key.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return `${words.join('')}${String(timestampOf(revision))}`
}

/** @param {ShopRevision} revision */
function timestampOf(revision) {
  return Math.floor(Date.now() / dayMs) * dayMs - revision.daysAgo * dayMs + 36_000_000
}

/** @param {State} state */
export function headsOf({ revisions }) {
  const parents = new Set(revisions.flatMap((it) => it.down))
  return revisions.filter((it) => !parents.has(it.key)).map((it) => idOf(it.key))
}

/** @param {State} state */
export function currentOf({ revisions, applied }) {
  const done = revisions.filter((it) => applied.has(it.key))
  const parents = new Set(done.flatMap((it) => [...it.down, ...(it.dependsOn ?? [])]))
  return done.filter((it) => !parents.has(it.key)).map((it) => idOf(it.key))
}

/** @param {State} state */
export function rowsOf(state) {
  const heads = new Set(headsOf(state))
  const current = new Set(currentOf(state))
  return layOut(
    state.revisions
      .map((it) => {
        const id = idOf(it.key)
        return {
          revision: id,
          ...(it.down.length > 0 ? { down: it.down.map(idOf) } : {}),
          ...(it.dependsOn ? { dependsOn: it.dependsOn.map(idOf) } : {}),
          ...(it.labels ? { branchLabels: it.labels } : {}),
          message: it.message,
          createdAt: new Date(timestampOf(it)).toISOString(),
          applied: state.applied.has(it.key),
          ...(state.halfway === it.key ? { halfway: /** @type {const} */ ('upgrade') } : {}),
          ...(heads.has(id) ? { isHead: /** @type {const} */ (true) } : {}),
          ...(current.has(id) ? { isCurrent: /** @type {const} */ (true) } : {}),
        }
      })
      .reverse(),
  )
}

/**
 * @param {State} state
 * @param {ShopRevision} it
 * @returns {RevisionDetails}
 */
export function detailsOf(state, it) {
  const id = idOf(it.key)
  const createdAt = new Date(timestampOf(it)).toISOString()
  const runs = state.journal.filter((run) => run.revision === id)
  const done = runs.find((run) => run.outcome === 'done')
  const children = state.revisions.filter((other) => other.down.includes(it.key)).length
  const file = `migrations/${String(timestampOf(it))}-${it.message.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.ts`
  return {
    revision: id,
    down: it.down.map(idOf),
    dependsOn: (it.dependsOn ?? []).map(idOf),
    branchLabels: it.labels ?? [],
    message: it.message,
    createdAt,
    path: `/srv/shop/${file}`,
    file,
    name: className(it),
    applied: state.applied.has(it.key),
    ...(state.halfway === it.key ? { halfway: 'upgrade' } : {}),
    isHead: headsOf(state).includes(id),
    isCurrent: currentOf(state).includes(id),
    isBranchPoint: children > 1,
    isMergePoint: it.down.length > 1,
    ...(state.applied.has(it.key) && done ? { appliedAt: done.finishedAt, appliedBy: done.actor } : {}),
    source: sourceOf(it),
    language: 'ts',
    transactional: it.transactional ?? true,
    does: it.does,
    destroys: it.destroys ?? [],
    unknown: it.unknown ?? [],
    needs: it.needs ?? [],
    locks: it.locks ?? [],
    rewrites: it.rewrites ?? [],
    sql: { postgres: { up: it.up, down: it.back } },
    runs,
    findings: [],
  }
}

/** @param {ShopRevision} it */
function sourceOf(it) {
  const parents = it.down.map((key) => `'${idOf(key)}'`)
  const down = parents.length === 0 ? 'null' : parents.length === 1 ? parents[0] : `[${parents.join(', ')}]`
  const calls = (/** @type {string[]} */ statements) =>
    statements.map((sql) => `    await queryRunner.query(\`${sql.replaceAll('\n', '\n      ')}\`)`).join('\n')
  return `import type { MigrationInterface, QueryRunner } from 'typeorm'

/** ${it.message} */
export class ${className(it)} implements MigrationInterface {
  static readonly revision = '${idOf(it.key)}'
  static readonly downRevision = ${down ?? 'null'}
${it.labels ? `  static readonly branchLabels = ['${it.labels.join("', '")}']\n` : ''}${it.transactional === false ? '  readonly transaction = false\n' : ''}
  async up(queryRunner: QueryRunner): Promise<void> {
${calls(it.up)}
  }

  async down(queryRunner: QueryRunner): Promise<void> {
${calls(it.back)}
  }
}
`
}

/** @returns {State['backups']} */
function makeBackups() {
  const make = (
    /** @type {number} */ days,
    /** @type {string} */ key,
    /** @type {'requested' | 'before-upgrade'} */ reason,
    /** @type {number} */ size,
  ) => {
    const createdAt = ago(days)
    const id = `${createdAt.replaceAll(/[-:]|\.\d+/g, '')}-${createHash('sha256')
      .update(key + reason)
      .digest('hex')
      .slice(0, 4)}`
    return /** @type {const} */ ({
      state: 'complete',
      id,
      path: `/srv/shop/backups/${id}.dump`,
      bytes: size,
      createdAt,
      revision: [idOf(key)],
      kind: 'database',
      reason,
      database: { dialect: 'postgres', name: 'shop_production', version: '18.1' },
      tables: shopTables.map(({ name, rows }) => ({ name, rows: Math.round(rows * (1 - days / 400)) })),
      program: 'pg_dump 18.1',
      toolVersion,
    })
  }
  return [
    make(0.9, 'review-author', 'requested', 1_204_551_331),
    {
      state: 'unfinished',
      id: '20261128T031500Z-77aa',
      path: '/srv/shop/backups/20261128T031500Z-77aa.dump',
      bytes: 311_427_072,
      createdAt: ago(2.1),
      revision: [],
    },
    make(7.2, 'review-author', 'requested', 1_197_330_112),
    make(38.4, 'reviews', 'before-upgrade', 1_102_446_592),
  ]
}

/**
 * @param {number} length
 * @returns {ShopRevision[]}
 */
function hugeRevisions(length) {
  /** @type {ShopRevision[]} */
  const revisions = []
  const verbs = ['add', 'index', 'widen', 'split', 'rename', 'backfill', 'drop', 'constrain']
  const nouns = ['orders', 'customers', 'invoices', 'shipments', 'carts', 'ledgers', 'events', 'sessions', 'tickets']
  let main = ''
  /** @type {string[]} */
  let open = []
  for (let index = 0; index < length; index += 1) {
    const key = `huge-${String(index)}`
    const onBranch = open.length > 0 && index % 3 !== 0
    const branch = index % open.length
    const mergesNow = open.length > 3 || (open.length > 0 && index % 37 === 0)
    const down = main === '' ? [] : mergesNow ? [main, String(open.pop())] : [onBranch ? String(open[branch]) : main]
    const noun = nouns[(index * 7) % nouns.length] ?? ''
    revisions.push({
      key,
      down,
      daysAgo: Math.round((length - index) / 4),
      tables: [noun],
      message: `${verbs[(index * 5) % verbs.length] ?? ''} ${noun} ${String(index)}`,
      ...(index % 500 === 1 ? { labels: [`release-${String(Math.floor(index / 500))}`] } : {}),
      up: [`ALTER TABLE "${noun}" ADD "c${String(index)}" integer`],
      back: [`ALTER TABLE "${noun}" DROP COLUMN "c${String(index)}"`],
      does: [`add column ${noun}.c${String(index)} integer`],
      destroysBack: [`all values of ${noun}.c${String(index)}`],
      locks: [`ACCESS EXCLUSIVE "${noun}"`],
    })
    if (onBranch && !mergesNow) open[branch] = key
    else {
      main = key
      if (index % 11 === 5) open = [...open, key]
    }
  }
  // One head at the end.
  for (const key of open) {
    const merge = `merge-${key}`
    if (key !== main)
      revisions.push({ key: merge, message: `merge ${key}`, down: [main, key], daysAgo: 0, up: [], back: [], does: [] })
    if (key !== main) main = merge
  }
  return revisions
}
