import { displayName, type EnumType } from '../../schema/schema'
import type { OperationKind } from '../operation'
import { replaceEnum } from './create-enum'

/** Adds, removes or reorders values. */
export interface AlterEnum {
  readonly op: 'alterEnum'
  readonly from: EnumType
  readonly to: EnumType
}

export const alterEnum: OperationKind<AlterEnum> = {
  ...replaceEnum,
  destroys({ from, to }) {
    const gone = removedValues(from, to)
    return gone.length === 0
      ? []
      : [`values ${gone.map((value) => `'${value}'`).join(', ')} of type ${displayName(from)}`]
  },
  describe: ({ from, to }) => `alter enum ${displayName(from)}: ${changes(from, to)}`,
}

/**
 * True if every old value stays in the same order, so that values need only be added (PostgreSQL:
 * `ALTER TYPE … ADD VALUE … BEFORE`). Otherwise the type is recreated and its columns are converted.
 */
export function onlyAdds(from: EnumType, to: EnumType): boolean {
  let place = 0
  for (const value of to.values) if (value === from.values[place]) place += 1
  return place === from.values.length
}

function removedValues(from: EnumType, to: EnumType): string[] {
  return from.values.filter((value) => !to.values.includes(value))
}

function changes(from: EnumType, to: EnumType): string {
  const added = to.values.filter((value) => !from.values.includes(value))
  const removed = removedValues(from, to)
  const list = [
    ...(added.length > 0 ? [`add ${added.join(', ')}`] : []),
    ...(removed.length > 0 ? [`remove ${removed.join(', ')}`] : []),
  ]
  const kept = from.values.filter((value) => !removed.includes(value))
  const order = to.values.filter((value) => !added.includes(value))
  if (kept.some((value, index) => value !== order[index])) list.push(`order ${to.values.join(', ')}`)
  return list.join('; ')
}
