import { commentsIn, isDirectlyBefore, lineAt } from '../../src/files/comments'

describe('commentsIn', () => {
  test('returns the comments of a TypeScript file with their places, and not what only looks like one', async () => {
    const text = "const a: string = '// no' // yes\n/* and */ const b = `/* no */`"
    const comments = await commentsIn('a.ts', text)
    expect(comments.map((one) => one.text)).toEqual([' yes', ' and '])
    expect(comments.map(({ start, end }) => text.slice(start, end))).toEqual(['// yes', '/* and */'])
  })
})

describe('isDirectlyBefore', () => {
  test.each([
    ['|\n  await |q()', true],
    ['|\n\n  // another\n  /* and\n another */ return await |q()', true],
    ['|\n  x()\n  await |q()', false],
    ['|\n  for (const a of b) await |q()', false],
    ['|\n  awaited |q()', false],
  ])('%j: %s', (marked, expected) => {
    const end = marked.indexOf('|')
    const start = marked.lastIndexOf('|')
    expect(isDirectlyBefore(marked.replaceAll('|', ' '), end, start)).toBe(expected)
  })
})

test('lineAt counts lines from 1', () => {
  expect([0, 1, 2, 3].map((offset) => lineAt('a\nb\n', offset))).toEqual([1, 1, 2, 2])
})
