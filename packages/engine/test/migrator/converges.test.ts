// cspell:ignore numero
import { Column, type DataSourceOptions, Entity, EntitySchema, Index, PrimaryColumn } from 'typeorm'

import type { DialectName } from '../../src/dialect/registry'
import { dialectNames } from '../run/databases'
import { entity, type EntityOption, id, openProject, type TestProject, text } from './project'

/** Entities for which some generators write the same changes forever: after create and upgrade, no difference may remain. */
interface Case {
  readonly title: string
  readonly entities: () => readonly EntityOption[]
  readonly only?: DialectName
  /** Options of the DataSource: a case with options gets its own project, all others share one. */
  readonly options?: Partial<DataSourceOptions>
}

/** A class, because `EntitySchema` has no option for `TableInheritance`. */
@Entity('concurrent')
@Index('ix_concurrent', ['name'], { concurrent: true })
class Concurrent {
  @PrimaryColumn('int') id!: number
  @Column('varchar') name!: string
}

@Entity('member')
class Member {
  @PrimaryColumn('int') id!: number
  @Column('varchar', { default: 'PERSON' }) kind!: string
}

/** TypeORM writes this default into the decorator of the parent's column. */
@Entity('dog')
class Dog extends Member {
  @Column('varchar', { default: 'PET' }) declare kind: string
}

type Columns = Parameters<typeof entity>[1]

/** One table with these columns. */
const table = (title: string, columns: Columns, rest: Omit<Case, 'title' | 'entities'> = {}): Case => ({
  title,
  entities: () => [entity(title.replaceAll(' ', '_'), { id, ...columns })],
  ...rest,
})
const onPostgres = { only: 'postgres' } as const

