import type { Sequence } from '../../../schema/schema'
import { quote, quoteName } from '../names'

const limits: Readonly<Record<string, bigint>> = {
  smallint: 2n ** 15n - 1n,
  integer: 2n ** 31n - 1n,
  bigint: 2n ** 63n - 1n,
}

export function createSequence(sequence: Sequence): string {
  const usual = defaults(sequence)
  return [
    `CREATE SEQUENCE ${quoteName(sequence)} AS ${sequence.type}`,
    ...(sequence.increment === '1' ? [] : [`INCREMENT BY ${sequence.increment}`]),
    ...(sequence.min === usual.min ? [] : [`MINVALUE ${sequence.min}`]),
    ...(sequence.max === usual.max ? [] : [`MAXVALUE ${sequence.max}`]),
    ...(sequence.start === startOf(sequence) ? [] : [`START WITH ${sequence.start}`]),
    ...(sequence.cycle ? ['CYCLE'] : []),
    ...(sequence.ownedBy === undefined ? [] : [ownedBy(sequence)]),
  ].join(' ')
}

export function alterSequence(from: Sequence, to: Sequence): string[] {
  const changes = [
    ...(from.type === to.type ? [] : [`AS ${to.type}`]),
    ...(from.increment === to.increment ? [] : [`INCREMENT BY ${to.increment}`]),
    ...(from.min === to.min ? [] : [`MINVALUE ${to.min}`]),
    ...(from.max === to.max ? [] : [`MAXVALUE ${to.max}`]),
    ...(from.start === to.start ? [] : [`START WITH ${to.start}`]),
    ...(from.cycle === to.cycle ? [] : [to.cycle ? 'CYCLE' : 'NO CYCLE']),
    ...(ownedBy(from) === ownedBy(to) ? [] : [ownedBy(to)]),
  ]
  return changes.length === 0 ? [] : [`ALTER SEQUENCE ${quoteName(from)} ${changes.join(' ')}`]
}

function ownedBy({ ownedBy: owner }: Sequence): string {
  return owner === undefined ? 'OWNED BY NONE' : `OWNED BY ${quoteName(owner)}.${quote(owner.column)}`
}

/** What CREATE SEQUENCE takes when nothing is said. */
function defaults({ type, increment }: Sequence): { readonly min: string; readonly max: string } {
  const limit = limits[type] ?? limits['bigint'] ?? 0n
  return increment.startsWith('-') ? { min: String(-limit - 1n), max: '-1' } : { min: '1', max: String(limit) }
}

function startOf({ increment, min, max }: Sequence): string {
  return increment.startsWith('-') ? max : min
}
