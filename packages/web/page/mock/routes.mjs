// The routes of the API but for the session.
import { lint, measured } from './lint.mjs'
import { plan, findTarget } from './plan.mjs'
import { createRuns } from './runs.mjs'
import { schemaAt } from './schema.mjs'
import { idOf, shopTables } from './shop.mjs'
import { actor, ago, currentOf, detailsOf, headsOf, rowsOf, toolVersion } from './state.mjs'

/** @typedef {import('./state.mjs').State} State */

/**
 * @typedef {object} Call
 * @property {string} method
 * @property {string} route
 * @property {URLSearchParams} query
 * @property {Record<string, any>} body
 * @property {import('node:http').IncomingMessage} request
 * @property {import('node:http').ServerResponse} response
 * @property {(status: number, value: unknown) => void} json
 */

const database = /** @type {const} */ ({ dialect: 'postgres', name: 'shop_production', version: '18.1' })

/**
 * @param {State} state
 * @param {{ csrf: string, pace: number }} options
 */
export function createRoutes(state, { csrf, pace }) {
  const runs = createRuns(state, pace)
  const readOnly = state.scenario === 'readonly'

  /** @returns {import('../../src/api/types').Status} */
  const status = () => {
    const current = currentOf(state)
    const pending = state.revisions.length - state.applied.size
    const findings = findingsOf(state)
    return {
      current,
      heads: headsOf(state),
      pending,
      upToDate: pending === 0 && state.halfway === undefined,
      database,
      unknown: [],
      findings,
      ...(state.halfway === undefined ? {} : { halfway: findings.filter((it) => it.kind === 'halfway') }),
      lastRuns: state.journal.slice(0, 10),
      running: runs.current(),
      leftovers:
        state.scenario === 'attention'
          ? [{ kind: 'replaced', name: 'shop_production_replaced_20261104', bytes: 4_280_115_200 }]
          : [],
      lockedBy: runs.current() === null ? null : `${actor} (pid 4711)`,
      tables: state.scenario === 'empty' ? [] : shopTables,
      lastBackup: state.backups.find((backup) => backup.state === 'complete') ?? null,
      driftState: `${String(state.applied.size)} ${checkedAt}`,
      readAt: new Date().toISOString(),
    }
  }
  /** When somebody has asked, on the server of this PostgreSQL; empty if nobody has. */
  let checkedAt = ''

  /** @param {Call} call */
  return async ({ method, route, query, body, request, response, json }) => {
    const fail = (
      /** @type {number} */ code,
      /** @type {string} */ name,
      /** @type {string} */ message,
      /** @type {string} */ help = '',
      details = {},
    ) => json(code, { error: { code: name, message, ...(help ? { help } : {}), details } })
    if (readOnly && method === 'POST' && route !== '/drift') {
      return fail(403, 'ALUDEL_WEB_FORBIDDEN', 'this server only shows', 'It was started with `--read-only`.')
    }
    if (route === '/session') {
      /** @type {import('../../src/api/types').Session} */
      const session = {
        csrf,
        readOnly,
        allowCreate: !readOnly,
        version: toolVersion,
        reviews: true,
        database,
        typedName: database.name,
        actor,
      }
      return json(200, session)
    }
    if (route === '/status') return json(200, status())
    if (route === '/drift' && method === 'GET') {
      /** @type {import('../../src/api/types').KnownDrift} */
      const known =
        checkedAt === ''
          ? { database: null, entities: null, checkedAt: null, reason: 'server', replays: state.applied.size }
          : { database: drift(state).database, entities: 0, checkedAt, reason: null, replays: 0 }
      return json(200, known)
    }
    if (route === '/drift') {
      checkedAt = new Date().toISOString()
      await new Promise((resolve) => setTimeout(resolve, 900 * pace))
      return json(200, drift(state))
    }
    if (route === '/revisions') return json(200, rowsOf(state))
    const revision = /^\/revisions\/(\w+)$/.exec(route)?.[1]
    if (revision !== undefined) {
      const found = state.revisions.find((it) => idOf(it.key).startsWith(revision))
      if (found === undefined)
        return fail(
          404,
          'ALUDEL_UNKNOWN_REVISION',
          `there is no revision "${revision}"`,
          'It may be on another branch of the repository.',
        )
      return json(200, detailsOf(state, found))
    }
    if (route === '/journal') return json(200, journal(state, query))
    if (route === '/plan') {
      const direction = query.get('direction') === 'downgrade' ? 'downgrade' : 'upgrade'
      const target = query.get('target') ?? 'head'
      if (findTarget(state, target, direction) === undefined) {
        return fail(
          400,
          'ALUDEL_UNKNOWN_REVISION',
          `"${target}" is not a revision`,
          'Choose one of the history, or head, base, +1, -1.',
        )
      }
      const found = plan(state, direction, target, query.get('keepDropped') === 'true')
      if (query.get('trace') !== 'true') return json(200, found)
      await new Promise((resolve) => setTimeout(resolve, 1500 * pace))
      return json(200, measured(found))
    }
    if (route === '/lint') return json(200, lint(state, query))
    if (route === '/runs' && method === 'GET') return json(200, { runs: runs.all() })
    if (route === '/runs') {
      if (runs.current() !== null)
        return fail(409, 'ALUDEL_WEB_BUSY', 'a run is at work', 'Wait for its end, or cancel it.', {
          run: runs.current()?.id,
        })
      const now = plan(state, body.direction, body.target, body.keepDropped === true)
      if (now.fingerprint !== body.fingerprint)
        return fail(
          409,
          'ALUDEL_PLAN_CHANGED',
          'the database has changed since the plan was shown',
          'Look at the new plan, and confirm again.',
        )
      if (now.needsConfirmation && body.confirm !== database.name)
        return fail(
          400,
          'ALUDEL_CONFIRMATION',
          'the run would lose data, and was not confirmed',
          'Type the name of the database.',
        )
      return json(202, runs.start(body, now))
    }
    const [, id, action] = /^\/runs\/([\w-]+)(?:\/(cancel|events))?$/.exec(route) ?? []
    if (id !== undefined) {
      const run = runs.find(id)
      if (run === undefined)
        return fail(
          404,
          'ALUDEL_WEB_NOT_FOUND',
          `there is no run "${id}"`,
          'This server knows those since it was started; older ones are in the journal.',
        )
      if (action === 'cancel') return json(202, runs.cancel(id))
      if (action === 'events')
        return runs.follow(id, Number(request.headers['last-event-id'] ?? query.get('after') ?? 0), response)
      return json(200, run)
    }
    if (route === '/schema') return json(200, schemaAt(query.get('at') ?? 'live'))
    if (route === '/schema/difference') {
      return json(200, {
        from: query.get('from'),
        to: query.get('to'),
        operations: state.revisions
          .filter((it) => !state.applied.has(it.key))
          .flatMap((it) =>
            it.does.map((description) => ({
              op: description.startsWith('create index')
                ? 'createIndex'
                : description.startsWith('drop column')
                  ? 'dropColumn'
                  : description.startsWith('rename')
                    ? 'renameColumn'
                    : description.startsWith('change')
                      ? 'alterColumn'
                      : 'addColumn',
              table: it.tables?.[0],
              destroys: description.startsWith('drop'),
              dialects: ['postgres'],
              description,
            })),
          ),
      })
    }
    if (route === '/schema/story') return json(200, story(state, String(query.get('table')), query.get('column')))
    if (route === '/backups' && method === 'GET') {
      return json(200, {
        directory: '/srv/shop/backups',
        backups: state.backups,
        ...(state.scenario === 'attention' ? { leftovers: status().leftovers } : {}),
      })
    }
    if (route === '/backups') return json(202, runs.startOther('backup', 'back up shop_production'))
    if (route === '/backups/prune') {
      const removed = state.backups
        .slice(Number(body.count ?? 2))
        .map(({ id: one, path, bytes, createdAt }) => ({ id: one, path, bytes, createdAt }))
      if (body.dryRun !== true) state.backups = state.backups.slice(0, Number(body.count ?? 2))
      return json(200, {
        directory: '/srv/shop/backups',
        removed,
        remaining: state.backups.length,
        dryRun: body.dryRun === true,
      })
    }
    const [, backupId, backupAction] = /^\/backups\/([\w-]+)\/(verify|restore)$/.exec(route) ?? []
    if (backupId !== undefined) {
      const backup = state.backups.find((it) => it.id === backupId)
      if (backup === undefined) return fail(404, 'ALUDEL_UNKNOWN_BACKUP', `there is no backup "${backupId}"`)
      if (backupAction === 'restore' && method === 'GET') return json(200, restorePlan(backup))
      return json(
        202,
        runs.startOther(
          backupAction === 'verify' ? 'verify-backup' : 'restore',
          `${String(backupAction)} ${backupId}`,
          backupId,
        ),
      )
    }
    if (route === '/kept') return json(200, { kept: state.scenario === 'empty' ? [] : kept() })
    if (route === '/kept/prune') return json(200, { pruned: kept().slice(0, 1), left: 1 })
    if (route === '/create/preview' || route === '/create') return json(200, preview(body))
    if (route === '/reviews') return json(200, reviews(query))
    const review = /^\/reviews\/([\w-]+)$/.exec(route)?.[1]
    if (review !== undefined)
      return json(
        200,
        reviews(new URLSearchParams()).reviews.find((it) => it.id === review),
      )
    return fail(404, 'ALUDEL_WEB_NOT_FOUND', `there is no route ${method} ${route}`)
  }
}

