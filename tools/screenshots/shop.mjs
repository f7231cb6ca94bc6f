// The project of the pictures: a shop of 24 revisions, in branches and merges, of which the last five are not applied.
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** When the pictures are taken: they are the same every time. */
export const now = new Date('2026-11-30T10:00:00.000Z')
const dayMs = 86_400_000

/**
 * @typedef {object} ShopRevision
 * @property {string} message
 * @property {string[]} parents messages
 * @property {number} daysAgo when it was written
 * @property {string[]} up
 * @property {string[]} down
 * @property {string[]} [labels]
 * @property {string[]} [dependsOn] messages
 * @property {false} [transaction]
 * @property {string} [code] of `up`, before its statements: what it does is known only when it runs
 */

const text = 'varchar(320) NOT NULL'
const key = 'integer PRIMARY KEY AUTOINCREMENT NOT NULL'

/** @type {ShopRevision[]} In run order. */
export const revisions = [
  tables('customers and their addresses', [], 412, {
    customers: `"id" ${key}, "email" ${text}, "full_name" text NOT NULL, "created_at" datetime NOT NULL DEFAULT (datetime('now')), CONSTRAINT "uq_customers_email" UNIQUE ("email")`,
    addresses: `"id" ${key}, "customer_id" integer NOT NULL, "line1" text NOT NULL, "city" text NOT NULL, "country" varchar(2) NOT NULL, CONSTRAINT "fk_addresses_customer" FOREIGN KEY ("customer_id") REFERENCES "customers" ("id") ON DELETE CASCADE`,
  }),
  tables('products and categories', ['customers and their addresses'], 398, {
    categories: `"id" ${key}, "name" text NOT NULL, "parent_id" integer, CONSTRAINT "fk_categories_parent" FOREIGN KEY ("parent_id") REFERENCES "categories" ("id")`,
    products: `"id" ${key}, "sku" varchar(64) NOT NULL, "title" text NOT NULL, "price" decimal(10,2) NOT NULL, "category_id" integer, CONSTRAINT "ck_products_price" CHECK ("price" >= 0), CONSTRAINT "fk_products_category" FOREIGN KEY ("category_id") REFERENCES "categories" ("id")`,
  }),
  tables('orders with their items', ['products and categories'], 377, {
    orders: `"id" ${key}, "customer_id" integer NOT NULL, "status" varchar(16) NOT NULL DEFAULT ('open'), "total" decimal(12,2) NOT NULL, "placed_at" datetime NOT NULL DEFAULT (datetime('now')), CONSTRAINT "ck_orders_status" CHECK ("status" IN ('open', 'paid', 'shipped', 'canceled')), CONSTRAINT "fk_orders_customer" FOREIGN KEY ("customer_id") REFERENCES "customers" ("id")`,
    order_items: `"order_id" integer NOT NULL, "position" integer NOT NULL, "product_id" integer NOT NULL, "quantity" integer NOT NULL, "unit_price" decimal(10,2) NOT NULL, PRIMARY KEY ("order_id", "position"), CONSTRAINT "fk_order_items_order" FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON DELETE CASCADE, CONSTRAINT "fk_order_items_product" FOREIGN KEY ("product_id") REFERENCES "products" ("id")`,
  }),
  column('readable order numbers', ['orders with their items'], 351, 'orders', '"number" varchar(16)'),
  tables(
    'payments',
    ['readable order numbers'],
    340,
    {
      payments: `"id" ${key}, "order_id" integer NOT NULL, "amount" decimal(12,2) NOT NULL, "provider" text NOT NULL, "captured_at" datetime, CONSTRAINT "fk_payments_order" FOREIGN KEY ("order_id") REFERENCES "orders" ("id")`,
    },
    { labels: ['payments'] },
  ),
  column('keep the reference of the provider', ['payments'], 322, 'payments', '"provider_reference" text'),
  index('search products by title', ['readable order numbers'], 318, 'ix_products_title', '"products" ("title")'),
  tables('refunds', ['keep the reference of the provider'], 290, {
    refunds: `"id" ${key}, "payment_id" integer NOT NULL, "amount" decimal(12,2) NOT NULL, "reason" text, CONSTRAINT "fk_refunds_payment" FOREIGN KEY ("payment_id") REFERENCES "payments" ("id")`,
  }),
  column('weigh products for shipping', ['search products by title'], 281, 'products', '"weight_grams" integer'),
  merge('merge payments', ['weigh products for shipping', 'refunds'], 270),
  tables('stock per warehouse', ['merge payments'], 244, {
    warehouses: `"id" ${key}, "name" text NOT NULL, CONSTRAINT "uq_warehouses_name" UNIQUE ("name")`,
    stock_levels: `"warehouse_id" integer NOT NULL, "product_id" integer NOT NULL, "quantity" integer NOT NULL DEFAULT (0), PRIMARY KEY ("warehouse_id", "product_id"), CONSTRAINT "fk_stock_levels_warehouse" FOREIGN KEY ("warehouse_id") REFERENCES "warehouses" ("id"), CONSTRAINT "fk_stock_levels_product" FOREIGN KEY ("product_id") REFERENCES "products" ("id")`,
  }),
  tables(
    'daily revenue',
    ['merge payments'],
    236,
    { report_days: `"day" date PRIMARY KEY NOT NULL, "revenue" decimal(14,2) NOT NULL, "orders" integer NOT NULL` },
    { labels: ['reports'], dependsOn: ['refunds'] },
  ),
  column('reserve stock while a cart is open', ['stock per warehouse'], 214, 'stock_levels', '"reserved" integer'),
  {
    message: 'revenue by month',
    parents: ['daily revenue'],
    daysAgo: 201,
    up: [
      `CREATE VIEW "revenue_by_month" AS\nSELECT strftime('%Y-%m', "day") AS "month", sum("revenue") AS "revenue"\nFROM "report_days" GROUP BY 1`,
    ],
    down: ['DROP VIEW "revenue_by_month"'],
  },
  tables('coupons', ['reserve stock while a cart is open'], 183, {
    coupons: `"code" varchar(32) PRIMARY KEY NOT NULL, "percent" integer NOT NULL, "valid_until" date, CONSTRAINT "ck_coupons_percent" CHECK ("percent" BETWEEN 1 AND 100)`,
  }),
  column(
    'remember the coupon of an order',
    ['coupons'],
    162,
    'orders',
    '"coupon_code" varchar(32) REFERENCES "coupons" ("code")',
  ),
  merge('merge reports', ['remember the coupon of an order', 'revenue by month'], 148),
  tables('reviews of products', ['merge reports'], 96, {
    product_reviews: `"id" ${key}, "product_id" integer NOT NULL, "stars" integer NOT NULL, "body" text, CONSTRAINT "fk_product_reviews_product" FOREIGN KEY ("product_id") REFERENCES "products" ("id")`,
  }),
  column('name the author of a review', ['reviews of products'], 41, 'product_reviews', '"author" text'),
  // From here on they are pending.
  column(
    'store the currency of an order',
    ['name the author of a review'],
    9,
    'orders',
    `"currency" varchar(3) NOT NULL DEFAULT ('EUR')`,
  ),
  index(
    'find orders by customer and day',
    ['store the currency of an order'],
    8,
    'ix_orders_customer_placed',
    '"orders" ("customer_id", "placed_at")',
    { transaction: false },
  ),
  {
    message: 'totals in cents',
    parents: ['find orders by customer and day'],
    daysAgo: 6,
    up: [
      'ALTER TABLE "orders" ADD "total_cents" integer NOT NULL DEFAULT (0)',
      'UPDATE "orders" SET "total_cents" = CAST(round("total" * 100) AS integer)',
    ],
    down: ['ALTER TABLE "orders" DROP COLUMN "total_cents"'],
  },
  {
    message: 'drop the free-text provider of payments',
    parents: ['totals in cents'],
    daysAgo: 3,
    up: ['ALTER TABLE "payments" DROP COLUMN "provider"'],
    down: [`ALTER TABLE "payments" ADD "provider" text NOT NULL DEFAULT ('')`],
  },
  {
    message: 'count the orders of a day',
    parents: ['drop the free-text provider of payments'],
    daysAgo: 1,
    up: ['CREATE INDEX "ix_orders_placed" ON "orders" ("placed_at")'],
    down: ['DROP INDEX "ix_orders_placed"'],
  },
]

