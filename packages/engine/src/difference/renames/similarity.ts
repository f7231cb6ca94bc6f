/**
 * The similarity of two names, between 0 and 1: the share of common pairs of adjacent letters (Dice coefficient), without
 * case and separators.
 *
 * @example
 * similarity('fullName', 'full_name') // 1
 */
export function similarity(a: string, b: string): number {
  const [first, second] = [pairs(a), pairs(b)]
  if (first.length === 0 || second.length === 0) return a.toLowerCase() === b.toLowerCase() ? 1 : 0
  const rest = [...second]
  let common = 0
  for (const pair of first) {
    const at = rest.indexOf(pair)
    if (at < 0) continue
    rest.splice(at, 1)
    common += 1
  }
  return (2 * common) / (first.length + second.length)
}

function pairs(name: string): string[] {
  const letters = [...name.toLowerCase().replaceAll(/[\s_.-]+/g, '')]
  return letters.slice(1).map((letter, index) => `${letters[index] ?? ''}${letter}`)
}
