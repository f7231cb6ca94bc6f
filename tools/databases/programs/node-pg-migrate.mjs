import { shopRows } from '../rows.mjs'

/** @type {import('../place.mjs').Program} */
export const nodePgMigrate = {
  name: 'node-pg-migrate',
  packages: { 'node-pg-migrate': '9.0.0', pg: '8.23.1' },
  dialects: ['postgres'],
  rows: shopRows,
  make({ target, write, run }) {
    write({
      'migrations/1767225600001_users.cjs': `
exports.up = (pgm) => {
  pgm.createExtension('citext', { ifNotExists: true })
  pgm.createType('user_role', ['admin', 'member'])
  pgm.createDomain('positive', 'integer', { check: 'VALUE > 0' })
  pgm.createTable('users', {
    id: 'id',
    email: { type: 'citext', notNull: true, unique: true },
    name: { type: 'varchar(100)', notNull: true, comment: 'as on the card' },
    role: { type: 'user_role', notNull: true, default: 'member' },
    roles: { type: 'user_role[]', notNull: true, default: '{}' },
    settings: { type: 'jsonb' },
    created_at: { type: 'timestamp with time zone', notNull: true, default: pgm.func('now()') },
  })
  pgm.createIndex('users', ['name', { name: 'created_at', sort: 'DESC' }], { include: ['role'] })
  pgm.createTable('orders', {
    id: { type: 'integer', primaryKey: true, sequenceGenerated: { precedence: 'BY DEFAULT', start: 1000 } },
    user_id: { type: 'integer', notNull: true, references: 'users', onDelete: 'CASCADE', deferrable: true },
    status: { type: 'text', notNull: true, default: 'open', check: "status IN ('open', 'paid', 'sent')" },
    placed_at: { type: 'timestamp', notNull: true },
  }, { comment: 'orders of users' })
}
exports.down = false
`,
      'migrations/1767225600002_items.cjs': `
exports.up = (pgm) => {
  pgm.createTable('order_items', {
    order_id: { type: 'integer', notNull: true, references: 'orders' },
    product: { type: 'varchar(50)', notNull: true },
    quantity: { type: 'positive', notNull: true, default: 1 },
    price: { type: 'numeric(10,2)', notNull: true },
    total: { type: 'numeric(12,2)', expressionGenerated: 'quantity * price' },
  }, { constraints: { primaryKey: ['order_id', 'product'] } })
  pgm.createTable('tags', { id: 'bigserial', name: { type: 'text', notNull: true } })
  pgm.addConstraint('tags', 'tags_pk', { primaryKey: 'id' })
  pgm.createIndex('tags', 'lower(name)', { unique: true, name: 'tags_lower_name' })
  pgm.createTable('order_tags', {
    order_id: { type: 'integer', primaryKey: true, references: 'orders' },
    tag_id: { type: 'bigint', primaryKey: true, references: 'tags' },
  })
  pgm.createView('spending', {}, 'SELECT order_id, sum(total) AS total FROM order_items GROUP BY order_id')
  pgm.createMaterializedView('popular', { data: true }, 'SELECT product, count(*) AS n FROM order_items GROUP BY product')
}
exports.down = false
`,
      'migrations/1767225600003_notes.cjs': `
exports.up = (pgm) => {
  pgm.addColumn('orders', { note: 'text' })
  pgm.createFunction('touch', [], { returns: 'trigger', language: 'plpgsql' }, "BEGIN NEW.placed_at := coalesce(NEW.placed_at, now()); RETURN NEW; END")
  pgm.createTrigger('orders', 'touch_orders', { when: 'BEFORE', operation: ['INSERT', 'UPDATE'], level: 'ROW', function: 'touch' })
  pgm.createPolicy('orders', 'own_orders', { command: 'SELECT', using: 'user_id > 0' })
  pgm.alterTable('orders', { levelSecurity: 'ENABLE' })
}
exports.down = false
`,
    })
    run('node-pg-migrate', ['up', '2'], { DATABASE_URL: target })
    run('node-pg-migrate', ['up'], { DATABASE_URL: target })
  },
  // It has no command that shows it.
  last: () => '1767225600003_notes',
}
