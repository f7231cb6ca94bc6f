import { applyOperations, describeOperation, destroysOf, reverseOperations } from '../../src/operations'
import { compare } from '../../src/difference/compare'
import type { Policy, Routine, Schema, Table } from '../../src/schema/schema'
import { column, schema, table, view } from '../support/build-schema'
import { schemasEqual } from '../support/normalize-schema'

function lines(from: Schema, to: Schema): string[] {
  const operations = compare(from, to)
  expect(schemasEqual(applyOperations(operations, from), to)).toBe(true)
  expect(schemasEqual(applyOperations(reverseOperations(operations), to), from)).toBe(true)
  return operations.map(describeOperation)
}

const t = (rest: Partial<Table> = {}) => schema([table('t', ['a', 'b'], rest)])
const touch = (sql: string, rest: Partial<Routine> = {}): Routine => ({
  name: 'touch()',
  routine: 'touch',
  kind: 'function',
  sql,
  dependsOn: [],
  ...rest,
})
const policy: Policy = { name: 'own', permissive: true, command: 'ALL', roles: ['public'], using: 'a > 0' }

describe('compare', () => {
  test.each<[string, Schema, Schema, string[], string[], string[]]>([
    [
      'a trigger',
      t({ triggers: [{ name: 'x', sql: 'CREATE TRIGGER x ON t' }] }),
      t({ triggers: [{ name: 'x', sql: 'CREATE TRIGGER x AFTER' }] }),
      ['create trigger x on t'],
      ['replace trigger x on t'],
      ['drop trigger x on t'],
    ],
    [
      'a policy',
      t({ policies: [policy] }),
      t({ policies: [{ ...policy, using: 'a > 1' }] }),
      ['create policy own on t'],
      ['replace policy own on t'],
      ['drop policy own on t'],
    ],
    [
      'a partition',
      t({ partitions: [{ name: 't1', bound: 'DEFAULT' }] }),
      t({ partitions: [{ name: 't1', bound: 'FOR VALUES IN (1)' }] }),
      ['create partition t1 of t default'],
      ['replace partition t1 of t for values in (1)'],
      ['drop partition t1 of t'],
    ],
    [
      'row-level security and the partition key',
      t({ rowSecurity: true, partitionBy: 'LIST (a)' }),
      t({ rowSecurity: true, forceRowSecurity: true, partitionBy: 'LIST (a)' }),
      ['alter table t: row level security, partitioned by LIST (a)'],
      ['alter table t: row level security for the owner as well'],
      ['alter table t: no row level security, not partitioned'],
    ],
  ])('creates, changes and drops %s', (_what, one, other, created, replaced, dropped) => {
    expect(lines(t(), one)).toEqual(created)
    expect(lines(one, other)).toEqual(replaced)
    expect(lines(one, t())).toEqual(dropped)
  })

  test('creates and drops functions, domains and extensions, and replaces changed ones', () => {
    const none = schema([])
    const one = schema({
      functions: [touch('CREATE 1')],
      domains: [{ name: 'email', sql: 'CREATE DOMAIN 1' }],
      extensions: ['citext'],
    })
    const other = schema({
      functions: [touch('CREATE 2')],
      domains: [{ name: 'email', sql: 'CREATE DOMAIN 2' }],
      extensions: ['citext'],
    })
    expect(lines(none, one)).toEqual(['create extension citext', 'create domain email', 'create function touch()'])
    expect(lines(one, other)).toEqual(['replace domain email', 'replace function touch()'])
    expect(lines(one, none)).toEqual(['drop function touch()', 'drop domain email', 'drop extension citext'])
  })

  test('leaves an extension in place when its creation is reversed', () => {
    const [undo] = reverseOperations(compare(schema([]), schema({ extensions: ['citext'] })))
    expect(undo).toEqual({ op: 'dropExtension', name: 'citext', stays: true })
  })

  test('reports the rows of a dropped partition as lost', () => {
    const operations = compare(t({ partitions: [{ schema: 'old', name: 't1', bound: 'DEFAULT' }] }), t())
    expect(operations.flatMap(destroysOf)).toEqual(['all rows of old.t1'])
  })
})

