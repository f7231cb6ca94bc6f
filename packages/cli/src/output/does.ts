/** The longest list of what a revision does that is shown without `-v`. */
const enough = 6

/** Statements that only read, as the guards of a revision do, and those about the session or the transaction. */
const aside = /^(?:select|values|pragma|set|begin|commit|end|rollback|savepoint|release)\b/

/**
 * What a revision does, one line each.
 *
 * @param limit false: all of them
 * @example
 * doesLines(['pragma foreign_keys', 'drop table users']) // ['drop table users']
 */
export function doesLines(does: readonly string[], limit = true): readonly string[] {
  const lines = does.filter((text) => !aside.test(text))
  if (!limit || lines.length <= enough + 1) return lines
  return [...lines.slice(0, enough), `and ${String(lines.length - enough)} more (-v shows all)`]
}
