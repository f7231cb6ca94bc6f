/**
 * @param {import('./run.mjs').Fingerprint} one
 * @param {import('./run.mjs').Fingerprint} other
 */
export function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other)
}

/**
 * @param {boolean} condition
 * @param {string} problem
 */
export function requireThat(condition, problem) {
  if (!condition) throw new Error(problem)
}
