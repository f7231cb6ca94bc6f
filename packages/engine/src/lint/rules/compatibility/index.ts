import type { Rule } from '../../rule'
import { changeDefault } from './change-default'
import { keyTypeMismatch } from './key-type-mismatch'
import { newUnique } from './new-unique'
import { renameColumn } from './rename-column'
import { renameEnumValue } from './rename-enum-value'
import { renameSchema } from './rename-schema'
import { renameTable } from './rename-table'
import { requiredColumn } from './required-column'
import { valueType } from './value-type'

export const compatibilityRules: readonly Rule[] = [
  renameColumn,
  renameTable,
  renameEnumValue,
  renameSchema,
  requiredColumn,
  changeDefault,
  newUnique,
  keyTypeMismatch,
  valueType,
]
