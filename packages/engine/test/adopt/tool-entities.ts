import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm'

import type { DialectName } from '../../src/dialect/registry'

type Options = ConstructorParameters<typeof EntitySchema>[0]
type Columns = Record<string, EntitySchemaColumnOptions>

const serial = { type: 'int', primary: true, generated: 'increment' } as const
const table = (name: string, columns: Columns, rest: Partial<Options> = {}): EntitySchema =>
  new EntitySchema({ name, tableName: name, columns: columns as Options['columns'], ...rest })
const reference = (column: string, target: string, rest: object = {}) => ({
  target,
  columnNames: [column],
  referencedColumnNames: ['id'],
  ...rest,
})

/** The entities of the project whose migrations made the database. */
function ofTypeorm(dialect: DialectName): EntitySchema[] {
  const isPostgres = dialect === 'postgres'
  const time = isPostgres ? 'timestamptz' : 'datetime'
  return [
    table(
      'user',
      {
        id: serial,
        email: { type: 'varchar', unique: true },
        name: { type: 'varchar', length: 100 },
        role: { type: isPostgres ? 'enum' : 'simple-enum', enum: ['admin', 'member'], default: 'member' },
        settings: { type: isPostgres ? 'jsonb' : 'simple-json', nullable: true },
        active: { type: 'boolean', default: true },
        createdAt: { type: time, createDate: true },
      },
      { indices: [{ columns: ['name'] }] },
    ),
    table(
      'order',
      {
        id: serial,
        status: { type: 'varchar', default: 'open' },
        placedAt: { type: time },
        note: { type: 'text', nullable: true },
      },
      {
        relations: {
          user: { type: 'many-to-one', target: 'user', onDelete: 'CASCADE', nullable: false },
          tags: {
            type: 'many-to-many',
            target: 'tag',
            joinTable: { name: 'order_tags', joinColumn: { name: 'orderId' }, inverseJoinColumn: { name: 'tagId' } },
          },
        },
        checks: [{ expression: `"status" IN ('open', 'paid', 'sent')` }],
        indices: [{ columns: ['placedAt'], where: `"status" = 'open'` }],
      },
    ),
    table(
      'order_item',
      {
        orderId: { type: 'int', primary: true },
        product: { type: 'varchar', length: 50, primary: true },
        quantity: { type: 'int', default: 1 },
        price: { type: 'decimal', precision: 10, scale: 2 },
        total: {
          ...{ type: 'decimal', precision: 12, scale: 2, nullable: true },
          ...{ asExpression: 'quantity * price', generatedType: 'STORED' },
        },
      },
      { relations: { order: { type: 'many-to-one', target: 'order', joinColumn: { name: 'orderId' } } } },
    ),
    table('tag', {
      id: { type: isPostgres ? 'bigint' : 'integer', primary: true, generated: true },
      name: { type: 'varchar', length: 30, unique: true },
    }),
  ]
}

