import { DataSource, EntitySchema, type EntitySchemaOptions } from 'typeorm'

import { sqliteType } from '../../../../../tools/testing/databases'
import { createEntities } from '../../../src/dialect/sqlite/create-entities'
import { introspect } from '../../../src/dialect/sqlite/introspect'

type Options = Omit<EntitySchemaOptions<object>, 'name' | 'columns' | 'relations'> & {
  readonly columns?: Readonly<Record<string, object>>
  readonly relations?: Readonly<Record<string, object>>
}
const entity = (name: string, { columns = {}, ...more }: Options): EntitySchema =>
  new EntitySchema({ name, columns: { id: { type: 'integer', primary: true }, ...columns }, ...more } as never)
const parent = (target: string, onDelete?: 'CASCADE') => ({ type: 'many-to-one', target, onDelete })

/** A cycle of references, one to itself, join tables, indexes, checks, a generated column and a view. */
const entities = [
  entity('first', {
    columns: { price: { type: 'integer', nullable: true }, code: { type: 'varchar', nullable: true } },
    relations: { second: parent('second', 'CASCADE'), parent: parent('first') },
    indices: [{ columns: ['price'], where: 'price > 0' }],
    uniques: [{ columns: ['code', 'price'] }],
    checks: [{ expression: 'price >= 0' }],
  }),
  entity('second', {
    columns: {
      n: { type: 'integer', default: 1 },
      twice: { type: 'integer', generatedType: 'STORED', asExpression: 'n * 2' },
    },
    relations: { first: parent('first'), tags: { type: 'many-to-many', target: 'third', joinTable: true } },
  }),
  entity('third', { relations: { first: { type: 'one-to-one', target: 'first', joinColumn: true } } }),
  new EntitySchema({
    ...{ name: 'seen', type: 'view', expression: 'SELECT id FROM first', columns: { id: { type: 'integer' } } },
  } as never),
]

/** For its column, TypeORM rebuilds the table of another entity before it creates foreign keys. */
const sharing = entity('again', { tableName: 'third', columns: { more: { type: 'text', nullable: true } } })

describe('createEntities', () => {
  test.each([
    ['and each table once', entities, false],
    ['also for two entities of one table', [...entities, sharing], true],
  ])("creates what TypeORM's schema sync creates, %s", async (_how, all: EntitySchema[], rebuilds: boolean) => {
    const statements: string[] = []
    const [synchronized, created] = await Promise.all([open(all), open(all)])
    await synchronized.synchronize()
    const query = created.createQueryRunner.bind(created)
    created.createQueryRunner = (mode) => {
      const runner = query(mode)
      const send = runner.query.bind(runner)
      runner.query = (sql: string, ...rest: never[]) => {
        statements.push(sql)
        return send(sql, ...rest) as Promise<never>
      }
      return runner
    }
    await createEntities(created)
    expect(await schemaOf(created)).toEqual(await schemaOf(synchronized))
    expect(await schemaOf(created)).toMatchObject({
      tables: expect.arrayContaining([
        expect.objectContaining({ name: 'first', foreignKeys: [expect.anything(), expect.anything()] }),
      ]) as unknown,
      views: [expect.objectContaining({ name: 'seen' })],
    })
    expect(statements.some((sql) => sql.startsWith('CREATE TABLE "first"'))).toBe(true)
    expect(statements.some((sql) => sql.startsWith('CREATE TABLE "temporary_'))).toBe(rebuilds)
    const rows = 'SELECT * FROM typeorm_metadata ORDER BY name'
    expect(await created.query(rows)).toEqual(await synchronized.query(rows))
    await Promise.all([synchronized.destroy(), created.destroy()])
  })
})

const open = (all: EntitySchema[]): Promise<DataSource> =>
  new DataSource({ type: sqliteType, database: ':memory:', entities: all }).initialize()

const schemaOf = (dataSource: DataSource) => introspect(dataSource, { ignoreTables: ['typeorm_metadata'] })