/**
 * @param {State} state
 * @returns {import('../../src/api/types').Status['findings']}
 */
function findingsOf(state) {
  const { halfway, scenario } = state
  if (halfway !== undefined) {
    return [
      {
        kind: 'halfway',
        revision: idOf(halfway),
        name: 'OrderSearch1764460800000',
        path: '/srv/shop/migrations/order-search.ts',
        message: `the upgrade of ${idOf(halfway)} (find orders by customer and day) stopped in its first statement`,
        help: 'It runs outside a transaction, so the index may exist as INVALID. An upgrade drops it and goes on.',
        mend: ['aludel migrate upgrade', `aludel migrate show ${idOf(halfway)}`],
        stopped: {
          direction: 'upgrade',
          statements: 0,
          inDoubt: true,
          at: ago(0.0785),
          by: 'deploy@ci-7',
          error: 'canceling statement due to lock timeout',
        },
      },
    ]
  }
  if (scenario !== 'attention') return []
  return [
    {
      kind: 'missing',
      revision: null,
      name: 'HotfixIndex1764000000000',
      path: null,
      message: 'the database has HotfixIndex1764000000000, which no file describes',
      help: 'Check out the branch that has it, or remove it from the history.',
      mend: ['aludel migrate repair'],
      appliedAt: ago(4.2),
      appliedBy: 'grace@ops-laptop',
    },
    {
      kind: 'edited',
      revision: idOf('stock'),
      name: 'Stock1743000000000',
      path: '/srv/shop/migrations/stock.ts',
      message: `${idOf('stock')} (stock per warehouse) was edited after it was applied`,
      help: 'If the change is harmless, accept it; else restore the file.',
      mend: ['aludel migrate repair --accept-edited', `git checkout -- migrations/stock.ts`],
    },
  ]
}

