import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { dialectNames } from '../run/databases'
import { openTested, people, revision, type TestedProject, tests } from './project'

const outcomes = (result: Awaited<ReturnType<TestedProject['test']>>): Record<string, string> =>
  Object.fromEntries(result.tests.map(({ title, outcome, failure }) => [title, failure?.message ?? outcome]))

describe.each(dialectNames)('tests of revisions on %s', (dialect) => {
  let tested: TestedProject

  beforeEach(async () => {
    tested = await openTested(dialect)
  })
  afterEach(() => tested.remove())

  test('begin below the revision, and assert rows after its upgrade and after its downgrade', async () => {
    const result = await tested.one(`
      'splits names': {
        before: { people: [{ id: 1, name: 'Ann Lee' }, { id: 2, name: 'Bob' }] },
        after: { people: [{ id: 2, first: null }, { id: 1, first: 'Ann', name: 'Ann Lee' }] },
        back: { people: [{ id: 1, name: 'Ann Lee' }, { id: 2, name: 'Bob' }] },
      },`)
    expect(result).toEqual({
      revision: '222222222222',
      message: 'Split',
      dialect,
      title: 'splits names',
      path: path.join('migrations', '1700000000002-Split.test.ts'),
      outcome: 'passed',
      durationMs: expect.any(Number) as number,
    })
  })

  test('have a database of their own, in which nothing of another test is left', async () => {
    await tested.project.write(
      tests(
        2,
        'Split',
        `'one': { before: { people: [{ id: 1, name: 'Ann' }] }, after: { people: [{ id: 1 }] } },
         'another with the same rows': { before: { people: [{ id: 1, name: 'Ann' }] }, after: { people: [{ id: 1 }] } },
         'none': { before: {}, after: { people: [] } },`,
      ),
    )
    expect(outcomes(await tested.test())).toEqual({
      one: 'passed',
      'another with the same rows': 'passed',
      none: 'passed',
    })
  })

  test('fail with the rows that differ, where the test is', async () => {
    const { outcome, failure } = await tested.one(`
      'expects another name': {
        before: { people: [{ id: 1, name: 'Ann Lee' }, { id: 2, name: 'Bob' }] },
        after: { people: [{ id: 1, first: 'Anna' }, { id: 2 }] },
      },`)
    expect(outcome).toBe('failed')
    expect(failure).toMatchObject({ phase: 'after', line: 6, column: 7, statement: null })
    expect(failure?.message).toMatch(/^people has other rows than expected \(1 as expected\):\n/)
    expect(failure?.message).toMatch(/^\+ .*'Ann'/m)
    expect(failure?.message).toMatch(/^- .*'Anna'/m)
    expect(failure?.message).not.toContain('Bob')
  })

  test('fail in code with the line of its assertion', async () => {
    const { failure } = await tested.one(`
      'asserts in code': {
        before: async (db) => db.insert('people', { id: 1, name: 'Ann Lee' }),

        async after(db: import(${JSON.stringify(path.resolve(__dirname, '../../src/testing'))}).TestDatabase): Promise<void> {
          const [row] = await db.rows('people', { where: { id: 1 } })
          assert.equal(row?.['first'], 'Anna')
        },
      },`)
    expect(failure).toMatchObject({ phase: 'after', line: 11, column: 18 })
    expect(failure?.message).toMatch(/'Ann'[^]*'Anna'/)
  })

  test('pass in code that asserts nothing wrong, on rows in the order of their keys', async () => {
    const { failure } = await tested.one(`
      'reads': {
        async before(db) {
          await db.insert('people', [{ id: 10, name: 'Ann Lee' }, { id: 9, name: 'Cy Lee' }, { id: 11, name: 'Bo Lee' }])
        },
        async after(db) {
          // Jest has other arrays.
          const equal = (a, b) => assert.equal(JSON.stringify(a), JSON.stringify(b))
          assert.equal(db.dialect, '${dialect}')
          equal((await db.rows('people')).map(({ id }) => id), [9, 10, 11])
          equal((await db.rows('people', { order: ['first'] })).map(({ id }) => id), [10, 11, 9])
          equal(await db.rows('people', { where: { first: 'Cy' } }), [{ id: 9, name: 'Cy Lee', first: 'Cy' }])
          const [count] = await db.query('SELECT count(*) AS n FROM "people" WHERE "id" > ' + (db.dialect === 'postgres' ? '$1' : '?'), [9])
          assert.equal(Number(count.n), 2)
          assert.equal(await db.queryRunner.hasColumn('people', 'first'), true)
          await db.queryRunner.release()
          await db.expect('people', [{ id: 9 }, { id: 10 }, { id: 11 }])
        },
      },`)
    expect(failure).toBeUndefined()
  })

  test('fail where their own rows are refused, with the statement', async () => {
    const { failure } = await tested.one(`'no name': { before: { people: [{ id: 1, name: null }] } },`)
    expect(failure).toMatchObject({
      phase: 'before',
      message: expect.stringMatching(/not.null constraint/i) as string,
      statement: expect.stringContaining('INSERT INTO "people"') as string,
    })
  })

  test('fail where the upgrade fails, with the statement', async () => {
    const { failure } = await tested.one(
      `'the same name': { before: { people: [{ id: 1, name: 'Ann' }, { id: 2, name: 'Ann' }] } },`,
    )
    expect(failure).toMatchObject({
      phase: 'upgrade',
      message: expect.stringMatching(/unique/i) as string,
      statement: 'CREATE UNIQUE INDEX "by_name" ON "people" ("name")',
    })
  })

  test('fail where the downgrade fails, and where it loses rows', async () => {
    await tested.project.write({
      ...revision(3, 'Lossy', `await q.query('SELECT 1')`, {
        down: `await q.query('DELETE FROM "people" WHERE "id" = 2')`,
      }),
      ...tests(
        3,
        'Lossy',
        `'loses': { before: { people: [{ id: 1, name: 'Ann' }, { id: 2, name: 'Bob' }] }, back: 'as before' },`,
      ),
      ...revision(4, 'Broken', `await q.query('SELECT 1')`, { down: `await q.query('SELECT * FROM "nothing"')` }),
      ...tests(4, 'Broken', `'breaks': { back: 'as before' },`),
    })
    const { tests: results } = await tested.test()
    expect(results.map(({ failure }) => failure)).toMatchObject([
      { phase: 'back', message: expect.stringMatching(/^people has other rows[^]*- .*'Bob'/) as string },
      { phase: 'downgrade', message: expect.stringContaining('nothing') as string },
    ])
  })

  test('pass if a downgrade gives all rows back', async () => {
    expect(
      await tested.one(`'back': { before: { people: [{ id: 1, name: 'Ann Lee' }] }, back: 'as before' },`),
    ).toMatchObject({ outcome: 'passed' })
  })

  test('expect an upgrade to fail: for a kind of constraint, or with a message', async () => {
    const twice = `before: { people: [{ id: 1, name: 'Ann' }, { id: 2, name: 'Ann' }] }`
    await tested.project.write(
      tests(
        2,
        'Split',
        `'kind': { ${twice}, fails: 'unique' },
         'message': { ${twice}, fails: /unique/gi },
         'message again': { ${twice}, fails: /unique/gi },
         'with what is left': { ${twice}, fails: 'unique', after: { people: [{ id: 1 }, { id: 2 }] } },
         'other kind': { ${twice}, fails: 'check' },
         'other message': { ${twice}, fails: /no such thing/ },
         'does not fail': { before: { people: [{ id: 1, name: 'Ann' }] }, fails: 'unique' },`,
      ),
    )
    const found = outcomes(await tested.test())
    expect(found).toMatchObject({
      kind: 'passed',
      message: 'passed',
      'message again': 'passed',
      'with what is left': 'passed',
      'does not fail': 'the upgrade ran, but should have failed: unique',
    })
    expect(found['other kind']).toMatch(/^the upgrade failed \(unique\), but not because of "check": .*unique/i)
    expect(found['other message']).toMatch(/^the upgrade failed with another error than \/no such thing\/: .*unique/i)
  })

  test('fail if a failed upgrade outside a transaction left changes', async () => {
    await tested.project.write({
      ...revision(
        3,
        'Outside',
        `await q.query('CREATE TABLE "left" ("id" integer)')
         await q.query('INSERT INTO "people" ("id", "name") VALUES (7, \\'Eve\\')')
         await q.query('INSERT INTO "people" ("id", "name") VALUES (1, \\'Eve\\')')`,
        { fields: 'readonly transaction = false' },
      ),
      ...tests(
        3,
        'Outside',
        `'halfway': { before: { people: [{ id: 1, name: 'Ann' }] }, fails: 'unique' },
         'as it is': { before: { people: [{ id: 1, name: 'Ann' }] }, fails: 'unique', after: { left: [], people: [{ id: 1 }, { id: 7 }] } },`,
      ),
    })
    expect(outcomes(await tested.test())).toEqual({
      halfway: 'the upgrade failed as expected, but left changes: create table left (id)',
      'as it is': 'passed',
    })
  })

  test('run batches, and revisions outside a transaction', async () => {
    await tested.project.write({
      ...revision(
        3,
        'Batches',
        `await batched(q, { table: 'people', key: 'id', size: 2, where: '"first" IS NULL', update: { first: "'none'" } })`,
        { fields: 'readonly transaction = false' },
      ),
      ...tests(
        3,
        'Batches',
        `'fills': {
          before: { people: [1, 2, 3, 4, 5].map((id) => ({ id, name: 'N' + id })) },
          after: { people: [1, 2, 3, 4, 5].map((id) => ({ id, first: 'none' })) },
        },`,
      ),
    })
    expect(outcomes(await tested.test())).toEqual({ fills: 'passed' })
  })

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

  test('fail if they leave a transaction open, and if their promise never settles', async () => {
    await tested.project.write(
      tests(2, 'Split', `'open': { before: async (db) => db.queryRunner.startTransaction() }, 'next': { before: {} },`),
    )
    expect(outcomes(await tested.test())).toEqual({
      open: 'before began a transaction, and did not end it',
      next: 'passed',
    })
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
    await expect(tested.test({}, { signal: controller.signal })).rejects.toThrow('stopped')
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

describe('files of tests', () => {
  let tested: TestedProject

  beforeEach(async () => {
    tested = await openTested('sqlite')
  })
  afterEach(() => tested.remove())

  const write = (name: string, text: string): Promise<void> =>
    writeFile(path.join(tested.project.revisions, name), text)

  test.each([
    ['does not parse', 'export default {', 'ALUDEL_TEST_LOAD', /^the tests of revision 2{12} do not load: .*:1:/],
    ['throws', "throw new Error('at load')", 'ALUDEL_TEST_LOAD', /do not load: at load \(.*Split\.test\.ts\)$/],
    ['exports nothing', 'export {}', 'ALUDEL_TEST_INVALID', /^the file exports no tests \(.*Split\.test\.ts\)$/],
    ['exports a plain object', "export default { 'a': {} }", 'ALUDEL_TEST_INVALID', /^the file exports no tests/],
    [
      'has no test',
      tests(2, 'Split', '')['1700000000002-Split.test.ts'] ?? '',
      'ALUDEL_TEST_INVALID',
      /^testRevision got no test \(/,
    ],
    [
      'is for a database that does not exist',
      tests(2, 'Split', "'a': { dialects: ['oracle'], before: {} }")['1700000000002-Split.test.ts'] ?? '',
      'ALUDEL_TEST_INVALID',
      /^test "a" is for the unknown database "oracle" \(/,
    ],
  ])('are refused if one %s', async (_, text, code, message) => {
    await write('1700000000002-Split.test.ts', text)
    await expect(tested.test()).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
  })

  test('are refused beside no revision, with the name that it may have now', async () => {
    await write('1700000000005-Split.test.ts', '')
    await expect(tested.test()).rejects.toMatchObject({
      code: 'ALUDEL_TEST_ORPHAN',
      help: 'Its revision may be 1700000000002-Split.ts: rename the test to 1700000000002-Split.test.ts.',
    })
    await rm(path.join(tested.project.revisions, '1700000000005-Split.test.ts'))
    await write('helper.test.ts', "import { testRevision } from 'somewhere'")
    await expect(tested.test()).rejects.toMatchObject({ code: 'ALUDEL_TEST_ORPHAN' })
  })

  test('of other programs are left alone', async () => {
    await write('helper.test.ts', "describe('helper', () => {})")
    await write('1700000000002-Split.spec.ts', 'throw new Error()')
    await write('1700000000002-Split.test.d.ts', 'export {}')
    expect(await tested.test()).toMatchObject({ tests: [] })
  })

  test('are refused for a revision that has two, and beside a file with two revisions', async () => {
    const own = tests(2, 'Split', "'a': { before: {} }")['1700000000002-Split.test.ts'] ?? ''
    await write('1700000000002-Split.test.ts', own)
    await write('1700000000002-Split.test.js', own)
    await expect(tested.test()).rejects.toMatchObject({
      code: 'ALUDEL_TEST_INVALID',
      message: expect.stringMatching(/^revision 2{12} has a second test file: /) as string,
    })
    await rm(path.join(tested.project.revisions, '1700000000002-Split.test.js'))
    const [[, second] = ['', '']] = Object.entries(revision(3, 'Third', ''))
    const split = people['1700000000002-Split.ts'] ?? ''
    await write('1700000000002-Split.ts', split + second.slice(second.indexOf('/** Third')))
    await expect(tested.test()).rejects.toMatchObject({
      code: 'ALUDEL_TEST_INVALID',
      message: expect.stringMatching(/^the tests are beside a file with 2 revisions: /) as string,
    })
  })

  test('are no revisions to any other command', async () => {
    const before = await tested.project.migrator([]).history()
    await tested.project.write(tests(2, 'Split', "'a': { before: {} }"))
    const migrator = tested.project.migrator([])
    expect(await migrator.history()).toEqual(before)
    expect(await migrator.lint()).toMatchObject({ revisions: 2 })
    await migrator.upgrade()
    expect(await migrator.current()).toMatchObject({ upToDate: true, pending: 0 })
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

test('tests of revisions replay those below where no database can be created', async () => {
  if (!dialectNames.includes('postgres')) return
  const tested = await openTested('postgres')
  const { database } = tested.project
  const role = `aludel_tester_${String(process.pid)}`
  try {
    const [{ name = '' } = {}] = (await database.rows('SELECT current_database() AS name')) as { name?: string }[]
    await database.queryRunner.query(`CREATE ROLE "${role}" LOGIN PASSWORD 'pass'`)
    await database.queryRunner.query(`GRANT CREATE ON DATABASE "${name}" TO "${role}"`)
    const url = new URL(database.address)
    url.username = role
    url.password = 'pass'
    await tested.project.write({
      ...tests(1, 'People', `'creates the table': { after: { people: [] } },`),
      ...tests(
        2,
        'Split',
        `'one': { before: { people: [{ id: 1, name: 'Ann Lee' }] }, after: { people: [{ id: 1, first: 'Ann' }] } },
         'two': { before: { people: [{ id: 1, name: 'Ann Lee' }] }, after: { people: [{ id: 1, first: 'Eve' }] } },
         'three': { before: { people: [{ id: 1, name: 'Ann Lee' }] }, back: 'as before' },`,
      ),
    })
    const result = await tested.test({}, { shadow: { postgres: url.href } })
    expect(result.tests.map(({ title, outcome }) => [title, outcome])).toEqual([
      ['creates the table', 'passed'],
      ['one', 'passed'],
      ['two', 'failed'],
      ['three', 'passed'],
    ])
  } finally {
    await database.queryRunner.query(`DROP OWNED BY "${role}" CASCADE`)
    await database.queryRunner.query(`DROP ROLE "${role}"`)
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