/** As somebody would write them who reads the tables: without names of constraints. */
function ofAlembic(dialect: DialectName): EntitySchema[] {
  const isPostgres = dialect === 'postgres'
  // Alembic gives keys of SQLite no AUTOINCREMENT, which TypeORM's generated keys have.
  const key: EntitySchemaColumnOptions = isPostgres ? serial : { type: 'integer', primary: true }
  return [
    table(
      'users',
      {
        id: key,
        email: { type: 'varchar', length: 255 },
        name: { type: 'varchar', length: 100 },
        role: isPostgres
          ? { type: 'enum', enum: ['admin', 'member'], enumName: 'user_role', default: 'member' }
          : { type: 'varchar', length: 6, default: 'member' },
        settings: { type: 'json', nullable: true },
        active: { type: 'boolean', default: true },
        created_at: isPostgres
          ? { type: 'timestamptz', default: () => 'now()' }
          : { type: 'datetime', default: () => 'CURRENT_TIMESTAMP' },
      },
      {
        uniques: [{ name: 'uq_users_email', columns: ['email'] }],
        ...(isPostgres ? {} : { checks: [{ name: 'ck_active', expression: 'active IN (0, 1)' }] }),
      },
    ),
    table(
      'orders',
      {
        id: key,
        user_id: { type: 'int' },
        status: { type: 'varchar', length: 20, default: 'open' },
        placed_at: { type: isPostgres ? 'timestamp' : 'datetime' },
        note: { type: 'text', nullable: true },
      },
      {
        foreignKeys: [reference('user_id', 'users', { onDelete: 'CASCADE' })],
        checks: [{ name: 'ck_orders_status', expression: `status IN ('open', 'paid', 'sent')` }],
        indices: [
          { name: 'ix_orders_user_id', columns: ['user_id'] },
          { name: 'ix_open_orders', columns: ['placed_at'], where: `status = 'open'` },
        ],
      },
    ),
    table(
      'order_items',
      {
        order_id: { type: 'int', primary: true },
        product: { type: 'varchar', length: 50, primary: true },
        quantity: { type: 'int', default: isPostgres ? 1 : () => `'1'` },
        price: { type: 'numeric', precision: 10, scale: 2 },
        total: {
          ...{ type: 'numeric', precision: 12, scale: 2, nullable: true },
          ...{ asExpression: 'quantity * price', generatedType: 'STORED' },
        },
      },
      { foreignKeys: [reference('order_id', 'orders')], checks: [{ expression: 'quantity > 0' }] },
    ),
    table('tags', {
      id: isPostgres ? { ...serial, type: 'bigint' } : key,
      name: { type: 'varchar', length: 30, unique: true },
    }),
    table(
      'order_tags',
      { order_id: { type: 'int', primary: true }, tag_id: { type: 'bigint', primary: true } },
      { foreignKeys: [reference('order_id', 'orders'), reference('tag_id', 'tags')] },
    ),
  ]
}

function ofPrisma(dialect: DialectName): EntitySchema[] {
  const isPostgres = dialect === 'postgres'
  const time: EntitySchemaColumnOptions = isPostgres ? { type: 'timestamp', precision: 3 } : { type: 'datetime' }
  const cascading = { onDelete: 'CASCADE', onUpdate: 'CASCADE' }
  return [
    table(
      'User',
      {
        id: serial,
        email: { type: 'text' },
        name: isPostgres ? { type: 'varchar', length: 100 } : { type: 'text' },
        role: isPostgres
          ? { type: 'enum', enum: ['admin', 'member'], enumName: 'Role', default: 'member' }
          : { type: 'text', default: 'member' },
        settings: { type: 'jsonb', nullable: true },
        ...(isPostgres && {
          labels: { type: 'text', array: true, nullable: true, default: () => 'ARRAY[]::text[]' },
          token: { type: 'uuid', default: () => 'gen_random_uuid()' },
        }),
        createdAt: { ...time, default: () => 'CURRENT_TIMESTAMP' },
      },
      { indices: [{ columns: ['email'], unique: true }, { columns: ['name'] }] },
    ),
    table(
      'Order',
      {
        id: serial,
        userId: { type: 'int' },
        status: { type: 'text', default: 'open' },
        placedAt: time,
        note: { type: 'text', nullable: true },
        discount: isPostgres
          ? { type: 'numeric', precision: 65, scale: 30, default: 0 }
          : { type: 'decimal', default: 0 },
      },
      { foreignKeys: [reference('userId', 'User', cascading)] },
    ),
    table(
      'OrderItem',
      {
        orderId: { type: 'int', primary: true },
        product: { type: 'text', primary: true },
        quantity: { type: 'int', default: 1 },
        price: isPostgres ? { type: 'numeric', precision: 10, scale: 2 } : { type: 'decimal' },
      },
      { foreignKeys: [reference('orderId', 'Order', { onDelete: 'RESTRICT', onUpdate: 'CASCADE' })] },
    ),
    table(
      'Tag',
      { id: isPostgres ? { ...serial, type: 'bigint' } : { type: 'bigint', primary: true }, name: { type: 'text' } },
      { indices: [{ columns: ['name'], unique: true }] },
    ),
    table(
      '_OrderToTag',
      { A: { type: 'int', primary: true }, B: { type: 'bigint', primary: true } },
      {
        foreignKeys: [reference('A', 'Order', cascading), reference('B', 'Tag', cascading)],
        indices: [...(isPostgres ? [] : [{ columns: ['A', 'B'], unique: true }]), { columns: ['B'] }],
      },
    ),
  ]
}

