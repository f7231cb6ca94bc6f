import type { EntitySchema } from 'typeorm'

import type { DialectName } from '../../src/dialect/dialect'
import { entity, id, openProject, type TestProject, text } from './project'

const yes = { confirm: () => Promise.resolve(true), askRename: () => Promise.resolve(null) }

type Rest = NonNullable<Parameters<typeof entity>[2]>

/** `t (id, a, b)`, with what a case adds. */
const t = (rest: Rest = {}, columns: object = {}): EntitySchema =>
  entity('t', { id, a: { type: 'int' }, b: { type: 'int' }, s: text(20, { nullable: true }), ...columns }, rest)

/** An explicit name that stays, and a body that changes: TypeORM's own generator sees none of them. */
const cases: readonly (readonly [string, readonly DialectName[], EntitySchema, EntitySchema])[] = [
  [
    'check',
    ['sqlite', 'postgres'],
    t({ checks: [{ name: 'ck', expression: '"a" > 1' }] }),
    t({ checks: [{ name: 'ck', expression: '"a" > 0' }] }),
  ],
  [
    'condition of an index',
    ['sqlite', 'postgres'],
    t({ indices: [{ name: 'ix', columns: ['a'], where: '"b" > 0' }] }),
    t({ indices: [{ name: 'ix', columns: ['a'], where: '"b" > 1' }] }),
  ],
  [
    'order of the columns of an index',
    ['sqlite', 'postgres'],
    t({ indices: [{ name: 'ix', columns: ['a', 'b'] }] }),
    t({ indices: [{ name: 'ix', columns: ['b', 'a'] }] }),
  ],
  [
    'columns of a unique constraint',
    ['sqlite', 'postgres'],
    t({ uniques: [{ name: 'u', columns: ['a', 'b'] }] }),
    t({ uniques: [{ name: 'u', columns: ['a', 'id'] }] }),
  ],
  [
    'name of a unique constraint',
    ['sqlite', 'postgres'],
    t({ uniques: [{ name: 'u1', columns: ['a'] }] }),
    t({ uniques: [{ name: 'u2', columns: ['a'] }] }),
  ],
  [
    'a unique constraint made deferrable',
    ['postgres'],
    t({ uniques: [{ name: 'u', columns: ['a'] }] }),
    t({ uniques: [{ name: 'u', columns: ['a'], deferrable: 'INITIALLY DEFERRED' }] }),
  ],
  [
    'exclusion',
    ['postgres'],
    t({ exclusions: [{ name: 'x', expression: 'USING gist (int4range("a", "b") WITH &&)' }] }),
    t({ exclusions: [{ name: 'x', expression: 'USING gist (int4range("a", "b" + 1) WITH &&)' }] }),
  ],
  [
    'name of a primary key',
    ['postgres'],
    t({}, { id: { type: 'int', primary: true, primaryKeyConstraintName: 'pk_one' } }),
    t({}, { id: { type: 'int', primary: true, primaryKeyConstraintName: 'pk_two' } }),
  ],
  [
    'serial to identity',
    ['postgres'],
    t({}, { id: { type: 'int', primary: true, generated: 'increment' } }),
    t({}, { id: { type: 'int', primary: true, generated: 'identity' } }),
  ],
  ['collation', ['sqlite'], t(), t({}, { s: text(20, { nullable: true, collation: 'NOCASE' }) })],
  ['simple-enum to varchar', ['sqlite'], t({}, { s: { type: 'simple-enum', enum: ['x', 'y'], nullable: true } }), t()],
]

describe.each(['sqlite', 'postgres'] as const)('a body that changes under its name, on %s', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  it.each(cases.filter(([, dialects]) => dialects.includes(dialect)))('%s', async (_what, _dialects, from, to) => {
    await project.migrator([from]).create('first')
    await project.migrator([from]).upgrade()
    const { operations } = await project.migrator([to]).create('second', yes)
    expect(operations.length).toBeGreaterThan(0)
    await project.migrator([to]).upgrade()
    expect(await project.migrator([to]).check({ database: true })).toMatchObject({
      clean: true,
      database: { clean: true },
    })
    await project.migrator([to]).downgrade('-1')
    expect((await project.migrator([from]).check({ database: true })).database?.clean).toBe(true)
  })
})
