import type { Rule } from '../../rule'
import { duplicateColumn } from './duplicate-column'
import { enumValuePlace } from './enum-value-place'
import { longName } from './long-name'
import { newEnumValueUsed } from './new-enum-value-used'

export const hygieneRules: readonly Rule[] = [longName, enumValuePlace, newEnumValueUsed, duplicateColumn]
