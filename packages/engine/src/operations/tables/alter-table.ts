import { displayName, type ObjectName } from '../../schema/schema'
import { editTable } from '../edit-schema'
import type { OperationKind } from '../operation'

export interface TableOptions {
  readonly comment?: string
  readonly strict?: boolean
  readonly withoutRowid?: boolean
  readonly rowSecurity?: boolean
  readonly forceRowSecurity?: boolean
  readonly partitionBy?: string
}
export interface AlterTable {
  readonly op: 'alterTable'
  readonly table: ObjectName
  readonly from: TableOptions
  readonly to: TableOptions
}

export const alterTable: OperationKind<AlterTable> = {
  apply: ({ table, to }, schema) =>
    editTable(schema, table, (current) => ({
      ...current,
      comment: to.comment,
      strict: to.strict,
      withoutRowid: to.withoutRowid,
      rowSecurity: to.rowSecurity,
      forceRowSecurity: to.forceRowSecurity,
      partitionBy: to.partitionBy,
    })),
  reverse: ({ table, from, to }) => ({ op: 'alterTable', table, from: to, to: from }),
  destroys: () => [],
  phase: () => 'alterTable',
  describe: ({ table, from, to }) => `alter table ${displayName(table)}: ${changes(from, to).join(', ')}`,
  phrase: () => 'alter table',
  subject: ({ table }) => ({ table: displayName(table), name: table.name }),
}

function changes(from: TableOptions, to: TableOptions): string[] {
  const list: string[] = []
  if (from.comment !== to.comment)
    list.push(to.comment === undefined ? 'no comment' : `comment ${JSON.stringify(to.comment)}`)
  const flag = (key: 'strict' | 'withoutRowid' | 'rowSecurity' | 'forceRowSecurity', on: string, off: string): void => {
    if ((from[key] === true) !== (to[key] === true)) list.push(to[key] === true ? on : off)
  }
  flag('strict', 'strict', 'not strict')
  flag('withoutRowid', 'without rowid', 'with rowid')
  flag('rowSecurity', 'row level security', 'no row level security')
  flag('forceRowSecurity', 'row level security for the owner as well', 'no row level security for the owner')
  if (from.partitionBy !== to.partitionBy)
    list.push(to.partitionBy === undefined ? 'not partitioned' : `partitioned by ${to.partitionBy}`)
  return list
}
