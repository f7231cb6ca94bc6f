import path from 'node:path'

import { dialectNames } from '../run/databases'
import { openTested, revision, type TestedProject, tests } from './project'

describe.each(dialectNames)('tests of revisions on %s', (dialect) => {
  let tested: TestedProject

  beforeEach(async () => {
    tested = await openTested(dialect)
  })
  afterEach(() => tested.remove())

  test('report a revision below that does not run, for all that are above it', async () => {
    await tested.project.write({
      ...tests(2, 'Split', `'runs': { before: {} },`),
      ...revision(3, 'Wrong', `await q.query('SELECT * FROM "nothing"')`),
      ...tests(3, 'Wrong', `'itself': { before: {} },`),
      ...revision(4, 'Above', `await q.query('SELECT 1')`),
      ...tests(4, 'Above', `'above': { before: {} },`),
      ...revision(5, 'Further', `await q.query('SELECT 1')`),
      ...tests(5, 'Further', `'further above': { before: {} },`),
    })
    const { tests: results } = await tested.test()
    expect(results.map(({ title, failure }) => [title, failure?.phase])).toEqual([
      ['runs', undefined],
      ['itself', 'upgrade'],
      ['above', 'replay'],
      ['further above', 'replay'],
    ])
    expect(results[3]?.failure?.message).toMatch(/^revision 333333333333 \(Wrong\) cannot be replayed .*nothing/)
  })

  test('are chosen by a range, and by a part of the title, the file or the revision', async () => {
    await tested.project.write({
      ...tests(1, 'People', `'creates the table': { after: { people: [] } },`),
      ...tests(2, 'Split', `'Splits': { before: {} }, 'other': { before: {} },`),
    })
    const titles = async (...options: Parameters<TestedProject['test']>): Promise<readonly string[]> =>
      (await tested.test(...options)).tests.map(({ title }) => title)
    expect(await titles()).toEqual(['creates the table', 'Splits', 'other'])
    expect(await titles({ range: 'head' })).toEqual(['Splits', 'other'])
    expect(await titles({ range: 'base:1111' })).toEqual(['creates the table'])
    expect(await titles({ only: 'split' })).toEqual(['Splits', 'other'])
    expect(await titles({ only: 'SPLITS' })).toEqual(['Splits'])
    expect(await titles({ only: '11111' })).toEqual(['creates the table'])
    await expect(tested.test({ range: 'head', only: 'creates' })).rejects.toMatchObject({
      code: 'ALUDEL_UNKNOWN_TEST',
      message: 'no test contains "creates"',
      help: expect.stringContaining('"Splits", "other"') as string,
    })
  })

  test('may be for some databases only, or be skipped for a reason', async () => {
    await tested.project.write(
      tests(
        2,
        'Split',
        `'here': { dialects: ['${dialect}'], before: {} },
         'elsewhere': { dialects: ['${dialect === 'sqlite' ? 'postgres' : 'sqlite'}'], before: {} },
         'later': { skip: 'not decided', before: {} },`,
      ),
    )
    const { tests: results } = await tested.test()
    expect(results.map(({ title, outcome, reason }) => [title, outcome, reason])).toEqual([
      ['here', 'passed', undefined],
      [
        'elsewhere',
        'skipped',
        `only for ${dialect === 'sqlite' ? 'postgres' : 'sqlite'}, which the project does not have`,
      ],
      ['later', 'skipped', 'not decided'],
    ])
  })

  test('leave the database of the project alone', async () => {
    await tested.one(`'splits': { before: { people: [{ id: 1, name: 'Ann' }] }, after: { people: [{ id: 1 }] } },`)
    expect(await tested.project.database.dialect.introspection.tableNames(tested.project.database.queryRunner)).toEqual(
      [],
    )
  })

  test('end at once when the command is interrupted', async () => {
    await tested.project.write(tests(2, 'Split', `'one': { before: {} }, 'two': { before: {} },`))
    const controller = new AbortController()
    controller.abort(new Error('stopped'))
    await expect(tested.test({}, { signal: controller.signal })).rejects.toMatchObject({
      code: 'ALUDEL_INTERRUPTED',
    })
  })

  test('are listed where a revision has none', async () => {
    const result = await tested.test()
    expect(result).toEqual({
      tests: [],
      revisions: 2,
      untested: [
        { revision: '111111111111', path: path.join('migrations', '1700000000001-People.test.ts') },
        { revision: '222222222222', path: path.join('migrations', '1700000000002-Split.test.ts') },
      ],
    })
  })
})

test('tests of revisions that a squash replaces do not run, and a warning says so', async () => {
  const tested = await openTested('sqlite')
  try {
    await tested.project.write({
      ...tests(2, 'Split', `'splits': { before: {} },`),
      ...revision(3, 'Squash', `await q.query('CREATE TABLE "people" ("id" integer)')`, {
        fields: `static readonly replaces = { '111111111111': 'People1700000000001', '222222222222': 'Split1700000000002' }`,
      }),
      ...tests(3, 'Squash', `'begins': { after: { people: [] } },`),
    })
    const [[name, text] = ['', '']] = Object.entries(await tested.project.files()).filter(([one]) =>
      one.endsWith('-Squash.ts'),
    )
    await tested.project.write({ [name]: text.replace(/downRevision = .*/, 'downRevision = null') })
    const warnings: string[] = []
    const result = await tested.test(
      {},
      { onEvent: (event) => event.type === 'warning' && warnings.push(event.message) },
    )
    expect(result.tests.map(({ title, outcome }) => [title, outcome])).toEqual([['begins', 'passed']])
    expect(warnings).toEqual([
      'the tests of 222222222222 (Split) do not run: 333333333333 replaces it; move those that still matter beside that',
    ])
  } finally {
    await tested.remove()
  }
})

test('tests of revisions run on both databases of a project, in the order of the revisions', async () => {
  if (dialectNames.length < 2) return
  const tested = await openTested('sqlite')
  try {
    await tested.project.write({
      ...tests(1, 'People', `'creates the table': { after: { people: [] } },`),
      ...tests(2, 'Split', `'splits': { before: {} }, 'only there': { dialects: ['postgres'], before: {} },`),
    })
    const { tests: results } = await tested.test({}, { dialects: dialectNames })
    expect(results.map(({ title, dialect, outcome }) => [title, dialect, outcome])).toEqual([
      ['creates the table', 'sqlite', 'passed'],
      ['creates the table', 'postgres', 'passed'],
      ['splits', 'sqlite', 'passed'],
      ['splits', 'postgres', 'passed'],
      ['only there', 'postgres', 'passed'],
    ])
  } finally {
    await tested.remove()
  }
})
