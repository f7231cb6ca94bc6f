// cspell:ignore sequelizerc
import { camel, shop } from '../rows.mjs'

const stamped = { createdAt: '2026-03-04 05:06:07', updatedAt: '2026-03-04 05:06:07' }

/** @type {import('../place.mjs').Program} */
export const sequelize = {
  name: 'sequelize',
  packages: { sequelize: '6.37.8', 'sequelize-cli': '6.6.5', pg: '8.23.1' },
  dialects: ['sqlite', 'postgres'],
  rows: shop(
    camel,
    (name) =>
      ({ users: 'Users', orders: 'Orders', order_items: 'OrderItems', tags: 'Tags', order_tags: 'OrderTags' })[name] ??
      name,
  ).map(([table, ...list]) => [table, ...list.map((row) => (table === 'Users' ? { ...row, ...stamped } : row))]),
  make({ dialect, target, write, run }) {
    write({
      '.sequelizerc': `module.exports = { 'migrations-path': 'migrations' }\n`,
      'config/config.json': JSON.stringify({
        development:
          dialect === 'sqlite' ? { dialect: 'sqlite', storage: target } : { dialect: 'postgres', ...parts(target) },
      }),
      'migrations/20260101000000-users.js': `
module.exports = {
  async up(queryInterface, Sequelize) {
    await queryInterface.createTable('Users', {
      id: { type: Sequelize.INTEGER, primaryKey: true, autoIncrement: true, allowNull: false },
      email: { type: Sequelize.STRING, allowNull: false, unique: true },
      name: { type: Sequelize.STRING(100), allowNull: false },
      role: { type: Sequelize.ENUM('admin', 'member'), allowNull: false, defaultValue: 'member' },
      settings: { type: Sequelize.JSONB },
      token: { type: Sequelize.UUID },
      createdAt: { type: Sequelize.DATE, allowNull: false },
      updatedAt: { type: Sequelize.DATE, allowNull: false },
    })
    await queryInterface.createTable('Orders', {
      id: { type: Sequelize.INTEGER, primaryKey: true, autoIncrement: true },
      userId: { type: Sequelize.INTEGER, allowNull: false, references: { model: 'Users', key: 'id' }, onDelete: 'CASCADE', onUpdate: 'CASCADE' },
      status: { type: Sequelize.STRING(10), allowNull: false, defaultValue: 'open' },
      placedAt: { type: Sequelize.DATE, allowNull: false, defaultValue: Sequelize.literal('CURRENT_TIMESTAMP') },
    })
    await queryInterface.addIndex('Orders', ['userId', 'placedAt'])
  },
  async down(queryInterface) {
    await queryInterface.dropTable('Orders')
    await queryInterface.dropTable('Users')
  },
}
`,
      'migrations/20260102000000-items.js': `
module.exports = {
  async up(queryInterface, Sequelize) {
    await queryInterface.createTable('OrderItems', {
      orderId: { type: Sequelize.INTEGER, primaryKey: true, references: { model: 'Orders', key: 'id' }, onDelete: 'CASCADE' },
      product: { type: Sequelize.STRING(50), primaryKey: true },
      quantity: { type: Sequelize.SMALLINT, allowNull: false, defaultValue: 1 },
      price: { type: Sequelize.DECIMAL(10, 2), allowNull: false },
    })
    await queryInterface.createTable('Tags', {
      id: { type: Sequelize.BIGINT, primaryKey: true, autoIncrement: true },
      name: { type: Sequelize.STRING(30), allowNull: false },
    })
    await queryInterface.addIndex('Tags', ['name'], { unique: true })
    await queryInterface.createTable('OrderTags', {
      orderId: { type: Sequelize.INTEGER, allowNull: false },
      tagId: { type: Sequelize.BIGINT, allowNull: false },
    })
    await queryInterface.addConstraint('OrderTags', { fields: ['orderId', 'tagId'], type: 'primary key', name: 'order_tags_pk' })
    await queryInterface.addConstraint('OrderTags', {
      fields: ['orderId'], type: 'foreign key', references: { table: 'Orders', field: 'id' }, onDelete: 'cascade',
    })
    await queryInterface.addConstraint('OrderTags', {
      fields: ['tagId'], type: 'foreign key', references: { table: 'Tags', field: 'id' },
    })
  },
  async down(queryInterface) {
    for (const table of ['OrderTags', 'Tags', 'OrderItems']) await queryInterface.dropTable(table)
  },
}
`,
      'migrations/20260103000000-notes.js': `
module.exports = {
  async up(queryInterface, Sequelize) {
    await queryInterface.addColumn('Orders', 'note', { type: Sequelize.TEXT })
    await queryInterface.addConstraint('Orders', {
      fields: ['status'], type: 'check', where: { status: ['open', 'paid', 'sent'] },
    })
  },
  down: (queryInterface) => queryInterface.removeColumn('Orders', 'note'),
}
`,
    })
    run('sequelize-cli', ['db:migrate', '--to', '20260102000000-items.js'])
    run('sequelize-cli', ['db:migrate'])
  },
  last: ({ run }) => [...run('sequelize-cli', ['db:migrate:status']).matchAll(/^up (\S+)/gm)].at(-1)?.[1],
}

/** @param {string} url */
function parts(url) {
  const { hostname, port, username, password, pathname } = new URL(url)
  return { host: hostname, port: Number(port), username, password, database: pathname.slice(1) }
}
