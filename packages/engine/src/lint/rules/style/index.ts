import type { Rule } from '../../rule'

export const styleRules: readonly Rule[] = []
