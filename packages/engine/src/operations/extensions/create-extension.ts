import { cannotApply } from '../edit-schema'
import type { OperationKind } from '../operation'

export interface CreateExtension {
  readonly op: 'createExtension'
  readonly name: string
  /** Absent: the default schema. */
  readonly schema?: string
}
export interface DropExtension {
  readonly op: 'dropExtension'
  readonly name: string
  readonly schema?: string
  /** Set in the reverse of `createExtension`, which leaves the extension installed: others may use it. */
  readonly stays?: true
}

/** An extension belongs to the whole database, so undoing the operation does not drop it. */
export const createExtension: OperationKind<CreateExtension> = {
  apply({ name }, schema) {
    if (schema.extensions.includes(name)) throw cannotApply(`extension ${name} exists already`)
    return { ...schema, extensions: [...schema.extensions, name].sort() }
  },
  reverse: ({ op: _, ...extension }) => ({ ...extension, op: 'dropExtension', stays: true }),
  destroys: () => [],
  phase: () => 'createExtension',
  describe: ({ name, schema }) => `create extension ${name}${schema === undefined ? '' : ` in schema ${schema}`}`,
  subject: ({ name }) => ({ name }),
}

export const dropExtension: OperationKind<DropExtension> = {
  apply({ name }, schema) {
    if (!schema.extensions.includes(name)) throw cannotApply(`there is no extension ${name}`)
    return { ...schema, extensions: schema.extensions.filter((other) => other !== name) }
  },
  reverse: ({ name, schema }) => ({ op: 'createExtension', name, ...(schema !== undefined && { schema }) }),
  destroys: () => [],
  phase: () => 'dropExtension',
  describe: ({ name, stays }) => (stays === true ? `leave extension ${name} in place` : `drop extension ${name}`),
  subject: ({ name }) => ({ name }),
}
