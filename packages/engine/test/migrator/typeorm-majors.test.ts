import type { DataSource, DataSourceOptions, EntitySchema } from 'typeorm'
import * as current from 'typeorm'
import * as legacy from 'typeorm-0.3'

import type { DialectName } from '../../src/dialect/registry'
import { dialectNames } from '../run/databases'
import { openProject, type TestProject } from './project'

/**
 * TypeORM derives the names of constraints and indexes from their tables, columns and expressions. For texts that are not ASCII,
 * 1.x uses another rule than 0.3. A project that moves from 0.3 to 1.x keeps its objects, under new names.
 */

type Typeorm = typeof current
const majors = { 0.3: legacy as unknown as Typeorm, 1: current } as const

/** Tables, columns and expressions with letters that the two versions hash differently, without explicit names. */
function entitiesOf({ EntitySchema }: Typeorm, dialect: DialectName): EntitySchema[] {
  return [
    new EntitySchema({
      name: 'Größe',
      tableName: 'größen',
      columns: {
        id: { type: 'int', primary: true, generated: 'increment' },
        höhe: { type: 'int' },
        maß: { type: 'varchar', length: 20 },
        von: { type: 'int', default: 0 },
      },
      uniques: [{ columns: ['höhe', 'maß'] }],
      checks: [{ expression: '"höhe" > 0' }],
      indices: [{ columns: ['maß'] }, { columns: ['höhe'], where: `"maß" = 'ü'` }],
      ...(dialect === 'postgres'
        ? { exclusions: [{ expression: 'USING gist (int4range("von", "höhe") WITH &&)' }] }
        : {}),
    }),
    new EntitySchema<{ größe: object }>({
      name: 'Stück',
      tableName: 'stücke',
      columns: {
        schlüssel: { type: 'varchar', length: 10, primary: true },
        art: { type: dialect === 'sqlite' ? 'simple-enum' : 'enum', enum: ['é', 'b'], default: 'b' },
      } as object,
      relations: {
        größe: { type: 'many-to-one', target: 'Größe', onDelete: 'CASCADE', joinColumn: { name: 'größe' } },
      },
    }),
  ]
}

/** Produces the names of 0.3, as `@typeorm/legacy-naming-strategies` does. */
class OldNames extends legacy.DefaultNamingStrategy {}

class OwnNames extends current.DefaultNamingStrategy {
  override primaryKeyName(...of: Parameters<current.DefaultNamingStrategy['primaryKeyName']>): string {
    return super.primaryKeyName(...of).toLowerCase()
  }
  override uniqueConstraintName(...of: Parameters<current.DefaultNamingStrategy['uniqueConstraintName']>): string {
    return super.uniqueConstraintName(...of).toLowerCase()
  }
  override foreignKeyName(...of: Parameters<current.DefaultNamingStrategy['foreignKeyName']>): string {
    return super.foreignKeyName(...of).toLowerCase()
  }
  override indexName(...of: Parameters<current.DefaultNamingStrategy['indexName']>): string {
    return super.indexName(...of).toLowerCase()
  }
  override checkConstraintName(...of: Parameters<current.DefaultNamingStrategy['checkConstraintName']>): string {
    return super.checkConstraintName(...of).toLowerCase()
  }
  override exclusionConstraintName(
    ...of: Parameters<current.DefaultNamingStrategy['exclusionConstraintName']>
  ): string {
    return super.exclusionConstraintName(...of).toLowerCase()
  }
}

describe.each(dialectNames)('project that moves from TypeORM 0.3 to 1 on %s', (dialect) => {
  let project: TestProject

  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  const dataSource = (major: keyof typeof majors, more: Partial<DataSourceOptions> = {}): DataSource => {
    const typeorm = majors[major]
    return new typeorm.DataSource({
      ...project.database.options,
      entities: entitiesOf(typeorm, dialect),
      ...more,
    } as DataSourceOptions)
  }

  /** Creates and applies a revision of the entities with this version of TypeORM. */
  async function change(major: keyof typeof majors, message: string, more: Partial<DataSourceOptions> = {}) {
    const migrator = project.migrator([], { dataSource: dataSource(major, more) })
    const { created, operations } = await migrator.create(message, { names: 'rename' })
    if (created !== null) await migrator.upgrade()
    const clean = (await migrator.check({ database: true })).clean
    await migrator.close()
    return { created, operations, clean }
  }

  /** Expects renames of both kinds and nothing else, since equal names in both versions would prove nothing. */
  function expectRenames({ operations, clean }: Awaited<ReturnType<typeof change>>): void {
    const ops = new Set(operations.map(({ op }) => op))
    expect([...ops].sort()).toEqual(['renameConstraint', 'renameIndex'])
    expect(operations.filter(({ destroys }) => destroys)).toEqual([])
    expect(clean).toBe(true)
  }

  const rows = async (): Promise<unknown> => [
    await project.database.rows('SELECT * FROM "größen" ORDER BY "id"'),
    await project.database.rows('SELECT * FROM "stücke" ORDER BY "schlüssel"'),
  ]

  test('keeps its rows, and only renames constraints and indexes', async () => {
    expect(await change(0.3, 'first')).toMatchObject({ clean: true })
    await project.database.rows(`INSERT INTO "größen" ("höhe", "maß", "von") VALUES (1, 'ü', 0), (2, 'm', 1)`)
    await project.database.rows(`INSERT INTO "stücke" ("schlüssel", "größe") VALUES ('s', 1), ('t', 2)`)
    const before = await rows()

    const upgraded = await change(1, 'typeorm 1')
    expectRenames(upgraded)
    expect(await rows()).toEqual(before)
    expect(await change(1, 'nothing')).toMatchObject({ created: null, operations: [] })

    const migrator = project.migrator([], { dataSource: dataSource(0.3) })
    await migrator.downgrade('-1')
    expect(await rows()).toEqual(before)
    await migrator.close()
  })

  test('renames only if the naming strategy derives other names', async () => {
    await change(0.3, 'first')
    await project.database.rows(`INSERT INTO "größen" ("höhe", "maß") VALUES (1, 'ü')`)
    const before = await rows()
    const old = await change(1, 'the names of 0.3', {
      namingStrategy: new OldNames() as unknown as current.DefaultNamingStrategy,
    })
    expect(old).toMatchObject({ created: null, operations: [], clean: true })
    expectRenames(await change(1, 'names of our own', { namingStrategy: new OwnNames() }))
    expectRenames(await change(1, 'the names of 1', {}))
    expect(await rows()).toEqual(before)
  })
})
