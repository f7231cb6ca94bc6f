import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { openProject, type TestProject } from '../../migrator/project'
import { dialectNames } from '../../run/databases'

const count = 20

describe.each(dialectNames)('the revision whose schema a %s database has', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  const idOf = (number: number): string => String(number).padStart(12, 'a')
  const tableOf = (number: number): string =>
    `CREATE TABLE "t${String(number)}" ("id" integer PRIMARY KEY, "name" varchar(20))`

  /** A revision that creates a table of its own. */
  async function write(number: number, down: number | null): Promise<void> {
    const name = `Step${String(1_700_000_000_000 + number)}`
    await writeFile(
      path.join(project.revisions, `${String(1_700_000_000_000 + number)}-step.js`),
      `exports.${name} = class ${name} {
  static revision = '${idOf(number)}'
  static downRevision = ${down === null ? 'null' : `'${idOf(down)}'`}
  async up(queryRunner) { await queryRunner.query(${JSON.stringify(tableOf(number))}) }
  async down() {}
}
`,
    )
  }

  async function create(...numbers: readonly number[]): Promise<void> {
    for (const number of numbers) await project.database.rows(tableOf(number))
  }

  /** How many schemas are read meanwhile. */
  async function readsIn(work: () => Promise<unknown>): Promise<number> {
    const { introspection } = project.database.dialect
    const read = jest.spyOn(introspection, 'read')
    try {
      await work()
      return read.mock.calls.length
    } finally {
      read.mockRestore()
    }
  }

  test('is found by start-up on a branch that another one precedes in the order of a run', async () => {
    await write(1, null)
    await write(2, 1)
    await write(3, 1)
    await create(1, 3)
    expect(await project.migrator([]).initialize()).toMatchObject({
      action: 'stamped',
      stamped: idOf(3),
      applied: [idOf(2)],
    })
  })

  test('is all of them for start-up, which calls it heads', async () => {
    await write(1, null)
    await write(2, 1)
    await write(3, 1)
    await create(1, 2, 3)
    expect(await project.migrator([]).initialize()).toMatchObject({ action: 'stamped', stamped: 'heads', applied: [] })
  })

  test.each(['initialize', 'adopt'] as const)(
    'is found by %s without reading those whose tables are too different',
    async (method) => {
      for (let number = 1; number <= count; number++) await write(number, number === 1 ? null : number - 1)
      await create(1, 2, 3, 4, 5, 6, 7)
      let result: unknown
      const reads = await readsIn(async () => {
        const migrator = project.migrator([])
        result = await (method === 'adopt'
          ? migrator.adopt({ confirm: () => Promise.resolve(true) })
          : migrator.initialize())
      })
      expect(result).toMatchObject({ stamped: method === 'adopt' ? [idOf(7)] : idOf(7) })
      // The database, all revisions, those up to the one that is found; and to prove it.
      expect(reads).toBeLessThan(15)
    },
  )

  test('is the nearest one where a table has another form', async () => {
    for (let number = 1; number <= count; number++) await write(number, number === 1 ? null : number - 1)
    await create(1, 2, 3, 4, 5, 6, 7)
    await project.database.rows('ALTER TABLE "t3" ADD COLUMN "extra" integer')
    expect(await project.migrator([]).adopt()).toMatchObject({ matches: null, nearest: idOf(7) })
    await expect(project.migrator([]).initialize()).rejects.toMatchObject({
      code: 'ALUDEL_SCHEMA_MISMATCH',
      details: { nearest: idOf(7) },
    })
  })
})
