import type { Queryable } from '../../queryable'
import type { KeptEntry } from '../../roles/keeping'
import { quote } from '../names'
import { freeColumn, freeTable } from './free'
import { guardConstraint, hiddenColumn, keptSchema, markColumn } from './names'
import type { ColumnPlace, TablePlace } from './places'
import type { Targets } from './targets'
import { moveType, typeById, useOfType } from './types'

export async function moveColumn(
  database: Queryable,
  column: ColumnPlace,
  { id }: KeptEntry,
  targets: Targets,
): Promise<void> {
  const { table, name } = column
  await freeColumn(database, table.id, column.number)
  await database.query(`ALTER TABLE ${table.sql} RENAME COLUMN ${quote(name)} TO ${quote(hiddenColumn(id))}`)
  await database.query(`COMMENT ON COLUMN ${table.sql}.${quote(hiddenColumn(id))} IS NULL`)
  // A constant default of a new column touches no row, and once it is dropped, later rows do not get it.
  await database.query(`ALTER TABLE ${table.sql} ADD COLUMN ${quote(markColumn(id))} boolean DEFAULT true`)
  await database.query(`ALTER TABLE ${table.sql} ALTER COLUMN ${quote(markColumn(id))} DROP DEFAULT`)
  await guardHidden(database, table.sql, id)
  const [target] = targets.tables
  if (target?.id !== table.id) return
  if (targets.columns.includes(name)) await database.query(`ALTER TABLE ${table.sql} ADD COLUMN ${quote(name)} boolean`)
  for (const constraint of targets.constraints) {
    const exists = (await database.query(
      'SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = $1::text::oid AND conname = $2',
      [table.id, constraint],
    )) as unknown[]
    if (exists.length === 0)
      await database.query(`ALTER TABLE ${table.sql} ADD CONSTRAINT ${quote(constraint)} CHECK (true) NOT VALID`)
  }
}

/** @param table quoted */
export async function guardHidden(database: Queryable, table: string, id: number): Promise<void> {
  await database.query(
    `ALTER TABLE ${table} ADD CONSTRAINT ${quote(guardConstraint(id))} CHECK (coalesce(${quote(markColumn(id))}, ${quote(hiddenColumn(id))} IS NULL)) NOT VALID`,
  )
}

export async function moveTable(database: Queryable, table: TablePlace, { id }: KeptEntry): Promise<void> {
  await freeTable(database, table.id)
  await database.query(`ALTER TABLE ${table.sql} SET SCHEMA ${quote(keptSchema)}`)
  await database.query(`ALTER TABLE ${quote(keptSchema)}.${quote(table.name)} RENAME TO ${quote(String(id))}`)
}

/** A type that goes, and that what is kept needs. */
export async function keepType(database: Queryable, id: string): Promise<void> {
  const type = await typeById(database, id)
  if (type === undefined || type.member) return
  if ((await useOfType(database, id)).byKept) await moveType(database, type)
}
