import type { DataSource, QueryRunner } from 'typeorm'

import { ObjectWatcher } from '../../../src/dialect/sqlite/compile'
import type { PreparedSession } from '../../../src/dialect/roles/running'
import { beforeCommit, prepare as prepareWith } from '../../../src/dialect/sqlite/session'
import { Databases } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

async function pragma(dataSource: DataSource, name: string): Promise<unknown> {
  const [row] = await dataSource.query<Record<string, unknown>[]>(`PRAGMA ${name}`)
  return Object.values(row ?? {})[0]
}

const tables = [
  'CREATE TABLE p (id integer PRIMARY KEY)',
  'CREATE TABLE c (id integer PRIMARY KEY, p integer REFERENCES p ON DELETE CASCADE)',
  'INSERT INTO p VALUES (1), (2)',
  'INSERT INTO c VALUES (1, 1), (2, 2)',
]
const orphan = ['PRAGMA foreign_keys = OFF', 'INSERT INTO c VALUES (3, 99)', 'PRAGMA foreign_keys = ON']

const prepare = (queryRunner: QueryRunner): Promise<PreparedSession> =>
  prepareWith(queryRunner, (database) => new ObjectWatcher(database))

async function transaction(dataSource: DataSource, work: (queryRunner: QueryRunner) => Promise<void>): Promise<void> {
  const queryRunner = dataSource.createQueryRunner()
  const prepared = await prepare(queryRunner)
  try {
    await revision(queryRunner, prepared, () => work(queryRunner))
  } finally {
    await prepared.restore()
  }
}

async function revision(queryRunner: QueryRunner, prepared: PreparedSession, work: () => Promise<void>): Promise<void> {
  await prepared.beforeRevision()
  await queryRunner.startTransaction()
  try {
    await work()
    await beforeCommit(queryRunner)
    await queryRunner.commitTransaction()
  } catch (error) {
    await queryRunner.rollbackTransaction()
    throw error
  }
}

describe('a prepared session', () => {
  test('turns foreign keys off, and on again when it is restored', async () => {
    const dataSource = await databases.with(...tables)
    await transaction(dataSource, async (queryRunner) => {
      expect(await pragma(dataSource, 'foreign_keys')).toBe(0)
      await queryRunner.query('DROP TABLE p')
      await queryRunner.query('CREATE TABLE p (id integer PRIMARY KEY)')
      await queryRunner.query('INSERT INTO p VALUES (1), (2)')
    })
    expect(await pragma(dataSource, 'foreign_keys')).toBe(1)
    expect(await dataSource.query('SELECT count(*) AS n FROM c')).toEqual([{ n: 2 }])
  })

  test('restores the previous pragmas, even after a failed transaction', async () => {
    const dataSource = await databases.with(...tables, 'PRAGMA foreign_keys = OFF', 'PRAGMA legacy_alter_table = ON')
    const failing = transaction(dataSource, async (queryRunner) => {
      expect(await pragma(dataSource, 'legacy_alter_table')).toBe(0)
      await queryRunner.query('PRAGMA legacy_alter_table = OFF')
      await queryRunner.query('no sql')
    })
    await expect(failing).rejects.toMatchObject({ message: expect.stringContaining('syntax error') as string })
    expect(await pragma(dataSource, 'foreign_keys')).toBe(0)
    expect(await pragma(dataSource, 'legacy_alter_table')).toBe(1)
  })

  test('sets a busy timeout only if the connection has none, and restores it', async () => {
    const impatient = await databases.with('PRAGMA busy_timeout = 0')
    const { restore } = await prepare(impatient.createQueryRunner())
    expect(await pragma(impatient, 'busy_timeout')).toBe(5000)
    await restore()
    expect(await pragma(impatient, 'busy_timeout')).toBe(0)
    const patient = await databases.with('PRAGMA busy_timeout = 77')
    await prepare(patient.createQueryRunner())
    expect(await pragma(patient, 'busy_timeout')).toBe(77)
  })

  test('survives all statements but those that may set a pragma', async () => {
    const { survives, restore } = await prepare((await databases.with()).createQueryRunner())
    expect(survives(['DROP TABLE a', 'DROP TABLE b'])).toBe(true)
    expect(survives(['DROP TABLE a', 'pragma busy_timeout = 1'])).toBe(false)
    expect(survives(null)).toBe(false)
    await restore()
  })

  test('scans the foreign keys again only if something was written since the last revision', async () => {
    const dataSource = await databases.with(...tables, ...orphan)
    const queryRunner = dataSource.createQueryRunner()
    const prepared = await prepare(queryRunner)
    const query = jest.spyOn(queryRunner, 'query')
    const scans = (): number => {
      const count = query.mock.calls.filter(([sql]) => sql === 'PRAGMA foreign_key_check').length
      query.mockClear()
      return count
    }
    const nothing = () => Promise.resolve()
    await revision(queryRunner, prepared, nothing)
    expect(scans()).toBe(2)
    await revision(queryRunner, prepared, nothing)
    expect(scans()).toBe(1)
    await dataSource.query('INSERT INTO c VALUES (4, 98)')
    await revision(queryRunner, prepared, nothing)
    expect(scans()).toBe(2)
    // What was there before each of them is known, also without a scan.
    const failing = revision(queryRunner, prepared, async () => {
      await queryRunner.query('INSERT INTO c VALUES (5, 97)')
    })
    await expect(failing).rejects.toMatchObject({ details: { violations: [{ rowid: 5 }] } })
    expect(scans()).toBe(1)
    await prepared.restore()
  })

  test('notices rows that another connection has written in between', async () => {
    const dataSource = await databases.with(...tables)
    const other = await databases.open({ database: String(dataSource.options.database) })
    const queryRunner = dataSource.createQueryRunner()
    const prepared = await prepare(queryRunner)
    await revision(queryRunner, prepared, () => Promise.resolve())
    for (const sql of orphan) await other.query(sql)
    await revision(queryRunner, prepared, () => Promise.resolve())
    await prepared.restore()
  })

  test('returns a restore function that does not throw on a closed connection', async () => {
    const dataSource = await databases.with()
    const { restore } = await prepare(dataSource.createQueryRunner())
    await dataSource.destroy()
    await expect(restore()).resolves.toBeUndefined()
  })
})

