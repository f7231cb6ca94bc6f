import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../lib/process.mjs'

/** The environment variable that names the database (URL or file) to the DataSource of a project. */
export const variable = 'BENCH_DATABASE'

/** The environment variable that adds a column of that name to the first entity of a project. */
export const changeVariable = 'BENCH_CHANGE'

/** The environment variable that names the file in which revisions report that they were loaded. */
export const loadedVariable = 'BENCH_LOADED'

/**
 * A folder with a DataSource and revisions, for the command lines of Aludel and of TypeORM.
 *
 * @typedef {object} Project
 * @property {string} folder
 * @property {string} config
 * @property {string} dataSource
 * @property {string} revisions
 */

/**
 * @param {string} folder a new folder
 * @param {'sqlite' | 'postgres'} dialect
 * @param {string} [entities] source of the array of entities
 * @returns {Project}
 */
export function writeProject(folder, dialect, entities = '[]') {
  const revisions = join(folder, 'revisions')
  mkdirSync(revisions, { recursive: true })
  const dataSource = join(folder, 'data-source.cjs')
  const target = dialect === 'sqlite' ? `type: 'better-sqlite3', database` : `type: 'postgres', url`
  writeFileSync(
    dataSource,
    `const { DataSource, EntitySchema } = require(${JSON.stringify(join(root, 'node_modules', 'typeorm'))})
const changed = process.env.${changeVariable}
module.exports = new DataSource({
  ${target}: process.env.${variable} ?? '',
  migrations: [${JSON.stringify(join(revisions, '*.js'))}],
  entities: ${entities},
})
`,
  )
  const config = join(folder, 'aludel.config.json')
  const settings = { dataSource: './data-source.cjs', revisions: './revisions', dialects: [dialect], language: 'js' }
  writeFileSync(config, JSON.stringify(settings) + '\n')
  return { folder, config, dataSource, revisions }
}

/**
 * Source of an array of entities with eight columns, an index and, except the first, a foreign key.
 *
 * @param {number} count
 */
export const manyEntities = (count) => `Array.from({ length: ${count} }, (_, index) => new EntitySchema({
    name: 'Item' + index,
    tableName: 'item_' + index,
    columns: {
      id: { type: 'int', primary: true, primaryKeyConstraintName: 'pk_item_' + index },
      name: { type: 'varchar', length: 100 },
      description: { type: 'text', nullable: true },
      amount: { type: 'int', default: 0 },
      active: { type: 'boolean', default: true },
      kind: { type: 'varchar', length: 20, default: 'plain' },
      score: { type: 'float', nullable: true },
      ...(index === 0 ? {} : { parentId: { type: 'int', nullable: true } }),
      ...(index === 0 && changed ? { [changed]: { type: 'int', nullable: true } } : {}),
    },
    indices: [{ name: 'ix_item_' + index + '_name', columns: ['name'] }],
    ...(index === 0 ? {} : {
      foreignKeys: [{
        name: 'fk_item_' + index + '_parent', target: 'Item' + (index - 1), columnNames: ['parentId'], referencedColumnNames: ['id'],
      }],
    }),
  }))`

/** Source of the array of the entities of `@aludel/models`. */
export const shippedEntities = `Object.values(require(${JSON.stringify(join(root, 'packages', 'models'))})).filter(
    (it) => typeof it === 'function' && require(${JSON.stringify(join(root, 'node_modules', 'typeorm'))}).getMetadataArgsStorage().tables.some(({ target }) => target === it))`

/**
 * The statements of revisions of one statement each: a table, then nine columns for it, and so on.
 *
 * @param {number} count
 * @returns {{ up: string, down: string }[]}
 */
export function smallSteps(count) {
  return Array.from({ length: count }, (_, index) => {
    const table = `item_${Math.floor(index / 10) + 1}`
    const column = `column_${index % 10}`
    return index % 10 === 0
      ? { up: `CREATE TABLE "${table}" ("id" integer NOT NULL)`, down: `DROP TABLE "${table}"` }
      : {
          up: `ALTER TABLE "${table}" ADD COLUMN "${column}" integer`,
          down: `ALTER TABLE "${table}" DROP COLUMN "${column}"`,
        }
  })
}

