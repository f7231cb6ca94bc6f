import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm'

import { dialectNames } from '../run/databases'
import { type EntityOption, openProject, type TestProject } from './project'

type Strategy = 'increment' | 'uuid' | 'rowid' | 'identity'

const yes = { confirm: () => Promise.resolve(true) }

/** A table with this generated key. */
function keyed(strategy: Strategy): EntityOption[] {
  @Entity('p')
  class P {
    @PrimaryGeneratedColumn(strategy as 'uuid') id!: string
    @Column('varchar', { unique: true }) code!: string
  }
  return [P]
}

/** The table with a longer code, for which SQLite rebuilds it. */
function longer(): EntityOption[] {
  @Entity('p')
  class P {
    @PrimaryGeneratedColumn() id!: number
    @Column('varchar', { unique: true, length: 20 }) code!: string
  }
  return [P]
}

/** The same table without it. */
function plain(): EntityOption[] {
  @Entity('p')
  class P {
    @PrimaryColumn('varchar') code!: string
  }
  return [P]
}

describe.each(dialectNames)('a generated key on %s', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  const migrate = async (entities: readonly EntityOption[], options = {}) => {
    const migrator = project.migrator(entities)
    const result = await migrator.create('change', { ...yes, ...options })
    await migrator.upgrade()
    expect(await migrator.check({ database: true })).toMatchObject({ clean: true, database: { clean: true } })
    return result
  }
  const insert = async (code: string): Promise<number> => {
    // Not all drivers return rows of an INSERT.
    await project.database.rows(`INSERT INTO p (code) VALUES ('${code}')`)
    return Number((await project.database.rows(`SELECT id FROM p WHERE code = '${code}'`))[0]?.['id'])
  }
  const undo = () => project.migrator(plain()).downgrade(undefined, yes)

  test.each(['increment', 'rowid', 'identity'] as const)(
    'numbers the rows of a table that gets it (%s)',
    async (kind) => {
      await migrate(plain())
      await project.database.rows(`INSERT INTO p VALUES ('a'), ('b')`)
      expect((await migrate(keyed(kind))).needs ?? []).toEqual([])
      expect(await project.database.rows('SELECT id, code FROM p ORDER BY id')).toEqual([
        { id: 1, code: 'a' },
        { id: 2, code: 'b' },
      ])
      expect(await insert('c')).toBe(3)
      await undo()
      expect(await project.database.rows('SELECT * FROM p ORDER BY 1')).toEqual(
        ['a', 'b', 'c'].map((code) => ({ code })),
      )
    },
  )

  test('gives the rows of a table that gets it each a random UUID', async () => {
    await migrate(plain())
    await project.database.rows(`INSERT INTO p VALUES ('a'), ('b')`)
    expect((await migrate(keyed('uuid'))).needs ?? []).toEqual([])
    const ids = (await project.database.rows('SELECT id FROM p')).map(({ id }) => String(id))
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(new Set(ids).size).toBe(2)
  })

  test('numbers the rows again if the downgrade restores a dropped one', async () => {
    await migrate(keyed('increment'))
    await migrate(plain())
    await project.database.rows(`INSERT INTO p VALUES ('a'), ('b')`)
    await undo()
    expect((await project.database.rows('SELECT id FROM p')).map(({ id }) => id).sort()).toEqual([1, 2])
    expect(await insert('c')).toBe(3)
  })

  test('gets the values of a flag where one is given', async () => {
    await migrate(plain())
    await project.database.rows(`INSERT INTO p VALUES ('ten'), ('fourteen')`)
    await migrate(keyed('identity'), { backfill: ['p.id=length(code)'] })
    expect((await project.database.rows('SELECT id FROM p')).map(({ id }) => id).sort()).toEqual([3, 8])
  })

  test('is asked about if entities assign it', async () => {
    @Entity('p')
    class P {
      @PrimaryColumn('int') id!: number
      @Column('varchar', { unique: true }) code!: string
    }
    await migrate(plain())
    const { needs } = await project.migrator([P]).create('change', yes)
    expect(needs).toMatchObject([{ kind: 'noRows', column: 'p.id' }])
  })

  // On PostgreSQL `rowid` is `increment`, on SQLite it is `identity`.
  const changes: Record<typeof dialect, readonly (readonly [Strategy, Strategy])[]> = {
    postgres: [
      ['increment', 'identity'],
      ['identity', 'increment'],
    ],
    sqlite: [
      ['increment', 'rowid'],
      ['identity', 'increment'],
    ],
  }
  test.each(changes[dialect])('gives out no id twice when %s becomes %s, nor in the downgrade', async (from, to) => {
    await migrate(keyed(from))
    expect([await insert('a'), await insert('b'), await insert('c')]).toEqual([1, 2, 3])
    // The last number is then in no row, and only a sequence knows it. SQLite without AUTOINCREMENT uses it again.
    if (dialect === 'postgres') await project.database.rows('DELETE FROM p WHERE id = 3')
    await migrate(keyed(to))
    expect([await insert('d'), await insert('e')]).toEqual([4, 5])
    if (dialect === 'postgres') await project.database.rows('DELETE FROM p WHERE id = 5')
    await undo()
    expect(await insert('f')).toBe(6)
    await project.migrator(keyed(to)).upgrade()
    expect(await insert('g')).toBe(7)
  })

  test('goes on where a sequence was set to when its strategy changes', async () => {
    if (dialect === 'sqlite') {
      // The counter of AUTOINCREMENT is a row, which a rebuild copies.
      await migrate(keyed('increment'))
      await insert('a')
      await project.database.rows(`UPDATE sqlite_sequence SET seq = 999 WHERE name = 'p'`)
      await migrate(longer())
      expect(await insert('b')).toBe(1000)
      return
    }
    await migrate(keyed('identity'))
    await insert('a')
    await project.database.rows('ALTER SEQUENCE p_id_seq RESTART WITH 1000')
    await migrate(keyed('increment'))
    expect(await insert('b')).toBe(1000)
    await project.database.rows('ALTER SEQUENCE p_id_seq RESTART WITH 2000')
    await undo()
    expect(await insert('c')).toBe(2000)
  })
})