function ofKnex(dialect: DialectName): EntitySchema[] {
  const isPostgres = dialect === 'postgres'
  const time = isPostgres ? 'timestamptz' : 'datetime'
  // On SQLite, Knex makes a check of an enum, as TypeORM does, and the numbers of `decimal` are `float`.
  const values = (name: string, words: string[]): EntitySchemaColumnOptions =>
    isPostgres ? { type: 'enum', enum: words, enumName: name } : { type: 'text' }
  const check = (column: string, words: string) => ({ expression: `"${column}" in (${words})` })
  return [
    table(
      'users',
      {
        id: serial,
        email: { type: 'varchar', length: 255 },
        name: { type: 'varchar', length: 100 },
        role: { ...values('user_role', ['admin', 'member']), default: 'member' },
        settings: { type: isPostgres ? 'jsonb' : 'json', nullable: true },
        active: { type: 'boolean', default: true },
        created_at: { type: time, createDate: true },
        updated_at: { type: time, updateDate: true },
      },
      {
        ...(isPostgres
          ? { uniques: [{ columns: ['email'] }], indices: [{ columns: ['name'] }] }
          : {
              indices: [{ columns: ['email'], unique: true }, { columns: ['name'] }],
              checks: [check('role', `'admin', 'member'`)],
            }),
      },
    ),
    table(
      'orders',
      {
        id: serial,
        user_id: { type: 'int' },
        status: { type: 'text', default: 'open' },
        placed_at: { type: time, default: () => 'CURRENT_TIMESTAMP' },
        note: { type: 'text', nullable: true },
        discount: { type: isPostgres ? 'real' : 'float', default: 0 },
      },
      {
        foreignKeys: [reference('user_id', 'users', { onDelete: 'CASCADE' })],
        checks: [check('status', `'open', 'paid', 'sent'`)],
        indices: [{ columns: ['user_id', 'placed_at'] }],
      },
    ),
    table(
      'order_items',
      {
        order_id: { type: 'int', primary: true },
        product: { type: 'varchar', length: 50, primary: true },
        quantity: { type: 'int', default: 1 },
        price: isPostgres ? { type: 'numeric', precision: 10, scale: 2 } : { type: 'float' },
      },
      {
        foreignKeys: [reference('order_id', 'orders', { onDelete: 'CASCADE' })],
        checks: [{ expression: 'quantity > 0' }],
      },
    ),
    table(
      'tags',
      { id: serial, name: { type: 'varchar', length: 30 } },
      isPostgres ? { uniques: [{ columns: ['name'] }] } : { indices: [{ columns: ['name'], unique: true }] },
    ),
    table(
      'order_tags',
      { order_id: { type: 'int', primary: true }, tag_id: { type: 'int', primary: true } },
      {
        foreignKeys: [reference('order_id', 'orders', { onDelete: 'CASCADE' }), reference('tag_id', 'tags')],
      },
    ),
  ]
}

/** Entities of databases that tools have made. */
export const toolEntities: Readonly<Record<string, (dialect: DialectName) => EntitySchema[]>> = {
  'typeorm-0.3': ofTypeorm,
  'typeorm-1': ofTypeorm,
  alembic: ofAlembic,
  knex: ofKnex,
  prisma: ofPrisma,
}