const cases: readonly Case[] = [
  table(
    'a default that is an array by cast',
    { a: { type: 'text', array: true, default: () => 'ARRAY[]::text[]' } },
    onPostgres,
  ),
  table(
    'a default with a time zone',
    { a: { type: 'timestamp', default: () => "(now() at time zone 'utc')" } },
    onPostgres,
  ),
  table(
    'a default with an interval',
    { a: { type: 'timestamptz', default: () => "now() + interval '1 day'" } },
    onPostgres,
  ),
  table('a JSON default by cast', { a: { type: 'jsonb', default: () => "'{}'::jsonb" } }, onPostgres),
  table('a JSON default as text', { a: { type: 'jsonb', default: '{"countryCode":"fr", "numero":""}' } }, onPostgres),
  table('a JSON default as a value', { a: { type: 'jsonb', default: { b: [1, "it's"] } } }, onPostgres),
  table('an array as default', { a: { type: 'text', array: true, default: ['a', 'b c', "it's"] } }, onPostgres),
  table('null as an expression', { a: { type: 'text', nullable: true, default: () => 'null' } }),
  table('numbers at the edge', {
    a: { type: 'int', default: -1 },
    b: { type: 'int', default: 0 },
    c: { type: 'varchar', default: '007' },
    d: { type: 'varchar', default: '' },
    e: { type: 'decimal', precision: 8, scale: 2, default: 0.5 },
    f: { type: 'float', default: 1e-7 },
  }),
  table('texts that need care', {
    a: { type: 'varchar', default: 'a\nb' },
    b: { type: 'varchar', default: 'a\\b' },
    c: { type: 'varchar', default: 'a::b' },
    d: { type: 'varchar', default: 'two  spaces -- and SELECT' },
    e: { type: 'varchar', default: 'true' },
    f: { type: 'varchar', default: "it's" },
    g: { type: 'varchar', default: "already ''doubled''" },
    h: { type: 'varchar', default: "'" },
  }),
  table(
    'times that PostgreSQL writes its own way',
    {
      a: { type: 'timestamptz', default: '1970-01-01' },
      b: { type: 'time', default: '12:00' },
      c: { type: 'interval', default: '24 hours' },
      d: { type: 'timestamp', precision: 3, default: () => 'CURRENT_TIMESTAMP(3)' },
      e: { type: 'timestamp', default: () => 'LOCALTIMESTAMP' },
      f: { type: 'date', default: () => 'CURRENT_DATE' },
      g: { type: 'timestamp', precision: 3, array: true, nullable: true },
    },
    onPostgres,
  ),
  table(
    'booleans in quotes',
    { a: { type: 'boolean', default: 'true' }, b: { type: 'boolean', default: false } },
    onPostgres,
  ),
  table(
    'a uuid that is not generated, with a function as default',
    {
      a: { type: 'uuid', default: () => 'gen_random_uuid()' },
    },
    onPostgres,
  ),
  table('a scale without precision', { a: { type: 'decimal', scale: 2 } }),
  table(
    'types with lengths in arrays',
    {
      a: { type: 'varchar', length: 20, array: true },
      b: { type: 'numeric', precision: 10, scale: 2, array: true },
      c: { type: 'enum', enum: ['x', 'y'], array: true, default: ['x'] },
      d: { type: 'int', array: true, default: [1, 2] },
    },
    onPostgres,
  ),
  table('a comment with quotes and lines', { a: { type: 'int', comment: `it's "this"\nand that` } }, onPostgres),
  table('a collation', { a: { type: 'text', collation: 'C' } }, onPostgres),
  table('a collation', { a: { type: 'text', collation: 'NOCASE' } }, { only: 'sqlite' }),
  {
    title: 'an identity',
    ...onPostgres,
    entities: () => [
      entity('identities', {
        id: { type: 'int', primary: true, generated: 'identity', generatedIdentity: 'ALWAYS' },
        a: { type: 'int' },
      }),
    ],
  },
  {
    title: 'an enum type whose name is the one that TypeORM would give it',
    ...onPostgres,
    entities: () => [entity('e1', { id, c: { type: 'enum', enum: ['a', 'b'], enumName: 'e1_c_enum' } })],
  },
  {
    title: 'an enum type with a dot in its name',
    ...onPostgres,
    entities: () => [entity('dotted', { id, c: { type: 'enum', enum: ['a', 'b'], enumName: 'types.mood' } })],
  },
  {
    title: 'one enum type of two tables',
    ...onPostgres,
    entities: () => [
      entity('sharers', { id, c: { type: 'enum', enum: ['a', 'b'], enumName: 'mood' } }),
      entity('others', { id, c: { type: 'enum', enum: ['a', 'b'], enumName: 'mood', array: true } }),
    ],
  },
  {
    title: 'an enum whose values are not in alphabetical order',
    ...onPostgres,
    entities: () => [entity('reordered', { id, c: { type: 'enum', enum: ['z', 'a'], default: 'z' } })],
  },
  {
    title: 'values of a simple enum with quotes',
    entities: () => [entity('simple', { id, c: { type: 'simple-enum', enum: ["it's", 'b'], default: "it's" } })],
  },
  {
    title: 'a generated column',
    entities: () => [
      entity('generated', {
        id,
        twice: { type: 'int', asExpression: '"id" * 2', generatedType: 'STORED' },
      }),
    ],
  },
  {
    title: 'a generated column in the schema of the DataSource',
    ...onPostgres,
    options: { schema: 'app' } as Partial<DataSourceOptions>,
    entities: () => [
      entity('things', { id, twice: { type: 'int', asExpression: '"id" * 2', generatedType: 'STORED' } }),
    ],
  },
  {
    title: 'the same table in two schemas, and the same foreign key on two tables',
    ...onPostgres,
    entities: () => [
      entity('things', { id }),
      new EntitySchema({ name: 'other things', tableName: 'things', schema: 'other', columns: { id } }),
      ...['left', 'right'].map((name) =>
        entity(
          name,
          { id, thing: { type: 'int' } },
          {
            foreignKeys: [
              { name: 'fk_thing', target: 'things', columnNames: ['thing'], referencedColumnNames: ['id'] },
            ],
          },
        ),
      ),
    ],
  },
  {
    title: 'indexes, uniques and exclusions of every kind',
    ...onPostgres,
    entities: () => [
      entity(
        'indexed',
        { id, a: text(20), b: { type: 'int' }, j: { type: 'jsonb' }, p: { type: 'int4range' } },
        {
          indices: [
            { name: 'ix_part', columns: ['a'], where: '"b" > 0', unique: true },
            { name: 'ix_gin', columns: ['j'], type: 'gin' } as never,
            { name: 'ix_nulls', columns: ['b'], unique: true, nullsNotDistinct: true } as never,
          ],
          uniques: [{ name: 'uq_deferred', columns: ['a', 'b'], deferrable: 'INITIALLY DEFERRED' }],
          exclusions: [{ name: 'xc', expression: 'USING gist (p WITH &&)' }],
          checks: [{ name: 'ck', expression: `"a" <> 'x, y' AND ("b" > 0 OR "b" IN (-1, -2))` }],
        },
      ),
    ],
  },
  {
    title: 'uniques whose columns are part of each other, and a check over several lines',
    entities: () => [
      entity(
        'uniques',
        { id, a: text(20), b: { type: 'int' } },
        {
          uniques: [
            { name: 'uq_a', columns: ['a'] },
            { name: 'uq_ab', columns: ['a', 'b'] },
          ],
          checks: [{ name: 'ck', expression: '"b" IN (abs(1), abs(2))\n  AND "a" <> \'),\'' }],
        },
      ),
    ],
  },
  {
    title: 'views over views, and a materialized view with an index',
    ...onPostgres,
    entities: () => [
      entity('viewed', { id, a: text(20) }),
      ...[1, 2, 3, 4].map(
        (level) =>
          new EntitySchema({
            name: `v${String(level)}`,
            type: 'view',
            expression: `SELECT "id", "a" FROM ${level === 1 ? '"viewed"' : `"v${String(level - 1)}"`}`,
            dependsOn: level === 1 ? [] : [`v${String(level - 1)}`],
            columns: { id: { type: 'int' }, a: { type: 'varchar' } },
          } as never),
      ),
      new EntitySchema({
        name: 'mv',
        type: 'view',
        expression: 'SELECT "id" FROM "viewed"',
        materialized: true,
        columns: { id: { type: 'int' } },
        indices: [{ name: 'ix_mv', columns: ['id'], unique: true }],
      } as never),
    ],
  },
  {
    title: 'an index that is built concurrently',
    ...onPostgres,
    entities: () => [Concurrent],
  },
  {
    title: 'a default that is the text of a moment',
    ...onPostgres,
    entities: () => [
      entity('moments', {
        id,
        at: { type: 'timestamptz', default: 'now()' },
        day: { type: 'date', default: 'today' },
        word: { type: 'varchar', default: 'now()' },
      }),
    ],
  },
  { title: 'a default that a child class overrides', entities: () => [Member, Dog] },
]