describe('beforeCommit', () => {
  test('reports rows whose referenced row is missing', async () => {
    const dataSource = await databases.with(...tables)
    const failing = transaction(dataSource, async (queryRunner) => {
      await queryRunner.query('DELETE FROM p WHERE id = 2')
    })
    await expect(failing).rejects.toMatchObject({
      code: 'ALUDEL_FOREIGN_KEYS',
      message: '1 row references a row that is not there: c (rowid 2) → p',
      details: { violations: [{ table: 'c', rowid: 2, references: 'p' }] },
    })
    expect(await dataSource.query('SELECT count(*) AS n FROM p')).toEqual([{ n: 2 }])
  })

  test('ignores violations from before the transaction, even in a rebuilt or renamed table', async () => {
    const dataSource = await databases.with(...tables, ...orphan)
    await transaction(dataSource, async (queryRunner) => {
      await queryRunner.query('CREATE TABLE n (p integer REFERENCES p)')
      await queryRunner.query('INSERT INTO n SELECT p FROM c')
      await queryRunner.query('DROP TABLE c')
      await queryRunner.query('ALTER TABLE n RENAME TO c')
    })
    await transaction(dataSource, async (queryRunner) => {
      await queryRunner.query('ALTER TABLE c RENAME TO d')
    })
    expect(await dataSource.query('PRAGMA foreign_key_check')).toHaveLength(1)
  })

  test('reports a new violation on top of older ones', async () => {
    const dataSource = await databases.with(...tables, ...orphan)
    const failing = transaction(dataSource, async (queryRunner) => {
      await queryRunner.query('DELETE FROM p WHERE id = 1')
    })
    await expect(failing).rejects.toThrow('1 row references a row that is not there: c (rowid 1) → p')
  })

  test('lists some violations and counts the rest', async () => {
    const dataSource = await databases.with(...tables)
    const failing = transaction(dataSource, async (queryRunner) => {
      for (let id = 10; id < 30; id++) await queryRunner.query('INSERT INTO c VALUES (?, 99)', [id])
      await queryRunner.query('CREATE TABLE w (id text PRIMARY KEY, p REFERENCES p) WITHOUT ROWID')
    })
    await expect(failing).rejects.toThrow(/^20 rows reference .* and 15 more$/)
  })

  test('reports a foreign key that references no key, unless there was one before', async () => {
    const dataSource = await databases.with(...tables)
    const mismatched =
      (name: string) =>
      async (queryRunner: QueryRunner): Promise<void> => {
        await queryRunner.query(`CREATE TABLE ${name} (a REFERENCES c (p))`)
      }
    await expect(transaction(dataSource, mismatched('x'))).rejects.toMatchObject({
      code: 'ALUDEL_FOREIGN_KEYS',
      message: expect.stringContaining('foreign key mismatch') as string,
    })
    await dataSource.query('CREATE TABLE y (a REFERENCES c (p))')
    await transaction(dataSource, mismatched('z'))
    expect(await dataSource.query(`SELECT name FROM sqlite_master WHERE name = 'z'`)).toHaveLength(1)
  })
})