test('compare ignores quotes, case and spaces in a trigger, but not in its string literals', () => {
  const trigger = (sql: string) => t({ triggers: [{ name: 'x', sql }] })
  const before = trigger(`CREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE u SET a = 'B'; END`)
  expect(lines(before, trigger(`create trigger x after insert ON "t"\nBEGIN UPDATE "u" SET a = 'B'; END`))).toEqual([])
  expect(lines(before, trigger(`CREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE u SET a = 'b'; END`))).toHaveLength(1)
})

describe('order of operations', () => {
  test('creates functions before the tables that use them, and policies and triggers last', () => {
    const to = schema({
      tables: [
        table('t', [column('a', { default: 'touch()' })], {
          triggers: [{ name: 'x', sql: 'CREATE TRIGGER x ON t' }],
          policies: [policy],
          partitionBy: 'LIST (a)',
          partitions: [{ name: 't1', bound: 'DEFAULT' }],
        }),
      ],
      views: [view('v', ['t'], 'SELECT a FROM t', { triggers: [{ name: 'y', sql: 'CREATE TRIGGER y ON v' }] })],
      functions: [
        touch('CREATE FUNCTION touch() LANGUAGE plpgsql AS $$ UPDATE t $$'),
        touch('CREATE FUNCTION all_t() RETURNS SETOF t LANGUAGE sql AS $$ SELECT 1 $$', {
          name: 'all_t()',
          routine: 'all_t',
        }),
        touch('CREATE FUNCTION n() RETURNS int\n LANGUAGE sql\nAS $function$ SELECT count(*) FROM t $function$', {
          name: 'n()',
          routine: 'n',
        }),
      ],
    })
    expect(lines(schema([]), to)).toEqual([
      'create function touch()',
      'create table t (a)',
      'create partition t1 of t default',
      'create function all_t()',
      'create function n()',
      'create view v',
      'create policy own on t',
      'create trigger x on t',
    ])
  })

  test('drops triggers and policies first, and functions last', () => {
    const from = schema({
      tables: [table('t', ['a', 'b'], { triggers: [{ name: 'x', sql: 'x' }], policies: [policy] })],
      functions: [touch('CREATE')],
    })
    const to = schema([table('t', ['a', column('c')])])
    expect(lines(from, to)).toEqual([
      'drop trigger x on t',
      'drop policy own on t',
      'add column t.c integer not null',
      'drop column t.b',
      'drop function touch()',
    ])
  })
})

describe('applyOperations', () => {
  const before = t({
    triggers: [
      {
        name: 'x',
        sql: 'CREATE TRIGGER x BEFORE UPDATE OF a, "Odd a" ON t FOR EACH ROW WHEN (new.a > old.b) EXECUTE FUNCTION a()',
      },
    ],
    policies: [{ ...policy, check: "(a > 0) AND b <> 'a'" }],
  })

  test('renames a column in the heads of triggers and in policies', () => {
    const after = applyOperations([{ op: 'renameColumn', table: { name: 't' }, from: 'a', to: 'Z' }], before)
    expect(after.tables[0]?.triggers[0]?.sql).toBe(
      'CREATE TRIGGER x BEFORE UPDATE OF "Z", "Odd a" ON t FOR EACH ROW WHEN (new."Z" > old.b) EXECUTE FUNCTION a()',
    )
    expect(after.tables[0]?.policies?.[0]).toMatchObject({ using: '"Z" > 0', check: `("Z" > 0) AND b <> 'a'` })
  })

  test('renames a table in the heads of its triggers', () => {
    const after = applyOperations([{ op: 'renameTable', table: { name: 't' }, to: { schema: 's', name: 'T' } }], {
      ...before,
      schemas: ['s'],
    })
    expect(after.tables[0]?.triggers[0]?.sql).toContain('ON s."T" FOR EACH ROW')
  })
})
