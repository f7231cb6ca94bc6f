import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodiesIn, bodyOf, stringsOf, textOf } from '../../sql/postgres/nodes'
import type { PostgresSubject } from './subject'

/**
 * The value that a statement gives to a setting: by SET, RESET or `set_config`.
 *
 * @returns null for its default; undefined if the statement does not set it, or by an expression
 */
export function settingIn(node: Node, name: string): string | null | undefined {
  const { kind, name: written, args } = bodyOf(node, 'VariableSetStmt') ?? {}
  if (kind === 'VAR_RESET_ALL') return null
  if (written?.toLowerCase() === name) return kind === 'VAR_SET_VALUE' ? (textOf(args?.[0]) ?? undefined) : null
  for (const { val } of bodiesIn(bodyOf(node, 'SelectStmt')?.targetList, 'ResTarget')) {
    const call = bodyOf(val, 'FuncCall')
    if (stringsOf(call?.funcname).at(-1) !== 'set_config') continue
    if (textOf(call?.args?.[0])?.toLowerCase() === name) return textOf(call?.args?.[1]) ?? undefined
  }
  return undefined
}

const units: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/**
 * The milliseconds of a setting: https://www.postgresql.org/docs/current/config-setting.html
 *
 * @returns undefined if it is no duration
 */
export function milliseconds(value: string): number | undefined {
  const [, number, unit = 'ms'] = /^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?\s*$/.exec(value) ?? []
  const factor = units[unit]
  return number === undefined || factor === undefined ? undefined : Number(number) * factor
}

/** A setting that applies to statements after it in the same transaction. */
export interface AppliedSetting {
  readonly index: number
  /** Null for its default. */
  readonly value: string | null
}

/**
 * What the statements of a transaction set, as far as a statement that writes comes after it. Outside a transaction the runner
 * sets its own limits for each statement.
 */
export function settingsOf(subjects: readonly PostgresSubject[], name: string): readonly AppliedSetting[] {
  return subjects.flatMap(({ node, index, step }, at) => {
    const value = settingIn(node, name)
    if (value === undefined || !step.transactional) return []
    const after = subjects.slice(at + 1)
    const next = after.findIndex((one) => settingIn(one.node, name) !== undefined)
    const reach = next === -1 ? after : after.slice(0, next)
    return reach.some(({ effects }) => effects.writes) ? [{ index, value }] : []
  })
}
