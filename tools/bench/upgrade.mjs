import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPostgres, createSqlite } from './databases.mjs'
import { aludel, sqlShell, typeorm, writeDataSource } from './programs.mjs'

/** @typedef {import('./databases.mjs').BenchDatabase} BenchDatabase */

/**
 * `aludel migrate upgrade` of many small revisions on an empty database, one transaction for each: the overhead of the tool
 * over the work of the database.
 *
 * @param {string} folder
 * @param {string} server
 * @param {number} count of revisions
 * @returns {Promise<import('./measure.mjs').Scenario[]>}
 */
export async function upgrade(folder, server, count) {
  const revisions = join(folder, 'revisions')
  writeRevisions(revisions, count)
  return [
    await scenario('sqlite', 'SQLite', () => createSqlite(folder)),
    await scenario('postgres', 'PostgreSQL', () => createPostgres(server)),
  ]

  /**
   * @param {'sqlite' | 'postgres'} dialect
   * @param {string} title
   * @param {() => Promise<BenchDatabase>} create
   * @returns {Promise<import('./measure.mjs').Scenario>}
   */
  async function scenario(dialect, title, create) {
    /** @param {BenchDatabase} database */
    const dataSourceOf = (database) => {
      const migrations = JSON.stringify(join(revisions, '*.js'))
      return writeDataSource(
        folder,
        `${dialect}-upgrade.cjs`,
        JSON.stringify(database.options).replace(/}$/, `, "migrations": [${migrations}] }`),
      )
    }
    const ours = (/** @type {BenchDatabase} */ database, /** @type {string[]} */ ...more) =>
      aludel('migrate', 'upgrade', '--data-source', dataSourceOf(database), '--revisions', revisions, ...more)

    /** @param {(database: BenchDatabase) => { command: string, args: string[] }} command */
    const onEmptyDatabase = (command) => async () => {
      const database = await create()
      const check = async () => {
        const applied = Number(await database.scalar('SELECT count(*) FROM "migrations"'))
        if (applied !== count) throw new Error(`${applied} of ${count} revisions were applied`)
      }
      return { ...command(database), check, clean: database.drop }
    }

    const script = join(folder, `${dialect}.sql`)
    const empty = await create()
    const printer = ours(empty, '--sql')
    writeFileSync(
      script,
      execFileSync(printer.command, printer.args, { maxBuffer: 1e9, stdio: ['ignore', 'pipe', 'inherit'] }),
    )
    await empty.drop()

    const shell = sqlShell(dialect)
    return {
      name: `upgrade of ${count} revisions, ${title}`,
      ours: { name: 'aludel migrate upgrade', prepare: onEmptyDatabase((database) => ours(database)) },
      peers: [
        {
          name: shell.name,
          prepare: onEmptyDatabase((database) => {
            const target = 'database' in database.options ? String(database.options.database) : database.url
            return shell.command(target, script)
          }),
        },
        {
          name: 'typeorm migration:run --transaction each',
          prepare: onEmptyDatabase((database) =>
            typeorm('migration:run', '--transaction', 'each', '-d', dataSourceOf(database)),
          ),
        },
      ],
    }
  }
}

/**
 * Writes revisions of one statement each: a table, then nine columns for it, and so on.
 *
 * @param {string} folder
 * @param {number} count
 */
function writeRevisions(folder, count) {
  mkdirSync(folder)
  const id = (/** @type {number} */ number) => number.toString(16).padStart(12, '0')
  for (let number = 1; number <= count; number++) {
    const table = `item_${Math.ceil(number / 10)}`
    const column = `column_${number % 10}`
    const [up, down] =
      number % 10 === 1
        ? [`CREATE TABLE "${table}" ("id" integer NOT NULL)`, `DROP TABLE "${table}"`]
        : [`ALTER TABLE "${table}" ADD COLUMN "${column}" integer`, `ALTER TABLE "${table}" DROP COLUMN "${column}"`]
    const timestamp = 1_700_000_000_000 + number * 1000
    const name = `Step${number}x${timestamp}`
    const source = `'use strict'
class ${name} {
  static revision = '${id(number)}'
  static downRevision = ${number === 1 ? 'null' : `'${id(number - 1)}'`}
  async up(queryRunner) {
    await queryRunner.query(\`${up}\`)
  }
  async down(queryRunner) {
    await queryRunner.query(\`${down}\`)
  }
}
exports.${name} = ${name}
`
    writeFileSync(join(folder, `${timestamp}-step-${number}.js`), source)
  }
}
