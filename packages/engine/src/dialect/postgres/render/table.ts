import { beside, keyOf, type ObjectName, type Schema, type Table } from '../../../schema/schema'
import { countersOf } from '../../../schema/taken-names'
import type { AlterTable, CreateTable, TableOptions } from '../../../operations/operation'
import { doStatement, text } from '../literal'
import { quote, quoteName } from '../names'
import { columnDefinition, commentOnColumn, createSerialSequence, ownSequence, ownSerialSequence } from './column'
import { repartitioned } from './opaque'
import { checkClause, exclusionClause, primaryKeyClause, uniqueClause } from './constraint'

export function createTable({ table, definition }: CreateTable, schema: Schema): string[] {
  const isFree = freeNames(schema)
  const sequences = definition.columns.flatMap((column) => {
    const sequence = ownSequence(column, table, isFree)
    return sequence === undefined ? [] : [{ column, sequence }]
  })
  return [
    ...sequences.map(({ column, sequence }) => createSerialSequence(sequence, column)),
    `CREATE TABLE ${quoteName(table)} (${tableBody(table, definition, isFree)})${definition.partitionBy === undefined ? '' : ` PARTITION BY ${definition.partitionBy}`}`,
    ...sequences.map(({ column, sequence }) => ownSerialSequence(sequence, table, column.name)),
    ...(definition.comment === undefined ? [] : [commentOnTable(table, definition.comment)]),
    ...definition.columns.flatMap(({ name, comment }) =>
      comment === undefined ? [] : [commentOnColumn(table, name, comment)],
    ),
    ...rowSecurity(table, {}, definition),
    ...definition.triggers.map((trigger) => trigger.sql),
  ]
}

function tableBody(table: ObjectName, definition: Table, isFree: (name: ObjectName) => boolean): string {
  const lines = [
    ...definition.columns.map((column) => columnDefinition(column, table, isFree)),
    ...(definition.primaryKey === undefined ? [] : [primaryKeyClause(definition.primaryKey)]),
    ...definition.uniques.map(uniqueClause),
    ...definition.checks.map(checkClause),
    ...definition.exclusions.map(exclusionClause),
  ]
  return lines.length === 0 ? '' : `\n  ${lines.join(',\n  ')}\n`
}

export function alterTable({ table, from, to }: AlterTable): string[] {
  if (from.partitionBy !== to.partitionBy) throw repartitioned(table)
  return [...rowSecurity(table, from, to), ...(from.comment === to.comment ? [] : [commentOnTable(table, to.comment)])]
}

function rowSecurity(table: ObjectName, from: TableOptions, to: TableOptions): string[] {
  const change = (key: 'rowSecurity' | 'forceRowSecurity', on: string, off: string): string[] =>
    (from[key] === true) === (to[key] === true)
      ? []
      : [`ALTER TABLE ${quoteName(table)} ${to[key] === true ? on : off} ROW LEVEL SECURITY`]
  return [...change('rowSecurity', 'ENABLE', 'DISABLE'), ...change('forceRowSecurity', 'FORCE', 'NO FORCE')]
}

/**
 * Statements for a new name, a new schema, or both. The order of the two, or a name in between, avoids names that are taken.
 *
 * @param isFree whether no object of the kind has that name
 */
export function renameStatements(
  kind: string,
  from: ObjectName,
  to: ObjectName,
  isFree: (name: ObjectName) => boolean,
): string[] {
  const rename = (name: ObjectName, next: string): string => `ALTER ${kind} ${quoteName(name)} RENAME TO ${quote(next)}`
  const inSchema = ({ schema }: ObjectName, name: string): ObjectName =>
    schema === undefined ? { name } : { schema, name }
  if (from.schema === to.schema) return from.name === to.name ? [] : [rename(from, to.name)]
  if (from.name === to.name) return [moveStatement(kind, from, to.schema)]
  if (isFree(inSchema(to, from.name)))
    return [moveStatement(kind, from, to.schema), rename(inSchema(to, from.name), to.name)]
  const between = isFree(inSchema(from, to.name)) ? to.name : 'aludel_aside'
  return [
    rename(from, between),
    moveStatement(kind, inSchema(from, between), to.schema),
    ...(between === to.name ? [] : [rename(inSchema(to, between), to.name)]),
  ]
}

function moveStatement(kind: string, from: ObjectName, schema: string | undefined): string {
  const statement = `ALTER ${kind} ${quoteName(from)} SET SCHEMA`
  if (schema !== undefined) return `${statement} ${quote(schema)}`
  return doStatement(`BEGIN EXECUTE ${text(`${statement} `)} || quote_ident(current_schema()); END`)
}

/** Tests whether a new relation or type can have a name. They share a namespace, as every relation is also a type. */
export function freeNames(schema: Schema): (name: ObjectName) => boolean {
  const taken = new Set<string>()
  for (const relation of [...schema.tables, ...schema.views]) {
    taken.add(keyOf(relation))
    for (const index of relation.indexes) taken.add(keyOf(beside(relation, index.name)))
  }
  for (const { partitions = [] } of schema.tables) for (const partition of partitions) taken.add(keyOf(partition))
  for (const named of [...schema.sequences, ...schema.enums]) taken.add(keyOf(named))
  for (const counter of schema.tables.flatMap(countersOf)) taken.add(keyOf(counter))
  return (name) => !taken.has(keyOf(name))
}

function commentOnTable(table: ObjectName, comment: string | undefined): string {
  return `COMMENT ON TABLE ${quoteName(table)} IS ${comment === undefined ? 'NULL' : text(comment)}`
}