/** How many of them are applied. */
export const applied = 19

/** Rows of the tables, by statements that are run before the pictures. */
export const rows = [
  numbers(
    412,
    `INSERT INTO "customers" ("email", "full_name") SELECT 'c' || n || '@example.org', 'Customer ' || n FROM numbers`,
  ),
  numbers(
    538,
    `INSERT INTO "addresses" ("customer_id", "line1", "city", "country") SELECT 1 + n % 412, n || ' High Street', 'Lisbon', 'PT' FROM numbers`,
  ),
  numbers(24, `INSERT INTO "categories" ("name") SELECT 'Category ' || n FROM numbers`),
  numbers(
    284,
    `INSERT INTO "products" ("sku", "title", "price", "category_id") SELECT 'SKU-' || n, 'Product ' || n, n % 90 + 0.5, 1 + n % 24 FROM numbers`,
  ),
  numbers(30, `INSERT INTO "coupons" ("code", "percent") SELECT 'SAVE' || n, 1 + n FROM numbers`),
  numbers(
    32041,
    `INSERT INTO "orders" ("customer_id", "status", "total", "number") SELECT 1 + n % 412, 'paid', n % 500 + 9.9, 'O-' || (100000 + n) FROM numbers`,
  ),
  numbers(
    98174,
    `INSERT INTO "order_items" ("order_id", "position", "product_id", "quantity", "unit_price") SELECT 1 + n / 4, n % 4, 1 + n % 284, 1 + n % 3, 9.9 FROM numbers`,
  ),
  numbers(
    31182,
    `INSERT INTO "payments" ("order_id", "amount", "provider") SELECT n, n % 500 + 9.9, 'stripe' FROM numbers`,
  ),
  numbers(619, `INSERT INTO "refunds" ("payment_id", "amount") SELECT n * 40, 9.9 FROM numbers`),
  numbers(6, `INSERT INTO "warehouses" ("name") SELECT 'Warehouse ' || n FROM numbers`),
  numbers(
    1412,
    `INSERT INTO "stock_levels" ("warehouse_id", "product_id", "quantity") SELECT 1 + n / 284, 1 + n % 284, n % 90 FROM numbers WHERE n / 284 < 6`,
  ),
  numbers(
    1096,
    `INSERT INTO "report_days" ("day", "revenue", "orders") SELECT date('2023-11-30', '+' || n || ' days'), n * 12.5, n % 90 FROM numbers`,
  ),
  numbers(8765, `INSERT INTO "product_reviews" ("product_id", "stars") SELECT 1 + n % 284, 1 + n % 5 FROM numbers`),
]