/**
 * @param {State} state
 * @returns {import('../../src/api/types').DriftReport}
 */
function drift(state) {
  const clean = state.scenario !== 'attention'
  return {
    clean,
    operations: [],
    unmanaged: [],
    names: [],
    branches: [],
    database: {
      clean,
      pending: state.revisions.length - state.applied.size,
      matches: null,
      findings: [],
      broken: [],
      operations: clean
        ? []
        : [
            {
              op: 'dropIndex',
              table: 'orders',
              name: 'ix_orders_tmp',
              destroys: false,
              dialects: ['postgres'],
              description: 'drop index ix_orders_tmp on orders (total)',
              ahead: 'database',
              matches: null,
              revision: null,
              explanation: 'the database has index ix_orders_tmp on orders, which no revision creates (unmanaged?)',
            },
          ],
    },
  }
}

/**
 * @param {State} state
 * @param {URLSearchParams} query
 * @returns {import('../../src/api/types').Journal}
 */
function journal(state, query) {
  const outcome = query.get('outcome')
  const search = (query.get('search') ?? '').toLowerCase()
  const limit = Number(query.get('limit') ?? 50)
  const from = Number(query.get('before') ?? 0)
  const all = state.journal.filter(
    (run) =>
      (outcome === null || run.outcome === outcome) &&
      `${run.revision} ${run.message ?? ''} ${run.name} ${run.actor}`.toLowerCase().includes(search),
  )
  return { runs: all.slice(from, from + limit), next: from + limit < all.length ? String(from + limit) : null }
}

/**
 * @param {State} state
 * @param {string} table
 * @param {string | null} column
 * @returns {import('../../src/api/types').Story}
 */
