// Runs that take their time, and events of them.
import { idOf } from './shop.mjs'
import { actor, currentOf, entryOf, find } from './state.mjs'

/** @typedef {import('./state.mjs').State} State */
/** @typedef {import('../../src/api/types').Run} Run */
/** @typedef {import('../../src/api/types').RunUpdate} RunUpdate */
/** @typedef {{ -readonly [K in keyof Run]: Run[K] }} OwnRun */

/**
 * @param {State} state
 * @param {number} pace
 */
export function createRuns(state, pace) {
  /** @type {{ run: OwnRun, events: RunUpdate[], listeners: Set<() => void> }[]} */
  const all = []
  const wait = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms * pace))
  let lastId = 0

  /**
   * @param {Run['kind']} kind
   * @param {string} title
   * @param {Run['steps']} steps
   */
  const open = (kind, title, steps) => {
    lastId += 1
    const it = {
      run: /** @type {OwnRun} */ ({
        id: `run-${String(lastId)}`,
        kind,
        title,
        state: 'running',
        actor,
        startedAt: new Date().toISOString(),
        finishedAt: null,
        steps,
        lastEvent: 0,
        result: null,
        error: null,
      }),
      events: /** @type {RunUpdate[]} */ ([]),
      listeners: /** @type {Set<() => void>} */ (new Set()),
    }
    all.unshift(it)
    const emit = (/** @type {RunUpdate} */ event) => {
      it.events.push(event)
      it.run.lastEvent = it.events.length
      for (const listener of it.listeners) listener()
    }
    const end = (/** @type {Run['state']} */ ended, /** @type {Partial<OwnRun>} */ more = {}) => {
      Object.assign(it.run, { state: ended, finishedAt: new Date().toISOString(), ...more })
      emit({ type: 'end', run: { ...it.run, lastEvent: it.events.length + 1 } })
    }
    return { it, emit, end }
  }

  return {
    current: () => all.find(({ run }) => run.finishedAt === null)?.run ?? null,
    all: () => all.map(({ run }) => run),
    find: (/** @type {string} */ id) => all.find(({ run }) => run.id === id)?.run,
    cancel: (/** @type {string} */ id) => {
      const found = all.find(({ run }) => run.id === id)
      if (found?.run.finishedAt === null) found.run.state = 'canceling'
      return found?.run
    },

    /**
     * @param {Record<string, any>} body
     * @param {import('../../src/api/types').Plan} plan
     */
    start(body, plan) {
      const steps = plan.steps.map(({ revision, message }) => ({
        revision,
        message,
        state: /** @type {'pending' | 'running' | 'done' | 'failed'} */ ('pending'),
        durationMs: /** @type {number | null} */ (null),
      }))
      const { it, emit, end } = open(body.direction, `${String(body.direction)} to ${String(body.target)}`, steps)
      const from = currentOf(state)
      const backup =
        plan.backup === null || body.backup === 'never'
          ? null
          : {
              id: '20261130T101500Z-3c1d',
              path: '/srv/shop/backups/20261130T101500Z-3c1d.dump',
              kind: /** @type {const} */ ('database'),
            }
      void (async () => {
        await wait(200)
        emit({ type: 'waiting', waitedMs: 120, holder: 'deploy@ci-7' })
        await wait(500)
        emit({ type: 'locked' })
        emit({ type: 'planned', steps: structuredClone(steps) })
        if (backup !== null) {
          const total = plan.backup?.bytes ?? 1
          for (const phase of /** @type {const} */ (['copy', 'verify'])) {
            for (let part = 1; part <= 8; part += 1) {
              await wait(180)
              emit({ type: 'backup', phase, bytes: Math.round((total * part) / 8), total })
            }
          }
        }
        for (const [index, step] of steps.entries()) {
          if (it.run.state === 'canceling') return end('canceled')
          const planned = plan.steps[index]
          const key = state.revisions.find((one) => idOf(one.key) === step.revision)?.key ?? ''
          const revision = find(state.revisions, key)
          step.state = 'running'
          emit({ type: 'stepStart', revision: step.revision, index, total: steps.length })
          for (const [at, sql] of (planned?.sql ?? []).entries()) {
            emit({ type: 'statement', revision: step.revision, statement: at, sql })
            await wait(350)
            if (key === 'cents' && at === 0) {
              emit({
                type: 'retry',
                revision: step.revision,
                try: 1,
                delayMs: 1000,
                blockers: ['pid 8123 (shop-api, user shop, from 10.0.0.7)'],
              })
              await wait(700)
            }
          }
          if (state.scenario === 'failing' && key === 'cents') {
            step.state = 'failed'
            emit({
              type: 'stepFailed',
              revision: step.revision,
              index,
              total: steps.length,
              message: 'bigint out of range',
            })
            state.journal.unshift({
              ...entryOf(revision, body.direction, { durationMs: 1_204 }),
              outcome: 'failed',
              error: 'bigint out of range',
              startedAt: new Date().toISOString(),
              finishedAt: new Date().toISOString(),
            })
            return end('failed', {
              error: {
                code: 'ALUDEL_STATEMENT',
                message: `statement 1 of ${step.revision} (totals in cents) failed: bigint out of range`,
                help: 'Nothing of this revision was kept; the two before it are applied.\nFind the rows: SELECT "id" FROM "orders" WHERE "total" > 92233720368547758',
                details: { revision: step.revision, sql: planned?.sql[0] },
              },
              resume: { direction: body.direction, target: body.target },
            })
          }
          if (key === 'backfill') {
            for (let part = 1; part <= 10; part += 1) {
              await wait(160)
              emit({
                type: 'batch',
                revision: step.revision,
                name: 'payments',
                rows: part * 311_820,
                total: 3_118_207,
                remainingMs: (10 - part) * 160,
              })
            }
          }
          await wait(200)
          step.state = 'done'
          step.durationMs = 350 * (planned?.sql.length ?? 0) + 200
          if (body.direction === 'upgrade') state.applied.add(key)
          else state.applied.delete(key)
          if (state.halfway === key) delete state.halfway
          state.journal.unshift({
            ...entryOf(revision, body.direction, { durationMs: step.durationMs }),
            startedAt: new Date().toISOString(),
            finishedAt: new Date().toISOString(),
            actor,
          })
          emit({ type: 'stepDone', revision: step.revision, index, total: steps.length, durationMs: step.durationMs })
        }
        end('done', {
          result: {
            direction: body.direction,
            from,
            to: currentOf(state),
            steps: steps.map((step) => ({
              revision: step.revision,
              message: step.message,
              direction: body.direction,
              durationMs: step.durationMs ?? 0,
            })),
            backup,
          },
        })
      })()
      return it.run
    },

    /**
     * @param {'backup' | 'verify-backup' | 'restore'} kind
     * @param {string} title
     * @param {string} [id]
     */
    startOther(kind, title, id = '') {
      const { it, emit, end } = open(kind, title, [])
      void (async () => {
        for (const phase of /** @type {const} */ (['copy', 'verify'])) {
          for (let part = 1; part <= 10; part += 1) {
            await wait(150)
            if (/** @type {string} */ (it.run.state) === 'canceling') return end('canceled')
            emit({
              type: kind === 'restore' ? 'restore' : 'backup',
              phase,
              bytes: part * 120_400_000,
              total: 1_204_000_000,
            })
          }
        }
        const backup = state.backups.find((one) => one.id === id) ?? state.backups[0]
        if (kind === 'backup' && backup?.state === 'complete') {
          const made = {
            ...backup,
            id: '20261130T101500Z-3c1d',
            path: '/srv/shop/backups/20261130T101500Z-3c1d.dump',
            createdAt: new Date().toISOString(),
            reason: /** @type {const} */ ('requested'),
          }
          state.backups.unshift(made)
          return end('done', { result: made })
        }
        if (kind === 'verify-backup')
          return end('done', {
            result: {
              id,
              path: backup?.path ?? '',
              ok: true,
              checked: ['size', 'checksum', 'content', 'rows'],
              problems: [],
            },
          })
        return end('done', {
          result: { restored: id, revision: backup?.revision ?? [], kept: 'shop_production_replaced_20261130' },
        })
      })()
      return it.run
    },

    /**
     * @param {string} id
     * @param {number} after
     * @param {import('node:http').ServerResponse} response
     */
    follow(id, after, response) {
      const found = all.find(({ run }) => run.id === id)
      if (found === undefined) return response.writeHead(404).end()
      let sent = after
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      const send = () => {
        for (; sent < found.events.length; sent += 1) {
          const event = found.events[sent]
          response.write(`id: ${String(sent + 1)}\nevent: ${event?.type ?? ''}\ndata: ${JSON.stringify(event)}\n\n`)
        }
        if (found.run.finishedAt !== null) {
          found.listeners.delete(send)
          response.end()
        }
      }
      found.listeners.add(send)
      response.on('close', () => found.listeners.delete(send))
      send()
      return undefined
    },
  }
}
