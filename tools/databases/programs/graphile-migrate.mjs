// cspell:ignore gmrc
import { createHash } from 'node:crypto'
import { shop } from '../rows.mjs'
import { plainSteps } from './plain-sql.mjs'

/** @type {import('../place.mjs').Program} */
export const graphileMigrate = {
  name: 'graphile-migrate',
  packages: { 'graphile-migrate': '1.4.1' },
  dialects: ['postgres'],
  rows: shop(undefined, (table) => `shop.${table}`),
  make({ target, write, run }) {
    const env = {
      DATABASE_URL: target,
      SHADOW_DATABASE_URL: `${target}_shadow`,
      ROOT_DATABASE_URL: new URL('/postgres', target).href,
    }
    write({ '.gmrc': '{}', 'migrations/current.sql': '' })
    const [users, ...others] = plainSteps('postgres', 'shop')
    const steps = [{ ...users, up: `CREATE SCHEMA shop;${users?.up ?? ''}` }, ...others]
    // What \`commit\` writes, which would replay all of them on a second database.
    let previous = '-'
    for (const [index, { name, up }] of steps.entries()) {
      const body = `${up.trim()}\n`
      const text = `${previous === '-' ? '' : previous}\n${body.trim()}`.trim()
      const hash = `sha1:${createHash('sha1').update(`${text}\n`).digest('hex')}`
      write({
        [`migrations/committed/00000${index + 1}-${name}.sql`]: `--! Previous: ${previous}\n--! Hash: ${hash}\n\n${body}`,
      })
      previous = hash
    }
    run('graphile-migrate', ['migrate'], env)
  },
  // It has no command that shows it.
  last: () => '000003.sql',
}
