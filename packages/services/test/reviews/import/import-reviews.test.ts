// cspell:ignore charac
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ReviewDecision, entities } from '@aludel/models'
import type { DataSource } from 'typeorm'
import { ReviewError, importReviews } from '../../../src/index'
import type { ImportProgress } from '../../../src/index'
import { dialectNames, makeDatabase, openWithTables } from '../../../../../tools/testing/databases'
import type { SentQuery, TestDatabase } from '../../../../../tools/testing/databases'
import { folder, removeFolders } from '../../../../../tools/testing/folders'
import { NewReviews } from '../../../src/reviews/new-reviews'
import { storeReviews } from '../../../src/reviews/store'
import { entry, fixtures } from '../../support/files'

const fixtureFailures = [
  {
    file: 'bad-values_reviews.json',
    path: '$.ECU001["Replay attack"].final_decision',
    reason: 'must be one of Accept, Accept with Controls, Transfer, Avoid, Mitigate, not "Ignore it"',
  },
  {
    file: 'bad-values_reviews.json',
    path: '$.ECU001["Replay attack"].review_date',
    reason: 'is no date of the calendar: "2025-13-45"',
  },
  {
    file: 'truncated_reviews.json',
    path: '$.ECU001["Replay attack"]',
    reason: 'the file is cut short: it ends in the middle, at line 1, column 74',
  },
]

/** A review file with this number of entries, a hundred for each component. */
function fileOf(entries: number, fields: object = entry): string {
  const components: Record<string, Record<string, object>> = {}
  for (let index = 0; index < entries; index += 1) {
    const component = (components[`ECU${Math.floor(index / 100)}`] ??= {})
    component[`threat ${index}`] = fields
  }
  return JSON.stringify(components)
}

