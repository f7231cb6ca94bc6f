import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readReviewFile } from '../../../src/reviews/import/read-review-file'
import type { Fault } from '../../../src/reviews/import/review-document'
import type { CompleteReview } from '../../../src/reviews/review'
import { folder, removeFolders } from '../../../../../tools/testing/folders'
import { entry, fixtures } from '../../support/files'

interface Found {
  readonly reviews: CompleteReview[]
  readonly faults: Fault[]
}

async function readFrom(file: string, chunkSize?: number): Promise<Found> {
  const found: Found = { reviews: [], faults: [] }
  for await (const chunk of readReviewFile(file, 'analysis', chunkSize)) {
    found.reviews.push(...chunk.reviews)
    found.faults.push(...chunk.faults)
  }
  return found
}

async function read(content: string | Buffer, chunkSize?: number): Promise<Found> {
  const directory = await folder({ 'a_reviews.json': content })
  return readFrom(join(directory, 'a_reviews.json'), chunkSize)
}

/** A file with this one entry. */
const withEntry = (fields: object): string => JSON.stringify({ ECU001: { 'Replay attack': fields } })

const inEntry = '$.ECU001["Replay attack"]'
const text = JSON.stringify(entry)

afterAll(removeFolders)

describe('readReviewFile', () => {
  test('keeps every field of an entry', async () => {
    const { reviews, faults } = await read(withEntry(entry))
    expect(faults).toEqual([])
    expect(reviews).toEqual([
      {
        analysisId: 'analysis',
        componentId: 'ECU001',
        threatId: 'Replay attack',
        originalDecision: 'Mitigate',
        finalDecision: 'Accept',
        reviewer: 'Ana Duarte',
        justification: 'Freshness counter in place.',
        additionalNotes: 'n/a',
        reviewDate: '2025-04-20',
        evidenceReferences: ['EV-001'],
        status: 'in_progress',
      },
    ])
  })

  test.each([
    ['missing', {}],
    ['null', { additional_notes: null, evidence_references: null, status: null }],
  ])('accepts notes, evidence and status that are %s', async (_name, rest) => {
    const { original_decision, final_decision, reviewer, justification, review_date } = entry
    const required = { original_decision, final_decision, reviewer, justification, review_date }
    const { reviews, faults } = await read(withEntry({ ...required, ...rest }))
    expect(faults).toEqual([])
    expect(reviews[0]).toMatchObject({ additionalNotes: null, evidenceReferences: null, status: 'completed' })
  })

  test('keeps every character of a text', async () => {
    const strange = '山田 “太郎” 🚗 e\u0301 \u2028 \u0001 \t\r\n \\ / " \ufeff in, \ufeff, \ufeff'
    const fields = { ...entry, justification: strange, evidence_references: ['', strange, '\ufeff'] }
    for (const content of [withEntry(fields), escaped(withEntry(fields))]) {
      const { reviews, faults } = await read(content)
      expect(faults).toEqual([])
      expect(reviews[0]?.justification).toBe(strange)
      expect(reviews[0]?.evidenceReferences).toEqual(['', strange, '\ufeff'])
    }
  })

  test.each([1, 2, 3, 5, 7, 64])('returns the same result when it reads %d bytes at a time', async (chunkSize) => {
    const odd = { ...entry, justification: 'ключ 値 🚗 \ufeff "\\', review_date: '2025-02-30', extra: -12.5e3 }
    const content = Buffer.concat([
      Buffer.from([0xef, 0xbb, 0xbf]),
      Buffer.from(
        `\n{ "ключ 🚗": {\r\n  "値": ${text},\n "b": ${JSON.stringify(odd)}, "値": ${JSON.stringify({ ...entry, reviewer: 'x' })} } `,
      ),
      Buffer.from('\n,\n "cut'),
    ])
    const whole = await read(content)
    expect(whole.reviews).toHaveLength(1)
    expect(whole.faults.map((fault) => fault.path)).toEqual([
      '$["ключ 🚗"].b.extra',
      '$["ключ 🚗"].b.review_date',
      '$["ключ 🚗"]["値"]',
      '$',
    ])
    expect(whole.faults[2]?.reason).toContain('at line 3, column 3 (imported) and at line 4, column')
    expect(whole.faults[3]?.reason).toContain('line 6, column 6')
    const pieces = await read(content, chunkSize)
    const withoutColumns = ({ reviews, faults }: Found): Found => ({
      reviews,
      // the column of a key that lies across two chunks counts bytes, not characters
      faults: faults.map(({ path, reason }) => ({ path, reason: reason.replace(/column \d+/g, 'column') })),
    })
    expect(withoutColumns(pieces)).toEqual(withoutColumns(whole))
  })

  test.each(['9f1c2b7e-55aa-4c0e-8a43-0d9f6c1b2e77', 'analysis_20250420_1015', 'gateway-v2'])(
    'reads the fixture %s',
    async (name) => {
      const { reviews, faults } = await readFrom(join(fixtures, `${name}_reviews.json`))
      expect(faults).toEqual([])
      expect(reviews).toHaveLength(12)
    },
  )

  test.each<[string, object, string, RegExp]>([
    [
      'an unknown decision',
      { final_decision: 'Ignore it' },
      '.final_decision',
      /^must be one of Accept, .*, not "Ignore it"$/,
    ],
    ['a decision in lower case', { original_decision: 'accept' }, '.original_decision', /must be one of/],
    ['an unknown status', { status: 'done' }, '.status', /must be one of pending, in_progress, completed, not "done"/],
    ['a missing field', { reviewer: undefined }, '.reviewer', /^is missing$/],
    ['null for a text', { justification: null }, '.justification', /must be a string, not null/],
    ['a number for a text', { justification: 12 }, '.justification', /must be a string, not 12/],
    ['a list for a text', { justification: ['x'] }, '.justification', /must be a string, not a list/],
    ['an object for a text', { additional_notes: { a: [{}] } }, '.additional_notes', /must be a string, not an object/],
    ['an empty reviewer', { reviewer: '' }, '.reviewer', /must not be empty/],
    ['a long reviewer', { reviewer: 'x'.repeat(101) }, '.reviewer', /longer than 100 characters \(101\)/],
    ['month 13', { review_date: '2025-13-45' }, '.review_date', /no date of the calendar: "2025-13-45"/],
    ['February 30', { review_date: '2025-02-30' }, '.review_date', /no date of the calendar/],
    ['February 29 of a common year', { review_date: '1900-02-29' }, '.review_date', /no date of the calendar/],
    ['year 0', { review_date: '0000-01-01' }, '.review_date', /no date of the calendar/],
    ['a date with a time', { review_date: '2025-04-20T10:00:00Z' }, '.review_date', /must be a date YYYY-MM-DD/],
    [
      'evidence that is not a list',
      { evidence_references: 'EV-1' },
      '.evidence_references',
      /must be a list of strings, not "EV-1"/,
    ],
    [
      'evidence that is an object',
      { evidence_references: { a: 1 } },
      '.evidence_references',
      /must be a list of strings/,
    ],
    [
      'evidence that is not text',
      { evidence_references: ['a', 7] },
      '.evidence_references[1]',
      /must be a string, not 7/,
    ],
    [
      'evidence in a nested list',
      { evidence_references: ['a', [['b']]] },
      '.evidence_references[1]',
      /must be a string, not a list/,
    ],
    ['a NUL character', { justification: 'a\u0000b' }, '.justification', /U\+0000/],
    ['half of a surrogate pair', { evidence_references: ['\ud83d'] }, '.evidence_references[0]', /surrogate/],
    ['an unknown field', { severity: 'high' }, '.severity', /no field of a review/],
    ['an unknown field with content', { nested: { a: [1, { b: null }] } }, '.nested', /no field of a review/],
    ['a field named __proto__', JSON.parse('{"__proto__": {"x": 1}}') as object, '.__proto__', /no field of a review/],
  ])('reports %s in an entry and reads the next one', async (_name, change, path, reason) => {
    const fields = Object.fromEntries([...Object.entries(entry), ...Object.entries(change)])
    const bad =
      '__proto__' in change && Object.hasOwn(change, '__proto__')
        ? `{"__proto__": {"x": 1}, ${text.slice(1)}`
        : JSON.stringify(fields)
    const { reviews, faults } = await read(`{"ECU001": {"Replay attack": ${bad}, "Key extraction": ${text}}}`)
    expect(reviews.map((review) => review.threatId)).toEqual(['Key extraction'])
    expect(faults).toEqual([{ path: `${inEntry}${path}`, reason: expect.stringMatching(reason) as string }])
  })

  test('accepts 100 characters outside the basic plane, and February 29 of a leap year', async () => {
    const fields = { ...entry, reviewer: '🚗'.repeat(100), review_date: '2000-02-29' }
    expect((await read(withEntry(fields))).faults).toEqual([])
  })

  test('reports every wrong field of an entry', async () => {
    const { faults } = await readFrom(join(fixtures, 'bad-values_reviews.json'))
    expect(faults.map((fault) => fault.path)).toEqual([`${inEntry}.final_decision`, `${inEntry}.review_date`])
  })

  test.each<[string, string, string, RegExp]>([
    ['a list', `[${text}]`, '$', /must be an object of components, not a list/],
    ['a string', '"reviews"', '$', /must be an object of components, not "reviews"/],
    ['a number', '12', '$', /must be an object of components, not 12/],
    ['null', 'null', '$', /must be an object of components, not null/],
    ['a component that is a string', `{"c": "x", "d": {"t": ${text}}}`, '$.c', /must be an object of threats, not "x"/],
    [
      'a component that is a list',
      `{"c": [{"t": ${text}}], "d": {"t": ${text}}}`,
      '$.c',
      /object of threats, not a list/,
    ],
    ['a threat that is a number', `{"c": {"t": 1, "u": ${text}}}`, '$.c.t', /must be an object of fields, not 1/],
    [
      'a threat that is a list',
      `{"c": {"t": [[], {}], "u": ${text}}}`,
      '$.c.t',
      /must be an object of fields, not a list/,
    ],
    ['an empty component id', `{"": {"t": ${text}}, "d": {"t": ${text}}}`, '$[""]', /the key must not be empty/],
    [
      'a long threat id',
      `{"c": {"${'x'.repeat(201)}": ${text}, "t": ${text}}}`,
      `$.c["${'x'.repeat(120)}…"]`,
      /longer than 200/,
    ],
  ])('reports a structure that is wrong: %s', async (_name, content, path, reason) => {
    const { reviews, faults } = await read(content)
    expect(faults).toEqual([{ path, reason: expect.stringMatching(reason) as string }])
    expect(reviews).toHaveLength(content.startsWith('{') ? 1 : 0)
  })

  test.each<[string, string | Buffer, string, RegExp, number]>([
    ['no content', '', '$', /^the file is empty$/, 0],
    ['only white space', ' \n ', '$', /cut short: .* at line 2, column 2/, 0],
    ['an end inside a key', '{"ECU001": {"Replay attack": {"orig', inEntry, /cut short: .* line 1, column 36/, 0],
    ['an end between entries', `{"ECU001": {"a": ${text},`, '$.ECU001', /cut short/, 1],
    ['an end before the last brace', `{"ECU001": {"a": ${text}}`, '$', /cut short/, 1],
    ['an end inside a number', '{"ECU001": {"Replay attack": {"reviewer": 1', inEntry, /cut short/, 0],
    ['an end inside a literal', '{} tru', '$', /cut short/, 0],
    [
      'a missing comma',
      `{"ECU001": {"a": ${text} "b": {}}}`,
      '$.ECU001',
      /not JSON at line 1, column \d+: expected , or }/,
      1,
    ],
    ['a trailing comma', `{"ECU001": {"a": ${text}},\n}`, '$', /not JSON at line 2, column 1: expected a key/, 1],
    ['a number for a key', `{"ECU001": {"a": ${text}}, 12`, '$', /not JSON .* expected a key/, 1],
    [
      'something after the end',
      `{"ECU001": {"a": ${text}}}\n{}`,
      '$',
      /not JSON at line 2, column 1: expected the end/,
      1,
    ],
    ['plain words', 'not JSON', '$', /not JSON at line 1, column 2: unexpected "o"/, 0],
    ['a comment', `{"ECU001": {"a": ${text}}} // done`, '$', /not JSON at line 1, column \d+: unexpected "\/"/, 1],
    [
      'a letter outside ASCII',
      `{"ECU001": {"a": ${text}},\n é}`,
      '$',
      /not JSON at line 2, column 2: unexpected "é"/,
      1,
    ],
    ['a line break in a string', `{"ECU001": {"a": ${text}, "b\n": {}}}`, '$.ECU001', /not JSON at line 1/, 1],
    [
      'Latin-1 text',
      Buffer.from(`{"a": {"t": ${text}}, "b\xe9": {}}`, 'latin1'),
      '$',
      /not UTF-8 text, somewhere after line 1/,
      1,
    ],
    ['UTF-16 text', Buffer.from(`\ufeff{"a": {}}`, 'utf16le'), '$', /is UTF-16 text, and must be UTF-8/, 0],
    ['endless nesting', `{"ECU001": {"a": ${text}, "b": ${'['.repeat(100_000)}`, '$.ECU001.b', /nested deeper/, 1],
  ])('reports a file with %s and keeps the entries before it', async (_name, content, path, reason, before) => {
    const { reviews, faults } = await read(content)
    expect(reviews).toHaveLength(before)
    const last = faults.at(-1)
    expect(last?.path).toBe(path)
    expect(last?.reason).toMatch(reason)
  })

  test('ignores a byte order mark', async () => {
    const { reviews, faults } = await read(`\ufeff${withEntry(entry)}`)
    expect([reviews.length, faults]).toEqual([1, []])
  })

  test('takes a repeated entry once; keeps the first when they differ, and names both places', async () => {
    const other = JSON.stringify({ ...entry, reviewer: 'x' })
    const content = `{\n"c": {"t": ${text},\n  "t": ${text}, "u": ${text}},\n"d": {},\n"c": {"v": ${text},\n"u": ${other}}}`
    const { reviews, faults } = await read(content)
    expect(reviews.map((review) => [review.threatId, review.reviewer])).toEqual([
      ['t', 'Ana Duarte'],
      ['u', 'Ana Duarte'],
      ['v', 'Ana Duarte'],
    ])
    expect(faults).toEqual([
      {
        path: '$.c.u',
        reason: `is in the file twice, with different contents: at line 3, column ${text.length + 10} (imported) and at line 6, column 1 (not imported)`,
      },
    ])
  })

  test('accepts a valid entry after an invalid one with the same key', async () => {
    const { reviews, faults } = await read(`{"c": {"t": {}, "t": ${text}}}`)
    expect(reviews).toHaveLength(1)
    expect(faults.map((fault) => fault.reason)).toEqual(Array.from({ length: 5 }, () => 'is missing'))
  })

  test('accepts a repeated field with the same value and reports one with another value', async () => {
    const same = `${text.slice(0, -1)}, "reviewer": "Ana Duarte", "evidence_references": ["EV-001"]}`
    const other = `${text.slice(0, -1)}, "reviewer": "x"}`
    const { reviews, faults } = await read(`{"c": {"same": ${same}, "other": ${other}}}`)
    expect(reviews.map((review) => review.threatId)).toEqual(['same'])
    expect(faults).toEqual([{ path: '$.c.other.reviewer', reason: 'is given twice, with different values' }])
  })

  test('detects repeated entries however far apart they are', async () => {
    const components = Array.from({ length: 5000 }, (_, index) => `"c${index}": {"t": ${text}}`)
    const other = JSON.stringify({ ...entry, status: 'pending' })
    const { reviews, faults } = await read(`{${[...components, `"c17": {"t": ${other}}`, ...components].join(',')}}`)
    expect(reviews).toHaveLength(5000)
    expect(faults.map((fault) => fault.path)).toEqual(['$.c17.t'])
  })

  test('reports a file that it cannot read', async () => {
    const directory = await folder({})
    await mkdir(join(directory, 'd'))
    expect((await readFrom(join(directory, 'd'))).faults).toEqual([
      { path: '$', reason: expect.stringMatching(/^cannot be read: EISDIR/) as string },
    ])
    expect((await readFrom(join(directory, 'missing'))).faults).toEqual([
      { path: '$', reason: expect.stringMatching(/^cannot be read: ENOENT/) as string },
    ])
  })
})

/** The same JSON with everything outside ASCII as escapes. */
function escaped(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
