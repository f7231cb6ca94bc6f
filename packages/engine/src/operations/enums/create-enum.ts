import { displayName, type EnumType, sameName } from '../../schema/schema'
import { cannotApply, requireSchema } from '../edit-schema'
import { type CreateDropReplace, replaceableKinds } from '../object-kinds'
import type { Operations } from '../operation'

export type CreateDropEnum = Operations<'createEnum' | 'dropEnum', { definition: EnumType }>

export const onEnum: CreateDropReplace<EnumType> = {
  create: (definition) => ({ op: 'createEnum', definition }),
  drop: (definition) => ({ op: 'dropEnum', definition }),
  replace: (change) => ({ op: 'alterEnum', ...change }),
}

export const {
  create: createEnum,
  drop: dropEnum,
  replace: replaceEnum,
} = replaceableKinds<'definition', EnumType>({
  key: 'definition',
  word: 'enum',
  details: ({ values }, verb) => (verb === 'create' ? ` (${values.join(', ')})` : ''),
  operations: () => onEnum,
  edit: (schema, _, change) => ({ ...schema, enums: change(schema.enums) }),
  requireCreatable: requireSchema,
  requireUnused(schema, type) {
    const user = schema.tables.find((table) =>
      table.columns.some((column) => column.enum !== undefined && sameName(column.enum, type)),
    )
    if (user !== undefined) throw cannotApply(`${displayName(user)} uses enum ${displayName(type)}`)
  },
  phases: { create: 'createEnum', drop: 'dropEnum', replace: 'createEnum' },
})
