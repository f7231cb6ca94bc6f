import { dialectNames } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from './project'

const entities = [entity('users', { id, name: text(20) })]

describe.each(dialectNames)('with nothing to do on %s', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
    await project.migrator(entities).create('users')
    await project.migrator(entities).upgrade()
  })
  afterEach(() => project.remove())

  test('an upgrade waits for nobody, and one with something to do waits', async () => {
    const { database } = project
    const held = await database.dialect.locks.acquire(database.queryRunner, { key: 'migrations', timeoutMs: 0 })
    try {
      const options = { lockTimeoutMs: 0 }
      expect(await project.migrator(entities).upgrade('head', options)).toMatchObject({ steps: [], backup: null })
      await expect(
        project.migrator(entities).upgrade('head', { ...options, expectedSteps: ['a'] }),
      ).rejects.toMatchObject({ code: expect.not.stringMatching('ALUDEL_LOCKED') as string })
      await expect(project.migrator(entities).downgrade('base', options)).rejects.toMatchObject({
        code: 'ALUDEL_LOCKED',
      })
    } finally {
      await held.release()
    }
  })
})
