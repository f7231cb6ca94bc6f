import { displayName, type EnumType, sameName } from '../schema/schema'
import { requireEnum } from './create-enum'
import type { AlterEnum, OperationKind } from './operation'
import { quotedObject } from './words'

export const alterEnum: OperationKind<AlterEnum> = {
  apply({ from, to }, schema) {
    requireEnum(schema, from)
    return { ...schema, enums: schema.enums.map((type) => (sameName(type, from) ? to : type)) }
  },
  reverse: ({ from, to }) => ({ op: 'alterEnum', from: to, to: from }),
  destroys({ from, to }) {
    const gone = removedValues(from, to)
    return gone.length === 0
      ? []
      : [`values ${gone.map((value) => `'${value}'`).join(', ')} of type ${quotedObject(from)}`]
  },
  lock: ({ from, to }) => (onlyAdds(from, to) ? 'none' : 'ACCESS EXCLUSIVE'),
  describe: ({ from, to }) => `alter enum ${displayName(from)}: ${changes(from, to)}`,
  subject: ({ from }) => ({ name: displayName(from) }),
}

/**
 * True when every old value stays and keeps its place among the others, so that values need only be added
 * (PostgreSQL: `ALTER TYPE … ADD VALUE … BEFORE`). Otherwise the type, and every column of it, is made anew.
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
