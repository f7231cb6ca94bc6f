import { onEnum } from '../operations/enums/create-enum'
import type { AlterSequence, Operation, RenameEnum, RenameSequence } from '../operations/operation'
import { stableJson } from '../schema/json'
import { standaloneSequences } from '../schema/normalize'
import { objectOperations } from './compare-opaque'
import { pairByKey, pairByName } from './pairing'
import { asidePrefix, type Move, renameSteps } from './renames/steps'
import { type EnumType, keyOf, type ObjectName, sameName, type Schema, type Sequence, nameOf } from '../schema/schema'

/** Operations that create, drop and alter enums. Renames must already be applied to `from`. */
export function enumOperations(from: Schema, to: Schema): Operation[] {
  return objectOperations(pairByName(from.enums, to.enums), onEnum, ({ values }) => stableJson(values))
}

/**
 * Renames of enum types: every column of the old type has the new type, and both share a value. Most names of enum types
 * are derived from table and column, so they change if these are renamed.
 */
export function enumRenames(from: Schema, to: Schema): RenameEnum[] {
  const uses = usesOfEnums(from, to)
  const moves = from.enums.flatMap((old): Move<ObjectName>[] => {
    const successors = uses.get(keyOf(old)) ?? []
    const [first] = successors
    if (first == null || successors.some((other) => other === null || !sameName(other, first))) return []
    const wanted = to.enums.find((type) => sameName(type, first))
    return wanted !== undefined && shareValue(old, wanted) ? [{ from: nameOf(old), to: nameOf(wanted) }] : []
  })
  const isTaken = (name: ObjectName): boolean => from.enums.some((type) => sameName(type, name))
  let asides = 0
  const aside = (name: ObjectName): ObjectName => ({ ...name, name: `${asidePrefix}${String((asides += 1))}` })
  return renameSteps(moves, keyOf, isTaken, aside).map((step) => ({ op: 'renameEnum', ...step }))
}

/** For each enum type of `from`, the types of its columns in `to`, null for columns without an enum type. */
function usesOfEnums(from: Schema, to: Schema): Map<string, (ObjectName | null)[]> {
  const uses = new Map<string, (ObjectName | null)[]>()
  for (const tables of pairByName(from.tables, to.tables).both) {
    for (const columns of pairByKey(tables.from.columns, tables.to.columns, (column) => column.name).both) {
      if (columns.from.enum === undefined) continue
      const key = keyOf(columns.from.enum)
      uses.set(key, [...(uses.get(key) ?? []), columns.to.enum ?? null])
    }
  }
  return uses
}

function shareValue(a: EnumType, b: EnumType): boolean {
  return a.values.some((value) => b.values.includes(value))
}

/** Renames of sequences: both are owned by the same column and differ only in their names. */
export function sequenceRenames(from: Schema, to: Schema): RenameSequence[] {
  const { removed, added } = pairByName(standaloneSequences(from), standaloneSequences(to))
  const rest = [...added]
  return removed.flatMap((old): RenameSequence[] => {
    if (old.ownedBy === undefined) return []
    const match = rest.findIndex((other) => bodyOf(other) === bodyOf(old))
    const [wanted] = match < 0 ? [] : rest.splice(match, 1)
    return wanted === undefined ? [] : [{ op: 'renameSequence', from: nameOf(old), to: nameOf(wanted) }]
  })
}

/**
 * Operations on sequences that do not belong to serial columns. If the owning column is dropped or added, the owner is
 * changed by a separate operation: before the column is dropped, or after it is added.
 */
export function sequenceOperations(from: Schema, to: Schema): Operation[] {
  const { removed, added, both } = pairByName(standaloneSequences(from), standaloneSequences(to))
  const stays = (sequence: Sequence): boolean =>
    sequence.ownedBy === undefined || (hasColumn(from, sequence.ownedBy) && hasColumn(to, sequence.ownedBy))
  return [
    ...removed.flatMap((old): Operation[] =>
      stays(old)
        ? [{ op: 'dropSequence', definition: old }]
        : [
            { op: 'alterSequence', from: old, to: unowned(old) },
            { op: 'dropSequence', definition: unowned(old) },
          ],
    ),
    ...added.flatMap((wanted): Operation[] =>
      stays(wanted)
        ? [{ op: 'createSequence', definition: wanted }]
        : [
            { op: 'createSequence', definition: unowned(wanted) },
            { op: 'alterSequence', from: unowned(wanted), to: wanted },
          ],
    ),
    ...both.flatMap((pair) => alterations(pair.from, pair.to, stays)),
  ]
}

function alterations(from: Sequence, to: Sequence, stays: (sequence: Sequence) => boolean): Operation[] {
  const list: AlterSequence[] = []
  let current = from
  const alter = (next: Sequence): void => {
    if (stableJson(current) !== stableJson(next)) list.push({ op: 'alterSequence', from: current, to: next })
    current = next
  }
  if (!stays(from)) alter(unowned(from))
  if (!stays(to)) alter(current.ownedBy === undefined ? unowned(to) : { ...to, ownedBy: current.ownedBy })
  alter(to)
  return list
}

function hasColumn(schema: Schema, owner: ObjectName & { readonly column: string }): boolean {
  const table = schema.tables.find((other) => sameName(other, owner))
  return table?.columns.some((column) => column.name === owner.column) === true
}

function unowned({ ownedBy: _ownedBy, ...sequence }: Sequence): Sequence {
  return sequence
}

function bodyOf({ schema: _schema, name: _name, ...body }: Sequence): string {
  return stableJson(body)
}
