import { migration } from '../../migrator/plain-migration'
import { openProject } from '../../migrator/project'
import { onPostgres, onSqlite } from './mistakes'
import { writeFileSync } from 'node:fs'
jest.setTimeout(600000)
test.each(['postgres', 'sqlite'] as const)('tries %s', async (dialect) => {
  const out: string[] = []
  for (const m of dialect === 'postgres' ? onPostgres : onSqlite) {
    for (const up of [m.up, m.repaired]) {
    const project = await openProject(dialect)
    try {
      await project.write({ ...migration('A1700000000001', m.before, ['DROP TABLE users']), ...migration('B1700000000002', up, m.down) })
      const t = Date.now()
      try {
      const r = await project.migrator([]).hostileRows()
      out.push(`== ${up === m.up ? '' : 'REPAIRED '}${m.name} (${r.trials} trials, ${Date.now() - t} ms, untried ${JSON.stringify(r.untried)})`, ...r.findings.map((f) => `   ${f.severity} ${f.kind}: ${f.message}   rows ${JSON.stringify(f.rows)}`))
      } catch (e) { out.push(`== ${m.name} THROWS ${(e as Error).stack}`) }
    } finally { await project.remove() }
    }
  }
  writeFileSync(`/tmp/h5-${dialect}.txt`, out.join('\n') + '\n')
})
