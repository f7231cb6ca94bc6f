import { type StatementEffects, unknownEffects } from '../effects'
import { shortSql } from '../text'
import { unknownCall } from './functions'
import type { Tables } from './tables'
import { nameOf, type Token, wordOf } from './tokens'
import type { Triggers } from './triggers'

/** What one statement does; absent properties have their empty value. */
export interface Found extends Partial<StatementEffects> {
  readonly does: string
}

/** The state at one point of a plan. */
export interface State {
  readonly tables: Tables
  readonly triggers: Triggers
}

/** A copy that later statements do not change. */
export function copyOf({ tables, triggers }: State): State {
  return { tables: tables.copy(), triggers: triggers.copy() }
}

/** The effects of calling an unknown function; undefined if none is called. */
export function callsOf(
  tokens: readonly Token[],
): Pick<StatementEffects, 'writes' | 'destroys' | 'unknown'> | undefined {
  const call = unknownCall(tokens)
  if (call === undefined) return undefined
  const { writes, destroys, unknown } = unknownEffects('', `calls a function that is not known: ${call}()`)
  return { writes, destroys, unknown }
}

/** The text of a short statement, with its keywords in lower case. */
export function words(tokens: readonly Token[]): string {
  return shortSql(tokens.map((token) => wordOf(token)?.toLowerCase() ?? nameOf(token)).join(' '), 60)
}
