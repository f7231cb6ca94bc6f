import type { Routine } from '../../schema/schema'
import { requireSchema } from '../edit-schema'
import { type CreateDropReplace, replaceableKinds } from '../object-kinds'
import type { Change, Operations } from '../operation'

export type FunctionOperation =
  | Operations<'createFunction' | 'dropFunction', { definition: Routine }>
  | Operations<'replaceFunction', Change<Routine>>

export const onFunction: CreateDropReplace<Routine> = {
  create: (definition) => ({ op: 'createFunction', definition }),
  drop: (definition) => ({ op: 'dropFunction', definition }),
  replace: (change) => ({ op: 'replaceFunction', ...change }),
}

export const {
  create: createFunction,
  drop: dropFunction,
  replace: replaceFunction,
} = replaceableKinds<'definition', Routine>({
  key: 'definition',
  word: 'function',
  wordFor: ({ kind }) => kind,
  operations: () => onFunction,
  edit: (schema, _, change) => ({ ...schema, functions: change(schema.functions ?? []) }),
  requireCreatable: requireSchema,
  phases: { create: 'createFunction', drop: 'dropFunction', replace: 'createFunctionThatReadsTables' },
})
