import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { finish } from './measure.mjs'
import { installed } from './peers.mjs'

/**
 * `drizzle-kit generate` with nothing changed, on tables like those of `manyEntities`. It compares with its own files, and asks no
 * database.
 *
 * @param {import('./setting.mjs').Setting} setting
 * @param {'sqlite' | 'postgres'} dialect
 * @param {number} entities
 */
export async function drizzlePeer(setting, dialect, entities) {
  const peer = { name: 'drizzle-kit generate' }
  return installed(setting, peer, 'drizzle-kit', async (libraries) => {
    const folder = setting.folder('drizzle')
    const core = join(
      libraries,
      'node_modules',
      'drizzle-orm',
      dialect === 'sqlite' ? 'sqlite-core' : 'pg-core',
      'index.cjs',
    )
    writeFileSync(
      join(folder, 'schema.cjs'),
      `const core = require(${JSON.stringify(core)})\n${schemas[dialect](entities)}`,
    )
    const settings = {
      dialect: dialect === 'sqlite' ? 'sqlite' : 'postgresql',
      schema: './schema.cjs',
      out: './drizzle',
    }
    writeFileSync(join(folder, 'drizzle.config.json'), JSON.stringify(settings))
    const command = {
      command: process.execPath,
      args: [join(libraries, 'node_modules', 'drizzle-kit', 'bin.cjs'), 'generate', '--config', 'drizzle.config.json'],
      cwd: folder,
    }
    await finish('drizzle-kit generate', command)
    const { output } = await finish('drizzle-kit generate', command)
    if (!output.includes('No schema changes')) throw new Error(`drizzle-kit found a change:\n${output.slice(-2000)}`)
    return { ...peer, prepare: async () => command }
  })
}

/** @type {Record<'sqlite' | 'postgres', (entities: number) => string>} */
const schemas = {
  postgres: (entities) =>
    tables(entities, 'pgTable', "core.boolean('active').notNull().default(true)", 'doublePrecision'),
  sqlite: (entities) =>
    tables(entities, 'sqliteTable', "core.integer('active', { mode: 'boolean' }).notNull().default(true)", 'real'),
}

/**
 * @param {number} entities
 * @param {string} table the function that makes a table
 * @param {string} active the column of that name
 * @param {string} float the function that makes a column of floating-point numbers
 */
function tables(entities, table, active, float) {
  const text = table === 'pgTable' ? 'varchar' : 'text'
  return `for (let index = 0; index < ${entities}; index++) {
  const before = exports['item' + (index - 1)]
  exports['item' + index] = core.${table}('item_' + index, {
    id: core.integer('id').primaryKey(),
    name: core.${text}('name', { length: 100 }).notNull(),
    description: core.text('description'),
    amount: core.integer('amount').notNull().default(0),
    active: ${active},
    kind: core.${text}('kind', { length: 20 }).notNull().default('plain'),
    score: core.${float}('score'),
    ...(before ? { parentId: core.integer('parentId').references(() => before.id) } : {}),
  }, (columns) => [core.index('ix_item_' + index + '_name').on(columns.name)])
}
`
}
