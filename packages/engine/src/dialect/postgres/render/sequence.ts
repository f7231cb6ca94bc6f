import type { Sequence } from '../../../schema/schema'
import { quote, quoteName } from '../names'
import { optionChanges, optionClauses } from '../sequence-options'

export function createSequence(sequence: Sequence): string {
  return [
    `CREATE SEQUENCE ${quoteName(sequence)} AS ${sequence.type}`,
    ...optionClauses(sequence.type, sequence),
    ...(sequence.ownedBy === undefined ? [] : [ownedBy(sequence)]),
  ].join(' ')
}

export function alterSequence(from: Sequence, to: Sequence): string[] {
  const changes = [
    ...(from.type === to.type ? [] : [`AS ${to.type}`]),
    ...optionChanges(from, to),
    ...(ownedBy(from) === ownedBy(to) ? [] : [ownedBy(to)]),
  ]
  return changes.length === 0 ? [] : [`ALTER SEQUENCE ${quoteName(from)} ${changes.join(' ')}`]
}

function ownedBy({ ownedBy: owner }: Sequence): string {
  return owner === undefined ? 'OWNED BY NONE' : `OWNED BY ${quoteName(owner)}.${quote(owner.column)}`
}
