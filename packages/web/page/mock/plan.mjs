// Plans of upgrades and downgrades.
import { createHash } from 'node:crypto'
import { idOf, shopTables } from './shop.mjs'
import { currentOf } from './state.mjs'

/** @typedef {import('./state.mjs').State} State */

/**
 * The keys of the revisions that are applied when a target is reached; undefined if there is no such target.
 *
 * @param {State} state
 * @param {string} target
 * @param {'upgrade' | 'downgrade'} direction
 * @returns {Set<string> | undefined}
 */
export function findTarget(state, target, direction) {
  const { revisions, applied } = state
  const order = revisions.filter((it) => applied.has(it.key))
  if (target === 'head' || target === 'heads') return new Set(revisions.map((it) => it.key))
  if (target === 'base') return new Set()
  const relative = /^([+-])(\d+)$/.exec(target)
  if (relative !== null) {
    const number = Number(relative[2])
    if (relative[1] === '-') return new Set(order.slice(0, -number).map((it) => it.key))
    return new Set([
      ...applied,
      ...revisions
        .filter((it) => !applied.has(it.key))
        .slice(0, number)
        .map((it) => it.key),
    ])
  }
  const found = revisions.find((it) => target.length >= 4 && idOf(it.key).startsWith(target))
  if (found === undefined) return undefined
  const ancestors = new Set([found.key])
  for (const it of [...revisions].reverse()) {
    if (ancestors.has(it.key)) for (const parent of [...it.down, ...(it.dependsOn ?? [])]) ancestors.add(parent)
  }
  return direction === 'upgrade' ? new Set([...applied, ...ancestors]) : ancestors
}

/**
 * @param {State} state
 * @param {'upgrade' | 'downgrade'} direction
 * @param {string} target
 * @param {boolean} keepDropped
 * @returns {import('../../src/api/types').Plan}
 */
export function plan(state, direction, target, keepDropped) {
  const wanted = findTarget(state, target, direction) ?? new Set()
  const up = direction === 'upgrade'
  const moving = up
    ? state.revisions.filter((it) => wanted.has(it.key) && !state.applied.has(it.key))
    : state.revisions.filter((it) => !wanted.has(it.key) && state.applied.has(it.key)).reverse()
  const steps = moving.map((it) => {
    const destroys = up ? (it.destroys ?? []) : (it.destroysBack ?? [])
    return {
      revision: idOf(it.key),
      message: it.message,
      direction,
      transactional: it.transactional ?? true,
      does: up ? it.does : it.back.map((sql) => sql.toLowerCase().replaceAll('"', '')),
      destroys,
      ...(keepDropped && up ? { keeps: destroys.map((text) => ({ text, kept: true })) } : {}),
      unknown: it.unknown ?? [],
      needs: up ? (it.needs ?? []) : [],
      locks: it.locks ?? [],
      rewrites: it.rewrites ?? [],
      sql: up ? it.up : it.back,
      tables: (it.tables ?? []).map((name) => {
        const size = shopTables.find((table) => table.name === name)
        return { name, rows: size?.rows ?? null, bytes: size?.bytes ?? null }
      }),
      ...(state.halfway === it.key
        ? {
            stopped: {
              direction,
              statements: 0,
              inDoubt: true,
              at: new Date().toISOString(),
              by: 'deploy@ci-7',
              error: 'canceling statement due to lock timeout',
            },
          }
        : {}),
    }
  })
  const loses = steps.some((step) => step.destroys.length > 0) && !keepDropped
  const after = new Set(state.applied)
  for (const it of moving) {
    if (up) after.add(it.key)
    else after.delete(it.key)
  }
  return {
    direction,
    from: currentOf(state),
    to: currentOf({ ...state, applied: after }),
    steps,
    needsConfirmation: loses,
    backup: loses || steps.some((step) => step.rewrites.length > 0) ? { kind: 'database', bytes: 4_305_125_376 } : null,
    fingerprint: createHash('sha256')
      .update(JSON.stringify([steps.map((step) => step.revision), direction]))
      .digest('hex')
      .slice(0, 16),
  }
}
