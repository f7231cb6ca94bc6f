import { charType } from '../../../../src/lint/rules/style/char-type'
import { describeTypeChange, describeTypeRule } from './type-rule'

describeTypeRule(charType, {
  type: 'char(3)',
  others: ['character(3)', 'char', 'bpchar', 'char(2)[]'],
  message: 'a.b is padded with spaces, which comparisons ignore and LIKE does not',
  help: 'Use text or varchar.',
  good: ['varchar(3)', 'character varying', 'text', '"char"'],
})

describeTypeChange(charType, 'char(3)')
