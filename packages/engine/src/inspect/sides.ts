import { describeOperation, subjectOf } from '../operations'
import type { Operation } from '../operations/operation'
import type { Drift } from '../results'
import { stableJson } from '../schema/json'

/** The side that has an object which the other side lacks, or another definition of it. */
type Ahead = Drift['ahead']

/** The operations lead from the revisions to the database: an object that they create exists only in the database. */
function aheadOf({ op }: Operation): Drift['ahead'] {
  if (isMaking(op)) return 'database'
  return op.startsWith('drop') ? 'revisions' : 'both'
}

function isMaking(op: string): boolean {
  return op.startsWith('create') || op.startsWith('add')
}

/** Objects that are both dropped and created under one name: they exist on both sides, and differ. */
function namesTwice(operations: readonly Operation[]): ReadonlySet<string> {
  const keys = (test: (op: string) => boolean): string[] => operations.filter(({ op }) => test(op)).map(nameKey)
  const dropped = new Set(keys((op) => op.startsWith('drop')))
  return new Set(keys(isMaking).filter((key) => dropped.has(key)))
}

function nameKey(operation: Operation): string {
  const kind = operation.op.replace(/^(?:drop|create|add)/, '')
  const { table = '', name = '' } = subjectOf(operation)
  // Objects without a name (keys on SQLite) are never the same.
  return name === '' ? stableJson(operation) : JSON.stringify([kind, table, name])
}

/**
 * What a database has or lacks, compared with a schema.
 *
 * @param operations from that schema to the one of the database
 * @example
 * databaseDifferences([dropColumn]) // ['the database lacks column users.age integer']
 */
export function databaseDifferences(operations: readonly Operation[]): readonly string[] {
  const twice = namesTwice(operations)
  return operations.map((operation) => databaseWords(operation, aheadIn(operation, twice)))
}

/** Which side is ahead, for each of the operations from the revisions to the database. */
export function sidesAhead(operations: readonly Operation[]): (operation: Operation) => Ahead {
  const twice = namesTwice(operations)
  return (operation) => aheadIn(operation, twice)
}

function aheadIn(operation: Operation, twice: ReadonlySet<string>): Ahead {
  return twice.has(nameKey(operation)) ? 'both' : aheadOf(operation)
}

/** One difference as a fact of the database: `the database lacks index ix_users_name on users (name)`. */
export function databaseWords(operation: Operation, ahead: Ahead): string {
  // `create index ix on t (a)`: the words after the verb describe the object.
  const line = describeOperation(operation)
  const what = line.slice(line.indexOf(' ') + 1)
  if (operation.op.startsWith('drop'))
    return ahead === 'both' ? `the revisions have ${what}` : `the database lacks ${what}`
  if (ahead !== 'both') return `the database has ${what}`
  const isOther = isMaking(operation.op) || operation.op.startsWith('replace')
  return isOther ? `the database has another ${what}` : `the database differs: ${line}`
}
