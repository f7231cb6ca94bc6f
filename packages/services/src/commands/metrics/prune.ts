import { UsageError } from '../../errors'
import { type DataCommand, plural } from '../command'
import { removeConfirmed } from '../removal'
import { textOf, timeBefore, timeOf } from '../values'

export const command: DataCommand = {
  positionals: [],
  options: {
    'older-than': { kind: 'text', value: 'TIME', describe: 'remove values that are older: 12h, 90d, 8w' },
    before: { kind: 'text', value: 'DATE', describe: 'the same as a time: 2026-03-29, 2026-03-29T12:00:00Z' },
    name: { kind: 'text', value: 'NAME', describe: 'only values of this metric' },
    'dry-run': { kind: 'flag', describe: 'only report how many would be removed' },
  },
  examples: [
    ['metrics prune --older-than 90d', 'remove old values; shows how many, and asks'],
    ['metrics prune --older-than 12h --name queue.depth --yes', 'those of one metric, without a question'],
  ],
  async run(values, context) {
    const [age, time] = [timeBefore('older-than', values['older-than'], new Date()), timeOf('before', values['before'])]
    if (age !== undefined && time !== undefined)
      throw new UsageError('--older-than and --before cannot be combined', 'Give one of them.')
    const before = age ?? time
    if (before === undefined)
      throw new UsageError('metrics prune needs a time', 'Write for example: aludel metrics prune --older-than 90d')
    const name = textOf(values['name'])
    const filter = { before, ...(name === undefined ? {} : { name }) }
    const dryRun = values['dry-run'] === true
    const result = await context.withDataSource(
      async (dataSource) => {
        const { MetricService } = await import('../../metrics/metric-service.js')
        const metrics = new MetricService(dataSource)
        const found = await metrics.count(filter)
        if (dryRun || found === 0) return { found, removed: 0 }
        const of = name === undefined ? '' : ` of ${name}`
        const text = `Remove ${plural(found, 'value')}${of} from before ${before.toISOString()}?`
        const removed = await removeConfirmed(context, {
          what: 'value',
          total: found,
          question: { text },
          details: { found, before: before.toISOString() },
          remove: (options) => metrics.prune(before, { ...options, ...(name === undefined ? {} : { name }) }),
        })
        return { found, removed }
      },
      ['Metric'],
    )
    return {
      json: { dryRun, before: before.toISOString(), name: name ?? null, ...result },
      human: (out) => {
        if (result.found === 0) out.note('Nothing to remove.')
        else if (dryRun) out.note(`Would remove ${plural(result.found, 'value')} from before ${before.toISOString()}.`)
        else out.note(`Removed ${plural(result.removed, 'value')}.`)
      },
    }
  },
}
