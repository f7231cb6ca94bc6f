// cspell:ignore eviewer tatus
import { join } from 'node:path'
import fc from 'fast-check'
import { QuickParser } from '../../../src/reviews/import/quick-parser'
import { readExactly, readReviewFile } from '../../../src/reviews/import/read-review-file'
import { SeenKeys } from '../../../src/reviews/import/seen-keys'
import type { CompleteReview } from '../../../src/reviews/review'
import { folder, removeFolders } from '../../../../../tools/testing/folders'
import { entry } from '../../support/files'

afterEach(removeFolders)

const text = JSON.stringify(entry)

/** What the parser takes of a file, in pieces. */
function parse(content: string | Buffer, piece = 64 * 1024): { threats: string[]; isIrregular: boolean } {
  const parser = new QuickParser('a')
  const bytes = Buffer.from(content)
  const threats: string[] = []
  for (let at = 0; at < bytes.length; at += piece) {
    threats.push(...parser.write(bytes.subarray(at, at + piece)).map(({ threatId }) => threatId))
  }
  parser.end()
  return { threats, isIrregular: parser.isIrregular }
}

test.each<[string, string]>([
  ['an empty document', ' {\n} '],
  ['an empty component', '{"c": {}, "d": {"t": {}}}'.replace('{}}}', `${text}}}`)],
  ['indentation', JSON.stringify({ c: { t: entry, u: entry }, d: { t: entry } }, undefined, 2)],
  ['tabs and CRLF', JSON.stringify({ c: { t: entry } }, undefined, '\t').replaceAll('\n', '\r\n')],
  [
    'braces, quotes and colons in texts',
    JSON.stringify({ 'c}"': { '{t\\': { ...entry, justification: '}"}, "x": {\\"' } } }),
  ],
  [
    'a text that begins with a colon',
    JSON.stringify({ c: { t: { ...entry, justification: ':"reviewer":', additional_notes: '"' } } }),
  ],
  ['escapes in keys and texts', `{"\\u0063\\n": {"\\u0074\\\\": ${text.replace('reviewer', '\\u0072eviewer')}}}`],
  ['characters of several bytes', JSON.stringify({ 'ключ 🚗': { 値: { ...entry, reviewer: 'o’Brien' } } })],
  ['a byte order mark', `\ufeff${JSON.stringify({ c: { t: entry } })}`],
])('takes a whole file with %s, in pieces of any size', (_name, content) => {
  const whole = parse(content)
  expect(whole.isIrregular).toBe(false)
  for (const piece of [3, 7, 64, 1000]) expect(parse(content, piece)).toEqual(whole)
})

test.each<[string, string]>([
  ['the end of the file', `{"c": {"t": ${text}`],
  ['a repeated entry', `{"c": {"t": ${text}, "t": ${text}}}`],
  ['a repeated entry in a repeated component', `{"c": {"t": ${text}}, "c": {"t": ${text}}}`],
  ['a repeated field', `{"c": {"t": ${text}, "u": ${text.slice(0, -1)}, "reviewer": "x"}}}`],
  [
    'a field that is repeated in another spelling',
    `{"c": {"t": ${text}, "u": ${text.slice(0, -1)}, "\\u0073tatus": "pending"}}}`,
  ],
  ['an unknown field', `{"c": {"t": ${text}, "u": ${text.slice(0, -1)}, "__proto__": {}}}}`],
  ['a field that is no text', `{"c": {"t": ${text}, "u": ${JSON.stringify({ ...entry, reviewer: 1 })}}}`],
  ['a missing field', `{"c": {"t": ${text}, "u": {}}}`],
  ['a missing comma', `{"c": {"t": ${text} "u": ${text}}}`],
  ['a trailing comma', `{"c": {"t": ${text},}}`],
  ['something after the end', `{"c": {"t": ${text}}} {}`],
  ['an entry without an end', `{"c": {"t": ${text}, "u": {"justification": "${'x'.repeat(300_000)}`],
])('stops after the first entry at %s', (_name, content) => {
  expect(parse(content)).toEqual({ threats: ['t'], isIrregular: true })
})

