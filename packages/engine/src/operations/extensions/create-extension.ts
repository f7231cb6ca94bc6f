import { cannotApply } from '../edit-schema'
import type { OperationKind } from '../operation'

export interface CreateExtension {
  readonly op: 'createExtension'
  readonly name: string
}
export interface DropExtension {
  readonly op: 'dropExtension'
  readonly name: string
  /** Set in the reverse of `createExtension`, which leaves the extension installed: others may use it. */
  readonly stays?: true
}

/** An extension belongs to the whole database, so undoing the operation does not drop it. */
export const createExtension: OperationKind<CreateExtension> = {
  apply({ name }, schema) {
    if (schema.extensions.includes(name)) throw cannotApply(`extension ${name} exists already`)
    return { ...schema, extensions: [...schema.extensions, name].sort() }
  },
  reverse: ({ name }) => ({ op: 'dropExtension', name, stays: true }),
  destroys: () => [],
  phase: () => 'createExtension',
  describe: ({ name }) => `create extension ${name}`,
  subject: ({ name }) => ({ name }),
}

export const dropExtension: OperationKind<DropExtension> = {
  apply({ name }, schema) {
    if (!schema.extensions.includes(name)) throw cannotApply(`there is no extension ${name}`)
    return { ...schema, extensions: schema.extensions.filter((other) => other !== name) }
  },
  reverse: ({ name }) => ({ op: 'createExtension', name }),
  destroys: () => [],
  phase: () => 'dropExtension',
  describe: ({ name, stays }) => (stays === true ? `leave extension ${name} in place` : `drop extension ${name}`),
  subject: ({ name }) => ({ name }),
}
