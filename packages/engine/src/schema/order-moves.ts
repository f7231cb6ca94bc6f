import type { Operation, RenameTable } from '../operations/operation'
import { isRename, type Rename, spaces } from './order-renames'
import { keyOf, type Schema } from './schema'

/**
 * The operations with those renames of keys and indexes first that a table could not move into its new schema without:
 * there, its name is another's already.
 *
 * @param operations in their order
 * @param from the schema before all of them
 */
export function renameBeforeMoves(operations: readonly Operation[], from: Schema): Operation[] {
  const moves = operations.filter(
    (operation): operation is RenameTable =>
      operation.op === 'renameTable' && operation.table.schema !== operation.to.schema,
  )
  if (moves.length === 0) return [...operations]
  const taken = namesBySchema(from)
  const isTaken = (schema: string | undefined, name: string): boolean => taken.get(schema ?? '')?.has(name) === true
  const early = new Map<Operation, RenameTable>()
  for (const operation of operations) {
    const move =
      isRename(operation) && isShared(operation)
        ? moves.find(({ to }) => keyOf(to) === keyOf(operation.table))
        : undefined
    if (move === undefined || !isRename(operation)) continue
    if (isTaken(move.to.schema, operation.from) && !isTaken(move.table.schema, operation.to)) early.set(operation, move)
  }
  return operations.flatMap((operation) => {
    if (early.has(operation)) return []
    const first = [...early].flatMap(([rename, move]) =>
      move === operation && isRename(rename) ? [{ ...rename, table: move.table }] : [],
    )
    return [...first, operation]
  })
}

/** Whether the name is one in its schema, and not only in its table. */
function isShared(rename: Rename): boolean {
  return spaces(rename).some((space) => space.startsWith('schema '))
}

/** Names of everything that shares one namespace in each schema; `''` is the default one. */
function namesBySchema({ tables, views, sequences }: Schema): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>()
  const add = (schema: string | undefined, ...list: readonly (string | undefined)[]): void => {
    const known = names.get(schema ?? '') ?? new Set<string>()
    for (const name of list) if (name !== undefined) known.add(name)
    names.set(schema ?? '', known)
  }
  for (const { schema, name, indexes } of [...tables, ...views])
    add(schema, name, ...indexes.map((index) => index.name))
  for (const { schema, primaryKey, uniques, exclusions } of tables)
    add(schema, primaryKey?.name, ...[...uniques, ...exclusions].map((key) => key.name))
  for (const { schema, name } of sequences) add(schema, name)
  return names
}
