import { entity, id, openProject, type TestProject, text } from './project'
import { dialectNames } from '../run/databases'

const yes = { confirm: () => Promise.resolve(true) }

describe.each(dialectNames)('the findings of create on %s', (dialect) => {
  let project: TestProject
  const users = entity('users', { id, name: text(50), email: text(50, { nullable: true }) })
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  test('are absent where a revision only makes new tables', async () => {
    expect(await project.migrator([users]).create('users')).not.toHaveProperty('findings')
  })

  test('are what lint finds in the file, and in its preview', async () => {
    const posts = entity('posts', { id, title: text(20) })
    await project.migrator([users, posts]).create('users')
    // A required column, a shorter one, one that is dropped, and a table.
    const changed = entity('users', { id, name: text(20), country: text(20, { default: 'nowhere' }) })
    const migrator = project.migrator([changed])
    const answers = { noRename: ['users.email', 'posts'] }
    const preview = await migrator.previewCreate('less', { ...answers, accept: ['users.name'] })
    const { findings = [] } = await migrator.create('less', { ...answers, ...yes })
    expect(findings.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['drop-table', 'drop-column']))
    if (preview.state !== 'ready') throw new Error(`there are questions: ${JSON.stringify(preview)}`)
    expect(preview.result.findings).toEqual(findings)

    const linted = await project.migrator([changed]).lint({ range: 'head' })
    const known = linted.findings.map(({ revision: _, path: __, line: ___, ...finding }) => finding)
    const key = ({ direction, rule, message }: { direction: unknown; rule: string; message: string }): string =>
      JSON.stringify([direction, rule, message])
    expect(findings.toSorted((a, b) => key(a).localeCompare(key(b)))).toEqual(
      known.toSorted((a, b) => key(a).localeCompare(key(b))),
    )
  })
})
