import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { dialectNames } from '../run/databases'
import { openTested, revision, testingModule, type TestedProject, tests } from './project'

describe.each(dialectNames)('a first test on %s', (dialect) => {
  let tested: TestedProject

  beforeEach(async () => {
    tested = await openTested(dialect)
  })
  afterEach(() => tested.remove())

  /** Writes a test, makes it import the sources, and runs it. */
  const written = async (rev: string): Promise<{ readonly text: string; readonly outcomes: readonly string[] }> => {
    const { path: file } = await tested.project.migrator([]).writeTest(rev)
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace("'@aludel/engine/testing'", JSON.stringify(testingModule)))
    const { tests: results } = await tested.test({ range: rev })
    return { text, outcomes: results.map(({ outcome }) => outcome) }
  }

  test('has sample rows, and what the upgrade changes in them, and passes', async () => {
    const { text, outcomes } = await written('head')
    expect(outcomes).toEqual(['passed'])
    expect(text).toMatch(
      /^import \{ testRevision \} from '@aludel\/engine\/testing'\n\nexport default testRevision\(\{\n {2}'Split': \{/,
    )
    expect(text).toMatch(/before: \{\n {6}people: \[\n {8}\{ id: \d+, name: '.*' \},\n/)
    expect(text).toMatch(/after: \{\n {6}people: \[\n {8}\{ id: \d+, first: (?:null|'sample') \},\n/)
    expect(text).toContain("back: 'as before',")
  })

  test('of a revision that creates a table has no rows before', async () => {
    const { text, outcomes } = await written('1111')
    expect(outcomes).toEqual(['passed'])
    expect(text).not.toContain('before:')
    expect(text).toContain('people: [],')
  })

  test('says what is not the same twice nothing about, and no downgrade that loses rows', async () => {
    const now = dialect === 'postgres' ? 'now()' : `strftime('%f', 'now') || random()`
    await tested.project.write(
      revision(
        3,
        'Times',
        `await q.query('ALTER TABLE "people" ADD COLUMN "seen" text')
         await q.query("UPDATE \\"people\\" SET \\"seen\\" = ${now}, \\"name\\" = 'x' || \\"id\\"")`,
        { down: `await q.query('ALTER TABLE "people" DROP COLUMN "seen"')` },
      ),
    )
    const { text, outcomes } = await written('head')
    expect(outcomes).toEqual(['passed'])
    expect(text).not.toContain('seen')
    expect(text).toMatch(/\{ id: \d+, name: 'x\d+' \}/)
    expect(text).not.toContain('back')
  })

  test('has no rows where the upgrade refuses sample rows', async () => {
    await tested.project.write(
      revision(3, 'Refuses', `for (const _ of await q.query('SELECT * FROM "people"')) throw new Error('rows')`),
    )
    const { text, outcomes } = await written('head')
    expect(outcomes).toEqual(['passed'])
    expect(text).toContain('before: {},')
    expect(text).toContain('after: {},')
  })

  test('is not written over another', async () => {
    await tested.project.write(tests(2, 'Split', `'a': { before: {} },`))
    await expect(tested.project.migrator([]).writeTest('head')).rejects.toMatchObject({
      code: 'ALUDEL_REVISION_EXISTS',
      message: expect.stringContaining('1700000000002-Split.test.ts') as string,
    })
    await expect(tested.project.migrator([]).writeTest('none')).rejects.toMatchObject({
      code: 'ALUDEL_UNKNOWN_REVISION',
    })
  })

  test('comes with a new revision', async () => {
    const migrator = tested.project.migrator([])
    const { created, test } = await migrator.create('fill in', { autogenerate: false, test: true })
    expect(test).toBe(String(created?.path).replace(/\.ts$/, '.test.ts'))
    expect(await readFile(String(test), 'utf8')).toContain("'fill in'")
    expect(Object.keys(await tested.project.files())).toHaveLength(4)
  })
})

test('a first test is CommonJS beside a revision that is', async () => {
  const tested = await openTested('sqlite', {
    '1700000000001-People.cjs': `/** People */
module.exports = class People1700000000001 {
  async up(q) { await q.query('CREATE TABLE "people" ("id" integer PRIMARY KEY)') }
  async down(q) { await q.query('DROP TABLE "people"') }
}`,
  })
  try {
    const { path: file } = await tested.project.migrator([]).writeTest('head')
    expect(path.basename(file)).toBe('1700000000001-People.test.cjs')
    expect(await readFile(file, 'utf8')).toMatch(
      /^const \{ testRevision \} = require\('@aludel\/engine\/testing'\)\n\nmodule\.exports = testRevision\(/,
    )
  } finally {
    await tested.remove()
  }
})
