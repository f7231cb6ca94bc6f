import type { Rule } from '../../rule'

export const lossRules: readonly Rule[] = []
