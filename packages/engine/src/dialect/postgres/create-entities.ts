import type { DataSource, QueryRunner, Table, TableColumn } from 'typeorm'

import { type ColumnDefault, mendDefaults, mendText } from '../typeorm-literals'
import { quote } from './names'
import { togetherIn } from './together'

/** Runs TypeORM's schema sync on an empty shadow database, and works around its bugs on PostgreSQL. */
export async function createEntities(dataSource: DataSource): Promise<void> {
  mendDefaults(dataSource, arrayDefault)
  mendEnumNames(dataSource)
  // Schema sync builds indexes in its transaction, where PostgreSQL refuses CONCURRENTLY. Nobody writes to a shadow.
  for (const index of dataSource.entityMetadatas.flatMap(({ indices }) => indices)) index.isConcurrent = false
  for (const schema of schemasOf(dataSource)) await createSchema(dataSource, schema)
  const synchronize = (): Promise<void> => dataSource.synchronize()
  // Otherwise a failure would leave tables behind.
  const isAtomic = dataSource.options.migrationsTransactionMode !== 'none'
  if (isAtomic && !('error' in (await togetherIn(dataSource, synchronize)))) return
  // One by one: the error of a statement must be that of its table.
  await synchronize()
}

/** The schemas of the entities: schema sync does not create them, and fails when one is missing. */
function schemasOf(dataSource: DataSource): ReadonlySet<string> {
  const { schema: own } = dataSource.options as { readonly schema?: string }
  const enums = dataSource.entityMetadatas.flatMap(({ columns }) =>
    columns.flatMap(({ enumName }) => (enumName?.includes('.') === true ? [enumName.split('.')[0]] : [])),
  )
  const names = [own, ...dataSource.entityMetadatas.map(({ schema }) => schema), ...enums]
  return new Set(names.flatMap((name) => (name === undefined || name === '' ? [] : [name])))
}

/** CREATE SCHEMA IF NOT EXISTS requires the right to create a schema even when it exists. */
async function createSchema(dataSource: DataSource, schema: string): Promise<void> {
  const found: unknown[] = await dataSource.query('SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1', [schema])
  if (found.length === 0) await dataSource.query(`CREATE SCHEMA ${quote(schema)}`)
}

/** TypeORM joins the elements with commas, so `['a,b']` would become two. An element that looks like an array stays one. */
function arrayDefault(column: ColumnDefault): string | undefined {
  if (!column.isArray || !Array.isArray(column.default)) return undefined
  const elements = (column.default as unknown[]).map((value) => element(String(value), value))
  return `'{${elements.join(',')}}'`
}

/** https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
function element(text: string, value: unknown): string {
  const nested = /^\{.*\}$/s.test(text)
  const isNull = value === null || value === undefined
  if (isNull) return 'NULL'
  const plain = nested || (!/[,"\\{}]|^\s|\s$|^$/.test(text) && text.toLowerCase() !== 'null')
  return mendText(plain ? text : `"${text.replace(/["\\]/g, '\\$&')}"`)
}

/** The methods of TypeORM's `PostgresQueryRunner` that name an enum type; the same in 0.3 and 1.x. */
interface EnumNames {
  buildEnumName(table: Table, column: TableColumn, ...rest: unknown[]): string
  hasEnumType(table: Table, column: TableColumn): Promise<boolean>
}

/**
 * `enumName: 'types.mood'` is a type in another schema; TypeORM would call it `"public"."types"."mood"`, which
 * PostgreSQL takes for a type of another database.
 */
function mendEnumNames(dataSource: DataSource): void {
  const createQueryRunner = dataSource.createQueryRunner.bind(dataSource)
  dataSource.createQueryRunner = (mode) => {
    const runner = createQueryRunner(mode)
    const names = runner as unknown as EnumNames
    const buildEnumName = names.buildEnumName.bind(names)
    const hasEnumType = names.hasEnumType.bind(names)
    names.buildEnumName = (table, column, ...rest) =>
      column.enumName?.includes('.') === true
        ? column.enumName.split('.').map(quote).join('.')
        : buildEnumName(table, column, ...rest)
    names.hasEnumType = (table, column) =>
      column.enumName?.includes('.') === true
        ? typeExists(runner, names.buildEnumName(table, column))
        : hasEnumType(table, column)
    return runner
  }
}

async function typeExists(runner: QueryRunner, name: string): Promise<boolean> {
  const [row] = (await runner.query('SELECT to_regtype($1) IS NOT NULL AS found', [name])) as { found: boolean }[]
  return row?.found === true
}
