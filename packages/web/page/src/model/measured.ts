import type { TracedStatementResult } from '../../../src/api/types'
import type { PlanStep } from './plan'

/** What a statement was measured to do. */
export interface MeasuredEffect {
  readonly kind: 'lock' | 'rewrite' | 'rebuild' | 'scan' | 'time' | 'unmeasured'
  readonly text: string
  /** Whether it keeps everybody else from the table, or costs as much as the table is large. */
  readonly heavy: boolean
}

/** A statement with what it did; of those that touched nothing only their number is told. */
export interface MeasuredStatement {
  readonly sql: string
  readonly effects: readonly MeasuredEffect[]
}

export interface MeasuredStep {
  readonly statements: readonly MeasuredStatement[]
  /** Statements that did nothing to what existed before them. */
  readonly quiet: number
  /** Why it was not measured to its end. */
  readonly error: string | undefined
  /** Whom it would keep waiting on the database, and for how long. */
  readonly stalls: readonly StallText[]
  /** Why that cannot be told. */
  readonly stallsUnknown: string | undefined
}

export interface StallText {
  readonly text: string
  /** Whether somebody notices. */
  readonly heavy: boolean
}

/** What was measured of a step; undefined if it did not run on the scratch database. */
export function measuredStep({
  measured,
  unmeasured,
  stalls = [],
  stallsUnknown,
}: Pick<PlanStep, 'measured' | 'unmeasured' | 'stalls' | 'stallsUnknown'>): MeasuredStep | undefined {
  if (measured === undefined && stallsUnknown === undefined) return undefined
  const all = (measured ?? []).map((one) => ({ sql: oneLine(one.sql), effects: effectsOf(one) }))
  const statements = all.filter(({ effects }) => effects.length > 0)
  return {
    statements,
    quiet: all.length - statements.length,
    error: unmeasured,
    stalls: stalls.map(({ text, ms }) => ({ text, heavy: ms >= noticed })),
    stallsUnknown,
  }
}

/** In words: `locks ACCESS EXCLUSIVE orders`, `reads all of users`; empty if it did nothing. */
export function effectsOf({
  locks,
  rewrites,
  rebuilds,
  scans,
  takes,
}: TracedStatementResult): readonly MeasuredEffect[] {
  const time = takes === undefined ? [] : [effect('time', `takes ${takes}`, false)]
  if (locks === null)
    return [{ kind: 'unmeasured', text: 'cannot be measured: it runs outside a transaction', heavy: false }, ...time]
  return [
    ...locks.map((lock) => effect('lock', `locks ${lock}`, lock.startsWith('ACCESS EXCLUSIVE '))),
    ...(rewrites ?? []).map((table) => effect('rewrite', `rewrites ${table}`, true)),
    ...(rebuilds ?? []).map((index) => effect('rebuild', `rebuilds index ${index}`, false)),
    ...(scans ?? []).map((table) => effect('scan', `reads all of ${table}`, false)),
    ...time,
  ]
}

function effect(kind: MeasuredEffect['kind'], text: string, heavy: boolean): MeasuredEffect {
  return { kind, text, heavy }
}

/** Milliseconds from which on somebody notices. */
const noticed = 100

/** Characters of a statement that are shown here: all of it is among the SQL of the step. */
const longest = 160

function oneLine(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ').trim()
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`
}