/** @param {string} message */
export function idOf(message) {
  return createHash('sha256').update(`shop: ${message}`).digest('hex').slice(0, 12)
}

/**
 * Writes the revisions as files.
 *
 * @param {string} folder
 * @param {readonly ShopRevision[]} [some] default: all
 */
export function writeRevisions(folder, some = revisions) {
  mkdirSync(folder, { recursive: true })
  for (const revision of some) {
    const timestamp = String(timeOf(revision).getTime())
    const slug = revision.message.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
    writeFileSync(join(folder, `${timestamp}-${slug}.ts`), fileOf(revision, timestamp, slug))
  }
}

/** @param {ShopRevision} revision */
export function timeOf({ daysAgo }) {
  return new Date(now.getTime() - daysAgo * dayMs)
}

/**
 * @param {ShopRevision} revision
 * @param {string} timestamp
 * @param {string} slug
 */
function fileOf({ message, parents, up, down, labels, dependsOn, transaction, code = '' }, timestamp, slug) {
  const name = slug.replaceAll(/(?:^|-)(.)/g, (_, letter) => letter.toUpperCase()) + timestamp
  const ids = (/** @type {string[]} */ messages) => messages.map((it) => `'${idOf(it)}'`)
  const [first = 'null', ...others] = ids(parents)
  const calls = (/** @type {string[]} */ statements) =>
    statements.map((sql) => `    await queryRunner.query(\`${sql.replaceAll('\n', '\n      ')}\`)\n`).join('')
  return `import type { MigrationInterface, QueryRunner } from 'typeorm'

/** ${message} */
export class ${name} implements MigrationInterface {
  static readonly revision = '${idOf(message)}'
  static readonly downRevision = ${others.length > 0 ? `[${[first, ...others].join(', ')}]` : first}
${labels ? `  static readonly branchLabels = ['${labels.join("', '")}']\n` : ''}${dependsOn ? `  static readonly dependsOn = [${ids(dependsOn).join(', ')}]\n` : ''}${transaction === false ? '  readonly transaction = false\n' : ''}
  async up(queryRunner: QueryRunner): Promise<void> {
${code}${calls(up)}  }

  async down(queryRunner: QueryRunner): Promise<void> {
${calls(down)}  }
}
`
}

