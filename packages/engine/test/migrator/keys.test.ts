import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm'

import { dialectNames } from '../run/databases'
import { type EntityOption, openProject, type TestProject } from './project'

type KeyType = 'int' | 'bigint' | 'varchar'

/** Keys of one type, and what references them: another table, the table itself, two columns at once. */
function tables(type: KeyType): readonly EntityOption[] {
  @Entity('parents')
  class Parent {
    @PrimaryColumn(type) id!: string
  }
  @Entity('children')
  class Child {
    @PrimaryColumn('int') id!: number
    @ManyToOne(() => Parent, { onDelete: 'CASCADE' })
    @JoinColumn({ name: 'parentId' })
    parent!: Parent
  }
  @Entity('nodes')
  class Node {
    @PrimaryColumn(type) id!: string
    @ManyToOne(() => Node, { onDelete: 'SET NULL' })
    @JoinColumn({ name: 'parentId' })
    parent!: Node
  }
  @Entity('places')
  class Place {
    @PrimaryColumn('int') row!: number
    @PrimaryColumn(type) seat!: string
  }
  @Entity('tickets')
  class Ticket {
    @PrimaryColumn('int') id!: number
    @ManyToOne(() => Place)
    @JoinColumn([
      { name: 'row', referencedColumnName: 'row' },
      { name: 'seat', referencedColumnName: 'seat' },
    ])
    place!: Place
  }
  return [Parent, Child, Node, Place, Ticket]
}

function numbered(kind: 'increment' | 'uuid'): readonly EntityOption[] {
  @Entity('owners')
  class Owner {
    @PrimaryGeneratedColumn(kind as 'uuid') id!: string
  }
  @Entity('pets')
  class Pet {
    @PrimaryColumn('int') id!: number
    @ManyToOne(() => Owner)
    @JoinColumn({ name: 'ownerId' })
    owner!: Owner
  }
  return [Owner, Pet]
}

/** Tables of which no row can have NULL where it references its own table: TypeORM accepts that of columns that it does not derive. */
function selfReferences(length: number): readonly EntityOption[] {
  @Entity('by_number')
  class ByNumber {
    @PrimaryGeneratedColumn() id!: number
    @Column({ type: 'varchar', length }) name!: string
    @Column() parentId!: number
    @ManyToOne(() => ByNumber) parent!: ByNumber
  }
  @Entity('by_uuid')
  class ByUuid {
    @PrimaryGeneratedColumn('uuid') id!: string
    @Column({ type: 'varchar', length }) name!: string
    @Column() parentId!: string
    @ManyToOne(() => ByUuid) parent!: ByUuid
  }
  @Entity('by_two')
  class ByTwo {
    @PrimaryColumn('int') row!: number
    @PrimaryColumn('varchar') seat!: string
    @Column({ type: 'varchar', length }) name!: string
    @Column('int') nextRow!: number
    @Column('varchar') nextSeat!: string
    @ManyToOne(() => ByTwo)
    @JoinColumn([
      { name: 'nextRow', referencedColumnName: 'row' },
      { name: 'nextSeat', referencedColumnName: 'seat' },
    ])
    next!: ByTwo
  }
  return [ByNumber, ByUuid, ByTwo]
}

/** The same with the identity columns of PostgreSQL. */
function identities(length: number): readonly EntityOption[] {
  @Entity('always')
  class Always {
    @PrimaryGeneratedColumn('identity', { generatedIdentity: 'ALWAYS' }) id!: number
    @Column({ type: 'varchar', length }) name!: string
    @Column() parentId!: number
    @ManyToOne(() => Always) parent!: Always
  }
  return [Always]
}

describe.each(dialectNames)('type change of a key on %s', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  const rows = (sql: string) => project.database.rows(sql)
  const together = `SELECT (SELECT count(*) FROM children c JOIN parents p ON p.id = c."parentId") AS children,
    (SELECT count(*) FROM nodes n JOIN nodes p ON p.id = n."parentId") AS nodes,
    (SELECT count(*) FROM tickets t JOIN places p ON p."row" = t."row" AND p.seat = t.seat) AS tickets`

  test.each(['bigint', 'varchar'] as const)(
    'changes the columns that reference the key too, up and down: int to %s',
    async (type) => {
      const [from, to] = [tables('int'), tables(type)]
      await project.migrator(from).create('first')
      await project.migrator(from).upgrade()
      await rows(`INSERT INTO parents VALUES (1), (2)`)
      await rows(`INSERT INTO children (id, "parentId") VALUES (1, 1), (2, 2), (3, NULL)`)
      await rows(`INSERT INTO nodes (id, "parentId") VALUES (1, NULL), (2, 1), (3, 2)`)
      await rows(`INSERT INTO places ("row", seat) VALUES (1, 7), (2, 7)`)
      await rows(`INSERT INTO tickets (id, "row", seat) VALUES (1, 1, 7), (2, 2, 7)`)
      const before = await rows(together)
      expect(Object.values(before[0] ?? {}).map(Number)).toEqual([2, 2, 2])

      const { destroys } = await project.migrator(to).create('second')
      expect(destroys).toEqual([])
      await project.migrator(to).upgrade()
      expect(await rows(together)).toEqual(before)
      expect(await project.migrator(to).check({ database: true })).toMatchObject({
        clean: true,
        database: { clean: true },
      })
      await project.migrator(to).downgrade('-1')
      expect(await rows(together)).toEqual(before)
      expect((await project.migrator(from).check({ database: true })).database?.clean).toBe(true)
    },
  )

  test('proves a change of tables whose rows must reference a row of the same table', async () => {
    const warnings: string[] = []
    const migrator = (entities: readonly EntityOption[]) =>
      project.migrator(entities, {
        onEvent: (event) => {
          if (event.type === 'warning') warnings.push(event.message)
        },
      })
    const entities = (length: number) => [
      ...selfReferences(length),
      ...(dialect === 'postgres' ? identities(length) : []),
    ]
    await migrator(entities(10)).create('first')
    const { operations } = await migrator(entities(20)).create('second')
    expect(operations).toHaveLength(entities(20).length)
    expect(warnings).toEqual([])
  })

  // SQLite keeps any value in any column, and has no uuid.
  if (dialect === 'postgres')
    test('asks for --using for the key and the columns that reference it', async () => {
      await project.migrator(numbered('increment')).create('first')
      await project.migrator(numbered('increment')).upgrade()
      await rows('INSERT INTO owners VALUES (1), (2)')
      await rows('INSERT INTO pets (id, "ownerId") VALUES (1, 1), (2, 2)')
      const migrator = project.migrator(numbered('uuid'))
      await expect(migrator.create('second', { confirm: () => Promise.resolve(true) })).rejects.toMatchObject({
        code: 'ALUDEL_CONVERSION',
        help: expect.stringMatching(/--using "owners\.id=.*\n.*--using "pets\.ownerId=/) as string,
      })
      await migrator.create('second', {
        confirm: () => Promise.resolve(true),
        using: [
          `owners.id=md5("id"::text)::uuid`,
          `pets.ownerId=md5("ownerId"::text)::uuid`,
          `down:owners.id=('x' || left(md5("id"::text), 7))::bit(28)::int`,
          `down:pets.ownerId=('x' || left(md5("ownerId"::text), 7))::bit(28)::int`,
        ],
      })
      await project.migrator(numbered('uuid')).upgrade()
      expect(await rows('SELECT count(*) AS n FROM pets JOIN owners ON owners.id = pets."ownerId"')).toEqual([
        { n: '2' },
      ])
    })
})
