import type { Rule } from '../../rule'
import { addCheck } from './add-check'
import { addExclusion } from './add-exclusion'
import { addForeignKey } from './add-foreign-key'
import { addPrimaryKey } from './add-primary-key'
import { addUnique } from './add-unique'
import { createIndex } from './create-index'
import { setNotNull } from './set-not-null'
import { validateInSameTransaction } from './validate-in-same-transaction'

export const locksRules: readonly Rule[] = [
  createIndex,
  addForeignKey,
  addCheck,
  validateInSameTransaction,
  addUnique,
  addPrimaryKey,
  setNotNull,
  addExclusion,
]
