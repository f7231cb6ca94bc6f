import { shopRows } from '../rows.mjs'

/** @type {import('../place.mjs').Program} */
export const kysely = {
  name: 'kysely',
  packages: { kysely: '0.29.9', 'kysely-ctl': '0.21.0', pg: '8.23.1' },
  dialects: ['sqlite', 'postgres'],
  rows: shopRows,
  make({ dialect, target, write, run }) {
    const isPostgres = dialect === 'postgres'
    write({
      'kysely.config.mjs': `
import { defineConfig } from 'kysely-ctl'
${isPostgres ? `import pg from 'pg'` : `import Database from 'better-sqlite3'`}
export default defineConfig({
  dialect: '${isPostgres ? 'pg' : 'better-sqlite3'}',
  dialectConfig: ${isPostgres ? `{ pool: new pg.Pool({ connectionString: ${JSON.stringify(target)} }) }` : `{ database: new Database(${JSON.stringify(target)}) }`},
  migrations: { migrationFolder: 'migrations' },
})
`,
      'migrations/2026_01_01_users.ts': `
import { sql } from 'kysely'
const key = (column) => ${isPostgres ? 'column.primaryKey().generatedAlwaysAsIdentity()' : 'column.primaryKey().autoIncrement()'}
export async function up(db) {
  ${isPostgres ? `await db.schema.createType('user_role').asEnum(['admin', 'member']).execute()` : ''}
  await db.schema.createTable('users').addColumn('id', 'integer', key)
    .addColumn('email', 'varchar(255)', (column) => column.notNull().unique())
    .addColumn('name', 'varchar(100)', (column) => column.notNull())
    .addColumn('role', ${isPostgres ? 'sql`user_role`' : `'text'`}, (column) => column.notNull().defaultTo('member'))
    .addColumn('settings', '${isPostgres ? 'jsonb' : 'json'}')
    .addColumn('created_at', 'timestamp', (column) => column.notNull().defaultTo(sql\`CURRENT_TIMESTAMP\`))
    .execute()
  await db.schema.createTable('orders').addColumn('id', 'integer', key)
    .addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('status', 'text', (column) => column.notNull().defaultTo('open').check(sql\`status in ('open', 'paid', 'sent')\`))
    .addColumn('placed_at', 'timestamp', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('orders_of_user').on('orders').columns(['user_id', 'placed_at desc']).execute()
}
`,
      'migrations/2026_01_02_items.ts': `
import { sql } from 'kysely'
export async function up(db) {
  await db.schema.createTable('order_items')
    .addColumn('order_id', 'integer', (column) => column.notNull().references('orders.id'))
    .addColumn('product', 'varchar(50)', (column) => column.notNull())
    .addColumn('quantity', 'integer', (column) => column.notNull().defaultTo(1))
    .addColumn('price', 'numeric(10, 2)', (column) => column.notNull())
    .addColumn('total', 'numeric(12, 2)', (column) => column.generatedAlwaysAs(sql\`quantity * price\`).stored())
    .addPrimaryKeyConstraint('order_items_pk', ['order_id', 'product'])
    .addCheckConstraint('some_items', sql\`quantity > 0\`)
    .execute()
  await db.schema.createTable('tags').addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull()).addUniqueConstraint('tags_name', ['name']).execute()
  await db.schema.createTable('order_tags')
    .addColumn('order_id', 'integer', (column) => column.notNull())
    .addColumn('tag_id', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('order_tags_pk', ['order_id', 'tag_id'])
    .addForeignKeyConstraint('of_order', ['order_id'], 'orders', ['id'], (key) => key.onDelete('cascade'))
    .addForeignKeyConstraint('of_tag', ['tag_id'], 'tags', ['id'])
    .execute()
}
`,
      'migrations/2026_01_03_notes.ts': `
export async function up(db) {
  await db.schema.alterTable('orders').addColumn('note', 'text').execute()
  await db.schema.createView('open_orders').as(db.selectFrom('orders').select(['id', 'user_id']).where('note', 'is', null)).execute()
}
`,
    })
    run('kysely', ['migrate:up'])
    run('kysely', ['migrate:latest'])
  },
  last: ({ run }) => [...run('kysely', ['migrate:list']).matchAll(/\d{4}_\d\d_\d\d_\w+/g)].at(-1)?.[0],
}
