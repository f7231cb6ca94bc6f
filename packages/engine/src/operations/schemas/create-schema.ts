import { cannotApply } from '../edit-schema'
import type { OperationKind, OperationOf, Operations } from '../operation'

export type CreateDropSchema = Operations<'createSchema' | 'dropSchema', { name: string }>

export const createSchema: OperationKind<OperationOf<'createSchema'>> = {
  apply({ name }, schema) {
    if (schema.schemas.includes(name)) throw cannotApply(`schema ${name} exists already`)
    return { ...schema, schemas: [...schema.schemas, name] }
  },
  reverse: ({ name }) => ({ op: 'dropSchema', name }),
  destroys: () => [],
  phase: () => 'createSchema',
  describe: ({ name }) => `create schema ${name}`,
  subject: ({ name }) => ({ name }),
}

/** Drops an empty schema: separate operations drop its objects. */
export const dropSchema: OperationKind<OperationOf<'dropSchema'>> = {
  apply({ name }, schema) {
    if (!schema.schemas.includes(name)) throw cannotApply(`there is no schema ${name}`)
    const { tables, views, enums, sequences, functions = [], domains = [] } = schema
    const held = [...tables, ...views, ...enums, ...sequences, ...functions, ...domains].find(
      (object) => object.schema === name,
    )
    if (held !== undefined) throw cannotApply(`schema ${name} still holds ${held.name}`)
    return { ...schema, schemas: schema.schemas.filter((other) => other !== name) }
  },
  reverse: ({ name }) => ({ op: 'createSchema', name }),
  destroys: () => [],
  phase: () => 'dropSchema',
  describe: ({ name }) => `drop schema ${name}`,
  subject: ({ name }) => ({ name }),
}
