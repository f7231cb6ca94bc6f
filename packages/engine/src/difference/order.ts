import type { Operation } from '../operations/operation'
import { tablesToDropEarly } from './order-drops'
import { isRename, untangleRenames } from './order-renames'
import { keyOf, type ObjectName, type Routine, sameName, type Schema, type Table } from '../schema/schema'
import { tokenize, unquote } from '../sql/tokens'
import { planViews } from './view-plan'

/** One thing after the other; what stands in one line of this list is grouped by table. */
const phases = [
  'createSchema',
  'createExtension',
  'dropView',
  'renameTable',
  'renameColumn',
  'renameValue',
  'renameType',
  'dropTrigger',
  'disown',
  'dropForeignKey',
  'dropConstraints',
  'dropPartition',
  'dropTableEarly',
  'renameConstraints',
  'mapValue',
  'enums',
  'sequences',
  'createFunction',
  'createTable',
  'createFunctionLate',
  'columns',
  'own',
  'addConstraints',
  'addForeignKey',
  'dropTable',
  'dropFunction',
  'dropEnum',
  'dropSequence',
  'createView',
  'createTrigger',
  'dropExtension',
  'dropSchema',
] as const

type Phase = (typeof phases)[number]
/** A phase, and the place in the group of the same table. */
type Place = readonly [Phase, number]

/**
 * Puts operations into an order that applies on every engine and that explains itself: out of the way what stands in
 * the way, renames, what is new, what changes, what goes, and back what was in the way. Inside each step they are
 * grouped by table, referenced tables first.
 *
 * Views that stand in the way are dropped and made again, so there may be more operations than were given.
 *
 * @param operations from `compare`, and from `applyRenames` before them
 * @param from the schema before all of them: before the renames, when they are among the operations
 * @param to the schema after them
 */
export function orderOperations(operations: readonly Operation[], from: Schema, to: Schema): Operation[] {
  const planned = planViews(operations, from, to)
  const early = tablesToDropEarly(planned)
  const created = new Set(
    planned.flatMap((operation) => (operation.op === 'createTable' ? [keyOf(operation.table)] : [])),
  )
  const dropped = new Set(
    planned.flatMap((operation) => (operation.op === 'dropTable' ? [keyOf(operation.table)] : [])),
  )
  const ranks = tableRanks(from, to)
  const beforeMoves = renamesBeforeMoves(planned)
  const context: Context = { early, created, dropped, beforeMoves, tables: [...from.tables, ...to.tables] }
  const keyed = planned.map((operation, index) => {
    const [phase, place] = placeOf(operation, context)
    return { operation, key: [phases.indexOf(phase), rankOf(operation, ranks, context), place, index] }
  })
  const sorted = keyed.sort((a, b) => compareKeys(a.key, b.key)).map(({ operation }) => operation)
  return untangleRenames(sorted, (operation) => !beforeMoves.has(operation))
}

interface Context {
  /** Keys of dropped tables that stand in the way of a name. */
  readonly early: ReadonlySet<string>
  readonly created: ReadonlySet<string>
  readonly dropped: ReadonlySet<string>
  /** Of keys and indexes, without which their table could not move into its new schema. */
  readonly beforeMoves: ReadonlySet<Operation>
  readonly tables: readonly Table[]
}

function placeOf(operation: Operation, { early, created, dropped, beforeMoves, tables }: Context): Place {
  const dropPhase = (table: ObjectName): Phase => (early.has(keyOf(table)) ? 'dropTableEarly' : 'dropTable')
  switch (operation.op) {
    case 'createSchema':
    case 'dropSchema':
    case 'createExtension':
    case 'dropExtension':
    case 'dropView':
    case 'createView':
    case 'renameTable':
    case 'renameColumn':
    case 'renameValue':
    case 'mapValue':
    case 'dropForeignKey':
    case 'addForeignKey':
    case 'createTable':
    case 'dropEnum':
    case 'dropSequence':
      return [operation.op, 0]
    case 'replaceView':
      return ['createView', 0]
    case 'createDomain':
    case 'replaceDomain':
      return ['createFunction', 0]
    case 'createFunction':
      return [needsTable(operation.definition, tables) ? 'createFunctionLate' : 'createFunction', 1]
    case 'replaceFunction':
      return ['createFunctionLate', 1]
    case 'dropFunction':
      return ['dropFunction', 0]
    case 'dropDomain':
      return ['dropFunction', 1]
    case 'dropTrigger':
      return ['dropTrigger', 0]
    case 'dropPolicy':
      return ['dropTrigger', 1]
    case 'createPolicy':
    case 'replacePolicy':
      return ['createTrigger', 0]
    case 'createTrigger':
    case 'replaceTrigger':
      return ['createTrigger', 1]
    case 'dropPartition':
      return ['dropPartition', 0]
    case 'createPartition':
    case 'replacePartition':
      return created.has(keyOf(operation.table)) ? ['createTable', 2] : ['addConstraints', 5]
    case 'renameEnum':
      return ['renameType', 0]
    // One that goes along with a table may have to step aside before that.
    case 'renameSequence':
      return ['renameTable', 0]
    case 'createEnum':
    case 'alterEnum':
      return ['enums', 0]
    case 'createSequence':
      return ['sequences', 0]
    case 'alterSequence':
      return [ownershipPhase(operation), 0]
    case 'dropTable':
      return [dropPhase(operation.table), 1]
    case 'dropIndex':
      return dropped.has(keyOf(operation.table)) ? [dropPhase(operation.table), 0] : ['dropConstraints', 0]
    case 'dropUnique':
      return ['dropConstraints', 1]
    case 'dropCheck':
      return ['dropConstraints', 2]
    case 'dropExclusion':
      return ['dropConstraints', 3]
    case 'dropPrimaryKey':
      return ['dropConstraints', 4]
    case 'renameConstraint':
    case 'renameIndex':
      return beforeMoves.has(operation) ? ['renameTable', 0] : ['renameConstraints', 0]
    case 'addPrimaryKey':
      return ['addConstraints', 0]
    case 'addUnique':
      return ['addConstraints', 1]
    case 'addCheck':
      return ['addConstraints', 2]
    case 'addExclusion':
      return ['addConstraints', 3]
    case 'createIndex':
      return created.has(keyOf(operation.table)) ? ['createTable', 1] : ['addConstraints', 4]
    default:
      return ['columns', columnPlace(operation)]
  }
}

