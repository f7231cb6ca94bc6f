import { shopRows } from '../rows.mjs'
import { plainSteps } from './plain-sql.mjs'

/** @type {import('../place.mjs').Program} */
export const dbmate = {
  name: 'dbmate',
  packages: { dbmate: '2.36.0' },
  dialects: ['sqlite', 'postgres'],
  rows: shopRows,
  make({ dialect, target, write, run }) {
    for (const [index, { name, up, down }] of plainSteps(dialect).entries())
      write({
        [`db/migrations/2026010${index + 1}000000_${name}.sql`]: `-- migrate:up\n${up}\n-- migrate:down\n${down}\n`,
      })
    const url = dialect === 'sqlite' ? `sqlite:${target}` : `${target}?sslmode=disable`
    run('dbmate', ['--url', url, '--no-dump-schema', 'up'])
  },
  last({ dialect, target, run }) {
    const url = dialect === 'sqlite' ? `sqlite:${target}` : `${target}?sslmode=disable`
    return [...run('dbmate', ['--url', url, 'status']).matchAll(/\[X\] (\d+)/g)].at(-1)?.[1]
  },
}
