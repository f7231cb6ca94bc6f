import { type StatementEffects, unknownEffects } from '../effects'
import { shortSql } from '../text'
import type { QualifiedName } from './cursor'
import { unknownCall } from './functions'
import { displayName, type KnownTable, type Tables } from './tables'
import { fold, nameOf, type Token, wordOf } from './tokens'
import type { Triggers } from './triggers'

/** What one statement does, where it is not nothing. */
export interface Found extends Partial<StatementEffects> {
  readonly does: string
}

/** What is known at one point of a plan. */
export interface State {
  readonly tables: Tables
  readonly triggers: Triggers
}

/** A copy that later statements do not change. */
export function copyOf({ tables, triggers }: State): State {
  return { tables: tables.copy(), triggers: triggers.copy() }
}

/** What makes the effects unknown where an unknown function is called. */
export function callsOf(
  tokens: readonly Token[],
): Pick<StatementEffects, 'writes' | 'destroys' | 'unknown'> | undefined {
  const call = unknownCall(tokens)
  if (call === undefined) return undefined
  const { writes, destroys, unknown } = unknownEffects('', `calls a function that is not known: ${call}()`)
  return { writes, destroys, unknown }
}

/** Where something is created. */
export function placed(
  { schema, name }: QualifiedName,
  isTemporary: boolean,
): { readonly schema: string; readonly name: string } {
  return { schema: isTemporary ? 'temp' : fold(schema ?? 'main'), name }
}

/** The name without the schema when that is the main one. */
export function written({ schema, name }: QualifiedName): string {
  return displayName(fold(schema ?? 'main'), name)
}

/** The name of a table for people: `a`, `temp.a`. */
export function shown(table: KnownTable): string {
  return displayName(table.schema, table.name)
}

/** A short statement in lower case, as it is. */
export function words(tokens: readonly Token[]): string {
  return shortSql(tokens.map((token) => wordOf(token)?.toLowerCase() ?? nameOf(token)).join(' '), 60)
}
