import type { Rule } from '../../rule'

export const rewritesRules: readonly Rule[] = []