function story(state, table, column) {
  return {
    table,
    column,
    events: state.revisions
      .filter(
        (it) =>
          it.tables?.includes(table) &&
          (column === null ||
            it.does.some((text) => text.includes(`.${column}`) || text.includes(`create table ${table}`))),
      )
      .map((it) => ({
        revision: idOf(it.key),
        message: it.message,
        createdAt: ago(it.daysAgo),
        applied: state.applied.has(it.key),
        operations: it.does,
        ...(it.key === 'cents' && column === 'total_cents' ? { renamedFrom: 'total' } : {}),
      })),
  }
}

/** @param {State['backups'][number]} backup */
function restorePlan(backup) {
  return {
    backup: {
      id: backup.id,
      path: backup.path,
      kind: 'database',
      createdAt: backup.createdAt,
      revision: backup.revision,
      database: 'shop_production',
    },
    database,
    exists: true,
    kept: 'shop_production_replaced_20261130',
    tables: shopTables.map(({ name, rows }) => ({
      name,
      now: rows,
      backup: backup.state === 'complete' ? (backup.tables.find((it) => it.name === name)?.rows ?? null) : null,
    })),
    disconnected: [
      { pid: 8123, user: 'shop', application: 'shop-api', client: '10.0.0.7', canBeEnded: true },
      { pid: 8131, user: 'shop', application: 'worker', client: '10.0.0.9', canBeEnded: true },
    ],
  }
}

/** @returns {import('../../src/api/types').Kept['kept'][number][]} */
function kept() {
  return [
    {
      id: 1,
      revision: idOf('cents'),
      message: 'totals in cents',
      kind: 'values',
      table: 'orders',
      column: 'total',
      rows: 3_204_118,
      place: 'orders.total__kept_1',
      keptAt: ago(6),
      expiresAt: ago(-24),
      expired: false,
      applied: true,
    },
    {
      id: 2,
      revision: idOf('reviews'),
      message: 'reviews of products',
      kind: 'table',
      table: 'legacy_reviews',
      column: null,
      rows: 4_402,
      place: 'legacy_reviews__kept_2',
      keptAt: ago(96),
      expiresAt: ago(6),
      expired: true,
      applied: true,
    },
  ]
}

/**
 * @param {Record<string, any>} body
 * @returns {import('../../src/api/types').CreatePreview}
 */
