import { describeOperation } from '../../operations'
import type { Operation } from '../../operations/operation'
import { displayName, findTable, type ObjectName, sameName, type Schema, type Table } from '../../schema/schema'
import { indexUses, readsAny } from '../../schema/dependents'

/** A change of a table, as a story tells it. Plain data, which is cached. */
export interface TableChange {
  /** `add column orders.total numeric(10,2)` */
  readonly text: string
  /** The table under its name then; after a rename, the new one. */
  readonly table: string
  /** The columns that it is about; null: all of the table. */
  readonly columns: readonly string[] | null
  /** A new name, of the table or of a column; absent for any other change. */
  readonly renamed?: { readonly what: 'table' | 'column'; readonly from: string; readonly to: string }
}

/**
 * The operations that are about tables, in the order in which they run, as changes of these.
 *
 * @param before the schema before them
 * @param after the schema after them
 */
export function changesOf(operations: readonly Operation[], before: Schema, after: Schema): readonly TableChange[] {
  return operations.flatMap((operation) => {
    const text = describeOperation(operation)
    return subjects(operation, before, after).map((subject) => ({ text, ...subject }))
  })
}

type Subject = Omit<TableChange, 'text'>

function subjects(operation: Operation, before: Schema, after: Schema): readonly Subject[] {
  const tableNow = (name: ObjectName): Table | undefined => findTable(before, name) ?? findTable(after, name)
  switch (operation.op) {
    case 'createTable':
    case 'dropTable':
      return [
        { table: displayName(operation.table), columns: operation.definition.columns.map((column) => column.name) },
      ]
    case 'renameTable': {
      const [from, to] = [displayName(operation.table), displayName(operation.to)]
      return [{ table: to, columns: null, renamed: { what: 'table', from, to } }]
    }
    case 'renameColumn': {
      const { from, to } = operation
      return [{ table: displayName(operation.table), columns: [to], renamed: { what: 'column', from, to } }]
    }
    case 'addColumn':
    case 'dropColumn':
      return [{ table: displayName(operation.table), columns: [operation.column.name] }]
    case 'alterColumn':
      return [{ table: displayName(operation.table), columns: [operation.to.name] }]
    case 'renameValue':
    case 'mapValue':
      return [{ table: displayName(operation.table), columns: [operation.column] }]
    case 'createEnum':
    case 'dropEnum':
    case 'alterEnum':
    case 'renameEnum':
      return enumSubjects(operation, [before, after])
    default: {
      if (!('table' in operation)) return []
      const table = tableNow(operation.table)
      return [{ table: displayName(operation.table), columns: table === undefined ? [] : columnsOf(operation, table) }]
    }
  }
}

/** The columns of a table that a key, a check or an index is about. */
function columnsOf(operation: Operation, table: Table): readonly string[] {
  const reading = (reads: (columns: ReadonlySet<string>) => boolean): readonly string[] =>
    table.columns.map(({ name }) => name).filter((name) => reads(new Set([name])))
  switch (operation.op) {
    case 'addPrimaryKey':
    case 'dropPrimaryKey':
      return operation.primaryKey.columns
    case 'addUnique':
    case 'dropUnique':
      return operation.unique.columns
    case 'addForeignKey':
    case 'dropForeignKey':
      return operation.foreignKey.columns
    case 'addCheck':
    case 'dropCheck':
      return reading((columns) => readsAny(table, operation.check.expression, columns))
    case 'addExclusion':
    case 'dropExclusion':
      return reading((columns) => readsAny(table, operation.exclusion.definition, columns))
    case 'createIndex':
    case 'dropIndex':
      return reading((columns) => indexUses(table, operation.index, columns))
    default:
      return []
  }
}

type EnumOperation = Extract<Operation, { readonly op: 'createEnum' | 'dropEnum' | 'alterEnum' | 'renameEnum' }>

/** A type is about the columns that have it. One that comes or goes with its columns is told by these. */
function enumSubjects(operation: EnumOperation, schemas: readonly Schema[]): readonly Subject[] {
  if (operation.op === 'createEnum' || operation.op === 'dropEnum') return []
  const names = operation.op === 'renameEnum' ? [operation.from, operation.to] : [operation.from]
  const found = new Map<string, Set<string>>()
  for (const table of schemas.flatMap(({ tables }) => tables)) {
    for (const column of table.columns) {
      const type = column.enum
      if (type === undefined || !names.some((name) => sameName(name, type))) continue
      const columns = found.get(displayName(table)) ?? new Set()
      found.set(displayName(table), columns.add(column.name))
    }
  }
  return [...found].map(([table, columns]) => ({ table, columns: [...columns] }))
}
