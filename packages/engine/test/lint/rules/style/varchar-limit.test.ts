import { varcharLimit } from '../../../../src/lint/rules/style/varchar-limit'
import { describeTypeChange, describeTypeRule } from './type-rule'

describeTypeRule(varcharLimit, {
  type: 'varchar(50)',
  others: ['character varying(1)', 'varchar(2)[]'],
  message: 'the limit of a.b can be changed only under a lock that blocks everybody',
  help: 'Use text, with a check of its length if it needs one: a check can be added NOT VALID.',
  good: ['varchar', 'text', 'char(3)'],
})

describeTypeChange(varcharLimit, 'varchar(50)')
