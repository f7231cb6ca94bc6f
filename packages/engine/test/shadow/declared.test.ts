import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { DataSource, type DataSourceOptions, EntitySchema, type EntitySchemaColumnOptions } from 'typeorm'

import { readEntities } from '../../src/dialect/typeorm-decorators'
import { declaredSum } from '../../src/shadow/declared'
import { dialectNames, legacyTypeorm, sqliteOptions } from '../../../../tools/testing/databases'
import { openProject } from '../migrator/project'

type SchemaOptions = ConstructorParameters<typeof EntitySchema>[0]
type Column = EntitySchemaColumnOptions

const id: Column = { type: 'integer', primary: true }

function things(columns: SchemaOptions['columns'] = {}, rest: Partial<SchemaOptions> = {}): EntitySchema {
  return new EntitySchema({ name: 'Thing', tableName: 'things', columns: { id, ...columns }, ...rest })
}

const owner = new EntitySchema({ name: 'Owner', tableName: 'owners', columns: { id } })

async function sumOf(
  dialect: (typeof dialectNames)[number],
  entities: readonly EntitySchema[],
  more: Partial<DataSourceOptions> = {},
): Promise<string | undefined> {
  const base = dialect === 'sqlite' ? sqliteOptions(':memory:') : { type: 'postgres', database: 'nowhere' }
  const options = { ...base, entities: [...entities], ...more } as DataSourceOptions
  const dataSource = new DataSource(options)
  await readEntities(dataSource)
  return declaredSum(dataSource, options)
}

const name = (more: Partial<Column> = {}): SchemaOptions['columns'] => ({
  name: { type: 'varchar', ...more } as Column,
})
const score = (more: Partial<Column> = {}): SchemaOptions['columns'] => ({
  score: { type: 'decimal', ...more } as Column,
})
const foreign = (more: object = {}): Partial<SchemaOptions> => ({
  foreignKeys: [{ target: 'Owner', columnNames: ['ownerId'], referencedColumnNames: ['id'], ...more }],
})
const owned: SchemaOptions['columns'] = { ownerId: { type: 'integer', nullable: true } }
const view = (expression: SchemaOptions['expression']): EntitySchema =>
  new EntitySchema({ name: 'Seen', tableName: 'seen', type: 'view', expression, columns: { id: { type: 'integer' } } })
let text = "'a'"

/** Pairs of declarations that differ in one thing, each of which makes another schema somewhere. */
const pairs: readonly (readonly [
  what: string,
  one: () => readonly EntitySchema[],
  other: () => readonly EntitySchema[],
])[] = [
  ['the name of a table', () => [things()], () => [things({}, { tableName: 'others' })]],
  ['the schema of a table', () => [things()], () => [things({}, { schema: 'app' })]],
  ['a table without rowid', () => [things()], () => [things({}, { withoutRowid: true })]],
  ['a column', () => [things()], () => [things(name())]],
  ['the order of columns', () => [things({ ...name(), ...score() })], () => [things({ ...score(), ...name() })]],
  ['the name of a column', () => [things(name())], () => [things(name({ name: 'title' }))]],
  ['a type', () => [things(name())], () => [things(name({ type: 'text' }))]],
  ['a type by constructor', () => [things(name({ type: String }))], () => [things(name({ type: Number }))]],
  ['a length', () => [things(name())], () => [things(name({ length: 20 }))]],
  ['a precision', () => [things(score())], () => [things(score({ precision: 10 }))]],
  ['a scale', () => [things(score({ precision: 10 }))], () => [things(score({ precision: 10, scale: 2 }))]],
  ['NOT NULL', () => [things(name())], () => [things(name({ nullable: true }))]],
  ['a collation', () => [things(name())], () => [things(name({ collation: 'C' }))]],
  ['a comment', () => [things(name())], () => [things(name({ comment: 'c' }))]],
  ['a unique column', () => [things(name())], () => [things(name({ unique: true }))]],
  ['a default', () => [things(name())], () => [things(name({ default: 'a' }))]],
  ['the value of a default', () => [things(name({ default: 'a' }))], () => [things(name({ default: 'b' }))]],
  ['a default as text', () => [things(name({ default: () => 'a' }))], () => [things(name({ default: 'a' }))]],
  [
    'what a function of a default returns',
    () => ((text = "'a'"), [things(name({ default: () => text }))]),
    () => ((text = "'b'"), [things(name({ default: () => text }))]),
  ],
  ['an enum', () => [things(name({ enum: ['a'] }))], () => [things(name({ enum: ['a', 'b'] }))]],
  ['the name of an enum', () => [things(name({ enum: ['a'] }))], () => [things(name({ enum: ['a'], enumName: 'e' }))]],
  [
    'a generated column',
    () => [things(name())],
    () => [things(name({ asExpression: "'a'", generatedType: 'STORED' }))],
  ],
  [
    'the name of a primary key',
    () => [things()],
    () => [things({ id: { ...id, primaryKeyConstraintName: 'pk' } as Column })],
  ],
  ['a generated key', () => [things()], () => [things({ id: { ...id, generated: 'increment' } as Column })]],
  ['an index', () => [things(name())], () => [things(name(), { indices: [{ columns: ['name'] }] })]],
  [
    'the columns of an index',
    () => [things(name(), { indices: [{ name: 'ix', columns: ['name', 'id'] }] })],
    () => [things(name(), { indices: [{ name: 'ix', columns: ['id', 'name'] }] })],
  ],
  [
    'a unique index',
    () => [things(name(), { indices: [{ name: 'ix', columns: ['name'] }] })],
    () => [things(name(), { indices: [{ name: 'ix', columns: ['name'], unique: true }] })],
  ],
  [
    'the condition of an index',
    () => [things(name(), { indices: [{ name: 'ix', columns: ['name'], where: 'id > 1' }] })],
    () => [things(name(), { indices: [{ name: 'ix', columns: ['name'], where: 'id > 2' }] })],
  ],
  [
    'an index that is not synchronized',
    () => [things(name(), { indices: [{ name: 'ix', columns: ['name'] }] })],
    () => [things(name(), { indices: [{ name: 'ix', columns: ['name'], synchronize: false }] })],
  ],
  ['a unique constraint', () => [things(name())], () => [things(name(), { uniques: [{ columns: ['name', 'id'] }] })]],
  ['a check', () => [things()], () => [things({}, { checks: [{ expression: 'id > 1' }] })]],
  [
    'the expression of a check',
    () => [things({}, { checks: [{ name: 'c', expression: 'id > 1' }] })],
    () => [things({}, { checks: [{ name: 'c', expression: 'id > 2' }] })],
  ],
  ['a foreign key', () => [owner, things(owned)], () => [owner, things(owned, foreign())]],
  [
    'the action of a foreign key',
    () => [owner, things(owned, foreign({ name: 'fk' }))],
    () => [owner, things(owned, foreign({ name: 'fk', onDelete: 'CASCADE' }))],
  ],
  [
    'a foreign key that waits for the commit',
    () => [owner, things(owned, foreign({ name: 'fk' }))],
    () => [owner, things(owned, foreign({ name: 'fk', deferrable: 'INITIALLY DEFERRED' }))],
  ],
  ['a table that is not synchronized', () => [things()], () => [things({}, { synchronize: false })]],
  ['another entity', () => [things()], () => [things(), owner]],
  [
    'a view',
    () => [things(), view('SELECT id FROM things')],
    () => [things(), view('SELECT id + 1 AS id FROM things')],
  ],
  [
    'the query of a view',
    () => [things(), view((source) => source.createQueryBuilder().select('id').from('things', 't'))],
    () => [things(), view((source) => source.createQueryBuilder().select('id').from('things', 't').where('id > 1'))],
  ],
]

