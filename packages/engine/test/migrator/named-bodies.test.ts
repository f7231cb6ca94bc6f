import {
  Check,
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  Unique,
} from 'typeorm'
import { ViewColumn, ViewEntity } from 'typeorm'

import { dialectNames } from '../../../../tools/testing/databases'
import type { DialectName } from '../../src/dialect/registry'
import type { RunListener } from '../../src/project/events'
import { entity, type EntityOption, id, openProject, type TestProject, text } from './project'
import { noBackup } from './together'

const yes = { confirm: () => Promise.resolve(true), askRename: () => Promise.resolve(null) }

interface Case {
  readonly what: string
  readonly dialects: readonly DialectName[]
  /** The entities before and after; the names of their tables are `name` or begin with it. */
  readonly pair: (name: string) => readonly [readonly EntityOption[], readonly EntityOption[]]
}

type Rest = NonNullable<Parameters<typeof entity>[2]>
const both = ['sqlite', 'postgres'] as const
const postgres = ['postgres'] as const
const sqlite = ['sqlite'] as const

/** A table `(id, a, b, s)` with one extra part before, and another one after. */
function table(
  what: string,
  dialects: readonly DialectName[],
  before: Rest & { readonly columns?: object },
  after: Rest & { readonly columns?: object },
): Case {
  const make = (name: string, { columns, ...rest }: Rest & { readonly columns?: object }): EntityOption =>
    entity(name, { id, a: { type: 'int' }, b: { type: 'int' }, s: text(20, { nullable: true }), ...columns }, rest)
  return { what, dialects, pair: (name) => [[make(name, before)], [make(name, after)]] }
}

const check = (expression: string, name?: string): Rest => ({
  checks: [{ expression, ...(name === undefined ? {} : { name }) }],
})

/** A table with a column `parentId`, with or without a foreign key on it. */
function child(name: string, options?: Parameters<typeof ManyToOne>[2], nullable = false): readonly EntityOption[] {
  @Entity(`${name}_parent`)
  class Parent {
    @PrimaryGeneratedColumn() id!: number
  }
  if (options === undefined) {
    @Entity(name)
    class Plain {
      @PrimaryColumn('int') id!: number
      @Column('int', { nullable }) parentId!: number
    }
    return [Parent, Plain]
  }
  @Entity(name)
  class Child {
    @PrimaryColumn('int') id!: number
    @ManyToOne(() => Parent, { nullable, ...(options as object) })
    @JoinColumn({ name: 'parentId' })
    parent!: Parent
  }
  return [Parent, Child]
}

/** Objects whose definitions change under the same explicit name, which TypeORM's own generator misses; and similar cases. */
const bodies: readonly Case[] = [
  table('a looser check', both, check('"a" > 1', 'ck_loose'), check('"a" > 0', 'ck_loose')),
  table('a check that gets a name', both, check('"a" > 3'), check('"a" > 3', 'ck_named')),
  table(
    'condition of an index',
    both,
    { indices: [{ name: 'ix_condition', columns: ['a'], where: '"b" > 0' }] },
    { indices: [{ name: 'ix_condition', columns: ['a'], where: '"b" > 1' }] },
  ),
  table(
    'order of the columns of an index',
    both,
    { indices: [{ name: 'ix_order', columns: ['a', 'b'] }] },
    { indices: [{ name: 'ix_order', columns: ['b', 'a'] }] },
  ),
  table(
    'columns of a unique constraint',
    both,
    { uniques: [{ name: 'u_columns', columns: ['a', 'b'] }] },
    { uniques: [{ name: 'u_columns', columns: ['a', 'id'] }] },
  ),
  table(
    'name of a unique constraint',
    both,
    { uniques: [{ name: 'u_one', columns: ['a'] }] },
    { uniques: [{ name: 'u_two', columns: ['a'] }] },
  ),
  table(
    'a unique constraint made deferrable',
    postgres,
    { uniques: [{ name: 'u_deferrable', columns: ['a'] }] },
    { uniques: [{ name: 'u_deferrable', columns: ['a'], deferrable: 'INITIALLY DEFERRED' }] },
  ),
  table(
    'exclusion',
    postgres,
    { exclusions: [{ name: 'x', expression: 'USING gist (int4range("a", "b") WITH &&)' }] },
    { exclusions: [{ name: 'x', expression: 'USING gist (int4range("a", "b" + 1) WITH &&)' }] },
  ),
  table(
    'name of a primary key',
    postgres,
    { columns: { id: { type: 'int', primary: true, primaryKeyConstraintName: 'pk_one' } } },
    { columns: { id: { type: 'int', primary: true, primaryKeyConstraintName: 'pk_two' } } },
  ),
  table(
    'serial to identity',
    postgres,
    { columns: { id: { type: 'int', primary: true, generated: 'increment' } } },
    { columns: { id: { type: 'int', primary: true, generated: 'identity' } } },
  ),
  {
    what: 'identity, always and by default',
    dialects: postgres,
    pair: (name) => [[identity(name, 'ALWAYS')], [identity(name, 'BY DEFAULT')]],
  },
  table(
    'a column that is no longer generated, and another that is now',
    both,
    {
      columns: {
        b: { type: 'int', nullable: true },
        c: { type: 'int', asExpression: '"a" * 2', generatedType: 'STORED' },
      },
    },
    { columns: { b: { type: 'int', asExpression: '"a" + 1', generatedType: 'STORED' }, c: { type: 'int' } } },
  ),
  table('collation', sqlite, {}, { columns: { s: text(20, { nullable: true, collation: 'NOCASE' }) } }),
  table(
    'simple-enum to varchar',
    sqlite,
    { columns: { s: { type: 'simple-enum', enum: ['x', 'y'], nullable: true } } },
    {},
  ),
  {
    what: 'a foreign key made deferrable',
    dialects: both,
    pair: (name) => [child(name, {}), child(name, { deferrable: 'INITIALLY DEFERRED' })],
  },
  {
    what: 'when a deferrable foreign key is checked',
    dialects: postgres,
    pair: (name) => [
      child(name, { deferrable: 'INITIALLY IMMEDIATE' }),
      child(name, { deferrable: 'INITIALLY DEFERRED' }),
    ],
  },
  { what: 'a view made materialized', dialects: postgres, pair: (name) => [view(name, false), view(name, true)] },
]

