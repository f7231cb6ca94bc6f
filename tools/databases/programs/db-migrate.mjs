import { shopRows } from '../rows.mjs'

/** @type {import('../place.mjs').Program} */
export const dbMigrate = {
  name: 'db-migrate',
  packages: { 'db-migrate': '0.11.14', 'db-migrate-pg': '1.5.2', 'db-migrate-sqlite3': '1.0.2' },
  dialects: ['sqlite', 'postgres'],
  rows: shopRows,
  make({ dialect, target, write, run }) {
    const { hostname, port, username, password, pathname } = new URL(target, 'file:///')
    write({
      'database.json': JSON.stringify({
        dev:
          dialect === 'sqlite'
            ? { driver: 'sqlite3', filename: target }
            : { driver: 'pg', host: hostname, port, user: username, password, database: pathname.slice(1) },
      }),
      'migrations/20260101000000-users.js': `
exports.up = async (db) => {
  await db.createTable('users', {
    id: { type: 'int', primaryKey: true, autoIncrement: true },
    email: { type: 'string', length: 255, notNull: true, unique: true },
    name: { type: 'string', length: 100, notNull: true },
    role: { type: 'string', length: 10, notNull: true, defaultValue: 'member' },
    settings: '${dialect === 'sqlite' ? 'text' : 'jsonb'}',
  })
  await db.createTable('orders', {
    id: { type: 'int', primaryKey: true, autoIncrement: true },
    user_id: { type: 'int', notNull: true${dialect === 'sqlite' ? '' : `, foreignKey: { name: 'orders_users', table: 'users', mapping: 'id', rules: { onDelete: 'CASCADE' } }`} },
    status: { type: 'string', notNull: true, defaultValue: 'open' },
    placed_at: { type: '${dialect === 'sqlite' ? 'datetime' : 'timestamp'}', notNull: true },
  })
  await db.addIndex('orders', 'orders_user', ['user_id'], false)
}
exports.down = (db) => db.dropTable('users')
`,
      'migrations/20260102000000-items.js': `
exports.up = async (db) => {
  await db.createTable('order_items', {
    order_id: { type: 'int', primaryKey: true }, product: { type: 'string', length: 50, primaryKey: true },
    quantity: { type: 'smallint', notNull: true, defaultValue: 1 }, price: { type: 'decimal', notNull: true },
  })
  await db.createTable('tags', { id: { type: 'bigint', primaryKey: true }, name: { type: 'string', notNull: true } })
  await db.addIndex('tags', 'tags_name', ['name'], true)
  await db.createTable('order_tags', { order_id: { type: 'int', primaryKey: true }, tag_id: { type: 'bigint', primaryKey: true } })
}
exports.down = (db) => db.dropTable('order_items')
`,
      'migrations/20260103000000-notes.js': `
exports.up = (db) => db.addColumn('orders', 'note', { type: 'text' })
exports.down = (db) => db.removeColumn('orders', 'note')
`,
    })
    run('db-migrate', ['up'])
  },
  // It has no command that shows it.
  last: () => '/20260103000000-notes',
}
