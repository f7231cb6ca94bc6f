// The example: a shop of 24 revisions, in branches and merges, of which the last five are not applied.
import { createHash } from 'node:crypto'

/**
 * @typedef {object} ShopRevision
 * @property {string} key
 * @property {string} message
 * @property {string[]} down keys
 * @property {string[]} [dependsOn]
 * @property {string[]} [labels]
 * @property {number} daysAgo
 * @property {string[]} up
 * @property {string[]} back
 * @property {string[]} does
 * @property {string[]} [destroys]
 * @property {string[]} [destroysBack]
 * @property {string[]} [locks]
 * @property {string[]} [rewrites]
 * @property {string[]} [needs]
 * @property {string[]} [unknown]
 * @property {string[]} [tables]
 * @property {false} [transactional]
 */

/** @type {ShopRevision[]} In run order. */
export const shopRevisions = [
  table(
    'customers',
    'customers and their addresses',
    [],
    412,
    ['customers', 'addresses'],
    [
      'CREATE TABLE "customers" (\n  "id" uuid NOT NULL DEFAULT gen_random_uuid(),\n  "email" character varying(320) NOT NULL,\n  "full_name" text NOT NULL,\n  "created_at" timestamptz NOT NULL DEFAULT now(),\n  CONSTRAINT "pk_customers" PRIMARY KEY ("id"),\n  CONSTRAINT "uq_customers_email" UNIQUE ("email")\n)',
      'CREATE TABLE "addresses" (\n  "id" uuid NOT NULL DEFAULT gen_random_uuid(),\n  "customer_id" uuid NOT NULL,\n  "line1" text NOT NULL,\n  "city" text NOT NULL,\n  "country" character(2) NOT NULL,\n  CONSTRAINT "pk_addresses" PRIMARY KEY ("id")\n)',
      'ALTER TABLE "addresses" ADD CONSTRAINT "fk_addresses_customer" FOREIGN KEY ("customer_id") REFERENCES "customers" ("id") ON DELETE CASCADE',
    ],
  ),
  table(
    'products',
    'products and categories',
    ['customers'],
    398,
    ['products', 'categories'],
    [
      'CREATE TABLE "categories" ("id" serial PRIMARY KEY, "name" text NOT NULL, "parent_id" integer REFERENCES "categories" ("id"))',
      'CREATE TABLE "products" (\n  "id" uuid NOT NULL DEFAULT gen_random_uuid(),\n  "sku" character varying(64) NOT NULL,\n  "title" text NOT NULL,\n  "price" numeric(10,2) NOT NULL,\n  "category_id" integer,\n  CONSTRAINT "pk_products" PRIMARY KEY ("id"),\n  CONSTRAINT "ck_products_price" CHECK ("price" >= 0)\n)',
    ],
  ),
  table(
    'orders',
    'orders with their items',
    ['products'],
    377,
    ['orders', 'order_items'],
    [
      `CREATE TYPE "order_status" AS ENUM ('open', 'paid', 'shipped', 'canceled')`,
      'CREATE TABLE "orders" (\n  "id" bigint GENERATED ALWAYS AS IDENTITY,\n  "customer_id" uuid NOT NULL,\n  "status" "order_status" NOT NULL DEFAULT \'open\',\n  "total" numeric(12,2) NOT NULL,\n  "placed_at" timestamptz NOT NULL DEFAULT now(),\n  CONSTRAINT "pk_orders" PRIMARY KEY ("id")\n)',
      'CREATE TABLE "order_items" (\n  "order_id" bigint NOT NULL,\n  "position" smallint NOT NULL,\n  "product_id" uuid NOT NULL,\n  "quantity" integer NOT NULL,\n  "unit_price" numeric(10,2) NOT NULL,\n  CONSTRAINT "pk_order_items" PRIMARY KEY ("order_id", "position")\n)',
    ],
  ),
  column('order-number', 'readable order numbers', ['orders'], 351, 'orders', 'number', 'character varying(16)'),
  table(
    'payments',
    'payments',
    ['order-number'],
    340,
    ['payments'],
    [
      'CREATE TABLE "payments" (\n  "id" uuid NOT NULL DEFAULT gen_random_uuid(),\n  "order_id" bigint NOT NULL,\n  "amount" numeric(12,2) NOT NULL,\n  "provider" text NOT NULL,\n  "captured_at" timestamptz,\n  CONSTRAINT "pk_payments" PRIMARY KEY ("id")\n)',
    ],
    { labels: ['payments'] },
  ),
  column(
    'payment-reference',
    'keep the reference of the provider',
    ['payments'],
    322,
    'payments',
    'provider_reference',
    'text',
  ),
  index(
    'product-search',
    'search products by title',
    ['order-number'],
    318,
    'products',
    'ix_products_title',
    '"title" gin_trgm_ops',
    'gin',
  ),
  table(
    'refunds',
    'refunds',
    ['payment-reference'],
    290,
    ['refunds'],
    [
      'CREATE TABLE "refunds" ("id" uuid PRIMARY KEY, "payment_id" uuid NOT NULL REFERENCES "payments" ("id"), "amount" numeric(12,2) NOT NULL, "reason" text)',
    ],
  ),
  column(
    'product-weight',
    'weigh products for shipping',
    ['product-search'],
    281,
    'products',
    'weight_grams',
    'integer',
  ),
  merge('merge-payments', 'merge payments', ['product-weight', 'refunds'], 270),
  table(
    'stock',
    'stock per warehouse',
    ['merge-payments'],
    244,
    ['warehouses', 'stock_levels'],
    [
      'CREATE TABLE "warehouses" ("id" serial PRIMARY KEY, "name" text NOT NULL UNIQUE)',
      'CREATE TABLE "stock_levels" ("warehouse_id" integer NOT NULL, "product_id" uuid NOT NULL, "quantity" integer NOT NULL DEFAULT 0, PRIMARY KEY ("warehouse_id", "product_id"))',
    ],
  ),
  table(
    'reports',
    'daily revenue',
    ['merge-payments'],
    236,
    ['report_days'],
    [
      'CREATE TABLE "report_days" ("day" date PRIMARY KEY, "revenue" numeric(14,2) NOT NULL, "orders" integer NOT NULL)',
      'CREATE MATERIALIZED VIEW "revenue_by_day" AS\nSELECT date_trunc(\'day\', "placed_at")::date AS "day", sum("total") AS "revenue"\nFROM "orders" WHERE "status" <> \'canceled\' GROUP BY 1',
    ],
    { labels: ['reports'], dependsOn: ['refunds'] },
  ),
  column('reserved', 'reserve stock while a cart is open', ['stock'], 214, 'stock_levels', 'reserved', 'integer'),
  index(
    'report-index',
    'find reports by month',
    ['reports'],
    201,
    'report_days',
    'ix_report_days_month',
    `date_trunc('month', "day")`,
    'btree',
  ),
  table(
    'coupons',
    'coupons',
    ['reserved'],
    183,
    ['coupons'],
    [
      'CREATE TABLE "coupons" ("code" character varying(32) PRIMARY KEY, "percent" smallint NOT NULL CHECK ("percent" BETWEEN 1 AND 100), "valid_until" date)',
    ],
  ),
  column(
    'coupon-on-order',
    'remember the coupon of an order',
    ['coupons'],
    162,
    'orders',
    'coupon_code',
    'character varying(32)',
  ),
  merge('merge-reports', 'merge reports', ['coupon-on-order', 'report-index'], 148),
  table(
    'reviews',
    'reviews of products',
    ['merge-reports'],
    96,
    ['product_reviews'],
    [
      'CREATE TABLE "product_reviews" ("id" uuid PRIMARY KEY, "product_id" uuid NOT NULL REFERENCES "products" ("id"), "stars" smallint NOT NULL, "body" text, "created_at" timestamptz NOT NULL DEFAULT now())',
    ],
  ),
  column('review-author', 'name the author of a review', ['reviews'], 41, 'product_reviews', 'customer_id', 'uuid'),
  // Pending from here on.
  column(
    'order-currency',
    'store the currency of an order',
    ['review-author'],
    9,
    'orders',
    'currency',
    'character(3)',
    {
      does: ["add column orders.currency character(3) not null default 'EUR'"],
      up: [`ALTER TABLE "orders" ADD "currency" character(3) NOT NULL DEFAULT 'EUR'`],
      locks: ['ACCESS EXCLUSIVE "orders"'],
    },
  ),
  {
    key: 'order-search',
    message: 'find orders by customer and day',
    down: ['order-currency'],
    daysAgo: 8,
    transactional: false,
    up: ['CREATE INDEX CONCURRENTLY "ix_orders_customer_placed" ON "orders" ("customer_id", "placed_at" DESC)'],
    back: ['DROP INDEX CONCURRENTLY "ix_orders_customer_placed"'],
    does: ['create index ix_orders_customer_placed on orders (customer_id, placed_at desc)'],
    locks: ['SHARE UPDATE EXCLUSIVE "orders"'],
    tables: ['orders'],
  },
  {
    key: 'cents',
    message: 'totals in cents',
    down: ['order-search'],
    daysAgo: 6,
    up: [
      'ALTER TABLE "orders" ALTER COLUMN "total" TYPE bigint USING ("total" * 100)::bigint',
      'ALTER TABLE "orders" RENAME COLUMN "total" TO "total_cents"',
    ],
    back: [
      'ALTER TABLE "orders" RENAME COLUMN "total_cents" TO "total"',
      'ALTER TABLE "orders" ALTER COLUMN "total" TYPE numeric(12,2) USING "total" / 100.0',
    ],
    does: ['change orders.total from numeric(12,2) to bigint', 'rename orders.total to total_cents'],
    locks: ['ACCESS EXCLUSIVE "orders"'],
    rewrites: ['orders'],
    needs: ['every value of orders.total fits bigint'],
    tables: ['orders'],
  },
  {
    key: 'drop-provider',
    message: 'drop the free-text provider of payments',
    down: ['cents'],
    daysAgo: 3,
    up: ['ALTER TABLE "payments" DROP COLUMN "provider"'],
    back: [`ALTER TABLE "payments" ADD "provider" text NOT NULL DEFAULT ''`],
    does: ['drop column payments.provider'],
    destroys: ['all values of payments.provider'],
    locks: ['ACCESS EXCLUSIVE "payments"'],
    tables: ['payments'],
  },
  {
    key: 'backfill',
    message: 'fill provider_id of old payments',
    down: ['drop-provider'],
    daysAgo: 1,
    up: [
      'ALTER TABLE "payments" ADD "provider_id" integer',
      `UPDATE "payments" SET "provider_id" = 1 WHERE "provider_id" IS NULL`,
    ],
    back: ['ALTER TABLE "payments" DROP COLUMN "provider_id"'],
    destroysBack: ['all values of payments.provider_id'],
    does: ['add column payments.provider_id integer', 'update payments in batches of 10,000 rows'],
    locks: ['ACCESS EXCLUSIVE "payments"'],
    tables: ['payments'],
  },
]

