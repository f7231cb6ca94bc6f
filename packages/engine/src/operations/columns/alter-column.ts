import { canonicalExpression } from '../../schema/expressions'
import { stableJson } from '../../schema/json'
import { type Column, displayName, type ObjectName, sameName } from '../../schema/schema'
import { editTable, cannotApply, requireColumn, requireTypeOf } from '../edit-schema'
import type { Online, OperationKind } from '../operation'
import { brief, columnName } from '../wording'
import type { ColumnValues } from './column-values'
import { keepsEveryValue } from './type-change'

/** `from.name` and `to.name` are the same: a rename is a separate operation that runs before. */
export interface AlterColumn extends Online {
  readonly op: 'alterColumn'
  readonly table: ObjectName
  readonly from: Column
  readonly to: Column
  readonly values?: ColumnValues
  /** The `values` of the reverse operation. */
  readonly undo?: ColumnValues
}

export const alterColumn: OperationKind<AlterColumn> = {
  apply({ table, from, to }, schema) {
    if (from.name !== to.name) throw cannotApply(`renaming ${displayName(table)}.${from.name} is a separate operation`)
    requireTypeOf(to, schema)
    const edited = editTable(schema, table, (current) => {
      const column = requireColumn(current, from.name)
      return { ...current, columns: current.columns.map((other) => (other === column ? to : other)) }
    })
    const { serial } = from
    if (serial === undefined || to.serial !== undefined) return edited
    return { ...edited, sequences: edited.sequences.filter((sequence) => !sameName(sequence, serial)) }
  },
  reverse: ({ table, from, to, values, undo }) => ({
    op: 'alterColumn',
    table,
    from: to,
    to: from,
    values: undo,
    undo: values,
  }),
  destroys({ table, from, to, values }) {
    const column = columnName(table, to.name)
    if (from.generated !== undefined) return []
    if (to.generated !== undefined) return [`values of ${column}, which becomes a generated column`]
    if (values?.using !== undefined) return [`old values of ${column}, which become ${brief(values.using)}`]
    return keepsEveryValue(from, to) ? [] : [`values of ${column} that do not fit ${to.type}`]
  },
  phase({ from, to }) {
    if (to.generated !== undefined) return 'alterColumnToGenerated'
    return from.generated === undefined ? 'alterColumn' : 'alterGeneratedColumn'
  },
  describe({ table, from, to, values }) {
    const changes = columnChanges(from, to)
    const computed = changes.length === 0 && values?.using !== undefined
    return `alter column ${displayName(table)}.${to.name}: ${computed ? 'convert values' : changes.join(', ')}`
  },
  phrase: ({ to }) => `alter column ${to.name}`,
  subject: ({ table, to }) => ({ table: displayName(table), name: to.name }),
}

/** True if the type of the column changes. */
export function changesColumnType(from: Column, to: Column): boolean {
  return from.type !== to.type
}

/** The differences between two versions of a column, in words. */
export function columnChanges(from: Column, to: Column): string[] {
  const list: string[] = []
  if (from.type !== to.type) list.push(`type ${from.type} to ${to.type}`)
  if (from.collation !== to.collation)
    list.push(to.collation === undefined ? 'default collation' : `collation ${to.collation}`)
  if (from.nullable !== to.nullable) list.push(to.nullable ? 'nullable' : 'not null')
  if (from.identity !== to.identity) list.push(to.identity === undefined ? 'no identity' : `identity ${to.identity}`)
  if ((from.serial === undefined) !== (to.serial === undefined))
    list.push(to.serial === undefined ? 'no longer serial' : 'serial')
  if (stableJson(from.sequence ?? {}) !== stableJson(to.sequence ?? {})) list.push(`sequence ${sequenceText(to)}`)
  if ((from.autoincrement === true) !== (to.autoincrement === true)) {
    list.push(to.autoincrement === true ? 'autoincrement' : 'no autoincrement')
  }
  if (from.default !== to.default && from.serial === undefined && to.serial === undefined) {
    list.push(to.default === undefined ? 'no default' : `default ${to.default}`)
  }
  if (generatedText(from) !== generatedText(to)) {
    list.push(
      to.generated === undefined ? 'no longer generated' : `generated ${to.generated.kind} ${to.generated.expression}`,
    )
  }
  if (from.comment !== to.comment)
    list.push(to.comment === undefined ? 'no comment' : `comment ${JSON.stringify(to.comment)}`)
  return list
}

function sequenceText({ sequence = {} }: Column): string {
  return (
    Object.entries(sequence)
      .map(([key, value]) => `${key} ${String(value)}`)
      .join(' ') || 'as usual'
  )
}

function generatedText({ generated }: Column): string {
  if (generated === undefined) return ''
  return `${generated.kind} ${canonicalExpression(generated.expression, { table: '', columns: [] })}`
}
