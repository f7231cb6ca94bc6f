import { join } from 'node:path'
import { shopRows } from '../rows.mjs'
import { plainSteps } from './plain-sql.mjs'

/** The package contains the program, which needs Java. Its driver for SQLite lacks a library. */
/** @type {import('../place.mjs').Program} */
export const liquibase = {
  name: 'liquibase',
  packages: { liquibase: '4.28.1' },
  dialects: ['postgres'],
  rows: shopRows,
  make({ target, libraries, write, run }) {
    const steps = plainSteps('postgres').map(
      ({ name, up }, index) => `--changeset ann:${index + 1}-${name} splitStatements:true\n${up}`,
    )
    write({ 'changelog.sql': `--liquibase formatted sql\n\n${steps.join('\n')}` })
    liquibaseOf({ target, libraries, run }, 'update', '--changelog-file', 'changelog.sql')
  },
  last: (place) => [...liquibaseOf(place, 'history', '--format=TEXT').matchAll(/changelog\.sql::\S+/g)].at(-1)?.[0],
}

/**
 * @param {Pick<import('../place.mjs').Place, 'target' | 'libraries' | 'run'>} place
 * @param {string} command
 * @param {readonly string[]} args
 */
function liquibaseOf({ target, libraries, run }, command, ...args) {
  const { hostname, port, username, password, pathname } = new URL(target)
  const connection = [
    '--url',
    `jdbc:postgresql://${hostname}:${port}${pathname}`,
    '--username',
    username,
    '--password',
    password,
  ]
  const program = join(libraries, 'node_modules', 'liquibase', 'dist', 'liquibase', 'liquibase')
  return run('sh', [program, command, ...connection, ...args])
}
