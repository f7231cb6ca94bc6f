import { displayName, type EnumType, type ObjectName, sameName, type Schema } from '../schema/schema'
import { misfit, requireSchema } from './edit'
import type { CreateEnum, DropEnum, OperationKind } from './operation'

export const createEnum: OperationKind<CreateEnum> = {
  apply({ definition }, schema) {
    requireFreeType(schema, definition)
    return { ...schema, enums: [...schema.enums, definition] }
  },
  reverse: ({ definition }) => ({ op: 'dropEnum', definition }),
  destroys: () => [],
  lock: () => 'none',
  describe: ({ definition }) => `create enum ${displayName(definition)} (${definition.values.join(', ')})`,
  subject: ({ definition }) => ({ name: displayName(definition) }),
}

export const dropEnum: OperationKind<DropEnum> = {
  apply({ definition }, schema) {
    const type = requireEnum(schema, definition)
    const user = schema.tables.find((table) =>
      table.columns.some((column) => column.enum !== undefined && sameName(column.enum, type)),
    )
    if (user !== undefined) throw misfit(`${displayName(user)} uses enum ${displayName(type)}`)
    return { ...schema, enums: schema.enums.filter((other) => other !== type) }
  },
  reverse: ({ definition }) => ({ op: 'createEnum', definition }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ definition }) => `drop enum ${displayName(definition)}`,
  subject: ({ definition }) => ({ name: displayName(definition) }),
}

export function requireEnum(schema: Schema, name: ObjectName): EnumType {
  const type = schema.enums.find((other) => sameName(other, name))
  if (type === undefined) throw misfit(`there is no enum ${displayName(name)}`)
  return type
}

export function requireFreeType(schema: Schema, name: ObjectName): void {
  requireSchema(schema, name)
  if (schema.enums.some((other) => sameName(other, name))) throw misfit(`enum ${displayName(name)} exists already`)
}
