import { camel, shop } from '../rows.mjs'

/** @param {string} name @param {Readonly<Record<string, string>>} packages @returns {import('../place.mjs').Program} */
const typeormOf = (name, packages) => ({
  name,
  packages: { ...packages, pg: '8.23.1', 'reflect-metadata': '0.2.2' },
  dialects: ['sqlite', 'postgres'],
  rows: shop(
    camel,
    (table) => ({ users: 'user', orders: 'order', order_items: 'order_item', tags: 'tag' })[table] ?? table,
  ),
  make({ dialect, target, write, run }) {
    const driver = dialect === 'sqlite' ? `type: 'better-sqlite3', database` : `type: 'postgres', url`
    const isPostgres = dialect === 'postgres'
    const enumOf = (/** @type {string} */ values) =>
      isPostgres ? `type: 'enum', enum: ${values}` : `type: 'simple-enum', enum: ${values}`
    write({
      'data-source.js': `
require('reflect-metadata')
const { DataSource, EntitySchema } = require('typeorm')
const stage = Number(process.env.STAGE ?? '3')
const User = new EntitySchema({ name: 'user', columns: {
  id: { type: 'int', primary: true, generated: 'increment' },
  email: { type: 'varchar', unique: true },
  name: { type: 'varchar', length: 100 },
  role: { ${enumOf(`['admin', 'member']`)}, default: 'member' },
  settings: { type: '${isPostgres ? 'jsonb' : 'simple-json'}', nullable: true },
  active: { type: 'boolean', default: true },
  createdAt: { type: '${isPostgres ? 'timestamptz' : 'datetime'}', createDate: true },
}, indices: [{ columns: ['name'] }] })
const Order = new EntitySchema({ name: 'order', columns: {
  id: { type: 'int', primary: true, generated: 'increment' },
  status: { type: 'varchar', default: 'open' },
  placedAt: { type: '${isPostgres ? 'timestamptz' : 'datetime'}' },
  ...(stage > 2 && { note: { type: 'text', nullable: true } }),
}, relations: {
  user: { type: 'many-to-one', target: 'user', onDelete: 'CASCADE', nullable: false },
  ...(stage > 1 && { tags: { type: 'many-to-many', target: 'tag', joinTable: { name: 'order_tags', joinColumn: { name: 'orderId' }, inverseJoinColumn: { name: 'tagId' } } } }),
}, checks: [{ expression: \`"status" IN ('open', 'paid', 'sent')\` }], indices: [{ columns: ['placedAt'], where: \`"status" = 'open'\` }] })
const Item = new EntitySchema({ name: 'order_item', columns: {
  orderId: { type: 'int', primary: true },
  product: { type: 'varchar', length: 50, primary: true },
  quantity: { type: 'int', default: 1 },
  price: { type: 'decimal', precision: 10, scale: 2 },
  total: { type: 'decimal', precision: 12, scale: 2, nullable: true, asExpression: 'quantity * price', generatedType: 'STORED' },
}, relations: { order: { type: 'many-to-one', target: 'order', joinColumn: { name: 'orderId' } } } })
const Tag = new EntitySchema({ name: 'tag', columns: {
  id: { type: '${isPostgres ? 'bigint' : 'integer'}', primary: true, generated: true },
  name: { type: 'varchar', length: 30, unique: true },
} })
module.exports = new DataSource({ ${driver}: ${JSON.stringify(target)},
  entities: stage > 1 ? [User, Order, Item, Tag] : [User, Order], migrations: ['migrations/*.js'] })
`,
    })
    for (const [index, name] of ['users', 'items', 'notes'].entries()) {
      const env = { STAGE: String(index + 1) }
      run(
        'typeorm',
        [
          'migration:generate',
          '-d',
          'data-source.js',
          '--outputJs',
          '-t',
          String(1767225600000 + index),
          `migrations/${name}`,
        ],
        env,
      )
      run('typeorm', ['migration:run', '-d', 'data-source.js'], env)
    }
  },
  last: ({ run }) =>
    [...run('typeorm', ['migration:show', '-d', 'data-source.js']).matchAll(/\[X\] \d+ (\w+)/g)].at(-1)?.[1],
})

/** The version before, which many databases were made with. */
export const typeorm03 = typeormOf('typeorm-0.3', { typeorm: '0.3.31' })
export const typeorm1 = typeormOf('typeorm-1', { typeorm: '1.1.1' })
