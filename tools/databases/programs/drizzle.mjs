import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { shopRows } from '../rows.mjs'

/** @type {import('../place.mjs').Program} */
export const drizzle = {
  name: 'drizzle',
  packages: { 'drizzle-kit': '0.31.11', 'drizzle-orm': '0.45.4', pg: '8.23.1' },
  dialects: ['sqlite', 'postgres'],
  rows: shopRows,
  make({ dialect, target, write, run }) {
    const url = dialect === 'sqlite' ? target : `${target}?sslmode=disable`
    write({
      'drizzle.config.ts': `export default {
  dialect: '${dialect === 'sqlite' ? 'sqlite' : 'postgresql'}', schema: './schema.ts', out: './migrations',
  dbCredentials: { url: ${JSON.stringify(url)} },
}
`,
    })
    for (const name of ['users', 'notes']) {
      write({ 'schema.ts': (dialect === 'sqlite' ? sqliteSchema : postgresSchema)(name === 'notes') })
      run('drizzle-kit', ['generate', '--name', name])
      run('drizzle-kit', ['migrate'])
    }
  },
  // It has no command that shows it. The time is in its journal.
  last: ({ folder }) => {
    const journal = /** @type {{ entries: { when: number }[] }} */ (
      JSON.parse(readFileSync(join(folder, 'migrations', 'meta', '_journal.json'), 'utf8'))
    )
    return String(journal.entries.at(-1)?.when)
  },
}

const sqliteSchema = (/** @type {boolean} */ notes) => `
import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, real, sqliteTable, text, uniqueIndex, sqliteView } from 'drizzle-orm/sqlite-core'

export const users = sqliteTable('users', {
  id: integer().primaryKey({ autoIncrement: true }),
  email: text().notNull().unique(),
  name: text({ length: 100 }).notNull(),
  role: text({ enum: ['admin', 'member'] }).notNull().default('member'),
  settings: text({ mode: 'json' }),
  active: integer({ mode: 'boolean' }).notNull().default(true),
  createdAt: integer('created_at', { mode: 'timestamp' }).notNull().default(sql\`(unixepoch())\`),
}, (t) => [index('users_name').on(sql\`lower(\${t.name})\`)])
export const orders = sqliteTable('orders', {
  id: integer().primaryKey(),
  userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  status: text().notNull().default('open'),
  placedAt: text('placed_at').notNull(),
  ${notes ? 'note: text(),' : ''}
}, (t) => [check('orders_status', sql\`\${t.status} in ('open', 'paid', 'sent')\`),
  index('open_orders').on(t.placedAt).where(sql\`\${t.status} = 'open'\`)])
export const items = sqliteTable('order_items', {
  orderId: integer('order_id').notNull().references(() => orders.id),
  product: text().notNull(),
  quantity: integer().notNull().default(1),
  price: real().notNull(),
  total: real().generatedAlwaysAs(sql\`quantity * price\`, { mode: 'stored' }),
}, (t) => [primaryKey({ columns: [t.orderId, t.product] })])
export const tags = sqliteTable('tags', { id: integer().primaryKey(), name: text().notNull() }, (t) => [uniqueIndex('tags_name').on(t.name)])
export const orderTags = sqliteTable('order_tags', {
  orderId: integer('order_id').notNull().references(() => orders.id),
  tagId: integer('tag_id').notNull().references(() => tags.id),
}, (t) => [primaryKey({ name: 'order_tags_pk', columns: [t.orderId, t.tagId] })])
export const open = sqliteView('open_orders_of').as((qb) => qb.select().from(orders).where(sql\`status = 'open'\`))
`

const postgresSchema = (/** @type {boolean} */ notes) => `
import { sql } from 'drizzle-orm'
import { bigint, boolean, check, doublePrecision, index, integer, jsonb, numeric, pgEnum, pgPolicy, pgSchema, pgSequence, pgTable, pgView, primaryKey,
  serial, text, timestamp, uniqueIndex, uuid, varchar } from 'drizzle-orm/pg-core'

export const role = pgEnum('user_role', ['admin', 'member'])
export const numbers = pgSequence('order_numbers', { startWith: 1000, increment: 10 })
export const users = pgTable('users', {
  id: integer().primaryKey().generatedAlwaysAsIdentity({ startWith: 100 }),
  email: varchar({ length: 255 }).notNull().unique(),
  name: varchar({ length: 100 }).notNull(),
  role: role().notNull().default('member'),
  roles: role().array(),
  settings: jsonb(),
  active: boolean().notNull().default(true),
  createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
}, (t) => [index('users_name').on(sql\`lower(\${t.name})\`)])
export const orders = pgTable('orders', {
  id: serial().primaryKey(),
  userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  status: text().notNull().default('open'),
  placedAt: timestamp('placed_at').notNull(),
  ${notes ? 'note: text(), labels: text().array().notNull().default(sql`ARRAY[]::text[]`),' : ''}
}, (t) => [check('orders_status', sql\`\${t.status} in ('open', 'paid', 'sent')\`),
  index('open_orders').on(t.placedAt.desc().nullsLast()).where(sql\`\${t.status} = 'open'\`),
  pgPolicy('own_orders', { for: 'select', using: sql\`user_id > 0\` })])
export const items = pgTable('order_items', {
  orderId: integer('order_id').notNull().references(() => orders.id),
  product: varchar({ length: 50 }).notNull(),
  quantity: integer().notNull().default(1),
  price: doublePrecision().notNull(),
  total: doublePrecision().generatedAlwaysAs(sql\`quantity * price\`),
}, (t) => [primaryKey({ columns: [t.orderId, t.product] })])
export const tags = pgTable('tags', { id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(), name: varchar({ length: 30 }).notNull() },
  (t) => [uniqueIndex('tags_name').on(t.name)])
export const orderTags = pgTable('order_tags', {
  orderId: integer('order_id').notNull().references(() => orders.id),
  tagId: bigint('tag_id', { mode: 'number' }).notNull().references(() => tags.id),
}, (t) => [primaryKey({ name: 'order_tags_pk', columns: [t.orderId, t.tagId] })])
export const audit = pgSchema('audit')
export const entries = audit.table('entries', { id: uuid().primaryKey().defaultRandom(), line: text() })
export const open = pgView('open_orders_of').as((qb) => qb.select().from(orders).where(sql\`status = 'open'\`))
`