function identity(name: string, generatedIdentity: 'ALWAYS' | 'BY DEFAULT'): EntityOption {
  @Entity(name)
  class Numbered {
    @PrimaryGeneratedColumn('identity', { generatedIdentity }) id!: number
  }
  return Numbered
}

function view(name: string, materialized: boolean): readonly EntityOption[] {
  @Entity(`${name}_base`)
  class Base {
    @PrimaryColumn('int') id!: number
  }
  const expression = `SELECT "id" FROM "${name}_base"`
  if (!materialized) {
    @ViewEntity({ name, expression })
    class Plain {
      @ViewColumn() id!: number
    }
    return [Base, Plain]
  }
  @ViewEntity({ name, expression, materialized })
  class Materialized {
    @Index('ix_materialized', { unique: true })
    @ViewColumn()
    id!: number
  }
  return [Base, Materialized]
}

/** Changes that a database accepts only if the rows satisfy them, where suitable sample rows exist. */
const demands: readonly Case[] = [
  table('a tighter check', both, check('"a" > 0', 'ck_tight'), check('"a" > 1', 'ck_tight')),
  table('a check far from where it was', both, check('"a" > 0', 'ck_far'), check('"a" > 1000', 'ck_far')),
  table('below zero', both, {}, check('"a" <= -7 AND "b" BETWEEN 70 AND 80', 'ck_below')),
  table('a check of a length', both, check(`length("s") > 1`, 'ck_length'), check(`length("s") > 12`, 'ck_length')),
  table('a check of two columns', both, check('"a" > 1', 'ck_two'), check('"a" > "b" + 5', 'ck_two')),
  table('a list of values', both, check(`"s" <> ''`, 'ck_list'), check(`"s" IN ('it''s', 'y')`, 'ck_list')),
  table(
    'a check of a new column too',
    both,
    {},
    {
      ...check('"c" > 3 AND "a" > 40', 'ck_new'),
      columns: { c: { type: 'int', default: 4 } },
    },
  ),
  table(
    'a check with a filled column',
    both,
    { columns: { b: { type: 'int', nullable: true } } },
    {
      ...check('"b" < "a"', 'ck_filled'),
      columns: { b: { type: 'int', default: 0 } },
    },
  ),
  table(
    'varchar to simple-enum',
    both,
    { columns: { s: text(20) } },
    {
      columns: { s: { type: 'simple-enum', enum: ['x', "y's"] } },
    },
  ),
  table(
    'varchar to simple-enum with a default',
    both,
    { columns: { s: text(20, { default: 'x' }) } },
    { columns: { s: { type: 'simple-enum', enum: ['x', 'y'], default: 'y' } } },
  ),
  table(
    'unique',
    both,
    { columns: { c: { type: 'boolean' } } },
    {
      uniques: [{ name: 'u_flag', columns: ['c'] }],
      columns: { c: { type: 'boolean' } },
    },
  ),
  table(
    'a unique index with a condition',
    both,
    { columns: { c: { type: 'boolean' } } },
    {
      indices: [{ name: 'ix_some', columns: ['c'], unique: true, where: '"a" > 0' }],
      columns: { c: { type: 'boolean' } },
    },
  ),
  { what: 'a foreign key of a column that was there', dialects: both, pair: (name) => [child(name), child(name, {})] },
  {
    what: 'a foreign key to a table that is new',
    dialects: both,
    pair: (name) => [child(name, undefined, true).slice(1), child(name, {}, true)],
  },
]

