import { mkdtempSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { DataSource, type DataSourceOptions, EntitySchema } from 'typeorm'

import type { MigratorOptions } from '../../src/project/options'
import type { DialectName } from '../../src/dialect/registry'
import { Migrator } from '../../src/migrator'
import { openDatabase, postgresUrl, type TestDatabase } from '../run/databases'

/** A replay cache for all projects of a test file, since many of them begin with the same revisions. */
const replays = mkdtempSync(path.join(tmpdir(), 'aludel-replays-'))
afterAll(() => rm(replays, { recursive: true, force: true }))

/** An entity: a schema, or a class with decorators. */
export type EntityOption = EntitySchema | (new () => object)

/** A project of one test: a database, a revision directory, and entities that change. */
export interface TestProject {
  readonly database: TestDatabase
  readonly directory: string
  readonly revisions: string
  /** A migrator of these entities on the project's database. Closed with the project. */
  migrator(entities: readonly EntityOption[], options?: Partial<MigratorOptions>): Migrator
  /** A new, uninitialized DataSource of these entities on the project's database. */
  dataSource(entities: readonly EntityOption[], overrides?: Partial<DataSourceOptions>): DataSource
  /** Texts of the revision files, by name. */
  files(): Promise<Record<string, string>>
  /** Writes revision files. */
  write(files: Readonly<Record<string, string>>): Promise<void>
  remove(): Promise<void>
}

export async function openProject(dialect: DialectName): Promise<TestProject> {
  const database = await openDatabase(dialect)
  const directory = await mkdtemp(path.join(tmpdir(), 'aludel-project-'))
  const revisions = path.join(directory, 'migrations')
  await mkdir(revisions)
  const open: Migrator[] = []
  const dataSource: TestProject['dataSource'] = (entities, overrides = {}) =>
    new DataSource({ ...database.options, entities: [...entities], ...overrides } as DataSourceOptions)
  return {
    database,
    directory,
    revisions,
    dataSource,
    migrator: (entities, options = {}) => {
      const migrator = new Migrator({
        dataSource: dataSource(entities),
        revisions,
        root: directory,
        shadow: { postgres: postgresUrl() },
        actor: 'test@host',
        cacheDirectory: replays,
        ...options,
      })
      open.push(migrator)
      return migrator
    },
    files: async () => {
      const names = (await readdir(revisions)).sort()
      return Object.fromEntries(
        await Promise.all(
          names.map(async (name) => [name, await readFile(path.join(revisions, name), 'utf8')] as const),
        ),
      )
    },
    write: async (files) => {
      for (const [name, content] of Object.entries(files)) await writeFile(path.join(revisions, name), content)
    },
    remove: async () => {
      for (const migrator of open) await migrator.close()
      await database.drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Writes the revision `bbbbbbbbbbbb` with the parent `aaaaaaaaaaaa`. Default of `mode` is a non-transactional revision. */
export function writeRevision(
  { revisions }: TestProject,
  name: string,
  up: readonly string[],
  { down = [], mode = 'readonly transaction = false' }: { down?: readonly string[]; mode?: string } = {},
): Promise<void> {
  const typeName = `${name.charAt(0).toUpperCase()}${name.slice(1)}1999999999999`
  return writeFile(
    path.join(revisions, `1999999999999-${name}.ts`),
    `import type { MigrationInterface, QueryRunner } from 'typeorm'
import { batched } from ${JSON.stringify(path.resolve(__dirname, '../../src/migration'))}

/** ${name} */
export class ${typeName} implements MigrationInterface {
  static readonly revision = 'bbbbbbbbbbbb'
  static readonly downRevision = 'aaaaaaaaaaaa'
  ${mode}
  async up(queryRunner: QueryRunner): Promise<void> {
    ${up.join('\n    ')}
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    ${down.join('\n    ')}
  }
}
`,
  )
}

type Columns = ConstructorParameters<typeof EntitySchema>[0]['columns']
type SchemaOptions = ConstructorParameters<typeof EntitySchema>[0]

/** An entity whose table has the same name. */
export function entity(
  name: string,
  columns: Columns,
  rest: Omit<SchemaOptions, 'name' | 'columns'> = {},
): EntitySchema {
  return new EntitySchema({ name, tableName: name, columns, ...rest })
}

export const id = { type: 'int', primary: true } as const
export const text = (length: number, more: object = {}) => ({ type: 'varchar', length, ...more }) as const

/** An entity that references `authors`, with ON DELETE CASCADE. */
export const books = entity(
  'books',
  { id, author_id: { type: 'int' } },
  {
    foreignKeys: [
      {
        name: 'fk_author',
        target: 'authors',
        columnNames: ['author_id'],
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
      },
    ],
  },
)
