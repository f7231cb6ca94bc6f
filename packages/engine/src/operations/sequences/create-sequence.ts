import type { Schema, Sequence } from '../../schema/schema'
import { requireColumn, requireFreeName, requireTable } from '../edit-schema'
import { objectKinds } from '../object-kinds'
import type { Operations } from '../operation'

export type CreateDropSequence = Operations<'createSequence' | 'dropSequence', { definition: Sequence }>

export const { create: createSequence, drop: dropSequence } = objectKinds<'definition', Sequence>({
  key: 'definition',
  word: 'sequence',
  operations: () => ({
    create: (definition) => ({ op: 'createSequence', definition }),
    drop: (definition) => ({ op: 'dropSequence', definition }),
  }),
  edit: (schema, _, change) => ({ ...schema, sequences: change(schema.sequences) }),
  requireCreatable(schema, sequence) {
    requireFreeName(schema, sequence)
    requireOwner(schema, sequence)
  },
  phases: { create: 'createSequence', drop: 'dropSequence' },
})

/** Throws if the column that owns the sequence does not exist. */
export function requireOwner(schema: Schema, { ownedBy }: Sequence): void {
  if (ownedBy !== undefined) requireColumn(requireTable(schema, ownedBy), ownedBy.column)
}
