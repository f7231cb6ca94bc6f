import { onEnum } from '../operations/enums/create-enum'
import type { AlterSequence, Operation, RenameEnum, RenameSequence } from '../operations/operation'
import { stableJson } from '../schema/json'
import { standaloneSequences } from '../schema/normalize'
import { objectOperations } from './compare-opaque'
import { pairByKey, pairByName } from './pairing'
import { asidePrefix, type Move, renameSteps } from './renames/steps'
import { type EnumType, keyOf, type ObjectName, sameName, type Schema, type Sequence, nameOf } from '../schema/schema'

/** Created, dropped and altered enums. Renames were applied to `from` before. */
export function enumOperations(from: Schema, to: Schema): Operation[] {
  return objectOperations(pairByName(from.enums, to.enums), onEnum, ({ values }) => stableJson(values))
}

/**
 * Enum types that got another name: every column that had the old type has the new one, and they share a value.
 * Names of enum types are mostly derived from table and column, so they change when those are renamed.
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

/** For each enum type of `from`: the enum types (or null: none) of its columns in `to`, where these still are. */
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

/** Sequences owned by the same column that differ in nothing but the name. */
export function sequenceRenames(from: Schema, to: Schema): RenameSequence[] {
  const { gone, come } = pairByName(standaloneSequences(from), standaloneSequences(to))
  const rest = [...come]
  return gone.flatMap((old): RenameSequence[] => {
    if (old.ownedBy === undefined) return []
    const match = rest.findIndex((other) => bodyOf(other) === bodyOf(old))
    const [wanted] = match < 0 ? [] : rest.splice(match, 1)
    return wanted === undefined ? [] : [{ op: 'renameSequence', from: nameOf(old), to: nameOf(wanted) }]
  })
}

/**
 * Created, dropped and altered sequences that are not a serial column's. What a sequence belongs to is an operation of
 * its own where the column does not exist all the time: given up before the column goes, taken after it has come.
 */
export function sequenceOperations(from: Schema, to: Schema): Operation[] {
  const { gone, come, both } = pairByName(standaloneSequences(from), standaloneSequences(to))
  const stays = (sequence: Sequence): boolean =>
    sequence.ownedBy === undefined || (hasColumn(from, sequence.ownedBy) && hasColumn(to, sequence.ownedBy))
  return [
    ...gone.flatMap((old): Operation[] =>
      stays(old)
        ? [{ op: 'dropSequence', definition: old }]
        : [
            { op: 'alterSequence', from: old, to: unowned(old) },
            { op: 'dropSequence', definition: unowned(old) },
          ],
    ),
    ...come.flatMap((wanted): Operation[] =>
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