/** What TypeORM 0.3 does not know. */
const modern = new Set([
  'a table without rowid',
  'a foreign key',
  'the action of a foreign key',
  'a foreign key that waits for the commit',
])

describe.each(dialectNames)('what entities declare on %s', (dialect) => {
  test.each(pairs.filter(([what]) => !legacyTypeorm || !modern.has(what)))('differs by %s', async (_, one, other) => {
    const [first, again] = [await sumOf(dialect, one()), await sumOf(dialect, one())]
    expect(first).toBeDefined()
    expect(again).toBe(first)
    expect(await sumOf(dialect, other())).not.toBe(first)
  })

  test('differs by options of the DataSource that name things', async () => {
    const plain = await sumOf(dialect, [things()])
    expect(await sumOf(dialect, [things()], { entityPrefix: 'app_' })).not.toBe(plain)
    expect(await sumOf(dialect, [things()], { metadataTableName: 'meta' })).not.toBe(plain)
  })

  test('differs by the code that writes the statements', async () => {
    const options = (dialect === 'sqlite' ? sqliteOptions(':memory:') : { type: 'postgres' }) as DataSourceOptions
    const dataSource = new DataSource({ ...options, entities: [things()] })
    await readEntities(dataSource)
    const before = declaredSum(dataSource, options)
    class Patched {}
    jest.spyOn(dataSource.driver, 'createSchemaBuilder').mockReturnValue(new Patched() as never)
    expect(declaredSum(dataSource, options)).not.toBe(before)
  })
})

describe.each(dialectNames)('the cache of entities on %s', (dialect) => {
  test('holds the schema that the next command compares, until the entities declare something else', async () => {
    const project = await openProject(dialect)
    const cacheDirectory = await mkdtemp(path.join(tmpdir(), 'aludel-entities-'))
    const operations = async (entities: readonly EntitySchema[]): Promise<readonly string[]> => {
      const { operations: found } = await project.migrator(entities, { cacheDirectory }).check()
      return found.map(({ description }) => description)
    }
    try {
      const before = await operations([things(name())])
      expect(before).toHaveLength(1)
      expect(await operations([things(name())])).toEqual(before)
      // The same text in every file of the cache can only come from there.
      for (const file of await readdir(cacheDirectory)) {
        const content = await readFile(path.join(cacheDirectory, file), 'utf8')
        await writeFile(path.join(cacheDirectory, file), content.replaceAll('"things"', '"cached"'))
      }
      expect((await operations([things(name())])).join()).toContain('cached')
      expect((await operations([things(name({ nullable: true }))])).join()).toContain('things')
    } finally {
      await project.remove()
      await rm(cacheDirectory, { recursive: true })
    }
  })

  test('keeps nothing of a default that the database evaluates when a column is created', async () => {
    if (dialect === 'sqlite') return
    const project = await openProject(dialect)
    const cacheDirectory = await mkdtemp(path.join(tmpdir(), 'aludel-entities-'))
    try {
      const at: Column = { type: 'timestamptz', default: 'now()' }
      const before = await readdir(cacheDirectory)
      await project.migrator([things({ at })], { cacheDirectory }).check()
      const replays = await readdir(cacheDirectory)
      await project.migrator([things()], { cacheDirectory }).check()
      expect(before).toEqual([])
      expect((await readdir(cacheDirectory)).length).toBe(replays.length + 1)
    } finally {
      await project.remove()
      await rm(cacheDirectory, { recursive: true })
    }
  })
})
