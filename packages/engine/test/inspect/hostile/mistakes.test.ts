import type { HostileResult } from '../../../src/results'
import { migration } from '../../migrator/plain-migration'
import { openProject } from '../../migrator/project'
import { dialectNames } from '../../run/databases'
import type { Mistake } from './mistake'
import { onPostgres } from './mistakes-postgres'
import { onSqlite } from './mistakes-sqlite'

const mistakes = { postgres: onPostgres, sqlite: onSqlite }

describe.each(dialectNames)('hostile rows on %s', (dialect) => {
  const tried = async ({ before, down }: Mistake, up: readonly string[]): Promise<HostileResult> => {
    const project = await openProject(dialect)
    try {
      await project.write({
        ...migration('Before1700000000001', before, []),
        ...migration('Change1700000000002', up, down),
      })
      const { hostile } = await project.migrator([]).test({ hostile: 'only' })
      if (hostile === undefined) throw new Error('no hostile rows were tried')
      return hostile
    } finally {
      await project.remove()
    }
  }
  const words = ({ findings }: HostileResult): readonly string[] =>
    findings.map(({ severity, kind, message }) => `${severity} ${kind}: ${message}`)

  test.each(mistakes[dialect])('find $name', async (mistake) => {
    const result = await tried(mistake, mistake.up)
    expect(words(result)).toEqual(expect.arrayContaining([...mistake.found]))
    expect(result.findings).toHaveLength(mistake.found.length)
    expect(result.untried).toEqual([])
  })

  test.each(mistakes[dialect])('find nothing once it is repaired: $name', async (mistake) => {
    expect(words(await tried(mistake, mistake.repaired))).toEqual([])
  })
})
