import { displayName, sameName, type Schema, type Sequence } from '../schema/schema'
import { misfit, requireColumn, requireFreeName, requireTable } from './edit'
import type { AlterSequence, CreateSequence, DropSequence, OperationKind } from './operation'

export const createSequence: OperationKind<CreateSequence> = {
  apply({ definition }, schema) {
    requireFreeName(schema, definition)
    requireOwner(schema, definition)
    return { ...schema, sequences: [...schema.sequences, definition] }
  },
  reverse: ({ definition }) => ({ op: 'dropSequence', definition }),
  destroys: () => [],
  lock: () => 'none',
  describe: ({ definition }) => `create sequence ${displayName(definition)}`,
  subject: ({ definition }) => ({ name: displayName(definition) }),
}

export const dropSequence: OperationKind<DropSequence> = {
  apply({ definition }, schema) {
    const sequence = requireSequence(schema, definition)
    return { ...schema, sequences: schema.sequences.filter((other) => other !== sequence) }
  },
  reverse: ({ definition }) => ({ op: 'createSequence', definition }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ definition }) => `drop sequence ${displayName(definition)}`,
  subject: ({ definition }) => ({ name: displayName(definition) }),
}

export const alterSequence: OperationKind<AlterSequence> = {
  apply({ from, to }, schema) {
    const sequence = requireSequence(schema, from)
    requireOwner(schema, to)
    return { ...schema, sequences: schema.sequences.map((other) => (other === sequence ? to : other)) }
  },
  reverse: ({ from, to }) => ({ op: 'alterSequence', from: to, to: from }),
  destroys: () => [],
  lock: () => 'SHARE ROW EXCLUSIVE',
  describe: ({ from, to }) => `alter sequence ${displayName(to)}: ${changes(from, to).join(', ')}`,
  subject: ({ to }) => ({ name: displayName(to) }),
}

export function requireSequence(schema: Schema, name: { schema?: string; name: string }): Sequence {
  const sequence = schema.sequences.find((other) => sameName(other, name))
  if (sequence === undefined) throw misfit(`there is no sequence ${displayName(name)}`)
  return sequence
}

function requireOwner(schema: Schema, { ownedBy }: Sequence): void {
  if (ownedBy !== undefined) requireColumn(requireTable(schema, ownedBy), ownedBy.column)
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
