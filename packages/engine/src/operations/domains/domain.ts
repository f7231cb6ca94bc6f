import type { Domain } from '../../schema/schema'
import { requireSchema } from '../edit-schema'
import { type CreateDropReplace, replaceableKinds } from '../object-kinds'
import type { Change, Operations } from '../operation'

export type DomainOperation =
  Operations<'createDomain' | 'dropDomain', { definition: Domain }> | Operations<'replaceDomain', Change<Domain>>

export const onDomain: CreateDropReplace<Domain> = {
  create: (definition) => ({ op: 'createDomain', definition }),
  drop: (definition) => ({ op: 'dropDomain', definition }),
  replace: (change) => ({ op: 'replaceDomain', ...change }),
}

export const {
  create: createDomain,
  drop: dropDomain,
  replace: replaceDomain,
} = replaceableKinds<'definition', Domain>({
  key: 'definition',
  word: 'domain',
  operations: () => onDomain,
  edit: (schema, _, change) => ({ ...schema, domains: change(schema.domains ?? []) }),
  requireCreatable: requireSchema,
  phases: { create: 'createDomain', drop: 'dropDomain', replace: 'createDomain' },
})
