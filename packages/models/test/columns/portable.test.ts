// cspell:ignore dont
import { Column, DataSource, Entity, PrimaryColumn } from 'typeorm'
import { Metric, entities } from '../../src/index'
import { makeDatabase, sqliteType, legacyTypeorm } from '../../../../tools/testing/databases'
import type { TestDatabase } from '../../../../tools/testing/databases'

/** A third-party entity with types that only one database has. */
@Entity('foreign')
class Foreign {
  @PrimaryColumn({ type: 'int' })
  id!: number

  @Column({ type: 'timestamptz' })
  at!: Date
}

@Entity('documents')
class Documents {
  @PrimaryColumn({ type: 'int' })
  id!: number

  @Column({ type: 'jsonb' })
  body!: object
}

describe('portable columns', () => {
  const databases: TestDatabase[] = []
  const opened: DataSource[] = []

  beforeAll(async () => {
    databases.push(await makeDatabase('sqlite'), await makeDatabase('sqlite'))
    databases.push(await makeDatabase('postgres'), await makeDatabase('postgres'))
  })
  afterAll(async () => {
    for (const dataSource of opened) if (dataSource.isInitialized) await dataSource.destroy()
    for (const database of databases) await database.drop()
  })

  test('have the types of each database when both are opened at once from the same classes', async () => {
    const sources = databases.map((each) => new DataSource({ ...each.options, entities, synchronize: true }))
    opened.push(...sources)
    await Promise.all(sources.map((each) => each.initialize()))
    const metadata = { list: [null, 1], text: 'ü' }
    const createdAt = new Date('2025-04-20T10:15:00.123Z')
    const read = await Promise.all(
      sources.map(async (each) => {
        await each.getRepository(Metric).save({ id: 'one', name: 'same', value: 0.1, metadata, createdAt })
        return each.getRepository(Metric).findOneByOrFail({ id: 'one' })
      }),
    )
    for (const metric of read) expect(metric).toEqual({ id: 'one', name: 'same', value: 0.1, metadata, createdAt })
    const types = sources.map((each) => each.getMetadata(Metric).findColumnWithPropertyName('createdAt')?.type)
    expect(types).toEqual(['datetime', 'datetime', 'timestamptz', 'timestamptz'])
  })

  test('leave the column types of other entities unchanged', async () => {
    const refused = new DataSource({ type: sqliteType, database: ':memory:', entities: [...entities, Foreign] })
    await expect(refused.initialize()).rejects.toThrow(/"timestamptz" in "Foreign.at" is not supported/)
    const binary = new DataSource({
      type: sqliteType,
      database: ':memory:',
      entities: [Documents],
      synchronize: true,
    })
    if (legacyTypeorm) {
      await expect(binary.initialize()).rejects.toThrow(/"jsonb" in "Documents.body" is not supported/)
      return
    }
    opened.push(await binary.initialize())
    await binary.getRepository(Documents).save({ id: 1, body: { a: 1 } })
    const rows: { kind: string }[] = await binary.query('SELECT typeof(body) AS "kind" FROM documents')
    expect(rows).toEqual([{ kind: 'blob' }])
  })

  test('keep working when a data source is closed and opened again', async () => {
    const [database] = databases
    if (database === undefined) throw new Error('no database')
    const dataSource = new DataSource({ ...database.options, entities })
    opened.push(dataSource)
    await dataSource.initialize()
    await dataSource.destroy()
    await dataSource.initialize()
    expect(dataSource.getMetadata(Metric).findColumnWithPropertyName('metadata')?.type).toBe('simple-json')
    expect(dataSource.subscribers).toHaveLength(1)
    await dataSource.getRepository(Metric).save({ name: 'again', value: 2 })
    expect(await dataSource.getRepository(Metric).countBy({ name: 'again' })).toBe(1)
  })
})

describe('two copies of the package in one process', () => {
  test('both give their columns the types of the database that is opened', async () => {
    const typeorm = jest.requireActual<typeof import('typeorm')>('typeorm')
    let copy: typeof import('../../src') | undefined
    jest.isolateModules(() => {
      jest.doMock('typeorm', () => typeorm)
      copy = jest.requireActual<typeof import('../../src')>('../../src')
    })
    jest.dontMock('typeorm')
    const others = copy?.entities ?? []
    expect(others).toHaveLength(entities.length)
    expect(others).not.toEqual(expect.arrayContaining([Metric]))
    for (const classes of [entities, others]) {
      const dataSource = await new typeorm.DataSource({
        type: sqliteType,
        database: ':memory:',
        entities: classes,
        synchronize: true,
      }).initialize()
      const metric = { id: 'one', name: 'same', value: 1, metadata: { list: [1] }, createdAt: new Date(0) }
      await dataSource.getRepository('Metric').save(metric)
      expect(await dataSource.getRepository('Metric').findOneByOrFail({ id: 'one' })).toEqual(metric)
      const types = dataSource.getMetadata('Metric').columns.map(({ propertyName, type }) => [propertyName, type])
      expect(types).toEqual(
        expect.arrayContaining([
          ['createdAt', 'datetime'],
          ['metadata', 'simple-json'],
        ]),
      )
      await dataSource.destroy()
    }
  })
})
