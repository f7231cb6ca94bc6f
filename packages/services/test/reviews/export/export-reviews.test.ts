import { chmod, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { ReviewDecision, ReviewStatus, RiskDecision, entities } from '@aludel/models'
import type { DataSource } from 'typeorm'
import fc from 'fast-check'
import { ReviewService, exportReviews, importReviews } from '../../../src/index'
import type { ExportProgress, ExportSummary, Review } from '../../../src/index'
import { checkField } from '../../../src/reviews/review'
import { dialectNames, makeDatabase, openWithTables } from '../../../../../tools/testing/databases'
import type { TestDatabase } from '../../../../../tools/testing/databases'
import { folder, removeFolders } from '../../../../../tools/testing/folders'
import { testRuns } from '../../../../../tools/testing/runs.cjs'
import { entry, fixtures } from '../../support/files'

const examples = resolve(__dirname, '../../../../../examples/reviews')

/** Fixtures of which not everything can be imported, with the part that can. */
const invalid: Readonly<Record<string, unknown>> = {
  'truncated_reviews.json': undefined,
  'bad-values_reviews.json': {
    ECU001: {
      'Spoofing of CAN messages': {
        original_decision: 'Avoid',
        final_decision: 'Mitigate',
        reviewer: 'M. Keller',
        justification: 'Transfer agreed with supplier “Nordwind”.',
        review_date: '2025-09-01',
        additional_notes: '',
        evidence_references: ['EV-001'],
      },
    },
  },
}

/** Without the fields that may be missing. */
const { additional_notes: _notes, evidence_references: _evidence, status: _status, ...least } = entry

/** Files that are hard to read or to write again, with what they contain that is valid. */
const hostile: readonly (readonly [what: string, text: string, valid: unknown])[] = [
  ['keys of objects', `{"__proto__":{"constructor":${JSON.stringify(entry)}}}`, undefined],
  ['keys that are numbers', JSON.stringify({ 2: { 10: entry, 9: entry }, 1: { 1: entry } }), undefined],
  [
    'texts of every kind',
    JSON.stringify({
      'ÄÖ "quoted" \\ / \u2028': {
        'e\u0301 \u202e\ud83d\udd12\n\t\u0007': {
          ...entry,
          justification: '{"a": [1, "}"]}\r\n\u0001\u007f',
          reviewer: '山田 太郎',
          evidence_references: ['', ' ', '\\u0000', 'x'.repeat(9000)],
        },
      },
    }),
    undefined,
  ],
  ['a byte order mark', `\ufeff${JSON.stringify({ c: { t: entry } })}`, { c: { t: entry } }],
  [
    'what may be missing, as null or by name',
    JSON.stringify({
      c: { t: { ...least, additional_notes: null, evidence_references: null, status: 'completed' }, u: least },
    }),
    { c: { t: least, u: least } },
  ],
  ['components without threats', JSON.stringify({ empty: {}, c: { t: entry }, last: {} }), { c: { t: entry } }],
  [
    'a component and an entry that are repeated',
    `{"c":{"t":${JSON.stringify(entry)},"t":${JSON.stringify(least)}},"d":{},"c":{"u":${JSON.stringify(entry)}}}`,
    { c: { t: entry, u: entry } },
  ],
  ['an entry that is cut short', `{"c":{"t":${JSON.stringify(entry)},"u":{"rev`, { c: { t: entry } }],
  ['long ids', JSON.stringify({ ['ß'.repeat(100)]: { ['𝕏'.repeat(200)]: entry } }), undefined],
]

/** A JSON value as a text that does not depend on the order of keys; a byte order mark does not belong to it. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical((value as Record<string, unknown>)[key])}`).join()}}`
}

describe.each(dialectNames)('exportReviews on %s', (dialect) => {
  let database: TestDatabase
  let dataSource: DataSource
  let reviews: ReviewService

  beforeAll(async () => {
    database = await makeDatabase(dialect)
    dataSource = await openWithTables(database, entities)
    reviews = new ReviewService(dataSource)
  })
  afterEach(async () => {
    await dataSource.getRepository(ReviewDecision).clear()
    await removeFolders()
  })
  afterAll(async () => {
    await dataSource?.destroy()
    await database?.drop()
  })

  const decision = (more: Partial<Review> = {}): Review => ({
    analysisId: 'a',
    componentId: 'c',
    threatId: 't',
    originalDecision: RiskDecision.Mitigate,
    finalDecision: RiskDecision.Accept,
    reviewer: 'Ana Duarte',
    justification: 'Fine.',
    reviewDate: '2025-04-20',
    ...more,
  })
  const namesIn = async (directory: string): Promise<string[]> => (await readdir(directory)).sort()
  const parsed = async (directory: string, name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(directory, name), 'utf8'))
  const imported = (summary: ExportSummary): Partial<ExportSummary> => ({ ...summary, failed: [] })

  test.each([
    ['fixtures', fixtures],
    ['examples', examples],
  ])('exports what was imported from the %s, equal but for the order of keys', async (_what, directory) => {
    const names = (await namesIn(directory)).filter((name) => name.endsWith('_reviews.json'))
    const genuine = names.filter((name) => !(name in invalid))
    expect(genuine.length).toBeGreaterThanOrEqual(3)
    await importReviews(dataSource, directory)
    const target = await folder()
    const summary = await exportReviews(dataSource, target)
    for (const name of genuine)
      expect([name, canonical(await parsed(target, name))]).toEqual([name, canonical(await parsed(directory, name))])
    const partly = names.filter((name) => invalid[name] !== undefined)
    for (const name of partly) expect(await parsed(target, name)).toEqual(invalid[name])
    expect(await namesIn(target)).toEqual([...genuine, ...partly].sort())
    expect(summary).toMatchObject({ files: genuine.length + partly.length, unchanged: 0, failed: [] })

    expect(await importReviews(dataSource, target)).toMatchObject({ imported: 0, updated: 0, failed: [] })
    expect(await exportReviews(dataSource, target)).toMatchObject({ written: 0, unchanged: summary.files })
  })

  test.each(hostile)('exports what is valid in a file with %s', async (_what, text, valid) => {
    const source = await folder({ 'x_reviews.json': text })
    await importReviews(dataSource, source)
    const target = await folder()
    await exportReviews(dataSource, target)
    expect(canonical(await parsed(target, 'x_reviews.json'))).toBe(canonical(valid ?? JSON.parse(text)))

    const rows = await reviews.findByAnalysis('x')
    await dataSource.getRepository(ReviewDecision).clear()
    expect(await importReviews(dataSource, target)).toMatchObject({ imported: rows.length, failed: [] })
    const again = await reviews.findByAnalysis('x')
    const plain = (list: ReviewDecision[]) => list.map((row) => ({ ...row, id: '', createdAt: 0, updatedAt: 0 }))
    expect(plain(again)).toEqual(plain(rows))
  })

  test('exports any valid decisions so that they are imported as the same', async () => {
    const text = (field: keyof Review, maxLength: number) =>
      fc.string({ unit: 'binary', maxLength }).filter((value) => checkField(field, value).length === 0)
    const any = fc.record({
      componentId: text('componentId', 5),
      threatId: text('threatId', 5),
      originalDecision: fc.constantFrom(...Object.values(RiskDecision)),
      finalDecision: fc.constantFrom(...Object.values(RiskDecision)),
      reviewer: text('reviewer', 9),
      justification: text('justification', 50),
      additionalNotes: fc.option(text('additionalNotes', 50)),
      reviewDate: fc.constantFrom('0001-01-01', '2024-02-29', '9999-12-31'),
      evidenceReferences: fc.option(fc.array(text('justification', 9), { maxLength: 3 })),
      status: fc.constantFrom(...Object.values(ReviewStatus)),
    })
    const key = ({ componentId, threatId }: Pick<Review, 'componentId' | 'threatId'>): string =>
      JSON.stringify([componentId, threatId])
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(any, { selector: key, minLength: 1, maxLength: 20 }), async (list) => {
        await dataSource.getRepository(ReviewDecision).clear()
        await reviews.submitBatch(list.map((one) => ({ analysisId: 'a', ...one })))
        const target = await folder()
        expect(imported(await exportReviews(dataSource, target))).toEqual({
          files: 1,
          written: 1,
          unchanged: 0,
          exported: list.length,
          failed: [],
        })
        expect(await importReviews(dataSource, target)).toMatchObject({ unchanged: list.length, failed: [] })
        await rm(target, { recursive: true })
      }),
      { numRuns: testRuns(20) },
    )
  })

  test('exports more decisions than fit in one part, and says how far it is', async () => {
    const count = 2500
    await reviews.submitBatch(
      Array.from({ length: count }, (_, index) =>
        decision({ analysisId: index < 1200 ? 'a' : 'b', componentId: `c${index % 7}`, threatId: `t${index}` }),
      ),
    )
    const target = await folder()
    const seen: ExportProgress[] = []
    const summary = await exportReviews(dataSource, target, { onProgress: (progress) => seen.push(progress) })
    expect(summary).toMatchObject({ files: 2, exported: count })
    expect(Object.values((await parsed(target, 'b_reviews.json')) as object).flatMap(Object.keys)).toHaveLength(1300)
    expect(seen.at(-1)).toEqual({ analysisId: 'b', reviews: count, totalReviews: count })
    expect(seen.length).toBeGreaterThanOrEqual(4)
  })

  test('exports only the analyses that are asked for', async () => {
    await reviews.submitBatch(['a', 'b', 'c'].map((analysisId) => decision({ analysisId })))
    const target = await folder()
    const summary = await exportReviews(dataSource, target, { analysisIds: ['c', 'none', 'a', 'c'] })
    expect(summary).toEqual({
      files: 2,
      written: 2,
      unchanged: 0,
      exported: 2,
      failed: [{ analysisId: 'none', reason: 'it has no review decisions' }],
    })
    expect(await namesIn(target)).toEqual(['a_reviews.json', 'c_reviews.json'])
  })

  test('writes no file outside of the directory, and none that another id would be read from', async () => {
    const ids = ['../up', '/etc/passwd', 'a/b', 'line\nbreak', '\u007f', '..', '.', '-rf', 'a b', 'ü'.repeat(100)]
    const long = '𝕏'.repeat(100)
    await reviews.submitBatch([...ids, long].map((analysisId) => decision({ analysisId })))
    const target = await folder({ 'sub/keep.txt': 'mine' })
    const { failed } = await exportReviews(dataSource, join(target, 'sub'))
    expect(new Map(failed.map(({ analysisId, reason }) => [analysisId, reason]))).toEqual(
      new Map([
        ...['../up', '/etc/passwd', 'a/b'].map((id): [string, string] => [
          id,
          'its id contains "/", which the name of a file cannot contain',
        ]),
        ['line\nbreak', 'its id contains "\\n", which the name of a file cannot contain'],
        ['\u007f', 'its id contains "\u007f", which the name of a file cannot contain'],
        [long, 'the name of its file would have 413 bytes, and file systems allow 255'],
      ]),
    )
    expect(await namesIn(target)).toEqual(['sub'])
    expect(await namesIn(join(target, 'sub'))).toEqual(
      [...ids.slice(5).map((id) => `${id}_reviews.json`), 'keep.txt'].sort(),
    )
    await dataSource.getRepository(ReviewDecision).clear()
    await importReviews(dataSource, join(target, 'sub'))
    expect((await reviews.statuses()).items.map(({ analysisId }) => analysisId).sort()).toEqual(ids.slice(5).sort())
  })

  test('replaces no other file unless it may, and then writes nothing at all', async () => {
    await reviews.submitBatch(['a', 'b', 'c', 'd'].map((analysisId) => decision({ analysisId })))
    const target = await folder({ 'b_reviews.json': 'mine', 'other.txt': 'mine' })
    await mkdir(join(target, 'c_reviews.json'))
    await symlink('other.txt', join(target, 'd_reviews.json'))
    const before = await namesIn(target)
    await expect(exportReviews(dataSource, target)).rejects.toMatchObject({
      code: 'ALUDEL_FILES_EXIST',
      kind: 'refused',
      details: {
        directory: target,
        files: [
          { file: 'b_reviews.json', reason: 'has other contents' },
          { file: 'c_reviews.json', reason: 'is a directory, not a file' },
          { file: 'd_reviews.json', reason: 'is a symbolic link, not a file' },
        ],
      },
    })
    await expect(exportReviews(dataSource, target, { overwrite: true })).rejects.toMatchObject({
      details: { files: [{ file: 'c_reviews.json' }, { file: 'd_reviews.json' }] },
    })
    await expect(exportReviews(dataSource, target, { dryRun: true })).rejects.toMatchObject({
      code: 'ALUDEL_FILES_EXIST',
    })
    expect(await namesIn(target)).toEqual(before)
    expect(await readFile(join(target, 'b_reviews.json'), 'utf8')).toBe('mine')

    const ids = { analysisIds: ['a', 'b'] }
    const summary = await exportReviews(dataSource, target, { ...ids, overwrite: true })
    expect(summary).toMatchObject({ files: 2, written: 2, unchanged: 0 })
    expect(await readFile(join(target, 'other.txt'), 'utf8')).toBe('mine')
    expect(await exportReviews(dataSource, target, ids)).toMatchObject({ written: 0, unchanged: 2 })
  })

  test('leaves nothing when it is stopped or fails', async () => {
    await reviews.submitBatch(['a', 'b'].map((analysisId) => decision({ analysisId })))
    const parent = await folder()
    const target = join(parent, 'new')
    const stop = new AbortController()
    const stopped = exportReviews(dataSource, target, { signal: stop.signal, onProgress: () => stop.abort() })
    await expect(stopped).rejects.toMatchObject({ code: 'ALUDEL_INTERRUPTED', kind: 'interrupted' })
    expect(await namesIn(parent)).toEqual([])

    const error = new Error('of the caller')
    const failing = exportReviews(dataSource, target, {
      onProgress: () => {
        throw error
      },
    })
    await expect(failing).rejects.toBe(error)
    expect(await namesIn(parent)).toEqual([])

    await writeFile(target, 'a file')
    await expect(exportReviews(dataSource, target)).rejects.toMatchObject({
      code: 'ALUDEL_REVIEWS',
      message: expect.stringContaining(`cannot write into the directory ${target}`) as string,
    })
  })

  test('makes no directory for nothing', async () => {
    const parent = await folder({ 'there/keep.txt': 'mine' })
    const none = { files: 0, written: 0, unchanged: 0, exported: 0, failed: [] }
    expect(await exportReviews(dataSource, join(parent, 'a/b/c'))).toEqual(none)
    expect(await exportReviews(dataSource, join(parent, 'there'))).toEqual(none)
    expect(await exportReviews(dataSource, join(parent, 'there/new'))).toEqual(none)
    expect(await namesIn(parent)).toEqual(['there'])
    expect(await namesIn(join(parent, 'there'))).toEqual(['keep.txt'])
  })

  // Root may write everywhere.
  const asUser = process.getuid?.() === 0 ? test.skip : test
  asUser('says that a directory cannot be written', async () => {
    await reviews.submit(decision())
    const target = await folder()
    await chmod(target, 0o500)
    await expect(exportReviews(dataSource, target)).rejects.toThrow('cannot write into the directory')
    await chmod(target, 0o700)
  })

  test('has what the database had at one moment, or what the transaction of a caller has', async () => {
    await reviews.submitBatch(
      Array.from({ length: 1500 }, (_, index) => decision({ threatId: `t${String(index).padStart(4, '0')}` })),
    )
    if (dialect === 'postgres') {
      // Another session changes a decision that is read last, after the first part was read.
      let changed: Promise<unknown> | undefined
      const target = await folder()
      await exportReviews(dataSource, target, {
        onProgress: () => {
          changed ??= database.query("UPDATE review_decisions SET reviewer = 'late' WHERE threat_id >= 't1000'")
        },
      })
      await changed
      expect(await readFile(join(target, 'a_reviews.json'), 'utf8')).not.toContain('late')
    }
    const target = await folder()
    await dataSource.transaction(async (manager) => {
      const inside = new ReviewService(manager)
      await inside.submit(decision({ threatId: 'inside' }))
      await inside.exportTo(target)
    })
    expect(await readFile(join(target, 'a_reviews.json'), 'utf8')).toContain('inside')
  })
})
