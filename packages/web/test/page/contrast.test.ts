import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const tokens = readFileSync(join(__dirname, '../../page/src/styles/tokens.css'), 'utf8')

type Theme = 'light' | 'dark'

/** A token in a theme, as `#rrggbb`. */
function color(name: string, theme: Theme): string {
  const pair = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(tokens)
  const single = new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(tokens)
  const value = pair?.[theme === 'light' ? 1 : 2] ?? single?.[1]
  if (value === undefined) throw new Error(`there is no color --${name}`)
  return value
}

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const surfaces = ['canvas', 'surface', 'raised', 'thumb', 'hover', 'pressed', 'selected', 'code-surface']
const hues = ['blue', 'green', 'violet', 'amber', 'red']

/** Texts, and what they stand on: 4.5 to 1. */
const texts: [text: string, background: string][] = [
  ...surfaces.flatMap((surface): [string, string][] => [
    ['text', surface],
    ['text-muted', surface],
  ]),
  ...['canvas', 'surface', 'raised', 'hover', 'selected'].map((surface): [string, string] => ['text-subtle', surface]),
  ...hues.flatMap((hue): [string, string][] => [
    [`${hue}-text`, `${hue}-tint`],
    [`${hue}-text`, 'canvas'],
    [`${hue}-text`, 'surface'],
    [`${hue}-text`, 'raised'],
    [`${hue}-text`, 'hover'],
    ['text', `${hue}-tint`],
    ['text-subtle', `${hue}-tint`],
  ]),
  ['blue-text', 'selected'],
  ...['blue-solid', 'blue-solid-hover', 'red-solid', 'red-solid-hover'].map((solid): [string, string] => [
    'text-on-solid',
    solid,
  ]),
  ...['keyword', 'string', 'number', 'type', 'comment'].map((kind): [string, string] => [
    `code-${kind}`,
    'code-surface',
  ]),
]

/** Shapes that mean something, and borders of what is operated: 3 to 1. */
const shapes: [shape: string, background: string][] = [
  ['border-control', 'surface'],
  ['border-control', 'canvas'],
  ['border-control', 'raised'],
  ...['green-solid', 'violet-solid', 'amber-solid', 'red-solid', 'blue-text', 'amber-text'].flatMap(
    (shape): [string, string][] => [
      [shape, 'surface'],
      [shape, 'canvas'],
      [shape, 'selected'],
    ],
  ),
  ['blue-solid', 'pressed'],
  ['green-solid', 'pressed'],
]

describe.each<Theme>(['light', 'dark'])('the %s theme', (theme) => {
  test.each(texts)('has a contrast of 4.5 for %s on %s', (text, background) => {
    expect(contrast(color(text, theme), color(background, theme))).toBeGreaterThanOrEqual(4.5)
  })

  test.each(shapes)('has a contrast of 3 for %s on %s', (shape, background) => {
    expect(contrast(color(shape, theme), color(background, theme))).toBeGreaterThanOrEqual(3)
  })
})

test('the contrast of black and white is 21', () => {
  expect(contrast('#000000', '#ffffff')).toBe(21)
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
})
