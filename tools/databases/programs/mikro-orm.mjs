import { shopRows } from '../rows.mjs'

/** @type {import('../place.mjs').Program} */
export const mikroOrm = {
  name: 'mikro-orm',
  packages: Object.fromEntries(
    ['core', 'cli', 'migrations', 'knex', 'better-sqlite', 'postgresql'].map((name) => [
      `@mikro-orm/${name}`,
      '6.6.16',
    ]),
  ),
  dialects: ['sqlite', 'postgres'],
  rows: shopRows,
  make({ dialect, target, write, run }) {
    const driver = dialect === 'sqlite' ? 'better-sqlite' : 'postgresql'
    write({
      'package.json': JSON.stringify({
        dependencies: { '@mikro-orm/cli': '6.6.16' },
        'mikro-orm': { configPaths: ['./mikro-orm.config.js'] },
      }),
      'mikro-orm.config.js': `
const { EntitySchema, defineConfig } = require('@mikro-orm/${driver}')
const { Migrator } = require('@mikro-orm/migrations')
const notes = process.env.NOTES === '1'
const User = new EntitySchema({ name: 'User', tableName: 'users', properties: {
  id: { type: 'number', primary: true },
  email: { type: 'string', unique: true },
  name: { type: 'string', length: 100, index: 'users_by_name' },
  role: { enum: true, items: ['admin', 'member'], default: 'member' },
  settings: { type: 'json', nullable: true },
  active: { type: 'boolean', default: true },
  createdAt: { type: 'datetime', defaultRaw: 'current_timestamp' },
} })
const Order = new EntitySchema({ name: 'Order', tableName: 'orders', properties: {
  id: { type: 'number', primary: true },
  user: { kind: 'm:1', entity: 'User', deleteRule: 'cascade' },
  status: { enum: true, items: ['open', 'paid', 'sent'], default: 'open', ${dialect === 'postgres' ? `nativeEnumName: 'order_status',` : ''} },
  placedAt: { type: 'datetime' },
  tags: { kind: 'm:n', entity: 'Tag', pivotTable: 'order_tags' },
  ...(notes && { note: { type: 'text', nullable: true } }),
} })
const Item = new EntitySchema({ name: 'Item', tableName: 'order_items',
  checks: [{ expression: 'quantity > 0' }],
  properties: {
    order: { kind: 'm:1', entity: 'Order', primary: true },
    product: { type: 'string', length: 50, primary: true },
    quantity: { type: 'smallint', default: 1 },
    price: { type: 'decimal', precision: 10, scale: 2 },
    ${dialect === 'sqlite' ? '' : `total: { type: 'decimal', precision: 12, scale: 2, nullable: true, generated: '(quantity * price) stored' },`}
  } })
const Tag = new EntitySchema({ name: 'Tag', tableName: 'tags', properties: {
  id: { type: 'bigint', primary: true },
  name: { type: 'string', length: 30, unique: true },
} })
module.exports = defineConfig({
  ${dialect === 'sqlite' ? `dbName: ${JSON.stringify(target)}` : `clientUrl: ${JSON.stringify(target)}`},
  entities: notes || process.env.ITEMS === '1' ? [User, Order, Item, Tag] : [User, Order, Tag],
  extensions: [Migrator],
  migrations: { path: 'migrations', emit: 'js', snapshot: true },
})
`,
    })
    const create = (/** @type {Readonly<Record<string, string>>} */ env) => {
      run('mikro-orm', ['migration:create'], env)
      run('mikro-orm', ['migration:up'], env)
      // The name of a migration is the second in which it was made.
      run('sleep', ['1.1'])
    }
    if (dialect === 'postgres') for (const stage of ['USERS', 'ITEMS', 'NOTES']) create({ [stage]: '1' })
    else {
      // What it writes for a table that changes is several statements in one, which this driver refuses.
      create({ ITEMS: '1' })
      write({
        'migrations/Migration20991231000000.js': `
const { Migration } = require('@mikro-orm/migrations')
exports.Migration20991231000000 = class extends Migration {
  async up() { this.addSql('alter table \`orders\` add column \`note\` text null;') }
}
`,
      })
      run('mikro-orm', ['migration:up'])
    }
  },
  last: ({ run }) => [...run('mikro-orm', ['migration:list']).matchAll(/Migration\d+/g)].at(-1)?.[0],
}