/** @param {number} index the timestamp of a revision */
const timestampOf = (index) => 1_700_000_000_000 + (index + 1) * 1000

/** @param {number} index the id of a revision */
const idOf = (index) => (index + 1).toString(16).padStart(12, '0')

/**
 * Writes revisions, each with the one before it as parent.
 *
 * @param {string} folder
 * @param {readonly { up: string, down: string }[]} steps
 * @param {object} [options]
 * @param {boolean} [options.report] whether each revision reports that it was loaded, see {@link loadedVariable}
 * @param {(index: number) => number | null} [options.parentOf] the index of its parent; default: the one before it
 */
export function writeRevisions(
  folder,
  steps,
  { report = false, parentOf = (index) => (index === 0 ? null : index - 1) } = {},
) {
  mkdirSync(folder, { recursive: true })
  const reporting = `if (process.env.${loadedVariable}) require('node:fs').appendFileSync(process.env.${loadedVariable}, __filename + '\\n')\n`
  for (const [index, { up, down }] of steps.entries()) {
    const name = `Step${index + 1}x${timestampOf(index)}`
    const parent = parentOf(index)
    const source = `'use strict'
${report ? reporting : ''}class ${name} {
  static revision = '${idOf(index)}'
  static downRevision = ${parent === null ? 'null' : `'${idOf(parent)}'`}
  async up(queryRunner) {
    await queryRunner.query(\`${up}\`)
  }
  async down(queryRunner) {
    await queryRunner.query(\`${down}\`)
  }
}
exports.${name} = ${name}
`
    writeFileSync(join(folder, `${timestampOf(index)}-step-${index + 1}.js`), source)
  }
}

/**
 * Writes the migration files of dbmate.
 *
 * @param {string} folder
 * @param {readonly { up: string, down: string }[]} steps
 */
export function writeDbmateFiles(folder, steps) {
  mkdirSync(folder, { recursive: true })
  for (const [index, { up, down }] of steps.entries()) {
    writeFileSync(
      join(folder, `${timestampOf(index)}_step_${index + 1}.sql`),
      `-- migrate:up\n${up};\n\n-- migrate:down\n${down};\n`,
    )
  }
}

/**
 * Writes the migration files of node-pg-migrate.
 *
 * @param {string} folder
 * @param {readonly { up: string, down: string }[]} steps
 */
export function writeNodePgMigrateFiles(folder, steps) {
  mkdirSync(folder, { recursive: true })
  for (const [index, { up, down }] of steps.entries()) {
    writeFileSync(
      join(folder, `${timestampOf(index)}_step-${index + 1}.sql`),
      `-- Up Migration\n${up};\n\n-- Down Migration\n${down};\n`,
    )
  }
}

/**
 * Writes an environment of Alembic.
 *
 * @param {string} folder
 * @param {readonly { up: string, down: string }[]} steps
 */
export function writeAlembicFiles(folder, steps) {
  mkdirSync(join(folder, 'versions'), { recursive: true })
  writeFileSync(join(folder, 'alembic.ini'), `[alembic]\nscript_location = ${folder}\n`)
  writeFileSync(
    join(folder, 'env.py'),
    `import os
from alembic import context
from sqlalchemy import create_engine

with create_engine(os.environ["${variable}"]).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
`,
  )
  for (const [index, { up, down }] of steps.entries()) {
    writeFileSync(
      join(folder, 'versions', `step_${index + 1}.py`),
      `from alembic import op

revision = "${idOf(index)}"
down_revision = ${index === 0 ? 'None' : `"${idOf(index - 1)}"`}


def upgrade():
    op.execute(${JSON.stringify(up)})


def downgrade():
    op.execute(${JSON.stringify(down)})
`,
    )
  }
}
