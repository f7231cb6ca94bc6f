import { createHash } from 'node:crypto'

import type { AlterColumn } from '../../../operations/operation'
import type { Check, ForeignKey, ObjectName, Unique } from '../../../schema/schema'
import { quote, quoteName } from '../names'
import { fillOf } from './alter-column'
import { checkClause, deferrable, foreignKeyClause } from './constraint'
import { addConstraint, dropConstraint } from './dependents'
import { createIndex } from './index-statement'

/*
 * Changes that block nobody for longer than a moment, each in several statements, which run outside a transaction: the work that
 * grows with the rows is done under a lock that lets others read and write.
 * https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
 */

/** Rows that are written from now on are checked; then those that are there, while others read and write. */
export function addForeignKeyOnline(table: ObjectName, key: ForeignKey): string[] {
  return addAndValidate(table, key.name, foreignKeyClause(key))
}

/** As {@link addForeignKeyOnline}. */
export function addCheckOnline(table: ObjectName, check: Check): string[] {
  return addAndValidate(table, check.name, checkClause(check))
}

function addAndValidate(table: ObjectName, name: string | undefined, clause: string): string[] {
  const add = addConstraint(table, name === undefined ? clause : `${clause} NOT VALID`)
  return name === undefined ? [add] : [add, validateConstraint(table, name)]
}

function validateConstraint(table: ObjectName, name: string): string {
  return `ALTER TABLE ${quoteName(table)} VALIDATE CONSTRAINT ${quote(name)}`
}

/** The index is built concurrently, and then becomes the constraint. */
export function addUniqueOnline(table: ObjectName, unique: Unique & { readonly name: string }): string[] {
  const { name, columns, nullsNotDistinct } = unique
  const keys = columns.map((column) => ({ column }))
  const index = { name, unique: true, method: 'btree', keys, nullsNotDistinct, concurrent: true } as const
  const using = `CONSTRAINT ${quote(name)} UNIQUE USING INDEX ${quote(name)}${deferrable(unique.deferrable)}`
  return [...createIndex(table, index), addConstraint(table, using)]
}

/**
 * A check stands in for NOT NULL: where one is valid, the server looks at no row. It refuses new rows without a value before those
 * that are there get one.
 */
export function setNotNullOnline({ table, from, to, values }: AlterColumn): string[] {
  const name = checkName(table, to.name)
  const column = quote(to.name)
  const fill = fillOf(from, to, values)
  return [
    addConstraint(table, `CONSTRAINT ${quote(name)} CHECK (${column} IS NOT NULL) NOT VALID`),
    ...(fill === undefined ? [] : [`UPDATE ${quoteName(table)} SET ${column} = ${fill} WHERE ${column} IS NULL`]),
    validateConstraint(table, name),
    `ALTER TABLE ${quoteName(table)} ALTER COLUMN ${column} SET NOT NULL`,
    dropConstraint(table, name),
  ]
}

/** A name that no other constraint of the table has, and that is short enough. */
function checkName(table: ObjectName, column: string): string {
  const sum = createHash('sha256')
    .update(JSON.stringify([table, column]))
    .digest('hex')
    .slice(0, 8)
  return `aludel_not_null_${sum}`
}