function preview(body) {
  const answered = (/** @type {string} */ text) => JSON.stringify(body).includes(text)
  /** @type {import('../../src/api/types').CreateQuestion[]} */
  const questions = []
  if (!answered('customers.full_name')) {
    questions.push({
      kind: 'rename',
      text: 'Is customers.display_name a rename of customers.full_name?',
      detail: 'customers.full_name text is gone, and customers.display_name text is new.',
      options: [
        {
          label: 'Yes: rename it, and keep 412,806 values',
          answer: { list: 'rename', value: 'customers.full_name=display_name' },
        },
        {
          label: 'No: drop full_name with its values, and add display_name',
          answer: { list: 'noRename', value: 'customers.full_name' },
          destroys: true,
        },
      ],
    })
  }
  if (!answered('orders.channel')) {
    questions.push({
      kind: 'backfill',
      text: 'What should orders.channel be in the rows that exist?',
      detail: 'The column is NOT NULL and has no default; orders has 3,204,118 rows.',
      options: [
        {
          label: 'A value for all of them',
          typed: { list: 'backfill', prefix: 'orders.channel=', placeholder: `'web'` },
        },
      ],
    })
  }
  if (!answered('ix_orders_tmp')) {
    questions.push({
      kind: 'unmanaged',
      text: 'Index ix_orders_tmp on orders is described by no entity. What should happen to it?',
      detail: 'Revision 3f9c1b7a2d40 (reserve stock while a cart is open) created it.',
      options: [
        { label: 'Keep it', answer: { list: 'keep', value: 'index:orders.ix_orders_tmp' } },
        { label: 'Drop it', answer: { list: 'drop', value: 'index:orders.ix_orders_tmp' } },
      ],
    })
  }
  if (questions.length > 0) return { state: 'questions', questions, answers: [] }
  const destroys = answered('noRename') && body.noRename?.length > 0 ? ['all values of customers.full_name'] : []
  const up = [
    'ALTER TABLE "customers" RENAME COLUMN "full_name" TO "display_name"',
    `ALTER TABLE "orders" ADD "channel" text NOT NULL DEFAULT 'web'`,
    'ALTER TABLE "orders" ALTER COLUMN "channel" DROP DEFAULT',
  ]
  const down = [
    'ALTER TABLE "orders" DROP COLUMN "channel"',
    'ALTER TABLE "customers" RENAME COLUMN "display_name" TO "full_name"',
  ]
  return {
    state: 'ready',
    result: {
      created: null,
      operations: [
        {
          op: 'renameColumn',
          table: 'customers',
          name: 'full_name',
          destroys: false,
          dialects: ['postgres'],
          description: 'rename customers.full_name to display_name',
        },
        {
          op: 'addColumn',
          table: 'orders',
          name: 'channel',
          destroys: false,
          dialects: ['postgres'],
          description: 'add column orders.channel text not null',
        },
      ],
      destroys,
      sql: { postgres: { up, down } },
      unmanaged: { added: [], path: null },
      answers: [
        {
          kind: 'rename',
          flag: 'customers.full_name=display_name',
          text: 'customers.full_name is renamed to display_name',
        },
      ],
      findings: [
        {
          rule: 'rename-column',
          id: 'C1',
          category: 'compatibility',
          severity: 'error',
          direction: 'upgrade',
          dialects: ['postgres'],
          statement: up[0] ?? null,
          message: 'renaming customers.full_name breaks programs that still use the old name',
          help: 'Add the new column beside it, write both, and drop the old one in a later release.',
          table: 'customers',
        },
      ],
    },
    file: {
      revision: 'b7e1d2c3a4f5',
      path: 'migrations/1796025600000-display-names.ts',
      language: 'ts',
      source: `import type { MigrationInterface, QueryRunner } from 'typeorm'\n\n/** ${String(body.message)} */\nexport class DisplayNames1796025600000 implements MigrationInterface {\n  static readonly revision = 'b7e1d2c3a4f5'\n  static readonly downRevision = '${idOf('backfill')}'\n\n  async up(queryRunner: QueryRunner): Promise<void> {\n${up.map((sql) => `    await queryRunner.query(\`${sql}\`)`).join('\n')}\n  }\n\n  async down(queryRunner: QueryRunner): Promise<void> {\n${down.map((sql) => `    await queryRunner.query(\`${sql}\`)`).join('\n')}\n  }\n}\n`,
    },
  }
}

/**
 * @param {URLSearchParams} query
 * @returns {import('../../src/api/types').Reviews}
 */
function reviews(query) {
  const statuses = ['completed', 'completed', 'in_progress', 'pending']
  const decisions = ['Mitigate', 'Accept with Controls', 'Transfer', 'Accept', 'Avoid']
  const threats = [
    'Replay of a signed payment request',
    'Denial of service by large request bodies',
    'Stolen API key of a merchant',
    'Change of posted entries by an administrator',
    'Backup read by the hosting provider',
    'Rollback of the firmware to a vulnerable version',
    'Relay of the key signal',
    'Telemetry of a stolen device',
  ]
  const all = threats.map((threatId, index) => ({
    id: `0b7e9d2a-0000-4000-8000-00000000000${String(index)}`,
    analysisId: ['payment-gateway-2025q2', 'telemetry-platform', 'door-lock-firmware-1.8'][index % 3],
    componentId: ['api-gateway', 'ledger-database', 'broker', 'bootloader'][index % 4],
    threatId,
    originalDecision: decisions[(index * 2) % 5],
    finalDecision: decisions[(index * 3) % 5],
    reviewer: ['Ana Duarte', 'Jonas Weber', '山田 太郎'][index % 3],
    justification: 'Each request carries a nonce that is kept for 24 hours; the tests replay one and are refused.',
    additionalNotes: index % 2 === 0 ? 'Look again when the retention of nonces changes.' : null,
    reviewDate: ago(index * 9 + 2).slice(0, 10),
    evidenceReferences: index % 2 === 0 ? ['PAY-TEST-118', 'https://example.org/payments/nonce'] : [],
    status: statuses[index % 4] ?? 'completed',
    createdAt: ago(index * 9 + 2),
    updatedAt: ago(index * 9 + 1),
  }))
  const wanted = query.get('status')
  const search = (query.get('search') ?? '').toLowerCase()
  return {
    reviews: all.filter(
      (it) => (wanted === null || it.status === wanted) && it.threatId.toLowerCase().includes(search),
    ),
    next: null,
    counts: { pending: 2, in_progress: 2, completed: 4 },
  }
}