/**
 * @param {string} message
 * @param {string[]} parents
 * @param {number} daysAgo
 * @param {Record<string, string>} columns by table
 * @param {Partial<ShopRevision>} [more]
 * @returns {ShopRevision}
 */
function tables(message, parents, daysAgo, columns, more) {
  return {
    message,
    parents,
    daysAgo,
    up: Object.entries(columns).map(
      ([name, list]) =>
        `CREATE TABLE "${name}" (\n  ${list.replaceAll(/, (?="|CONSTRAINT|PRIMARY)(?![^(]*\))/g, ',\n  ')}\n)`,
    ),
    down: Object.keys(columns)
      .reverse()
      .map((name) => `DROP TABLE "${name}"`),
    ...more,
  }
}

/**
 * @param {string} message
 * @param {string[]} parents
 * @param {number} daysAgo
 * @param {string} table
 * @param {string} definition
 * @returns {ShopRevision}
 */
function column(message, parents, daysAgo, table, definition) {
  const name = definition.slice(0, definition.indexOf(' '))
  return {
    message,
    parents,
    daysAgo,
    up: [`ALTER TABLE "${table}" ADD ${definition}`],
    down: [`ALTER TABLE "${table}" DROP COLUMN ${name}`],
  }
}

/**
 * @param {string} message
 * @param {string[]} parents
 * @param {number} daysAgo
 * @param {string} name
 * @param {string} on
 * @param {Partial<ShopRevision>} [more]
 * @returns {ShopRevision}
 */
function index(message, parents, daysAgo, name, on, more) {
  return { message, parents, daysAgo, up: [`CREATE INDEX "${name}" ON ${on}`], down: [`DROP INDEX "${name}"`], ...more }
}

/**
 * @param {string} message
 * @param {string[]} parents
 * @param {number} daysAgo
 * @returns {ShopRevision}
 */
function merge(message, parents, daysAgo) {
  return { message, parents, daysAgo, up: [], down: [] }
}

/**
 * @param {number} last
 * @param {string} insert
 */
function numbers(last, insert) {
  const series = `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${String(last)}) `
  return insert.replace(' SELECT ', ` ${series}SELECT `)
}
