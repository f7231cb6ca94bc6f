import { existsSync } from 'node:fs'
import path from 'node:path'

import { Column, DataSource, DefaultNamingStrategy, Entity, PrimaryGeneratedColumn } from 'typeorm'

import { sqliteType } from '../../../../../tools/testing/databases'
import { openShadow } from '../../../src/dialect/sqlite/shadow'
import { Databases, schemaOf } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

@Entity()
class Thing {
  @PrimaryGeneratedColumn() id!: number
  @Column({ type: 'varchar', length: 20 }) firstName!: string
}

/** Has a column of a type that only PostgreSQL has. */
@Entity()
class Searchable {
  @PrimaryGeneratedColumn() id!: number
  @Column({ type: 'tsvector' }) words!: string
}

const elsewhere = databases.file()

@Entity({ database: elsewhere })
class Far {
  @PrimaryGeneratedColumn() id!: number
}

class Shouting extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string): string {
    return (customName || propertyName).toUpperCase()
  }
}

describe('openShadow', () => {
  test("opens empty databases with the template's entities and names, and runs nothing", async () => {
    const database = databases.file()
    const template = new DataSource({
      type: sqliteType,
      database,
      entities: [Thing],
      entityPrefix: 'my_',
      namingStrategy: new Shouting(),
      synchronize: true,
      dropSchema: true,
      migrations: [
        class A1700000000000 {
          name = 'A1700000000000'
          up(): Promise<void> {
            throw new Error('ran')
          }
          down(): Promise<void> {
            throw new Error('ran')
          }
        },
      ],
      migrationsRun: true,
      logging: true,
    })
    const server = await openShadow({ template })
    expect(server.dialect).toBe('sqlite')
    expect(server.setting).toMatch(/^3\.\d+/)
    const [one, other] = [await server.open(), await server.open()]
    expect((await schemaOf(one.dataSource)).tables).toEqual([])
    await one.dataSource.synchronize()
    expect(
      (await schemaOf(one.dataSource)).tables.map(({ name, columns }) => [name, columns.map((column) => column.name)]),
    ).toEqual([['my_thing', ['ID', 'FIRSTNAME']]])
    expect((await schemaOf(other.dataSource)).tables).toEqual([])
    expect(existsSync(database)).toBe(false)
    await one.drop()
    await one.drop()
    expect(one.dataSource.isInitialized).toBe(false)
    await server.close()
    expect(other.dataSource.isInitialized).toBe(false)
  })

  test('lets options of open replace those of the template', async () => {
    const server = await openShadow({
      template: new DataSource({ type: sqliteType, database: 'x', entities: [Thing] }),
    })
    const { dataSource } = await server.open({ entities: [] })
    await dataSource.synchronize()
    expect((await schemaOf(dataSource)).tables).toEqual([])
    await server.close()
  })

  test('accepts a template of another dialect, without its connection options', async () => {
    const template = new DataSource({
      type: 'postgres',
      host: 'nowhere.invalid',
      password: 'secret',
      schema: 'app',
      entities: [Thing],
    })
    const server = await openShadow({ template })
    const { dataSource } = await server.open()
    await dataSource.synchronize()
    expect((await schemaOf(dataSource)).tables.map(({ name }) => name)).toEqual(['thing'])
    expect(dataSource.options).not.toHaveProperty('password')
    expect(dataSource.options).not.toHaveProperty('schema')
    await server.close()
  })

  test('keeps the prepareDatabase option of the template', async () => {
    const template = new DataSource({
      // Only better-sqlite3 has this option.
      type: 'better-sqlite3',
      database: 'x',
      prepareDatabase: (database: { function(name: string, work: () => number): void }) =>
        database.function('answer', () => 42),
    })
    const server = await openShadow({ template })
    const { dataSource } = await server.open()
    expect(await dataSource.query('SELECT answer() AS n')).toEqual([{ n: 42 }])
    await server.close()
  })

  test('reports entities that TypeORM rejects', async () => {
    const entities = [Searchable]
    const server = await openShadow({ template: new DataSource({ type: sqliteType, database: 'x', entities }) })
    await expect(server.open()).rejects.toMatchObject({
      code: 'ALUDEL_ENTITIES',
      message: expect.stringContaining('tsvector') as string,
    })
    await server.close()
  })

  test('refuses entities in another database file', async () => {
    const entities = [Far]
    const server = await openShadow({ template: new DataSource({ type: sqliteType, database: 'x', entities }) })
    await expect(server.open()).rejects.toMatchObject({
      code: 'ALUDEL_ENTITIES',
      message: expect.stringContaining('another database file') as string,
    })
    await server.close()
  })

  test('reads the entities once for a description and the databases after it, one after another', async () => {
    let names = 0
    class Counting extends DefaultNamingStrategy {
      override columnName(propertyName: string, customName: string, prefixes: string[]): string {
        names++
        return super.columnName(propertyName, customName, prefixes)
      }
    }
    const server = await openShadow({
      template: new DataSource({
        type: sqliteType,
        database: 'x',
        entities: [Thing],
        namingStrategy: new Counting(),
      }),
    })
    const described = await server.describe()
    const once = names
    expect(once).toBeGreaterThan(0)
    for (let round = 1; round <= 2; round++) {
      const { dataSource, giveBack } = await server.open()
      expect(dataSource).toBe(described.dataSource)
      expect((await schemaOf(dataSource)).tables).toEqual([])
      await dataSource.synchronize()
      expect((await schemaOf(dataSource)).tables.map(({ name }) => name)).toEqual(['thing'])
      expect(await dataSource.getRepository(Thing).save({ firstName: 'a' })).toMatchObject({ id: 1 })
      await giveBack()
    }
    expect(names).toBe(once)
    // Two at a time have two DataSources.
    const [first, second] = [await server.open(), await server.open()]
    expect(first.dataSource).not.toBe(second.dataSource)
    expect(names).toBe(2 * once)
    await server.close()
    expect([first, second].map(({ dataSource }) => dataSource.isInitialized)).toEqual([false, false])
  })

  test('copies a database that it keeps, with its rows, sequences and entities', async () => {
    const server = await openShadow({
      template: new DataSource({ type: sqliteType, database: 'x', entities: [Thing] }),
    })
    const database = await server.open()
    await database.dataSource.query(
      'CREATE TABLE "t" ("id" integer PRIMARY KEY AUTOINCREMENT, "a" text COLLATE NOCASE UNIQUE)',
    )
    await database.dataSource.query(`INSERT INTO "t" ("id", "a") VALUES (41, 'x')`)
    await database.dataSource.query('DELETE FROM "t"')
    await database.dataSource.query('CREATE VIEW "v" AS SELECT "a" FROM "t"')
    const schema = await schemaOf(database.dataSource)
    const origin = await server.keep(database)
    expect(database.dataSource.isInitialized).toBe(false)
    const [first, second] = [await origin?.copy(), await origin?.copy()]
    if (origin === undefined || first === undefined || second === undefined) throw new Error('it is not kept')
    expect(await schemaOf(first.dataSource)).toEqual(schema)
    expect(first.dataSource.hasMetadata(Thing)).toBe(true)
    await first.dataSource.query(`INSERT INTO "t" ("a") VALUES ('of the first')`)
    expect(await first.dataSource.query('SELECT * FROM "v", "t"')).toMatchObject([{ id: 42, a: 'of the first' }])
    expect(await second.dataSource.query('SELECT * FROM "t"')).toEqual([])
    await first.drop()
    await origin.drop()
    // A copy outlives its origin.
    expect(await second.dataSource.query('SELECT * FROM "t"')).toEqual([])
    const [file] = await second.dataSource.query<{ file: string }[]>('PRAGMA database_list')
    expect(existsSync(file?.file ?? '')).toBe(true)
    await server.close()
    expect(second.dataSource.isInitialized).toBe(false)
    expect(existsSync(path.dirname(file?.file ?? ''))).toBe(false)
  })
})
