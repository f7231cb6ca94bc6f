import { displayName } from '../schema/schema'
import { editTable } from './edit'
import type { AlterTable, OperationKind, TableOptions } from './operation'

export const alterTable: OperationKind<AlterTable> = {
  apply: ({ table, to }, schema) =>
    editTable(schema, table, (current) => {
      const { comment: _comment, strict: _strict, withoutRowid: _withoutRowid, ...rest } = current
      return { ...rest, ...to }
    }),
  reverse: ({ table, from, to }) => ({ op: 'alterTable', table, from: to, to: from }),
  destroys: () => [],
  lock: ({ from, to }) => (storage(from) === storage(to) ? 'none' : 'ACCESS EXCLUSIVE'),
  describe: ({ table, from, to }) => `alter table ${displayName(table)}: ${changes(from, to).join(', ')}`,
  subject: ({ table }) => ({ table: displayName(table), name: table.name }),
}

function storage(options: TableOptions): string {
  return `${String(options.strict === true)} ${String(options.withoutRowid === true)}`
}

function changes(from: TableOptions, to: TableOptions): string[] {
  const list: string[] = []
  if (from.comment !== to.comment)
    list.push(to.comment === undefined ? 'no comment' : `comment ${JSON.stringify(to.comment)}`)
  if ((from.strict === true) !== (to.strict === true)) list.push(to.strict === true ? 'strict' : 'not strict')
  if ((from.withoutRowid === true) !== (to.withoutRowid === true)) {
    list.push(to.withoutRowid === true ? 'without rowid' : 'with rowid')
  }
  return list
}
