import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { backup } from '../../../src/dialect/sqlite/backup'
import { Databases, schemaOf } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

const content = [
  'CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT, a text)',
  'CREATE TABLE "odd ""name""" (a)',
  'CREATE VIRTUAL TABLE words USING fts5(a)',
  'CREATE VIEW v AS SELECT a FROM t',
  `INSERT INTO t (a) VALUES ('x'), ('y')`,
  `INSERT INTO words VALUES ('one two')`,
]

describe('backup', () => {
  test('copies the whole database into a folder that it creates', async () => {
    const dataSource = await databases.with(...content)
    const directory = path.join(databases.folder, 'deep', 'backups')
    await backup(dataSource.createQueryRunner(), path.join(directory, 'before.db'))
    expect(readdirSync(directory)).toEqual(['before.db'])
    const copy = await databases.open({ database: path.join(directory, 'before.db') })
    expect(await schemaOf(copy)).toEqual(await schemaOf(dataSource))
    expect(await copy.query('SELECT * FROM v')).toEqual([{ a: 'x' }, { a: 'y' }])
    expect(await copy.query(`SELECT * FROM words WHERE words MATCH 'two'`)).toEqual([{ a: 'one two' }])
    expect(await copy.query('SELECT seq FROM sqlite_sequence')).toEqual([{ seq: 2 }])
  })

  test('copies only committed rows while another connection writes in WAL mode', async () => {
    const dataSource = await databases.open({ enableWAL: true }, ...content)
    const writer = await databases.open({ database: dataSource.options.database as string })
    await writer.query('BEGIN')
    await writer.query(`INSERT INTO t (a) VALUES ('not yet')`)
    const file = path.join(databases.folder, 'wal', 'b.db')
    await backup(dataSource.createQueryRunner(), file)
    await writer.query('ROLLBACK')
    const copy = await databases.open({ database: file })
    expect(await copy.query('SELECT count(*) AS n FROM t')).toEqual([{ n: 2 }])
  })

  test('copies an in-memory database', async () => {
    const dataSource = await databases.open({ database: ':memory:' }, ...content)
    const file = path.join(databases.folder, 'memory', 'b.db')
    await backup(dataSource.createQueryRunner(), file)
    expect(await (await databases.open({ database: file })).query('SELECT count(*) AS n FROM t')).toEqual([{ n: 2 }])
  })

  test('does not replace a file, and leaves none when it fails', async () => {
    const dataSource = await databases.with(...content)
    const queryRunner = dataSource.createQueryRunner()
    const directory = path.join(databases.folder, 'kept')
    await backup(queryRunner, path.join(directory, 'b.db'))
    await expect(backup(queryRunner, path.join(directory, 'b.db'))).rejects.toMatchObject({
      code: 'ALUDEL_BACKUP',
      message: expect.stringContaining('already') as string,
    })
    await queryRunner.query('BEGIN')
    await expect(backup(queryRunner, path.join(directory, 'c.db'))).rejects.toMatchObject({
      code: 'ALUDEL_BACKUP',
      message: expect.stringContaining('cannot VACUUM from within a transaction') as string,
    })
    await queryRunner.query('ROLLBACK')
    expect(readdirSync(directory)).toEqual(['b.db'])
  })

  test('fails when the folder cannot be created', async () => {
    const dataSource = await databases.with(...content)
    const file = path.join(databases.folder, 'a-file')
    writeFileSync(file, '')
    await expect(backup(dataSource.createQueryRunner(), path.join(file, 'backups', 'b.db'))).rejects.toMatchObject({
      code: 'ALUDEL_BACKUP',
    })
  })

  test('rejects and removes a copy that lacks rows', async () => {
    const dataSource = await databases.with(...content)
    const queryRunner = dataSource.createQueryRunner()
    // Makes the connection copy another database.
    const other = await databases.with(...content, 'DELETE FROM t WHERE id = 2')
    const query = queryRunner.query.bind(queryRunner)
    queryRunner.query = (sql: string, parameters?: unknown[]) =>
      (sql.startsWith('VACUUM')
        ? other.createQueryRunner().query(sql, parameters)
        : query(sql, parameters)) as Promise<never>
    const directory = path.join(databases.folder, 'lacking')
    await expect(backup(queryRunner, path.join(directory, 'b.db'))).rejects.toMatchObject({
      code: 'ALUDEL_BACKUP',
      message: 'the backup has 1 rows of t where there are 2',
    })
    expect(existsSync(path.join(directory, 'b.db'))).toBe(false)
    expect(readdirSync(directory)).toEqual([])
  })
})
