import type { Rule } from '../../rule'
import { createIndex } from './create-index'

export const locksRules: readonly Rule[] = [createIndex]
