import type { Rule } from '../../rule'

export const sqliteRules: readonly Rule[] = []
