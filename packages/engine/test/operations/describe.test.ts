import { describeOperation, destroysOf, reverseOperation, subjectOf } from '../../src/operations'
import type { Operation } from '../../src/operations/operation'
import type { Sequence } from '../../src/schema/schema'
import { column, foreignKey, index, table, view } from '../support/build-schema'

const users = { schema: 'app', name: 'users' }
const sequence: Sequence = { name: 's', type: 'bigint', start: '1', increment: '1', min: '1', max: '9', cycle: false }

/** Operation, description, table, name, and what it destroys. */
const rows: [Operation, string, string | undefined, string | undefined, string[]][] = [
  [
    { op: 'createTable', table: users, definition: table('users', ['a', 'b', 'c', 'd', 'e', 'f', 'g']) },
    'create table app.users (a, b, c, d, e, f and 1 more)',
    'app.users',
    'users',
    [],
  ],
  [
    { op: 'dropTable', table: users, definition: table('users', ['a']) },
    'drop table app.users',
    'app.users',
    'users',
    ['all rows of app.users'],
  ],
  [
    { op: 'renameTable', table: users, to: { name: 'people' } },
    'rename table app.users to people',
    'app.users',
    'users',
    [],
  ],
  [
    { op: 'alterTable', table: users, from: {}, to: { comment: "it's" } },
    'alter table app.users: comment "it\'s"',
    'app.users',
    'users',
    [],
  ],
  [
    { op: 'alterTable', table: users, from: {}, to: { strict: true } },
    'alter table app.users: strict',
    'app.users',
    'users',
    [],
  ],
  [
    { op: 'addColumn', table: users, column: column('age') },
    'add column app.users.age integer not null',
    'app.users',
    'age',
    [],
  ],
  [
    { op: 'dropColumn', table: users, column: column('age') },
    'drop column app.users.age',
    'app.users',
    'age',
    ['values of app.users.age'],
  ],
  [
    { op: 'dropColumn', table: users, column: column('age', { generated: { kind: 'stored', expression: '1' } }) },
    'drop column app.users.age',
    'app.users',
    'age',
    [],
  ],
  [{ op: 'renameColumn', table: users, from: 'a', to: 'b' }, 'rename column app.users.a to b', 'app.users', 'a', []],
  [
    {
      op: 'alterColumn',
      table: users,
      from: column('a', { type: 'character varying(50)' }),
      to: column('a', { type: 'character varying(10)', nullable: true, default: "'x'" }),
    },
    "alter column app.users.a: type character varying(50) to character varying(10), nullable, default 'x'",
    'app.users',
    'a',
    ['values of app.users.a that do not fit character varying(10)'],
  ],
  [
    { op: 'alterColumn', table: users, from: column('a'), to: column('a', { comment: 'c' }) },
    'alter column app.users.a: comment "c"',
    'app.users',
    'a',
    [],
  ],
  [
    {
      op: 'alterColumn',
      table: users,
      from: column('a'),
      to: column('a', { generated: { kind: 'stored', expression: 'b' } }),
    },
    'alter column app.users.a: generated stored b',
    'app.users',
    'a',
    ['values of app.users.a, which becomes a generated column'],
  ],
  [
    { op: 'addPrimaryKey', table: users, primaryKey: { name: 'pk', columns: ['a', 'b'] } },
    'add primary key pk on app.users (a, b)',
    'app.users',
    'pk',
    [],
  ],
  [
    { op: 'dropPrimaryKey', table: users, primaryKey: { columns: ['a'] } },
    'drop primary key on app.users (a)',
    'app.users',
    undefined,
    [],
  ],
  [
    { op: 'addUnique', table: users, unique: { name: 'uq', columns: ['a'] } },
    'add unique uq on app.users (a)',
    'app.users',
    'uq',
    [],
  ],
  [
    { op: 'addCheck', table: users, check: { expression: 'a\n  > 0' } },
    'add check on app.users: a > 0',
    'app.users',
    undefined,
    [],
  ],
  [
    { op: 'addExclusion', table: users, exclusion: { name: 'ex', definition: 'USING gist (a WITH =)' } },
    'add exclusion ex on app.users: USING gist (a WITH =)',
    'app.users',
    'ex',
    [],
  ],
  [
    {
      op: 'addForeignKey',
      table: users,
      foreignKey: foreignKey('fk', ['a'], { name: 'x', columns: ['id'] }, { onDelete: 'SET NULL' }),
    },
    'add foreign key fk on app.users (a) to x (id) on delete set null',
    'app.users',
    'fk',
    [],
  ],
  [
    { op: 'renameConstraint', table: users, kind: 'foreignKey', from: 'a', to: 'b' },
    'rename foreign key a of app.users to b',
    'app.users',
    'a',
    [],
  ],
  [
    { op: 'createIndex', table: users, index: index('ix', ['a'], { unique: true, where: 'b > 0' }) },
    'create unique index ix on app.users (a where b > 0)',
    'app.users',
    'ix',
    [],
  ],
  [{ op: 'renameIndex', table: users, from: 'a', to: 'b' }, 'rename index a on app.users to b', 'app.users', 'a', []],
  [
    { op: 'createEnum', definition: { name: 'mood', values: ['a', 'b'] } },
    'create enum mood (a, b)',
    undefined,
    'mood',
    [],
  ],
  [
    { op: 'alterEnum', from: { name: 'm', values: ['a', 'b'] }, to: { name: 'm', values: ['a', 'x', 'b'] } },
    'alter enum m: add x',
    undefined,
    'm',
    [],
  ],
  [
    { op: 'alterEnum', from: { name: 'm', values: ['a', 'b', 'c'] }, to: { name: 'm', values: ['c', 'a'] } },
    'alter enum m: remove b; order c, a',
    undefined,
    'm',
    ["values 'b' of type m"],
  ],
  [
    { op: 'renameEnum', from: { name: 'a' }, to: { schema: 's', name: 'b' } },
    'rename enum a to s.b',
    undefined,
    'a',
    [],
  ],
  [
    { op: 'dropView', definition: view('v', [], '', { materialized: true }) },
    'drop materialized view v',
    undefined,
    'v',
    [],
  ],
  [{ op: 'replaceView', from: view('v', [], 'a'), to: view('v', [], 'b') }, 'replace view v', undefined, 'v', []],
  [
    { op: 'alterSequence', from: sequence, to: { ...sequence, cycle: true, ownedBy: { name: 't', column: 'c' } } },
    'alter sequence s: cycle true, owned by t.c',
    undefined,
    's',
    [],
  ],
  [{ op: 'renameSequence', from: { name: 'a' }, to: { name: 'b' } }, 'rename sequence a to b', undefined, 'a', []],
  [{ op: 'createSchema', name: 'app' }, 'create schema app', undefined, 'app', []],
]

test.each(rows)(
  'operation kinds return the description, subject and losses of %j',
  (operation, line, tableName, name, destroys) => {
    expect(describeOperation(operation)).toBe(line)
    expect(subjectOf(operation)).toEqual({ table: tableName, name })
    expect(destroysOf(operation)).toEqual(destroys)
    expect(reverseOperation(reverseOperation(operation))).toEqual(operation)
  },
)
