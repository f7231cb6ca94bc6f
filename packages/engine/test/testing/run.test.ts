import path from 'node:path'

import { dialectNames } from '../run/databases'
import { openTested, outcomes, revision, type TestedProject, tests } from './project'

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

  test('pass if a downgrade gives all rows back', async () => {
    expect(
      await tested.one(`'back': { before: { people: [{ id: 1, name: 'Ann Lee' }] }, back: 'as before' },`),
    ).toMatchObject({ outcome: 'passed' })
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
