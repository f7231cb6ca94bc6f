import type { Rule } from '../../rule'
import { duplicateColumn } from './duplicate-column'
import { entitiesInRevision } from './entities-in-revision'
import { enumValuePlace } from './enum-value-place'
import { longName } from './long-name'
import { missingDown } from './missing-down'
import { newEnumValueUsed } from './new-enum-value-used'
import { transactionStatement } from './transaction-statement'
import { unfinishedTransaction } from './unfinished-transaction'
import { unknownStatement } from './unknown-statement'
import { unrepeatableStep } from './unrepeatable-step'

export const hygieneRules: readonly Rule[] = [
  transactionStatement,
  unfinishedTransaction,
  unrepeatableStep,
  unknownStatement,
  missingDown,
  entitiesInRevision,
  longName,
  enumValuePlace,
  newEnumValueUsed,
  duplicateColumn,
]
