import { displayName, type Domain, sameName, type Schema } from '../schema/schema'
import { misfit, requireSchema } from './edit'
import type { CreateDomain, DropDomain, OperationKind, ReplaceDomain } from './operation'

export const createDomain: OperationKind<CreateDomain> = {
  apply({ definition }, schema) {
    requireSchema(schema, definition)
    if (find(schema, definition) !== undefined) throw misfit(`domain ${displayName(definition)} exists already`)
    return { ...schema, domains: [...(schema.domains ?? []), definition] }
  },
  reverse: ({ definition }) => ({ op: 'dropDomain', definition }),
  destroys: () => [],
  lock: () => 'none',
  describe: ({ definition }) => `create ${wording(definition)}`,
  subject: ({ definition }) => ({ name: displayName(definition) }),
}

export const dropDomain: OperationKind<DropDomain> = {
  apply({ definition }, schema) {
    const gone = required(schema, definition)
    return { ...schema, domains: (schema.domains ?? []).filter((other) => other !== gone) }
  },
  reverse: ({ definition }) => ({ op: 'createDomain', definition }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ definition }) => `drop ${wording(definition)}`,
  subject: ({ definition }) => ({ name: displayName(definition) }),
}

export const replaceDomain: OperationKind<ReplaceDomain> = {
  apply({ from, to }, schema) {
    const old = required(schema, from)
    return { ...schema, domains: (schema.domains ?? []).map((other) => (other === old ? to : other)) }
  },
  reverse: ({ from, to }) => ({ op: 'replaceDomain', from: to, to: from }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ to }) => `replace ${wording(to)}`,
  subject: ({ to }) => ({ name: displayName(to) }),
}

function find(schema: Schema, name: Domain): Domain | undefined {
  return schema.domains?.find((other) => sameName(other, name))
}

function required(schema: Schema, name: Domain): Domain {
  const found = find(schema, name)
  if (found === undefined) throw misfit(`there is no domain ${displayName(name)}`)
  return found
}

function wording(definition: Domain): string {
  return `domain ${displayName(definition)}`
}
