import { displayName, type Routine, sameName, type Schema } from '../schema/schema'
import { misfit, requireSchema } from './edit'
import type { CreateFunction, DropFunction, OperationKind, ReplaceFunction } from './operation'

export const createFunction: OperationKind<CreateFunction> = {
  apply({ definition }, schema) {
    requireSchema(schema, definition)
    if (find(schema, definition) !== undefined) throw misfit(`function ${displayName(definition)} exists already`)
    return { ...schema, functions: [...(schema.functions ?? []), definition] }
  },
  reverse: ({ definition }) => ({ op: 'dropFunction', definition }),
  destroys: () => [],
  lock: () => 'none',
  describe: ({ definition }) => `create ${wording(definition)}`,
  subject: ({ definition }) => ({ name: displayName(definition) }),
}

export const dropFunction: OperationKind<DropFunction> = {
  apply({ definition }, schema) {
    const gone = required(schema, definition)
    return { ...schema, functions: (schema.functions ?? []).filter((other) => other !== gone) }
  },
  reverse: ({ definition }) => ({ op: 'createFunction', definition }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ definition }) => `drop ${wording(definition)}`,
  subject: ({ definition }) => ({ name: displayName(definition) }),
}

export const replaceFunction: OperationKind<ReplaceFunction> = {
  apply({ from, to }, schema) {
    const old = required(schema, from)
    return { ...schema, functions: (schema.functions ?? []).map((other) => (other === old ? to : other)) }
  },
  reverse: ({ from, to }) => ({ op: 'replaceFunction', from: to, to: from }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ to }) => `replace ${wording(to)}`,
  subject: ({ to }) => ({ name: displayName(to) }),
}

function find(schema: Schema, name: Routine): Routine | undefined {
  return schema.functions?.find((other) => sameName(other, name))
}

function required(schema: Schema, name: Routine): Routine {
  const found = find(schema, name)
  if (found === undefined) throw misfit(`there is no function ${displayName(name)}`)
  return found
}

function wording(definition: Routine): string {
  return `${definition.kind} ${displayName(definition)}`
}
