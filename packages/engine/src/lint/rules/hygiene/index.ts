import type { Rule } from '../../rule'
import { entitiesInRevision } from './entities-in-revision'
import { missingDown } from './missing-down'
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
]
