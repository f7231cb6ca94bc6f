import type { TestProject } from '../../migrator/project'
import { writeRevisions, type WrittenRevision } from '../revision-files'

const tables: WrittenRevision = {
  id: 'a',
  message: 'orders',
  up: [
    'CREATE TABLE "customers" ("id" integer PRIMARY KEY, "name" varchar(30) NOT NULL)',
    'CREATE TABLE "orders" ("id" integer PRIMARY KEY, "customer" integer NOT NULL, "note" text)',
  ],
  undo: ['DROP TABLE "orders"', 'DROP TABLE "customers"'],
}

/** Rows of each table: more than those of which the rehearsal alone tells the time. */
const rows = 3000

/** A database at the revision `a`, with rows in `customers` and `orders`, and others pending that follow it. */
export async function preparePending(project: TestProject, ...pending: readonly WrittenRevision[]): Promise<void> {
  await writeRevisions(project, tables)
  await project.migrator([]).upgrade()
  const isPostgres = project.database.dialect.name === 'postgres'
  const numbers = isPostgres
    ? `generate_series(1, ${String(rows)}) AS numbers(n)`
    : `(WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${String(rows)}) SELECT n FROM numbers)`
  for (const [table, list] of [
    ['customers', "n, 'somebody'"],
    ['orders', "n, n, CASE WHEN n % 4 > 0 THEN 'secret of ' || n END"],
  ])
    await project.database.queryRunner.query(`INSERT INTO "${table ?? ''}" SELECT ${list ?? ''} FROM ${numbers}`)
  if (isPostgres) await project.database.queryRunner.query('ANALYZE')
  await writeRevisions(project, ...pending)
}
