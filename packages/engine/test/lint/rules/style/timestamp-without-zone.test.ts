import { timestampWithoutZone } from '../../../../src/lint/rules/style/timestamp-without-zone'
import { describeTypeChange, describeTypeRule } from './type-rule'

describeTypeRule(timestampWithoutZone, {
  type: 'timestamp',
  others: ['timestamp without time zone', 'timestamp(3)', 'timestamp[]'],
  message: 'a.b ignores the offset of the times that are written into it',
  help: 'Use timestamp with time zone: it keeps the moment, and shows it in the time zone of the session.',
  good: ['timestamptz', 'timestamp(3) with time zone', 'date', 'time'],
})

describeTypeChange(timestampWithoutZone, 'timestamp')
