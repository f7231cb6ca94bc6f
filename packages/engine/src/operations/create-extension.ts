import { misfit } from './edit'
import type { CreateExtension, DropExtension, OperationKind } from './operation'

/** An extension belongs to the whole database: what made it does not take it away again. */
export const createExtension: OperationKind<CreateExtension> = {
  apply({ name }, schema) {
    if (schema.extensions.includes(name)) throw misfit(`extension ${name} exists already`)
    return { ...schema, extensions: [...schema.extensions, name].sort() }
  },
  reverse: ({ name }) => ({ op: 'dropExtension', name, stays: true }),
  destroys: () => [],
  lock: () => 'none',
  describe: ({ name }) => `create extension ${name}`,
  subject: ({ name }) => ({ name }),
}

export const dropExtension: OperationKind<DropExtension> = {
  apply({ name }, schema) {
    if (!schema.extensions.includes(name)) throw misfit(`there is no extension ${name}`)
    return { ...schema, extensions: schema.extensions.filter((other) => other !== name) }
  },
  reverse: ({ name }) => ({ op: 'createExtension', name }),
  destroys: () => [],
  lock: ({ stays }) => (stays === true ? 'none' : 'ACCESS EXCLUSIVE'),
  describe: ({ name, stays }) => (stays === true ? `leave extension ${name} in place` : `drop extension ${name}`),
  subject: ({ name }) => ({ name }),
}
