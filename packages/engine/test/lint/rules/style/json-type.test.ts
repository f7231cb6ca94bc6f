import { jsonType } from '../../../../src/lint/rules/style/json-type'
import { describeTypeChange, describeTypeRule } from './type-rule'

describeTypeRule(jsonType, {
  type: 'json',
  others: ['json[]'],
  message: 'a.b is json, on which DISTINCT, UNION and GROUP BY fail',
  help: 'Use jsonb, unless the exact text of the values matters.',
  good: ['jsonb', 'text', 'app.json'],
})

describeTypeChange(jsonType, 'json')
