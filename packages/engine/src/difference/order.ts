import { phaseOf } from '../operations'
import type { Operation } from '../operations/operation'
import { type Phase, placeOf } from '../operations/phase'
import { keyOf, type Routine, sameName, type Schema, type Table } from '../schema/schema'
import { tokenize, unquote } from '../sql/tokens'
import { tablesToDropEarly } from './order-drops'
import { isRename, untangleRenames } from './order-renames'
import { planViews } from './view-plan'

/**
 * Puts operations into an order that every database accepts and that is easy to read: the order of `phases`, grouped by
 * table within a line, referenced tables first. Adds operations that drop and recreate views that block others.
 *
 * @param operations those of `applyRenames`, then those of `compare`
 * @param from the schema before all of them, including renames
 * @param to the schema after them
 * @param first drops of triggers that come before renames
 */
export function orderOperations(
  operations: readonly Operation[],
  from: Schema,
  to: Schema,
  first: ReadonlySet<Operation> = new Set(),
): Operation[] {
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
  const changes: PlannedChanges = {
    first,
    early,
    created,
    dropped,
    beforeMoves,
    tables: [...from.tables, ...to.tables],
  }
  const keyed = planned.map((operation, index) => {
    const [line, place] = placeOf(phaseAmong(operation, changes))
    return { operation, key: [line, rankOf(operation, ranks, changes), place, index] }
  })
  const sorted = keyed.sort((a, b) => compareKeys(a.key, b.key)).map(({ operation }) => operation)
  return untangleRenames(sorted, (operation) => !beforeMoves.has(operation))
}

interface PlannedChanges {
  readonly first: ReadonlySet<Operation>
  /** Keys of dropped tables whose name something else takes. */
  readonly early: ReadonlySet<string>
  readonly created: ReadonlySet<string>
  readonly dropped: ReadonlySet<string>
  /** Renames of keys and indexes that free names in the schema to which their table moves. */
  readonly beforeMoves: ReadonlySet<Operation>
  readonly tables: readonly Table[]
}

/** The phase of an operation, which may depend on the other operations. */
function phaseAmong(operation: Operation, changes: PlannedChanges): Phase {
  const { first, early, created, dropped, beforeMoves, tables } = changes
  const usual = phaseOf(operation)
  switch (operation.op) {
    case 'dropTrigger':
      return first.has(operation) ? 'dropTriggerFirst' : usual
    case 'createFunction':
      return needsTable(operation.definition, tables) ? 'createFunctionThatReadsTables' : usual
    case 'createPartition':
    case 'replacePartition':
      return created.has(keyOf(operation.table)) ? 'createPartitionOfNewTable' : usual
    case 'createIndex':
      return created.has(keyOf(operation.table)) ? 'createIndexOfNewTable' : usual
    case 'dropIndex':
      if (!dropped.has(keyOf(operation.table))) return usual
      return early.has(keyOf(operation.table)) ? 'dropIndexOfEarlyTable' : 'dropIndexOfTable'
    case 'dropTable':
      return early.has(keyOf(operation.table)) ? 'dropTableEarly' : usual
    case 'renameConstraint':
    case 'renameIndex':
      return beforeMoves.has(operation) ? 'renameTable' : usual
    default:
      return usual
  }
}

/** Renames of keys and indexes before their table is renamed. All others follow renames of tables and use the new names. */
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
 * True if a function must be created after tables, because the server checks a table name in its signature or in a body
 * written in SQL. Other functions are created before tables, whose defaults and checks may call them.
 */
function needsTable({ sql }: Routine, tables: readonly Table[]): boolean {
  const tokens = tokenize(sql)
  const inSql = tokens.some((token, at) => token.text === 'LANGUAGE' && tokens[at + 2]?.text === 'sql')
  const checked = inSql
    ? tokens.flatMap((token) =>
        isDollarQuoted(token.text) ? tokenize(token.text.replaceAll(/^\$[^$]*\$|\$[^$]*\$$/g, '')) : token,
      )
    : tokens
  const names = new Set(checked.filter(({ kind }) => kind === 'word' || kind === 'name').map(unquote))
  return tables.some((table) => names.has(table.name))
}

function isDollarQuoted(text: string): boolean {
  return text.startsWith('$')
}

/** Ranks of the tables of `to`, referenced ones first, then of the dropped tables, referencing ones first. */
function tableRanks(from: Schema, to: Schema): ReadonlyMap<string, number> {
  const stay = new Set(to.tables.map(keyOf))
  const dropped = referencedFirst(from.tables).filter((table) => !stay.has(keyOf(table)))
  return new Map([...referencedFirst(to.tables), ...dropped.reverse()].map((table, index) => [keyOf(table), index]))
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

/** The rank of the operation's table. Operations on views and renames of tables keep their order. */
function rankOf(operation: Operation, ranks: ReadonlyMap<string, number>, { beforeMoves }: PlannedChanges): number {
  if (!('table' in operation) || operation.op === 'renameTable' || beforeMoves.has(operation)) return 0
  return ranks.get(keyOf(operation.table)) ?? ranks.size
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, index) => value !== b[index])
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0)
}
