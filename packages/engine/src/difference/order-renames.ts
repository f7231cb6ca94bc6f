import type { Operation, RenameConstraint, RenameIndex } from '../operations/operation'
import { asidePrefix } from './renames/steps'
import { keyOf } from '../schema/schema'

/** The rename of a constraint or an index. */
type Rename = RenameConstraint | RenameIndex

/**
 * The operations with renames of constraints and indexes in an order in which each new name is free: `b` becomes `c`
 * before `a` becomes `b`. In a cycle, one of them is renamed to a temporary name first.
 *
 * @param isTangled false for renames that must not be moved
 */
export function untangleRenames(
  operations: readonly Operation[],
  isTangled: (operation: Rename) => boolean = () => true,
): Operation[] {
  const isOne = (operation: Operation): operation is Rename => isRename(operation) && isTangled(operation)
  const renames = operations.filter(isOne)
  if (renames.length < 2) return [...operations]
  const place = operations.findIndex(isOne)
  const rest = operations.filter((operation) => !isOne(operation))
  return [...rest.slice(0, place), ...untangle(renames), ...rest.slice(place)]
}

export function isRename(operation: Operation): operation is Rename {
  return operation.op === 'renameConstraint' || operation.op === 'renameIndex'
}

function untangle(renames: readonly Rename[]): Rename[] {
  const ordered: Rename[] = []
  let waiting = withoutDetours(renames)
  let detours = 0
  while (waiting.length > 0) {
    const held = new Set(waiting.flatMap((rename) => spaces(rename).map((space) => `${space} ${rename.from}`)))
    const free = waiting.filter((rename) => spaces(rename).every((space) => !held.has(`${space} ${rename.to}`)))
    const [first, ...others] = waiting
    if (free.length > 0) {
      ordered.push(...free)
      waiting = waiting.filter((rename) => !free.includes(rename))
    } else if (first !== undefined) {
      // A cycle: a temporary name for one of them frees the others.
      detours += 1
      const aside = `${asidePrefix}${String(detours)}`
      ordered.push({ ...first, to: aside })
      waiting = [...others, { ...first, from: aside }]
    }
  }
  return ordered
}

/** Renames through temporary names as direct renames, because they are put in order again together with others. */
function withoutDetours(renames: readonly Rename[]): Rename[] {
  const direct: Rename[] = []
  for (const rename of renames) {
    const at = direct.findIndex(
      (other) =>
        rename.from.startsWith(asidePrefix) && other.to === rename.from && keyOf(other.table) === keyOf(rename.table),
    )
    const [first] = at < 0 ? [] : direct.splice(at, 1)
    direct.push(first === undefined ? rename : { ...first, to: rename.to })
  }
  return direct
}

/** The namespaces of a name: indexes and keys with an index share one per schema, constraints one per table. */
function spaces(rename: Rename): string[] {
  const schema = `schema ${rename.table.schema ?? ''}`
  const table = `table ${keyOf(rename.table)}`
  if (rename.op === 'renameIndex') return [schema]
  return rename.kind === 'check' || rename.kind === 'foreignKey' ? [table] : [schema, table]
}
