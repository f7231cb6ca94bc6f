import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { entity, openProject, text, type TestProject } from './project'

/** What people write by hand between two generated revisions, and what entities then say. */
describe('create after a revision written by hand', () => {
  let project: TestProject

  beforeEach(async () => {
    project = await openProject('postgres')
  })

  afterEach(() => project.remove())

  async function writeByHand(statements: readonly string[]): Promise<void> {
    const { created } = await project.migrator([]).create('by hand', { autogenerate: false })
    if (created === null) throw new Error('no file')
    const { files } = project
    const source = (await files())[path.basename(created.path)] ?? ''
    const body = statements.map((sql) => `await queryRunner.query(${JSON.stringify(sql)})`).join('\n')
    await writeFile(created.path, source.replace(/\/\/ await queryRunner.query\('…'\)/, body))
  }

  const serial = { type: 'int', primary: true, generated: 'increment' } as const

  it('leaves a serial key alone whose table has another name now', async () => {
    await project.migrator([entity('people', { id: serial, name: text(20) })]).create('first')
    await writeByHand(['ALTER TABLE "people" RENAME TO "persons"'])
    const persons = [entity('persons', { id: serial, name: text(20) })]
    expect(await project.migrator(persons).check()).toMatchObject({
      // The sequence and the key keep the names that the table gave them; their names are all that may change.
      operations: expect.not.arrayContaining([expect.objectContaining({ op: 'alterColumn' })]),
    })
    const { operations } = await project.migrator(persons).create('second')
    expect(operations.map(({ op }) => op).filter((op) => !op.startsWith('rename'))).toEqual([])
    await project.migrator(persons).upgrade()
    await project.database.rows(`INSERT INTO "persons" ("name") VALUES ('Ada')`)
    expect(await project.database.rows('SELECT "id" FROM "persons"')).toEqual([{ id: 1 }])
    expect((await project.migrator(persons).check({ database: true })).clean).toBe(true)
  })
})
