import { shopRows } from '../rows.mjs'

/** @type {import('../place.mjs').Program} */
export const knex = {
  name: 'knex',
  packages: { knex: '3.3.0', pg: '8.23.1' },
  dialects: ['sqlite', 'postgres'],
  rows: shopRows,
  make({ dialect, target, write, run }) {
    const client =
      dialect === 'sqlite'
        ? `client: 'better-sqlite3', connection: { filename: ${JSON.stringify(target)} }, useNullAsDefault: true`
        : `client: 'pg', connection: ${JSON.stringify(target)}`
    write({
      'knexfile.js': `module.exports = { ${client}, migrations: { directory: 'migrations' } }\n`,
      'migrations/20260101000000_users.js': `
exports.up = (knex) => knex.schema
  .createTable('users', (table) => {
    table.increments('id')
    table.string('email').notNullable().unique()
    table.string('name', 100).notNullable().index()
    table.enu('role', ['admin', 'member'], { useNative: true, enumName: 'user_role' }).notNullable().defaultTo('member')
    table.jsonb('settings')
    table.boolean('active').notNullable().defaultTo(true)
    table.timestamps(true, true)
  })
  .createTable('orders', (table) => {
    table.increments('id')
    table.integer('user_id').unsigned().notNullable().references('id').inTable('users').onDelete('CASCADE')
    table.enu('status', ['open', 'paid', 'sent']).notNullable().defaultTo('open')
    table.timestamp('placed_at').notNullable().defaultTo(knex.fn.now())
    table.index(['user_id', 'placed_at'])
  })
exports.down = (knex) => knex.schema.dropTable('orders').dropTable('users')
`,
      'migrations/20260102000000_items.js': `
exports.up = (knex) => knex.schema
  .createTable('order_items', (table) => {
    table.integer('order_id').unsigned().notNullable().references('orders.id').onDelete('CASCADE')
    table.string('product', 50).notNullable()
    table.integer('quantity').notNullable().defaultTo(1).checkPositive()
    table.decimal('price', 10, 2).notNullable()
    table.primary(['order_id', 'product'])
  })
  .createTable('tags', (table) => {
    table.increments()
    table.string('name', 30).notNullable().unique({ indexName: 'tags_by_name' })
  })
  .createTable('order_tags', (table) => {
    table.integer('order_id').notNullable()
    table.integer('tag_id').notNullable()
    table.primary(['order_id', 'tag_id'])
    table.foreign('order_id').references('orders.id').onDelete('CASCADE')
    table.foreign('tag_id').references('tags.id')
  })
exports.down = (knex) => knex.schema.dropTable('order_tags').dropTable('tags').dropTable('order_items')
`,
      'migrations/20260103000000_notes.js': `
exports.up = (knex) => knex.schema.alterTable('orders', (table) => {
  table.text('note')
  table.float('discount').notNullable().defaultTo(0)
})
exports.down = (knex) => knex.schema.alterTable('orders', (table) => table.dropColumns('note', 'discount'))
`,
    })
    run('knex', ['migrate:up'])
    run('knex', ['migrate:latest'])
  },
  last: ({ run }) =>
    /\S+\.js/.exec(
      run('knex', ['migrate:list'])
        .split('No Pending')[0]
        ?.split('\n')
        .findLast((line) => line.includes('.js')) ?? '',
    )?.[0],
}
