import Database from 'better-sqlite3'
import pg from 'pg'

/**
 * Rows of the tables of a program, in an order in which they can be inserted. A value that is an object is JSON.
 *
 * @typedef {readonly (readonly [table: string, ...rows: Readonly<Record<string, unknown>>[]])[]} Rows
 */

const when = '2026-03-04 05:06:07'

/** Rows of the tables that most programs make. */
export const shopRows = shop()

/**
 * @param {(name: string) => string} [nameOf] changes the name of a column
 * @param {(name: string) => string} [tableOf] changes the name of a table
 * @returns {Rows}
 */
export function shop(nameOf = (name) => name, tableOf = (name) => name) {
  /** @type {Rows} */
  const rows = [
    [
      'users',
      { id: 1, email: 'ann@example.com', name: 'Ann', role: 'admin', settings: { theme: 'dark', sizes: [1, 2] } },
      { id: 2, email: 'bob@example.com', name: 'Bob; DROP TABLE users', role: 'member', settings: null },
      { id: 3, email: 'zoë@example.com', name: "O'Zoë", role: 'member', settings: {} },
    ],
    [
      'orders',
      { id: 1, user_id: 1, status: 'paid', placed_at: when, note: null },
      { id: 2, user_id: 3, status: 'open', placed_at: when, note: 'leave it\nat the door' },
    ],
    [
      'order_items',
      { order_id: 1, product: 'pot', quantity: 2, price: 12.5 },
      { order_id: 1, product: 'lid', quantity: 1, price: 0.99 },
      { order_id: 2, product: 'pot', quantity: 3, price: 12.5 },
    ],
    ['tags', { id: 1, name: 'gift' }, { id: 2, name: 'export' }],
    ['order_tags', { order_id: 1, tag_id: 1 }, { order_id: 1, tag_id: 2 }],
  ]
  return rows.map(([table, ...list]) => [
    tableOf(table),
    ...list.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [nameOf(name), value]))),
  ])
}

/** `user_id` as `userId`. @param {string} name */
export function camel(name) {
  return name.replaceAll(/_(\w)/g, (_, letter) => String(letter).toUpperCase())
}

/**
 * Inserts rows.
 *
 * @param {import('./place.mjs').Place} place
 * @param {Rows} rows
 */
export async function addRows({ dialect, target }, rows) {
  const insert = await openTable(dialect, target)
  try {
    for (const [table, ...list] of rows) for (const row of list) await insert.row(table, row)
  } finally {
    await insert.close()
  }
}

/**
 * @param {import('./place.mjs').DialectName} dialect
 * @param {string} target
 */
async function openTable(dialect, target) {
  const quoted = (/** @type {string} */ name) =>
    name
      .split('.')
      .map((part) => `"${part}"`)
      .join('.')
  const sqlOf = (
    /** @type {string} */ table,
    /** @type {string[]} */ columns,
    /** @type {(index: number) => string} */ place,
  ) =>
    `INSERT INTO ${quoted(table)} (${columns.map(quoted).join(', ')}) ${dialect === 'sqlite' ? '' : 'OVERRIDING SYSTEM VALUE '}VALUES (${columns.map((_, index) => place(index)).join(', ')})`
  const valueOf = (/** @type {unknown} */ value) =>
    typeof value === 'object' && value !== null
      ? JSON.stringify(value)
      : dialect === 'sqlite' && typeof value === 'boolean'
        ? Number(value)
        : value
  if (dialect === 'sqlite') {
    const database = new Database(target)
    return {
      row: (/** @type {string} */ table, /** @type {Readonly<Record<string, unknown>>} */ row) =>
        Promise.resolve(
          database.prepare(sqlOf(table, Object.keys(row), () => '?')).run(Object.values(row).map(valueOf)),
        ),
      close: () => Promise.resolve(database.close()),
    }
  }
  const client = new pg.Client(target)
  await client.connect()
  return {
    row: (/** @type {string} */ table, /** @type {Readonly<Record<string, unknown>>} */ row) =>
      client.query(
        sqlOf(table, Object.keys(row), (index) => `$${index + 1}`),
        Object.values(row).map(valueOf),
      ),
    close: () => client.end(),
  }
}
