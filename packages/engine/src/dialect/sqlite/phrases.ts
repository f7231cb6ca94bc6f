import type { Operation } from '../../operations'

/** What an operation does to a table, in the few words of a comment; null for what has a comment of its own. */
export function phraseOf(operation: Operation | undefined): string | null {
  switch (operation?.op) {
    case 'addColumn':
    case 'dropColumn':
      return `${operation.op === 'addColumn' ? 'add' : 'drop'} column ${operation.column.name}`
    case 'alterColumn':
      return `alter column ${operation.to.name}`
    case 'alterTable':
      return 'alter table'
    case 'addPrimaryKey':
    case 'dropPrimaryKey':
      return `${verb(operation)} primary key`
    case 'addUnique':
    case 'dropUnique':
      return `${verb(operation)} unique (${operation.unique.columns.join(', ')})`
    case 'addCheck':
    case 'dropCheck':
      return `${verb(operation)} check${operation.check.name === undefined ? '' : ` ${operation.check.name}`}`
    case 'addForeignKey':
    case 'dropForeignKey':
      return `${verb(operation)} foreign key (${operation.foreignKey.columns.join(', ')})`
    case 'renameConstraint':
      return `rename constraint ${operation.from} to ${operation.to}`
    case 'createIndex':
    case 'dropIndex':
      return `${operation.op === 'createIndex' ? 'create' : 'drop'} index ${operation.index.name}`
    case 'renameIndex':
      return `rename index ${operation.from} to ${operation.to}`
    default:
      return null
  }
}

function verb(operation: Operation): string {
  return operation.op.startsWith('add') ? 'add' : 'drop'
}