/** Everything else that is renamed comes behind the tables: it goes by their new names. */
function renamesBeforeMoves(operations: readonly Operation[]): ReadonlySet<Operation> {
  return new Set(
    operations.filter(
      (operation, at) =>
        isRename(operation) &&
        operations.slice(at + 1).some((other) => other.op === 'renameTable' && sameName(other.table, operation.table)),
    ),
  )
}

/**
 * Functions come before tables, whose defaults and checks may call them. Unless they name a table where the server looks
 * for it: in the signature, or in the body of one written in SQL.
 */
function needsTable({ sql }: Routine, tables: readonly Table[]): boolean {
  const tokens = tokenize(sql)
  const inSql = tokens.some((token, at) => token.text === 'LANGUAGE' && tokens[at + 2]?.text === 'sql')
  const looked = inSql
    ? tokens.flatMap((token) =>
        isDollarQuoted(token.text) ? tokenize(token.text.replaceAll(/^\$[^$]*\$|\$[^$]*\$$/g, '')) : token,
      )
    : tokens
  const names = new Set(looked.filter(({ kind }) => kind === 'word' || kind === 'name').map(unquote))
  return tables.some((table) => names.has(table.name))
}

function isDollarQuoted(text: string): boolean {
  return text.startsWith('$')
}

/** Generated columns come after what they read and go before it. */
function columnPlace(
  operation: Extract<Operation, { op: 'alterTable' | 'addColumn' | 'alterColumn' | 'dropColumn' }>,
): number {
  switch (operation.op) {
    case 'alterTable':
      return 0
    case 'dropColumn':
      return operation.column.generated === undefined ? 6 : 1
    case 'addColumn':
      return operation.column.generated === undefined ? 2 : 7
    case 'alterColumn':
      if (operation.to.generated !== undefined) return 5
      return operation.from.generated === undefined ? 4 : 3
  }
}

/** A sequence is given up before its column goes, and taken after its new one has come. */
function ownershipPhase({ from, to }: Extract<Operation, { op: 'alterSequence' }>): Phase {
  const [old, owner] = [from.ownedBy, to.ownedBy]
  if (old === undefined && owner === undefined) return 'sequences'
  if (owner === undefined) return 'disown'
  return old !== undefined && sameName(old, owner) && old.column === owner.column ? 'sequences' : 'own'
}

/** Tables of `to`, referenced ones first; then those that go, referencing ones first. */
function tableRanks(from: Schema, to: Schema): ReadonlyMap<string, number> {
  const stay = new Set(to.tables.map(keyOf))
  const gone = referencedFirst(from.tables).filter((table) => !stay.has(keyOf(table)))
  return new Map([...referencedFirst(to.tables), ...gone.reverse()].map((table, index) => [keyOf(table), index]))
}

function referencedFirst(tables: readonly Table[]): Table[] {
  const byKey = new Map(tables.map((table) => [keyOf(table), table]))
  const sorted = new Set<Table>()
  const visiting = new Set<Table>()
  const visit = (table: Table): void => {
    if (visiting.has(table)) return
    visiting.add(table)
    for (const { references } of table.foreignKeys) {
      const target = byKey.get(keyOf(references))
      if (target !== undefined) visit(target)
    }
    sorted.add(table)
  }
  for (const table of tables) visit(table)
  return [...sorted]
}

/** Views were sorted by `planViews`, and tables are renamed as they were answered: both stay in their order. */
function rankOf(operation: Operation, ranks: ReadonlyMap<string, number>, { beforeMoves }: Context): number {
  if (!('table' in operation) || operation.op === 'renameTable' || beforeMoves.has(operation)) return 0
  return ranks.get(keyOf(operation.table)) ?? ranks.size
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, index) => value !== b[index])
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0)
}
