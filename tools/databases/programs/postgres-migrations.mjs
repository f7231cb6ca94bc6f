import { shopRows } from '../rows.mjs'
import { plainSteps } from './plain-sql.mjs'

/** @type {import('../place.mjs').Program} */
export const postgresMigrations = {
  name: 'postgres-migrations',
  packages: { 'postgres-migrations': '5.3.0' },
  dialects: ['postgres'],
  rows: shopRows,
  make({ target, write, run }) {
    for (const [index, { name, up }] of plainSteps('postgres').entries())
      write({ [`migrations/${index + 1}_${name}.sql`]: up })
    // It has no command: it is called by the application.
    write({
      'migrate.js': `
const { migrate } = require('postgres-migrations')
const { Client } = require('pg')
const client = new Client(${JSON.stringify(target)})
client.connect().then(() => migrate({ client }, 'migrations')).then(() => client.end())
`,
    })
    run('node', ['migrate.js'])
  },
  // It has no command that shows it.
  last: () => 'notes',
}