/** Changes of the same kind that no row can satisfy. */
const impossible: readonly Case[] = [
  {
    what: 'a foreign key of a column that takes no NULL to a table that is new',
    dialects: both,
    pair: (name) => [child(name).slice(1), child(name, {})],
  },
  {
    what: 'unique where there is one value only',
    dialects: both,
    pair: (name) => {
      @Entity(name)
      @Check(`ck_${name}`, '"a" IN (1)')
      class Before {
        @PrimaryColumn('int') id!: number
        @Column('int') a!: number
      }
      @Entity(name)
      @Check(`ck_${name}`, '"a" IN (1)')
      @Unique(`u_${name}`, ['a'])
      class After {
        @PrimaryColumn('int') id!: number
        @Column('int') a!: number
      }
      return [[Before], [After]]
    },
  },
]

describe.each(dialectNames)('create on %s', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  /** Runs all cases at once, each with its own tables, up and down. */
  async function run(cases: readonly Case[]): Promise<{ readonly unseen: string[]; readonly unsampled: string[] }> {
    const served = cases.filter(({ dialects }) => dialects.includes(dialect))
    const pairs = served.map(({ pair }, index) => pair(`t${String(index)}`))
    const [from, to] = [pairs.flatMap(([before]) => before), pairs.flatMap(([, after]) => after)]
    const first = project.migrator(from)
    await first.create('first')
    await first.upgrade()
    const unsampled: string[] = []
    const migrator = project.migrator(to, {
      onEvent: (event) => {
        if (event.type === 'warning') unsampled.push(event.message)
      },
    })
    const { operations } = await migrator.create('second', yes)
    await migrator.upgrade('head', noBackup)
    expect(await migrator.check({ database: true })).toMatchObject({ clean: true, database: { clean: true } })
    await migrator.downgrade('-1', noBackup)
    expect((await migrator.check({ database: true })).database?.clean).toBe(true)

    const texts = operations.map((operation) => JSON.stringify(operation))
    const unseen = served.filter((_, index) => !texts.some((json) => new RegExp(`"t${String(index)}"`).test(json)))
    return { unseen: unseen.map(({ what }) => what), unsampled }
  }

  test('detects definitions that change under the same name, and tests changes that constrain rows with sample rows', async () => {
    expect(await run([...bodies, ...demands])).toEqual({ unseen: [], unsampled: [] })
  })

  test('writes a computed column even if the values of sample rows are too long for it', async () => {
    const c = { type: 'varchar', length: 200 } as const
    const d = {
      type: 'varchar',
      length: 5,
      nullable: true,
      asExpression: `"c" || '2'`,
      generatedType: 'STORED',
    } as const
    await project.migrator([entity('t', { id, c })]).create('first')
    const warnings: string[] = []
    const onEvent: RunListener = (event) => {
      if (event.type === 'warning') warnings.push(event.message)
    }
    const migrator = project.migrator([entity('t', { id, c, d })], { onEvent })
    await migrator.create('second', yes)
    // SQLite has room for every text.
    const said = /^proved without rows: .*value too long/
    expect(warnings).toEqual(dialect === 'postgres' ? [expect.stringMatching(said)] : [])
    await migrator.upgrade()
    expect((await migrator.check({ database: true })).database?.clean).toBe(true)
  })

  test('warns about a revision that cannot be undone with sample rows', async () => {
    const c = { type: 'int', nullable: true } as const
    const from = [entity('t', { id, c }, check('"c" IS NOT NULL', 'ck_gone'))]
    const first = project.migrator(from)
    await first.create('first')
    await first.upgrade()
    const warnings: string[] = []
    const onEvent: RunListener = (event) => {
      if (event.type === 'warning') warnings.push(event.message)
    }
    const migrator = project.migrator([entity('t', { id })], { onEvent })
    await migrator.create('second', yes)
    expect(warnings).toEqual([expect.stringMatching(/^proved without rows: .*the down statements do not run on /)])
    await migrator.upgrade('head', noBackup)
    await migrator.downgrade('-1', noBackup)
    expect((await migrator.check({ database: true })).database?.clean).toBe(true)
  })

  test('warns about tables for which no sample row is possible', async () => {
    const { unseen, unsampled } = await run(impossible)
    expect(unseen).toEqual([])
    expect(unsampled).toEqual([
      expect.stringMatching(/no sample row could be made for t0 .*the new foreign key FK_/),
      expect.stringMatching(/no sample row could be made for t1 /),
    ])
  })
})