/** The first revision that is not applied. */
export const firstPending = 'order-currency'

/** Rows and bytes of the tables. */
export const shopTables = [
  { name: 'customers', rows: 412_806, bytes: 168_427_520 },
  { name: 'addresses', rows: 538_112, bytes: 121_634_816 },
  { name: 'categories', rows: 184, bytes: 65_536 },
  { name: 'products', rows: 28_411, bytes: 41_943_040 },
  { name: 'orders', rows: 3_204_118, bytes: 1_287_651_328 },
  { name: 'order_items', rows: 9_817_443, bytes: 1_906_311_168 },
  { name: 'payments', rows: 3_118_207, bytes: 702_545_920 },
  { name: 'refunds', rows: 61_902, bytes: 12_582_912 },
  { name: 'warehouses', rows: 6, bytes: 32_768 },
  { name: 'stock_levels', rows: 141_277, bytes: 15_728_640 },
  { name: 'report_days', rows: 1_096, bytes: 196_608 },
  { name: 'coupons', rows: 302, bytes: 81_920 },
  { name: 'product_reviews', rows: 87_655, bytes: 48_234_496 },
]

/** @param {string} key */
export function idOf(key) {
  return createHash('sha256').update(`shop ${key}`).digest('hex').slice(0, 12)
}

