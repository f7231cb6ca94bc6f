import { NotFoundError } from '../../errors'
import type { AnalysisStatus } from '../../reviews/analysis-status'
import { textOf, wholeNumberOf } from '../values'
import { type DataCommand, type DataCommandContext, type DataOutput, grouped, oneLine, plural } from '../command'
import { collect } from './pages'

export const command: DataCommand = {
  positionals: [{ name: 'ANALYSIS', describe: 'only this analysis; default: all' }],
  options: {
    limit: { kind: 'text', value: 'N', describe: 'list at most N analyses' },
    after: { kind: 'text', value: 'PLACE', describe: 'continue a list that --limit ended, at the place it printed' },
  },
  examples: [
    ['reviews status', 'every analysis, with its review decisions counted'],
    ['reviews status gateway-v2', 'one analysis, also by decision'],
  ],
  async run(values, context) {
    const analysis = textOf(values['ANALYSIS'])
    const limit = wholeNumberOf('limit', values['limit'])
    const { items, next } = await context.withDataSource(async (dataSource) => {
      const { ReviewService } = await import('../../reviews/review-service.js')
      const reviews = new ReviewService(dataSource)
      if (analysis !== undefined) return { items: [await reviews.status(analysis)], next: undefined }
      return collect((page) => reviews.statuses(page), limit, textOf(values['after']))
    })
    const [first] = items
    if (analysis !== undefined && first?.total === 0)
      throw new NotFoundError('analysis', analysis, 'List what is there with `aludel reviews status`.')
    return {
      json: { analyses: items, next },
      human: (out) => {
        if (items.length === 0) {
          out.note('No review decisions. Import some with `aludel reviews import DIR`.')
          return
        }
        out.lines(...table(items, context, out))
        if (analysis !== undefined && first !== undefined) out.lines('', ...decisionsOf(first, context))
        const total = items.reduce((sum, one) => sum + one.total, 0)
        const completed = items.reduce((sum, one) => sum + one.byStatus.completed, 0)
        out.note(
          '',
          `${plural(items.length, 'analysis', 'analyses')}: ${grouped(completed)} of ${plural(total, 'review decision')} completed.`,
        )
        if (next !== undefined) out.note(`There are more: ${out.colors.bold(`--after ${next}`)}`)
      },
    }
  },
}

const align = ['left', 'right', 'right', 'right', 'right'] as const

function table(statuses: readonly AnalysisStatus[], context: DataCommandContext, out: DataOutput): readonly string[] {
  const rows = statuses.map(({ analysisId, total, byStatus }) => [
    oneLine(analysisId),
    ...[total, byStatus.pending, byStatus.in_progress, byStatus.completed].map(grouped),
  ])
  const [head = [], ...body] = context.fit(
    [['analysis', 'decisions', 'pending', 'in progress', 'completed'], ...rows],
    out.terminalWidth,
    [0],
  )
  const { dim, yellow } = out.colors
  return context.columns(
    [head.map(dim), ...body.map(([analysis = '', ...counts]) => [yellow(analysis), ...counts])],
    align,
  )
}

function decisionsOf({ byFinalDecision }: AnalysisStatus, context: DataCommandContext): readonly string[] {
  return context.columns(
    Object.entries(byFinalDecision).map(([decision, count]) => [decision, grouped(count)]),
    ['left', 'right'],
  )
}
