import path from 'node:path'

import { dialectNames } from '../run/databases'
import { openTested, outcomes, revision, type TestedProject, tests } from './project'

describe.each(dialectNames)('tests of revisions on %s', (dialect) => {
  let tested: TestedProject

  beforeEach(async () => {
    tested = await openTested(dialect)
  })
  afterEach(() => tested.remove())

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

  test('fail if they leave a transaction open, and if their promise never settles', async () => {
    await tested.project.write(
      tests(2, 'Split', `'open': { before: async (db) => db.queryRunner.startTransaction() }, 'next': { before: {} },`),
    )
    expect(outcomes(await tested.test())).toEqual({
      open: 'before began a transaction, and did not end it',
      next: 'passed',
    })
  })
})
