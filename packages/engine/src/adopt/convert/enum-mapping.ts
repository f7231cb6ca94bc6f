/** What becomes of a value of an enum that another program has written. */
export type Mapped =
  | { readonly to: string }
  /** `candidates`: several values that it may stand for; empty if there are none. */
  | { readonly candidates: readonly string[] }

/**
 * Finds the value of an enum that another program's value stands for: the same value; the same but for upper and lower case; that of
 * the key in the declared enum, which many programs store; the same but for case, spaces, hyphens and underscores.
 *
 * @param wanted the values of the enum
 * @param keys the keys of the declared enum, where they are known, with their values
 * @example
 * mapValue('IN_PROGRESS', ['pending', 'in_progress'], new Map()) // { to: 'in_progress' }
 * mapValue('ON_HOLD', ['pending', 'in_progress'], new Map()) // { candidates: [] }
 */
export function mapValue(value: string, wanted: readonly string[], keys: ReadonlyMap<string, string>): Mapped {
  if (wanted.includes(value)) return { to: value }
  for (const spelling of [lower, letters]) {
    const own = wanted.filter((candidate) => spelling(candidate) === spelling(value))
    const byKey = [...keys].flatMap(([key, candidate]) => (spelling(key) === spelling(value) ? [candidate] : []))
    const [only, ...others] = own.length > 0 ? own : [...new Set(byKey)]
    if (only === undefined) continue
    return others.length === 0 ? { to: only } : { candidates: [only, ...others] }
  }
  return { candidates: [] }
}

function lower(text: string): string {
  return text.toLowerCase()
}

/** What is left of spellings such as `IN_PROGRESS`, `in-progress` and `InProgress`. */
function letters(text: string): string {
  return text.toLowerCase().replaceAll(/[\s_-]/g, '')
}

/**
 * The keys of the declared enum that has exactly these values. Empty if none has, or if two declare different keys.
 *
 * @param declared the enums of the entities, as TypeScript compiles them
 */
export function keysOf(
  wanted: readonly string[],
  declared: readonly Readonly<Record<string, unknown>>[],
): ReadonlyMap<string, string> {
  const found = declared.flatMap((one) => {
    const entries = Object.entries(one).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    const values = new Set(entries.map(([, value]) => value))
    return values.size === wanted.length && wanted.every((value) => values.has(value)) ? [new Map(entries)] : []
  })
  const keys = new Map<string, string>()
  for (const [key, value] of found.flatMap((one) => [...one])) {
    if ((keys.get(key) ?? value) !== value) return new Map()
    keys.set(key, value)
  }
  return keys
}
