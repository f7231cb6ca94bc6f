import { displayName, sameName, type Sequence } from '../../schema/schema'
import { requireNamed } from '../edit-schema'
import type { OperationKind } from '../operation'
import type { Phase } from '../phase'
import { requireOwner } from './create-sequence'

export interface AlterSequence {
  readonly op: 'alterSequence'
  readonly from: Sequence
  readonly to: Sequence
}

export const alterSequence: OperationKind<AlterSequence> = {
  apply({ from, to }, schema) {
    const sequence = requireNamed(schema.sequences, from, 'sequence')
    requireOwner(schema, to)
    return { ...schema, sequences: schema.sequences.map((other) => (other === sequence ? to : other)) }
  },
  reverse: ({ from, to }) => ({ op: 'alterSequence', from: to, to: from }),
  destroys: () => [],
  phase: ({ from, to }) => phaseOf(from, to),
  describe: ({ from, to }) => `alter sequence ${displayName(to)}: ${changes(from, to).join(', ')}`,
  subject: ({ to }) => ({ name: displayName(to) }),
}

/** A sequence loses its owner before that column is dropped, and gets one after that column is added. */
function phaseOf({ ownedBy: old }: Sequence, { ownedBy: owner }: Sequence): Phase {
  if (owner === undefined) return old === undefined ? 'createSequence' : 'disownSequence'
  return old !== undefined && sameName(old, owner) && old.column === owner.column ? 'createSequence' : 'ownSequence'
}

function changes(from: Sequence, to: Sequence): string[] {
  const list = (['type', 'start', 'increment', 'min', 'max', 'cycle'] as const).flatMap((key) =>
    from[key] === to[key] ? [] : [`${key} ${String(to[key])}`],
  )
  const [old, owner] = [from.ownedBy, to.ownedBy].map((name) =>
    name === undefined ? 'nothing' : `${displayName(name)}.${name.column}`,
  )
  return old === owner ? list : [...list, `owned by ${String(owner)}`]
}