describe.each(dialectNames)('importReviews on %s', (dialect) => {
  let database: TestDatabase
  let dataSource: DataSource
  const queries: SentQuery[] = []

  beforeAll(async () => {
    database = await makeDatabase(dialect)
    dataSource = await openWithTables(database, entities, queries)
  })
  afterEach(async () => {
    await dataSource.getRepository(ReviewDecision).clear()
    await removeFolders()
    queries.length = 0
  })
  afterAll(async () => {
    await dataSource?.destroy()
    await database?.drop()
  })

  const rows = (): Promise<ReviewDecision[]> =>
    dataSource.getRepository(ReviewDecision).find({ order: { analysisId: 'ASC', componentId: 'ASC', threatId: 'ASC' } })

  test('imports valid entries, reports invalid ones and ignores other files', async () => {
    expect(await importReviews(dataSource, fixtures)).toEqual({
      files: 5,
      imported: 37,
      updated: 0,
      unchanged: 0,
      failed: fixtureFailures,
    })
    const stored = await rows()
    expect(stored).toHaveLength(37)
    expect(stored.find((row) => row.reviewer === '山田 太郎' && row.threatId === 'Denial of service')).toMatchObject({
      analysisId: '9f1c2b7e-55aa-4c0e-8a43-0d9f6c1b2e77',
      componentId: 'ECU003',
      originalDecision: 'Mitigate',
      finalDecision: 'Transfer',
      justification: 'Transfer agreed with supplier “Nordwind”.',
      additionalNotes: '',
      reviewDate: '2025-08-05',
      evidenceReferences: ['EV-001'],
      status: 'completed',
    })
  })

  test('changes nothing on a second run', async () => {
    await importReviews(dataSource, fixtures)
    const before = await rows()
    queries.length = 0
    expect(await importReviews(dataSource, fixtures)).toEqual({
      files: 5,
      imported: 0,
      updated: 0,
      unchanged: 37,
      failed: fixtureFailures,
    })
    expect(queries.filter(({ sql }) => /^(insert|update|delete)/i.test(sql))).toEqual([])
    expect(await rows()).toEqual(before)
  })

  test.each<[string, object]>([
    ['original_decision', { original_decision: 'Avoid' }],
    ['final_decision', { final_decision: 'Transfer' }],
    ['reviewer', { reviewer: 'o’Brien' }],
    ['justification', { justification: '' }],
    ['additional_notes', { additional_notes: null }],
    ['review_date', { review_date: '2025-04-21' }],
    ['evidence_references', { evidence_references: ['EV-001', 'EV-002'] }],
    ['the order of evidence', { evidence_references: ['EV-002', 'EV-001'] }],
    ['empty evidence', { evidence_references: [] }],
    ['no evidence', { evidence_references: null }],
    ['status', { status: 'completed' }],
  ])('updates one row and keeps its id after a change of an entry: %s', async (_name, change) => {
    const directory = await folder({ 'a_reviews.json': JSON.stringify({ c: { t: entry, u: entry } }) })
    await importReviews(dataSource, directory)
    const before = await rows()
    await writeFile(join(directory, 'a_reviews.json'), JSON.stringify({ c: { t: { ...entry, ...change }, u: entry } }))
    expect(await importReviews(dataSource, directory)).toMatchObject({
      imported: 0,
      updated: 1,
      unchanged: 1,
      failed: [],
    })
    const after = await rows()
    expect(after[1]).toEqual(before[1])
    expect(after[0]).toMatchObject({ id: before[0]?.id, createdAt: before[0]?.createdAt })
    expect(after[0]?.updatedAt.getTime()).toBeGreaterThan(before[0]?.updatedAt.getTime() ?? Infinity)
    expect(await importReviews(dataSource, directory)).toMatchObject({ imported: 0, updated: 0, unchanged: 2 })
  })

  test('imports the same entry of two analyses as two decisions', async () => {
    const content = JSON.stringify({ c: { t: entry } })
    const directory = await folder({ 'a_reviews.json': content, 'A_reviews.json': content })
    expect(await importReviews(dataSource, directory)).toMatchObject({ files: 2, imported: 2, failed: [] })
  })

  test('keeps a decision that is no longer in its file', async () => {
    const directory = await folder({ 'a_reviews.json': JSON.stringify({ c: { t: entry, u: entry } }) })
    await importReviews(dataSource, directory)
    await writeFile(join(directory, 'a_reviews.json'), JSON.stringify({ c: { u: entry } }))
    expect(await importReviews(dataSource, directory)).toMatchObject({ imported: 0, updated: 0, unchanged: 1 })
    expect(await rows()).toHaveLength(2)
  })

  test('reports files that it cannot read and imports the others', async () => {
    const directory = await folder({
      'a_reviews.json': JSON.stringify({ c: { t: entry } }),
      '_reviews.json': JSON.stringify({ c: { t: entry } }),
      [`${'x'.repeat(101)}_reviews.json`]: '{}',
      'b_reviews.json.bak': 'not read',
      'reviews.json': 'not read',
      'z_reviews.json': JSON.stringify({ c: { t: entry } }),
    })
    await mkdir(join(directory, 'd_reviews.json'))
    await symlink(join(directory, 'nowhere'), join(directory, 'e_reviews.json'))
    const summary = await importReviews(dataSource, directory)
    expect(summary).toMatchObject({ files: 6, imported: 2 })
    expect(summary.failed.map(({ file, path, reason }) => [file.slice(0, 14), path, reason.slice(0, 60)])).toEqual([
      ['_reviews.json', '$', "the analysis id in the file's name must not be empty"],
      ['d_reviews.json', '$', 'is a directory, not a file'],
      ['e_reviews.json', '$', expect.stringMatching(/^cannot be read: ENOENT/)],
      ['xxxxxxxxxxxxxx', '$', "the analysis id in the file's name is longer than 100 charac"],
    ])
  })

  test('imports the complete entries of a truncated file', async () => {
    const whole = fileOf(1200)
    const directory = await folder({ 'a_reviews.json': whole.slice(0, Math.floor(whole.length / 2)) })
    const { imported, failed } = await importReviews(dataSource, directory)
    expect(imported).toBeGreaterThan(590)
    expect(imported).toBeLessThan(610)
    expect(failed).toHaveLength(1)
    expect(await rows()).toHaveLength(imported)
    await writeFile(join(directory, 'a_reviews.json'), whole)
    expect(await importReviews(dataSource, directory)).toMatchObject({ imported: 1200 - imported, unchanged: imported })
  })

  test('counts the same on a dry run and writes nothing', async () => {
    const directory = await folder({
      'a_reviews.json': JSON.stringify({ c: { t: entry, u: entry } }),
      'b_reviews.json': '{"c": 1}',
    })
    await importReviews(dataSource, directory)
    await writeFile(
      join(directory, 'a_reviews.json'),
      JSON.stringify({ c: { t: entry, u: { ...entry, reviewer: 'x' }, v: entry }, d: { v: entry } }),
    )
    const before = await rows()
    queries.length = 0
    const dry = await importReviews(dataSource, directory, { dryRun: true })
    expect(queries.filter(({ sql }) => /^(insert|update|delete)/i.test(sql))).toEqual([])
    expect(await rows()).toEqual(before)
    expect(dry).toMatchObject({ files: 2, imported: 2, updated: 1, unchanged: 1 })
    expect(await importReviews(dataSource, directory)).toEqual(dry)
  })

  test('imports a large file in one transaction, in equal batches, while it is being read', async () => {
    const count = 3000
    const justification = 'Residual risk within budget; see HARA 4.2. '.repeat(20)
    const directory = await folder({ 'large_reviews.json': fileOf(count, { ...entry, justification }) })

    let readAtFirstInsert: number | undefined
    let last: ImportProgress | undefined
    const inserts = (): SentQuery[] => queries.filter(({ sql }) => sql.startsWith('INSERT'))
    const summary = await importReviews(dataSource, directory, {
      onProgress: (progress) => {
        expect(progress.bytes).toBeGreaterThanOrEqual(last?.bytes ?? 0)
        last = progress
        if (inserts().length > 0) readAtFirstInsert ??= progress.bytes
      },
    })
    expect(summary).toEqual({ files: 1, imported: count, updated: 0, unchanged: 0, failed: [] })
    expect(await dataSource.getRepository(ReviewDecision).count()).toBe(count)

    expect(last?.totalBytes).toBeGreaterThan(3_000_000)
    expect(last).toMatchObject({ file: 'large_reviews.json', fileNumber: 1, files: 1, reviews: count })
    expect(last?.bytes).toBe(last?.totalBytes)
    expect(readAtFirstInsert).toBeLessThan(1_000_000)
    expect(inserts()).toHaveLength(count / 500)
    expect(Math.max(...queries.map(({ parameters }) => parameters))).toBeLessThan(10_000)
    expect(queries.filter(({ sql }) => /^(START|BEGIN|COMMIT)/.test(sql))).toHaveLength(2)
  })

  test('updates what somebody else has stored since the file was begun', async () => {
    const other = await folder({
      'a_reviews.json': JSON.stringify({ ECU1: { 'threat 150': entry, 'threat 151': entry } }),
    })
    const directory = await folder({
      'a_reviews.json': fileOf(600).replace(/("threat 150":.*?)"Ana Duarte"/, '$1"Rui Sá"'),
    })
    const insert = jest.spyOn(NewReviews.prototype, 'insert')
    const storeOthers = async function (this: NewReviews, reviews: Parameters<NewReviews['insert']>[0]) {
      const [first, second] = reviews.slice(150)
      const both = [first, second].flatMap((review) =>
        review === undefined ? [] : [{ ...review, reviewer: 'Ana Duarte' }],
      )
      // a connection of its own on PostgreSQL; the same one on SQLite
      await storeReviews(dataSource.manager, both)
      return this.insert(reviews)
    }
    insert.mockImplementationOnce(storeOthers)
    try {
      expect(await importReviews(dataSource, directory)).toEqual({
        files: 1,
        imported: 598,
        updated: 1,
        unchanged: 1,
        failed: [],
      })
    } finally {
      insert.mockRestore()
    }
    expect((await rows()).find(({ threatId }) => threatId === 'threat 150')?.reviewer).toBe('Rui Sá')
    expect(await importReviews(dataSource, directory)).toMatchObject({ imported: 0, unchanged: 600 })
    expect(await importReviews(dataSource, other)).toMatchObject({ updated: 1, unchanged: 1 })
  })

  test('stores what the query builder stores, and calls it if the application has subscribers', async () => {
    const texts = ['', '"', "'", '\\', '{}', 'NULL', 'null', ',', '\n\t', '\u0001', 'é 🚗 \u2028', ' x ', '$1', '?']
    const fields = texts.map((text) => ({
      ...entry,
      reviewer: `r${text}`,
      justification: text,
      additional_notes: text === '' ? null : text,
      evidence_references: text === '"' ? null : text === ',' ? [] : [text, 'EV'],
    }))
    const content = JSON.stringify({
      'a, "b"': Object.fromEntries(fields.map((one, index) => [`t ${texts[index] ?? ''}`, one])),
    })
    const directory = await folder({ 'a_reviews.json': content, 'b_reviews.json': content })
    const seen: string[] = []
    const subscriber = { afterInsert: ({ entity }: { entity: ReviewDecision }) => void seen.push(entity.analysisId) }
    await importReviews(dataSource, directory)
    const quick = await rows()
    await dataSource.getRepository(ReviewDecision).clear()
    dataSource.subscribers.push(subscriber)
    try {
      await importReviews(dataSource, directory)
    } finally {
      dataSource.subscribers.pop()
    }
    expect(seen).toHaveLength(2 * texts.length)
    const withoutStamps = (row: ReviewDecision) => ({ ...row, id: '', createdAt: null, updatedAt: null })
    expect(quick.map(withoutStamps)).toEqual((await rows()).map(withoutStamps))
    for (const row of quick) {
      expect(row.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(Math.abs(row.createdAt.getTime() - Date.now())).toBeLessThan(600_000)
      expect(row.updatedAt).toEqual(row.createdAt)
    }
  })

  test('rolls back the current file when aborted and keeps the files before it', async () => {
    const directory = await folder({
      'a_reviews.json': JSON.stringify({ c: { t: entry } }),
      'b_reviews.json': fileOf(1500),
      'c_reviews.json': JSON.stringify({ c: { t: entry } }),
    })
    const abort = new AbortController()
    const summary = await importReviews(dataSource, directory, {
      signal: abort.signal,
      onProgress: ({ file, reviews }) => {
        if (file === 'b_reviews.json' && reviews > 1000) abort.abort()
      },
    })
    expect(queries.some(({ sql }) => sql.startsWith('ROLLBACK'))).toBe(true)
    expect(summary).toEqual({
      files: 1,
      imported: 1,
      updated: 0,
      unchanged: 0,
      failed: [],
      aborted: {
        file: 'b_reviews.json',
        path: expect.stringMatching(/^\$\.ECU\d+/) as string,
        reason: 'the import was stopped',
      },
    })
    expect((await rows()).map((row) => row.analysisId)).toEqual(['a'])
    expect(await importReviews(dataSource, directory)).toMatchObject({ imported: 1501, unchanged: 1 })
  })

  test('does nothing when aborted before it begins', async () => {
    const summary = await importReviews(dataSource, fixtures, { signal: AbortSignal.abort() })
    expect(summary).toMatchObject({
      files: 0,
      imported: 0,
      aborted: { file: '9f1c2b7e-55aa-4c0e-8a43-0d9f6c1b2e77_reviews.json', path: '$' },
    })
    expect(await rows()).toEqual([])
  })

  test('fails when it cannot read the directory', async () => {
    const directory = await folder({ file: '' })
    await expect(importReviews(dataSource, join(directory, 'missing'))).rejects.toThrow(
      /cannot read the directory .*ENOENT/,
    )
    await expect(importReviews(dataSource, join(directory, 'file'))).rejects.toMatchObject({ code: 'ALUDEL_REVIEWS' })
  })

  test('imports nothing from an empty directory, without an error', async () => {
    expect(await importReviews(dataSource, await folder({}))).toEqual({
      files: 0,
      imported: 0,
      updated: 0,
      unchanged: 0,
      failed: [],
    })
  })

  test('fails when the database refuses a row, and reports what was imported before it', async () => {
    const directory = await folder({
      'a_reviews.json': JSON.stringify({ c: { t: entry } }),
      'b_reviews.json': fileOf(600),
    })
    const trigger =
      dialect === 'postgres'
        ? [
            `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no more room'; END $$`,
            `CREATE TRIGGER refuse BEFORE INSERT ON review_decisions FOR EACH ROW WHEN (NEW.threat_id = 'threat 599') EXECUTE FUNCTION refuse()`,
          ]
        : [
            `CREATE TRIGGER refuse BEFORE INSERT ON review_decisions WHEN NEW.threat_id = 'threat 599' BEGIN SELECT RAISE(ABORT, 'no more room'); END`,
          ]
    for (const sql of trigger) await dataSource.query(sql)
    try {
      const error: unknown = await importReviews(dataSource, directory).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ReviewError)
      expect(error).toMatchObject({
        code: 'ALUDEL_REVIEWS',
        message: expect.stringMatching(/cannot import .*b_reviews\.json: .*no more room/) as string,
        details: { file: 'b_reviews.json', summary: { files: 1, imported: 1 } },
      })
      expect((await rows()).map((row) => row.analysisId)).toEqual(['a'])
    } finally {
      await dataSource.query(`DROP TRIGGER refuse${dialect === 'postgres' ? ' ON review_decisions' : ''}`)
    }
    await rm(join(directory, 'a_reviews.json'))
    expect(await importReviews(dataSource, directory)).toMatchObject({ imported: 600 })
  })
})
