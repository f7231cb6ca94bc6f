/** The longest key that a path shows; a key can be as long as its file. */
const longest = 120

/**
 * A place inside a JSON document, as text: `$` is the document, a key that is a plain word is written `.key`, any other
 * `["key"]`, an index `[0]`.
 *
 * @example
 * pathOf('ECU001', 'Replay attack', 'final_decision') // $.ECU001["Replay attack"].final_decision
 */
export function pathOf(...keys: readonly (string | number)[]): string {
  return `$${keys.map(step).join('')}`
}

function step(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`
  const shown = key.length > longest ? `${key.slice(0, longest)}…` : key
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(shown) ? `.${shown}` : `[${JSON.stringify(shown)}]`
}