test('stops before bytes that are not UTF-8', () => {
  const content = Buffer.concat([Buffer.from(`{"c": {"t": ${text}, "`), Buffer.from([0xff, 0xfe])])
  expect(parse(content)).toEqual({ threats: [], isIrregular: true })
  expect(parse(content, 10)).toEqual({ threats: ['t'], isIrregular: true })
})

describe('readReviewFile', () => {
  interface Found {
    readonly reviews: CompleteReview[]
    readonly faults: unknown[]
    readonly bytes: number[]
  }

  async function collect(chunks: ReturnType<typeof readReviewFile>): Promise<Found> {
    const found: Found = { reviews: [], faults: [], bytes: [] }
    for await (const chunk of chunks) {
      found.reviews.push(...chunk.reviews)
      found.faults.push(...chunk.faults)
      found.bytes.push(chunk.bytes)
    }
    return found
  }

  const word = fc.oneof(
    fc.constantFrom('a', 'b', '1', '', '__proto__', '}', '"', ':', '\\', 'é🚗'),
    fc.string({ maxLength: 6 }),
  )
  const fields = fc.oneof(
    { weight: 6, arbitrary: fc.record({ reviewer: word, justification: word, additional_notes: fc.option(word) }) },
    { weight: 1, arbitrary: fc.record({ reviewer: fc.integer() }) },
    { weight: 1, arbitrary: fc.dictionary(word, word, { maxKeys: 2 }) },
  )
  const threats = fc.array(fc.tuple(word, fields), { maxLength: 4 })
  const components = fc.array(fc.tuple(word, threats), { maxLength: 4 })
  const space = fc.constantFrom('', ' ', '\n  ')
  // Written by hand, because keys may be repeated.
  const documents = fc.tuple(components, space).map(([list, gap]) => {
    const object = (pairs: readonly (readonly [string, string])[]): string =>
      `{${pairs.map(([key, value]) => `${gap}${JSON.stringify(key)}:${gap}${value}`).join(',')}${gap}}`
    return object(
      list.map(([component, entries]) => [
        component,
        object(entries.map(([threat, some]) => [threat, JSON.stringify({ ...entry, ...some }, undefined, gap)])),
      ]),
    )
  })
  const damaged = fc
    .tuple(
      documents,
      fc.option(fc.tuple(fc.nat(), fc.constantFrom('', '"', '}', '{', ',', 'x', '\ufffd')), { nil: undefined }),
    )
    .map(([document, damage]) => {
      if (damage === undefined) return document
      const at = damage[0] % (document.length + 1)
      return document.slice(0, at) + damage[1] + document.slice(at + 1)
    })

  test('finds in every file what the exact reader finds', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, fc.constantFrom(16, 100, 65_536), async (content, size) => {
        const file = join(await folder({ 'a_reviews.json': content }), 'a_reviews.json')
        const found = await collect(readReviewFile(file, 'a', size))
        const { reviews, faults } = await collect(readExactly(file, 'a', size))
        expect(found.reviews).toEqual(reviews)
        expect(found.faults).toEqual(faults)
        expect(found.bytes).toEqual(found.bytes.toSorted((a, b) => a - b))
      }),
    )
  })
})

test('SeenKeys tells keys apart by component and threat, and recognizes each of many', () => {
  const seen = new SeenKeys()
  const add = (component: string, threat: string): boolean => {
    seen.begin(component)
    return seen.add(threat)
  }
  expect([add('ab', 'c'), add('a', 'bc'), add('', 'abc'), add('abc', '')]).toEqual([true, true, true, true])
  for (const expected of [true, false]) {
    for (let index = 0; index < 5000; index += 1) expect(add(`c${index % 7}`, `threat ${index}`)).toBe(expected)
  }
})
