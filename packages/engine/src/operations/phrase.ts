import { displayName, keyOf } from '../schema/schema'
import type { Operation } from './operation'
import { describeOperation } from '.'

/** What an operation does to a table, in the few words of a comment; null for what has a comment of its own. */
export function phraseOf(operation: Operation | undefined): string | null {
  switch (operation?.op) {
    case 'addColumn':
    case 'dropColumn':
      return `${operation.op === 'addColumn' ? 'add' : 'drop'} column ${operation.column.name}`
    case 'alterColumn':
      return `alter column ${operation.to.name}`
    case 'renameValue':
      return `rename value ${operation.from} of ${operation.column} to ${operation.to}`
    case 'mapValue':
      return operation.undone === true ? null : `map value ${operation.from} of ${operation.column} to ${operation.to}`
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
    case 'createTrigger':
    case 'dropTrigger':
      return `${createOrDrop(operation)} trigger ${operation.trigger.name}`
    case 'createPolicy':
    case 'dropPolicy':
      return `${createOrDrop(operation)} policy ${operation.policy.name}`
    case 'createPartition':
    case 'dropPartition':
      return `${createOrDrop(operation)} partition ${displayName(operation.partition)}`
    case 'replaceTrigger':
    case 'replacePolicy':
    case 'replacePartition':
      return `replace ${operation.op.slice('replace'.length).toLowerCase()} ${operation.to.name}`
    default:
      return null
  }
}

/** What operations do to one table, in one line: what goes and comes back under the same name is changed. */
export function phrasesOf(operations: readonly Operation[]): string {
  return together(operations.flatMap((operation) => phraseOf(operation) ?? []))
}

function together(all: readonly string[]): string {
  const phrases = [...new Set(all)]
  const partner = (phrase: string): string | undefined => {
    const rest = /^drop (.*)$/s.exec(phrase)?.[1]
    return rest === undefined
      ? undefined
      : phrases.find((other) => other === `add ${rest}` || other === `create ${rest}`)
  }
  const replaced = new Set(phrases.flatMap((phrase) => partner(phrase) ?? []))
  return phrases
    .filter((phrase) => !replaced.has(phrase))
    .map((phrase) => (partner(phrase) === undefined ? phrase : phrase.replace(/^drop /, 'change ')))
    .join(', ')
}

/**
 * The comment above the statements of each operation: one for operations on the same table that follow each other, at
 * the first of them, undefined at the others. A table that comes or goes needs no list of what comes or goes with it.
 *
 * @param standsAlone operations whose statements bring comments of their own
 */
export function groupComments(
  operations: readonly Operation[],
  standsAlone: (operation: Operation) => boolean = () => false,
): readonly (string | undefined)[] {
  const groupOf = (operation: Operation | undefined): string | null =>
    operation === undefined || !('table' in operation) || operation.op === 'renameTable' || standsAlone(operation)
      ? null
      : keyOf(operation.table)
  const comments: (string | undefined)[] = operations.map(() => undefined)
  for (let start = 0; start < operations.length;) {
    const first = operations[start]
    if (first === undefined) break
    const key = groupOf(first)
    let end = start + 1
    while (key !== null && end < operations.length && groupOf(operations[end]) === key) end += 1
    comments[start] = commentOf(operations.slice(start, end))
    start = end
  }
  return comments
}

function commentOf(group: readonly Operation[]): string {
  const [first] = group
  if (first === undefined) return ''
  if (!('table' in first) || first.op === 'renameTable') return describeOperation(first)
  const table = displayName(first.table)
  if (group.some(({ op }) => op === 'createTable')) return `${table}: create table`
  if (group.some(({ op }) => op === 'dropTable')) return `${table}: drop table`
  return `${table}: ${together(group.map(wordsOf))}`
}

function wordsOf(operation: Operation): string {
  if (operation.op === 'renameColumn') return `rename column ${operation.from} to ${operation.to}`
  return phraseOf(operation) ?? describeOperation(operation)
}

function createOrDrop({ op }: Operation): string {
  return op.startsWith('create') ? 'create' : 'drop'
}

function verb(operation: Operation): string {
  return operation.op.startsWith('add') ? 'add' : 'drop'
}
