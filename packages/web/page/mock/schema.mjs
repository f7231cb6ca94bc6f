// The schema of the example, and what differs from it at a revision.
import { shopTables } from './shop.mjs'

/** @typedef {import('../../src/api/types').TableDocument} TableDocument */
/** @typedef {import('../../src/api/types').ColumnDocument} ColumnDocument */

/**
 * `name type`, with `?` after the type if it may be NULL, and `= default`.
 *
 * @param {string} text
 * @returns {ColumnDocument}
 */
function column(text) {
  const [, name = '', type = '', nullable, value] = /^(\w+) ([^?=]+?)(\?)?(?: = (.*))?$/.exec(text) ?? []
  return { name, type, nullable: nullable !== undefined, ...(value === undefined ? {} : { default: value }) }
}

/**
 * @param {string} name
 * @param {string[]} key
 * @param {string[]} columns
 * @param {Record<string, string>} [references] column → table
 * @param {Partial<TableDocument>} [more]
 * @returns {TableDocument}
 */
function table(name, key, columns, references = {}, more = {}) {
  return {
    name,
    columns: columns.map(column),
    primaryKey: { name: `pk_${name}`, columns: key },
    foreignKeys: Object.entries(references).map(([from, to]) => ({
      name: `fk_${name}_${from}`,
      columns: [from],
      table: to,
      references: [to === 'coupons' ? 'code' : 'id'],
      onDelete: 'CASCADE',
    })),
    uniques: [],
    checks: [],
    indexes: [],
    ...more,
  }
}

const tables = [
  table(
    'customers',
    ['id'],
    [
      'id uuid = gen_random_uuid()',
      'email character varying(320)',
      'full_name text',
      'created_at timestamp with time zone = now()',
    ],
    {},
    {
      uniques: [{ name: 'uq_customers_email', columns: ['email'] }],
      comment: 'People and companies that have ordered at least once, or have registered.',
    },
  ),
  table(
    'addresses',
    ['id'],
    ['id uuid = gen_random_uuid()', 'customer_id uuid', 'line1 text', 'city text', 'country character(2)'],
    { customer_id: 'customers' },
  ),
  table('categories', ['id'], [`id integer = nextval('categories_id_seq')`, 'name text', 'parent_id integer?'], {
    parent_id: 'categories',
  }),
  table(
    'products',
    ['id'],
    [
      'id uuid = gen_random_uuid()',
      'sku character varying(64)',
      'title text',
      'price numeric(10,2)',
      'category_id integer?',
      'weight_grams integer?',
    ],
    { category_id: 'categories' },
    {
      checks: [{ name: 'ck_products_price', expression: 'price >= 0' }],
      indexes: [{ name: 'ix_products_title', columns: ['title gin_trgm_ops'], unique: false, method: 'gin' }],
    },
  ),
  table(
    'orders',
    ['id'],
    [
      'id bigint',
      'customer_id uuid',
      `status order_status = 'open'`,
      'total numeric(12,2)',
      'placed_at timestamp with time zone = now()',
      'number character varying(16)?',
      'coupon_code character varying(32)?',
    ],
    { customer_id: 'customers', coupon_code: 'coupons' },
    {
      indexes: [
        { name: 'ix_orders_open', columns: ['placed_at'], unique: false, where: `status = 'open'`, method: 'btree' },
      ],
    },
  ),
  table(
    'order_items',
    ['order_id', 'position'],
    ['order_id bigint', 'position smallint', 'product_id uuid', 'quantity integer', 'unit_price numeric(10,2)'],
    { order_id: 'orders', product_id: 'products' },
  ),
  table(
    'payments',
    ['id'],
    [
      'id uuid = gen_random_uuid()',
      'order_id bigint',
      'amount numeric(12,2)',
      'provider text',
      'provider_reference text?',
      'captured_at timestamp with time zone?',
    ],
    { order_id: 'orders' },
  ),
  table('refunds', ['id'], ['id uuid', 'payment_id uuid', 'amount numeric(12,2)', 'reason text?'], {
    payment_id: 'payments',
  }),
  table('warehouses', ['id'], [`id integer = nextval('warehouses_id_seq')`, 'name text']),
  table(
    'stock_levels',
    ['warehouse_id', 'product_id'],
    ['warehouse_id integer', 'product_id uuid', 'quantity integer = 0', 'reserved integer?'],
    { warehouse_id: 'warehouses', product_id: 'products' },
  ),
  table('report_days', ['day'], ['day date', 'revenue numeric(14,2)', 'orders integer']),
  table(
    'coupons',
    ['code'],
    ['code character varying(32)', 'percent smallint', 'valid_until date?'],
    {},
    {
      checks: [{ name: 'ck_coupons_percent', expression: 'percent BETWEEN 1 AND 100' }],
    },
  ),
  table(
    'product_reviews',
    ['id'],
    [
      'id uuid',
      'product_id uuid',
      'stars smallint',
      'body text?',
      'created_at timestamp with time zone = now()',
      'customer_id uuid?',
    ],
    { product_id: 'products', customer_id: 'customers' },
  ),
]

/**
 * @param {string} at
 * @returns {import('../../src/api/types').SchemaDocument}
 */
export function schemaAt(at) {
  return {
    at,
    dialect: 'postgres',
    tables: tables.map((it) => {
      const size = shopTables.find(({ name }) => name === it.name)
      return at === 'live' && size ? { ...it, rows: size.rows, bytes: size.bytes } : it
    }),
    enums: [{ name: 'order_status', values: ['open', 'paid', 'shipped', 'canceled'] }],
    views: [
      {
        name: 'revenue_by_day',
        materialized: true,
        sql: `SELECT date_trunc('day', placed_at)::date AS day,\n  sum(total) AS revenue\nFROM orders\nWHERE status <> 'canceled'\nGROUP BY 1`,
      },
    ],
    sequences: [{ name: 'categories_id_seq' }, { name: 'warehouses_id_seq' }],
  }
}
