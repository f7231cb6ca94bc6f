import { writeFile } from 'node:fs/promises'

import type { PlanResult } from '../../src/results'
import { dialectNames } from '../run/databases'
import { entity, id, openProject, text, type TestProject } from './project'

const notes = [entity('notes', { id, title: text(40) })]
const more = [entity('notes', { id, title: text(40), body: text(40, { nullable: true }) })]

describe.each(dialectNames)('downgrade with a question on %s', (dialect) => {
  let project: TestProject

  beforeEach(async () => {
    project = await openProject(dialect)
    await project.migrator(notes).create('first')
    await project.migrator(more).create('second')
    await project.migrator(more).upgrade()
  })

  afterEach(() => project.remove())

  const columns = async (): Promise<readonly string[]> =>
    Object.keys((await project.database.rows('SELECT * FROM "notes"'))[0] ?? {})

  test('undoes the steps that were agreed to', async () => {
    await project.database.rows(`INSERT INTO "notes" ("id", "title") VALUES (1, 'a')`)
    const { steps } = await project.migrator(more).downgrade('-1', { confirm: () => Promise.resolve(true) })
    expect(steps).toHaveLength(1)
    expect(await columns()).toEqual(['id', 'title'])
  })

  test('refuses a revision that was edited while the question was open', async () => {
    await project.database.rows(`INSERT INTO "notes" ("id", "title") VALUES (1, 'a')`)
    const confirm = async ({ steps: [step] }: PlanResult): Promise<boolean> => {
      const source = Object.entries(await project.files()).find(([name]) => name.includes('second'))
      if (source === undefined || step === undefined) throw new Error('no revision')
      const [name, code] = source
      await writeFile(
        `${project.revisions}/${name}`,
        code.replace(/(async down\([^)]*\)[^{]*\{)/, `$1\n    await queryRunner.query('DELETE FROM "notes"')`),
      )
      return true
    }
    await expect(project.migrator(more).downgrade('-1', { confirm })).rejects.toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
      message: expect.stringMatching(
        /^the plan changed while waiting for confirmation: [0-9a-f]{12} was edited$/,
      ) as string,
    })
    expect(await columns()).toEqual(['id', 'title', 'body'])
  })

  test('refuses other steps than those that were agreed to', async () => {
    const confirm = async (): Promise<boolean> => {
      await project.migrator(more).downgrade('-1')
      return true
    }
    await expect(project.migrator(more).downgrade('-1', { confirm })).rejects.toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
      message: 'the plan changed while waiting for confirmation',
    })
    expect((await project.migrator(more).current()).pending).toBe(1)
  })
})
