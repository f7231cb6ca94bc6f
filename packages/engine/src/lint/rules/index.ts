import type { Rule } from '../rule'
import { aboutFiles } from './about-files'
import { compatibilityRules } from './compatibility'
import { hygieneRules } from './hygiene'
import { locksRules } from './locks'
import { lossRules } from './loss'
import { rewritesRules } from './rewrites'
import { rowsRules } from './rows'
import { sqliteRules } from './sqlite'
import { styleRules } from './style'

/** All rules, by category. */
export const rules: readonly Rule[] = [
  ...lossRules,
  ...compatibilityRules,
  ...rowsRules,
  ...locksRules,
  ...rewritesRules,
  ...hygieneRules,
  ...sqliteRules,
  ...styleRules,
  ...aboutFiles,
]
