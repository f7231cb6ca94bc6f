import type { EntitySchema } from 'typeorm'

import type { CreateOptions, CreateResult, Migrator } from '../../src'
import type { TestProject } from './project'

type Flags = Pick<CreateOptions, 'rename' | 'noRename' | 'map' | 'backfill' | 'using'>

/** All rows of tables, by table name, in the order of the first column. */
export type TableRows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

/** A change of tables that contain rows. Each case has its own tables, and all cases share the revisions of one project. */
export interface Case {
  readonly title: string
  readonly before: readonly EntitySchema[]
  readonly rows: TableRows
  /** The revisions after the first one, with the rows after each. */
  readonly revisions: readonly [Change, ...Change[]]
  /** Statements after the first of these revisions. */
  readonly later?: readonly string[]
  /** The rows after all these revisions are undone. */
  readonly undone: TableRows
}

interface Change {
  readonly entities: readonly EntitySchema[]
  readonly flags?: Flags
  readonly rows: TableRows
}

/** The results of cases that were applied and undone together. */
export interface Together {
  /** For each revision: its result, its file, and all rows after it. */
  readonly made: readonly { readonly result: CreateResult; readonly file: string; readonly rows: TableRows }[]
  readonly undone: TableRows
  /** Has the entities of the last revision; all revisions but the first are undone. */
  readonly migrator: Migrator
}

/** Creates and applies the first revision, which creates these tables, and inserts these rows. */
export async function begin(project: TestProject, entities: readonly EntitySchema[], rows: TableRows): Promise<void> {
  const migrator = project.migrator(entities)
  await migrator.create('first')
  await migrator.upgrade()
  await expectClean(migrator)
  await insert(project, rows)
}

/** These cases do not need a backup. */
export const noBackup = { backup: 'never' } as const

/** Puts all cases into one history, applies it and undoes it. */
export async function runTogether(
  project: TestProject,
  cases: readonly Case[],
  options: CreateOptions,
  migratorOptions: Parameters<TestProject['migrator']>[1] = {},
): Promise<Together> {
  const made: Together['made'][number][] = []

  async function change(index: number): Promise<Migrator> {
    const changes = cases.map((one) => changeOf(one, index))
    const migrator = project.migrator(
      changes.flatMap(({ entities }) => entities),
      migratorOptions,
    )
    const flags = flagsOf(cases.map(({ revisions }) => revisions[index]?.flags ?? {}))
    const result = await migrator.create('change', { ...options, ...flags })
    await migrator.upgrade('head', noBackup)
    await expectClean(migrator)
    const file = Object.values(await project.files()).at(-1) ?? ''
    const tables = changes.flatMap(({ rows }) => Object.keys(rows))
    made.push({ result, file, rows: await readTables(project, tables) })
    return migrator
  }

  await begin(
    project,
    cases.flatMap(({ before }) => before),
    Object.fromEntries(cases.flatMap(({ rows }) => Object.entries(rows))),
  )
  let migrator = await change(0)
  for (const sql of cases.flatMap(({ later = [] }) => later)) await project.database.rows(sql)
  const count = Math.max(...cases.map(({ revisions }) => revisions.length))
  for (let index = 1; index < count; index++) migrator = await change(index)
  for (let index = 0; index < count; index++) await undo(migrator)
  const tables = cases.flatMap((one) => Object.keys(one.undone))
  return { made, undone: await readTables(project, tables), migrator }
}

/** The change of a case at a revision; after its last revision a case stays unchanged. */
function changeOf({ revisions }: Case, index: number): Change {
  return revisions[index] ?? revisions.at(-1) ?? revisions[0]
}

/** The flags of all cases together. */
export function flagsOf(all: readonly Flags[]): Required<Flags> {
  return {
    rename: all.flatMap(({ rename = [] }) => rename),
    noRename: all.flatMap(({ noRename = [] }) => noRename),
    map: all.flatMap(({ map = [] }) => map),
    backfill: all.flatMap(({ backfill = [] }) => backfill),
    using: all.flatMap(({ using = [] }) => using),
  }
}

/** Expects the rows of this case among those of all cases. */
export function expectRowsOf(one: Case, { made, undone }: Together): void {
  for (const [index, { rows }] of one.revisions.entries()) expectRows(made[index]?.rows, rows)
  expectRows(undone, one.undone)
}

export function expectRows(all: TableRows | undefined, rows: TableRows): void {
  expect(Object.fromEntries(Object.keys(rows).map((name) => [name, all?.[name]]))).toEqual(rows)
}

export async function readTables({ database }: TestProject, names: readonly string[]): Promise<TableRows> {
  const tables: Record<string, TableRows[string]> = {}
  for (const name of names) tables[name] = await database.rows(`SELECT * FROM "${name}" ORDER BY 1`)
  return tables
}

async function insert({ database }: TestProject, tables: TableRows): Promise<void> {
  const literal = (value: unknown): string => (value === null ? 'NULL' : `'${value as string}'`)
  for (const [name, rows] of Object.entries(tables)) {
    const columns = Object.keys(rows[0] ?? {}).map((column) => `"${column}"`)
    const values = rows.map((row) => `(${Object.values(row).map(literal).join(', ')})`)
    await database.rows(`INSERT INTO "${name}" (${columns.join(', ')}) VALUES ${values.join(', ')}`)
  }
}

export async function expectClean(migrator: Migrator): Promise<void> {
  const { clean, database } = await migrator.check({ database: true })
  expect([clean, database]).toMatchObject([true, { clean: true, operations: [] }])
}

/** Expects that the database matches its revision; after a downgrade the entities are ahead on purpose. */
export async function expectCleanDatabase(migrator: Migrator): Promise<void> {
  expect((await migrator.check({ database: true })).database).toMatchObject({ clean: true, operations: [] })
}

export async function undo(migrator: Migrator): Promise<void> {
  await migrator.downgrade('-1', noBackup)
  await expectCleanDatabase(migrator)
}
