import type { Rule } from '../../rule'

export const compatibilityRules: readonly Rule[] = []
