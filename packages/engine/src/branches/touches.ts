import { describeOperation, subjectOf } from '../operations'
import type { Operation } from '../operations/operation'
import { displayName } from '../schema/schema'

/** An object that an operation creates, changes or drops. */
export interface Touch {
  /** In words, and equal for the same object: `column users.name`, `index ix_users_name`. */
  readonly object: string
  /** The table that it belongs to. */
  readonly table?: string
  /** The table itself is created, dropped or renamed, with all its parts. */
  readonly isWhole?: true
}

/**
 * The objects that an operation touches, without those that it only reads (the columns of an index, the table that a
 * foreign key references): usually both branches can do that, and otherwise the shadow database reports an error.
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
    // Created only if missing, so both branches may do it.
    case 'createExtension':
    case 'createSchema':
      return []
    default: {
      const { table, name } = subjectOf(operation)
      if (table !== undefined && name !== undefined) return [part(kindOf(operation), table, name)]
      // A constraint without a name (SQLite) is identified by its definition.
      if (table !== undefined) return [{ object: wordsAfterVerb(operation), table }]
      return [{ object: `${kindOf(operation)} ${name ?? ''}` }]
    }
  }
}

function wholeTable(table: string): Touch {
  return { object: `table ${table}`, table, isWhole: true }
}

/** All kinds of constraints of a table share one namespace; the names of indexes belong to the schema. */
function part(kind: string, table: string, name: string): Touch {
  if (kind === 'column') return { object: `column ${table}.${name}`, table }
  if (kind === 'index') return { object: `index ${name}`, table }
  return { object: `${constraints.has(kind) ? 'constraint' : kind} ${name} of ${table}`, table }
}

const constraints: ReadonlySet<string> = new Set(['unique', 'check', 'exclusion', 'foreign key', 'constraint'])

/** The kind of object of an operation: `foreign key` for `addForeignKey`. */
function kindOf({ op }: Operation): string {
  const kind = op.replace(/^(?:create|drop|add|alter|rename|replace)/, '')
  return kind.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase()
}

function wordsAfterVerb(operation: Operation): string {
  const words = describeOperation(operation)
  return words.slice(words.indexOf(' ') + 1)
}
