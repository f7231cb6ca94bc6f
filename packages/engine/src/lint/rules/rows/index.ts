import type { Rule } from '../../rule'

export const rowsRules: readonly Rule[] = []
