import { dialectNames } from '../../run/databases'
import { migration } from '../../migrator/plain-migration'
import { openProject } from '../../migrator/project'
import { onPostgres } from './mistakes'

test('tries', async () => {
  for (const m of onPostgres) {
    const project = await openProject('postgres')
    try {
      await project.write({ ...migration('A1700000000001', m.before, ['DROP TABLE users']), ...migration('B1700000000002', m.up, m.down) })
      console.log(JSON.stringify(await project.migrator([]).hostileRows(), null, 1))
    } finally { await project.remove() }
  }
  expect(dialectNames.length).toBe(2)
})
