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

/**
 * @param {string} is
 * @param {string} should
 */
export function requireSameSchema(is, should) {
  const [lines, wanted] = [is.split('\n'), should.split('\n')]
  const more = lines.filter((line) => !wanted.includes(line)).map((line) => `+ ${line}`)
  const missing = wanted.filter((line) => !lines.includes(line)).map((line) => `- ${line}`)
  const first = [...missing, ...more].slice(0, 4).join(' ') || 'its lines are in another order'
  requireThat(is === should, `the schema is not as it was: ${first}`)
}
