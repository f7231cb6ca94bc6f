import type { Direction } from '../revision/revision'
import type { Severity } from './finding'
import type { Placed } from './linter'
import type { Category, Rule } from './rule'

/** A finding on one dialect. */
export interface OnDialect<D extends string = string> extends Placed {
  readonly dialect: D
  readonly direction: Direction
}

/** A finding as results contain it, without its file. */
export interface Reported<D extends string = string> {
  /** The name of the rule: `create-index`. */
  readonly rule: string
  /** Its short name: `L1`. */
  readonly id: string
  readonly category: Category
  readonly severity: Severity
  /** Null for a finding about the file. */
  readonly direction: Direction | null
  /** The dialects on which it was found. */
  readonly dialects: readonly D[]
  /** The statement; null for a finding about the revision as a whole. */
  readonly statement: string | null
  /** What happens, and whom it blocks or breaks, in one line. */
  readonly message: string
  /** What to do. */
  readonly help: string
  /** The corrected statements; absent if no form is right for everybody. */
  readonly instead?: readonly string[]
  /** The table that it is about. */
  readonly table?: string
}

/** What a finding has of its rule. */
export function ruleOf({
  name,
  id,
  category,
  severity,
}: Rule): Pick<Reported, 'rule' | 'id' | 'category' | 'severity'> {
  return { rule: name, id, category, severity }
}

/** Merges what was found on several dialects: the same finding on two of them is one, at its place on the first. */
export function merged<D extends string, F extends OnDialect<D>>(
  found: readonly F[],
): readonly (F & { readonly dialects: readonly D[] })[] {
  const known = new Map<string, F & { readonly dialects: readonly D[] }>()
  for (const one of found) {
    const key = JSON.stringify([one.rule.name, one.direction, one.message, one.table])
    // Twice on one dialect: two statements of the same kind.
    let number = 0
    while (known.get(`${key} ${String(number)}`)?.dialects.includes(one.dialect) === true) number += 1
    const same = known.get(`${key} ${String(number)}`)
    known.set(`${key} ${String(number)}`, { ...(same ?? one), dialects: [...(same?.dialects ?? []), one.dialect] })
  }
  return [...known.values()]
}

/** A merged finding as results contain it. */
export function reported<D extends string>(one: OnDialect<D> & { readonly dialects: readonly D[] }): Reported<D> {
  const { rule, severity, direction, dialects, sql, message, help, instead, table } = one
  return {
    ...ruleOf(rule),
    severity,
    direction,
    dialects,
    statement: sql ?? null,
    message,
    help,
    ...(instead !== undefined && { instead }),
    ...(table !== undefined && { table }),
  }
}