/** The differences that `create` and `check` find after the upgrade and after the downgrade. */
async function upAndDown(project: TestProject, { entities, options = {} }: Pick<Case, 'entities' | 'options'>) {
  const migrator = project.migrator(entities(), { dataSource: project.dataSource(entities(), options) })
  const first = await migrator.create('first', { confirm: () => Promise.resolve(true) })
  await migrator.upgrade()
  const applied = await migrator.check({ database: true })
  const second = await migrator.create('second')
  await migrator.downgrade('base')
  const undone = await migrator.check({ database: true })
  return { first, applied, second, undone }
}

type Found = Awaited<ReturnType<typeof upAndDown>>

function expectRest({ first, applied, second, undone }: Found): void {
  expect(first.created).not.toBeNull()
  expect(applied).toMatchObject({ clean: true, operations: [], database: { clean: true, operations: [] } })
  expect(second.created).toBeNull()
  expect(undone.database).toMatchObject({ clean: true, operations: [] })
}

function tableOf(one: EntityOption): string {
  return one instanceof EntitySchema ? (one.options.tableName ?? one.options.name) : one.name.toLowerCase()
}

describe.each(dialectNames)('create after an upgrade on %s', (dialect) => {
  const ofDialect = cases.filter(({ only }) => only === undefined || only === dialect)
  const alone = ofDialect.filter(({ options }) => options !== undefined)

  if (alone.length > 0) {
    test.each(alone)('finds nothing to change for $title', async (one) => {
      const project = await openProject(dialect)
      try {
        expectRest(await upAndDown(project, one))
      } finally {
        await project.remove()
      }
    })
  }

  describe('in one project', () => {
    const together = ofDialect.filter(({ options }) => options === undefined)
    const entities = () => together.flatMap((one) => one.entities())
    let shared: TestProject
    let found: Found

    beforeAll(async () => {
      shared = await openProject(dialect)
      found = await upAndDown(shared, { entities })
    })

    afterAll(() => shared.remove())

    test('finds nothing to change for all cases together', () => {
      expectRest(found)
    })

    test.each(together)('finds nothing to change for $title', (one) => {
      for (const name of new Set(one.entities().map(tableOf))) {
        const { first, applied, second, undone } = found
        expect(first.sql[dialect]?.up.join('\n')).toContain(`"${name}"`)
        const later = [applied.operations, applied.database?.operations, second.operations, undone.database?.operations]
        const about = later.flat().filter((operation) => JSON.stringify(operation).includes(`"${name}"`))
        expect(about).toEqual([])
      }
    })

    test('writes the default of a child class that overrides it, and that of its parent', () => {
      const statements = found.first.sql[dialect]?.up ?? []
      const made = (name: string): string => statements.find((one) => one.includes(`TABLE "${name}"`)) ?? ''
      expect(made('member')).toContain("'PERSON'")
      expect(made('dog')).toContain("'PET'")
    })
  })
})
