import type { Rule } from '../../rule'
import { addCheck } from './add-check'
import { addExclusion } from './add-exclusion'
import { addForeignKey } from './add-foreign-key'
import { addPrimaryKey } from './add-primary-key'
import { addUnique } from './add-unique'
import { besideConcurrently } from './beside-concurrently'
import { concurrentlyInTransaction } from './concurrently-in-transaction'
import { concurrentlyOn14 } from './concurrently-on-14'
import { createIndex } from './create-index'
import { detachPartition } from './detach-partition'
import { dropIndex } from './drop-index'
import { ifNotExistsConcurrently } from './if-not-exists-concurrently'
import { longLockTimeout } from './long-lock-timeout'
import { manyForeignKeys } from './many-foreign-keys'
import { noLockTimeout } from './no-lock-timeout'
import { noStatementTimeout } from './no-statement-timeout'
import { refreshView } from './refresh-view'
import { reindex } from './reindex'
import { repeatedAlters } from './repeated-alters'
import { replaceIndex } from './replace-index'
import { rewriteTable } from './rewrite-table'
import { setNotNull } from './set-not-null'
import { validateInSameTransaction } from './validate-in-same-transaction'
import { workUnderLock } from './work-under-lock'

export const locksRules: readonly Rule[] = [
  createIndex,
  dropIndex,
  replaceIndex,
  concurrentlyInTransaction,
  besideConcurrently,
  reindex,
  detachPartition,
  rewriteTable,
  refreshView,
  addForeignKey,
  addCheck,
  validateInSameTransaction,
  addUnique,
  addPrimaryKey,
  setNotNull,
  addExclusion,
  workUnderLock,
  manyForeignKeys,
  noLockTimeout,
  noStatementTimeout,
  longLockTimeout,
  repeatedAlters,
  concurrentlyOn14,
  ifNotExistsConcurrently,
]
