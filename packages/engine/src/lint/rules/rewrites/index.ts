import type { Rule } from '../../rule'
import { addSerial } from './add-serial'
import { backfillInTransaction } from './backfill-in-transaction'
import { changeType } from './change-type'
import { storedGeneratedColumn } from './stored-generated-column'
import { typeChangeWithCheck } from './type-change-with-check'
import { volatileDefault } from './volatile-default'

export const rewritesRules: readonly Rule[] = [
  changeType,
  volatileDefault,
  addSerial,
  storedGeneratedColumn,
  typeChangeWithCheck,
  backfillInTransaction,
]
