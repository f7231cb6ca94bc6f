import type { Operation } from '../operations/operation'
import { compare, type CompareOptions } from './compare'
import { orderOperations } from './order'
import { applyRenames, type RenameAnswer } from './rename-candidates'
import type { Schema } from './schema'
import { keepUnmanaged } from './unmanaged'

/**
 * Operations that turn one schema into the other, renames included, in an order that applies both ways.
 *
 * @param answers what was renamed; a table or column not among them is dropped and made
 * @example
 * planOperations(from, to, [{ kind: 'column', table: { name: 'users' }, from: 'name', to: 'full_name' }])
 */
export function planOperations(
  from: Schema,
  to: Schema,
  answers: readonly RenameAnswer[] = [],
  options: CompareOptions = {},
): Operation[] {
  const renamed = applyRenames(from, answers)
  const wanted = options.unmanaged === undefined ? to : keepUnmanaged(renamed.schema, to, options.unmanaged)
  const rest = compare(renamed.schema, wanted)
  return renamed.operations.length === 0 ? rest : orderOperations([...renamed.operations, ...rest], from, wanted)
}
