import type { Rule } from '../../rule'
import { dropColumn } from './drop-column'
import { dropConstraint } from './drop-constraint'
import { dropNotNull } from './drop-not-null'
import { dropSchema } from './drop-schema'
import { dropTable } from './drop-table'
import { narrowType } from './narrow-type'
import { synchronize } from './synchronize'
import { truncate } from './truncate'
import { wholeTableChange } from './whole-table-change'

export const lossRules: readonly Rule[] = [
  dropTable,
  dropColumn,
  dropSchema,
  truncate,
  synchronize,
  dropConstraint,
  dropNotNull,
  narrowType,
  wholeTableChange,
]