/**
 * @param {string} key
 * @param {string} message
 * @param {string[]} down
 * @param {number} daysAgo
 * @param {string[]} tables
 * @param {string[]} up
 * @param {Partial<ShopRevision>} [more]
 * @returns {ShopRevision}
 */
function table(key, message, down, daysAgo, tables, up, more) {
  return {
    key,
    message,
    down,
    daysAgo,
    tables,
    up,
    back: [...tables].reverse().map((name) => `DROP TABLE "${name}"`),
    does: tables.map((name) => `create table ${name}`),
    destroysBack: tables.map((name) => `all rows of ${name}`),
    ...more,
  }
}

/**
 * @param {string} key
 * @param {string} message
 * @param {string[]} down
 * @param {number} daysAgo
 * @param {string} on
 * @param {string} name
 * @param {string} type
 * @param {Partial<ShopRevision>} [more]
 * @returns {ShopRevision}
 */
function column(key, message, down, daysAgo, on, name, type, more) {
  return {
    key,
    message,
    down,
    daysAgo,
    tables: [on],
    up: [`ALTER TABLE "${on}" ADD "${name}" ${type}`],
    back: [`ALTER TABLE "${on}" DROP COLUMN "${name}"`],
    does: [`add column ${on}.${name} ${type}`],
    destroysBack: [`all values of ${on}.${name}`],
    locks: [`ACCESS EXCLUSIVE "${on}"`],
    ...more,
  }
}

/**
 * @param {string} key
 * @param {string} message
 * @param {string[]} down
 * @param {number} daysAgo
 * @param {string} on
 * @param {string} name
 * @param {string} expression
 * @param {string} method
 * @returns {ShopRevision}
 */
function index(key, message, down, daysAgo, on, name, expression, method) {
  return {
    key,
    message,
    down,
    daysAgo,
    tables: [on],
    transactional: false,
    up: [`CREATE INDEX CONCURRENTLY "${name}" ON "${on}" USING ${method} (${expression})`],
    back: [`DROP INDEX CONCURRENTLY "${name}"`],
    does: [`create index ${name} on ${on}`],
    locks: [`SHARE UPDATE EXCLUSIVE "${on}"`],
  }
}

/**
 * @param {string} key
 * @param {string} message
 * @param {string[]} down
 * @param {number} daysAgo
 * @returns {ShopRevision}
 */
function merge(key, message, down, daysAgo) {
  return { key, message, down, daysAgo, up: [], back: [], does: [] }
}
