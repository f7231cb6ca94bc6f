import { describeOperation, subjectOf } from '../operations'
import type { Operation } from '../operations/operation'
import { displayName } from '../schema/schema'

/** Something that an operation makes, changes or drops. */
export interface Touch {
  /** In words, and the same for the same thing: `column users.name`, `index ix_users_name`. */
  readonly object: string
  /** The table that it is a part of. */
  readonly table?: string
  /** The table itself comes, goes or gets another name, and all its parts with it. */
  readonly isWhole?: true
}

/**
 * What an operation touches. What it only reads (the columns of an index, the table that a key references) is left out: two
 * branches may do both, and where they may not the databases say so.
 *
 * @example
 * touchesOf(addColumn) // [{ object: 'column users.born', table: 'users' }]
 */
export function touchesOf(operation: Operation): readonly Touch[] {
  switch (operation.op) {
    case 'createTable':
    case 'dropTable':
      return [wholeTable(displayName(operation.table))]
    case 'renameTable':
      return [wholeTable(displayName(operation.table)), wholeTable(displayName(operation.to))]
    case 'alterTable':
      return [{ object: `options of table ${displayName(operation.table)}`, table: displayName(operation.table) }]
    case 'addPrimaryKey':
    case 'dropPrimaryKey':
      return [{ object: `primary key of ${displayName(operation.table)}`, table: displayName(operation.table) }]
    case 'renameColumn':
    case 'renameConstraint':
    case 'renameIndex':
      return [operation.from, operation.to].map((name) => part(kindOf(operation), displayName(operation.table), name))
    case 'renameValue':
    case 'mapValue':
      return [part('column', displayName(operation.table), operation.column)]
    case 'renameEnum':
    case 'renameSequence':
      return [operation.from, operation.to].map((name) => ({ object: `${kindOf(operation)} ${displayName(name)}` }))
    // Each is made where it is not there yet, so both branches may.
    case 'createExtension':
    case 'createSchema':
      return []
    default: {
      const { table, name } = subjectOf(operation)
      if (table !== undefined && name !== undefined) return [part(kindOf(operation), table, name)]
      // A constraint of SQLite without a name is what it says.
      if (table !== undefined) return [{ object: wordsBehindTheVerb(operation), table }]
      return [{ object: `${kindOf(operation)} ${name ?? ''}` }]
    }
  }
}

function wholeTable(table: string): Touch {
  return { object: `table ${table}`, table, isWhole: true }
}

/** Constraints of a table share their names, whatever they are; the names of indexes are the schema's. */
function part(kind: string, table: string, name: string): Touch {
  if (kind === 'column') return { object: `column ${table}.${name}`, table }
  if (kind === 'index') return { object: `index ${name}`, table }
  return { object: `${constraints.has(kind) ? 'constraint' : kind} ${name} of ${table}`, table }
}

const constraints: ReadonlySet<string> = new Set(['unique', 'check', 'exclusion', 'foreign key', 'constraint'])

/** `addForeignKey` is about a `foreign key`. */
function kindOf({ op }: Operation): string {
  const kind = op.replace(/^(?:create|drop|add|alter|rename|replace)/, '')
  return kind.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase()
}

function wordsBehindTheVerb(operation: Operation): string {
  const words = describeOperation(operation)
  return words.slice(words.indexOf(' ') + 1)
}
