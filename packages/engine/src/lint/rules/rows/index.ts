import type { Rule } from '../../rule'
import { castRows } from './cast-rows'
import { constraintRows } from './constraint-rows'
import { nullRows } from './null-rows'
import { uniqueRows } from './unique-rows'

export const rowsRules: readonly Rule[] = [uniqueRows, nullRows, constraintRows, castRows]
