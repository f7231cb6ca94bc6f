/** Longer keys are truncated in paths; a key can be as long as its file. */
const longest = 120

/**
 * The path of a place in a JSON document: `$` is the document, `.key` a key that is an identifier, `["key"]` any other
 * key, `[0]` an index.
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
