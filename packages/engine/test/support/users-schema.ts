import { applyOperation, applyOperations, reverseOperations } from '../../src/operations'
import type { Operation } from '../../src/operations/operation'
import { normalizeSchema } from './normalize-schema'
import type { Schema, Sequence } from '../../src/schema/schema'
import { column, foreignKey, index, schema, table, view } from './build-schema'

/** A sequence from 1 to 10, unless `rest` contains other values. */
export const sequence = (name: string, rest: Partial<Sequence> = {}): Sequence => ({
  name,
  type: 'bigint',
  start: '1',
  increment: '1',
  min: '1',
  max: '10',
  cycle: false,
  ...rest,
})

export const users = { name: 'users' }

/** A table with every kind of part that can name a column, and objects that refer to it. */
export const base: Schema = schema({
  tables: [
    table(
      'users',
      [
        column('id', { serial: { name: 'users_id_seq' } }),
        column('name', { type: 'text', default: "'name'::text" }),
        column('state', { type: '"mood"', enum: { name: 'mood' }, default: "'ok'::mood" }),
        column('twice', { generated: { kind: 'stored', expression: '(id * 2)' } }),
      ],
      {
        primaryKey: { name: 'pk_users', columns: ['id'] },
        uniques: [{ name: 'uq_name', columns: ['name'] }],
        checks: [{ name: 'ck_name', expression: "name <> 'name' AND users.name <> ''" }],
        exclusions: [{ name: 'ex_name', definition: 'USING gist (name WITH =)' }],
        indexes: [
          index('ix_name', ['name'], { include: ['id'], where: "state = 'ok'::mood AND name IS NOT NULL" }),
          { ...index('ix_lower', []), keys: [{ expression: 'lower(name)' }] },
        ],
      },
    ),
    table('posts', ['id', 'author'], {
      foreignKeys: [foreignKey('fk_author', ['author'], { name: 'users', columns: ['id'] })],
    }),
  ],
  enums: [{ name: 'mood', values: ['ok', 'bad'] }],
  sequences: [sequence('ticket', { ownedBy: { name: 'users', column: 'name' } })],
  views: [view('v_users', ['users'], "SELECT id FROM users WHERE state = 'ok'::mood")],
  schemas: ['audit'],
})

/** Returns the schema after the operation, and checks that the reverse restores the schema before. */
export function applied(operation: Operation, from: Schema = base): Schema {
  const after = applyOperation(operation, from)
  expect(normalizeSchema(applyOperations(reverseOperations([operation]), after))).toEqual(normalizeSchema(from))
  return after
}

export const tableOf = (value: Schema, name: string): Schema['tables'][number] => {
  const found = value.tables.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`no table ${name}`)
  return found
}
