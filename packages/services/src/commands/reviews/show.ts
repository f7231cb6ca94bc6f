import type { ReviewDecision } from '@aludel/models'
import { NotFoundError } from '../../errors'
import { type DataCommand, type DataCommandContext, type DataOutput, oneLine, plural } from '../command'
import { textOf } from '../values'
import { decided } from './list'
import { collect } from './pages'

export const command: DataCommand = {
  positionals: [
    { name: 'ANALYSIS', describe: 'id of the analysis', required: true },
    { name: 'COMPONENT', describe: 'only those of this component' },
    { name: 'THREAT', describe: 'only the one about this threat' },
  ],
  options: {},
  examples: [
    ['reviews show gateway-v2 ECU001 "Replay attack"', 'one review decision'],
    ['reviews show gateway-v2 ECU001', 'all of a component'],
  ],
  async run(values, context) {
    const [analysisId, componentId, threatId] = ['ANALYSIS', 'COMPONENT', 'THREAT'].map((name) => textOf(values[name]))
    const { items } = await context.withDataSource(async (dataSource) => {
      const { ReviewService } = await import('../../reviews/review-service.js')
      const reviews = new ReviewService(dataSource)
      return collect((page) => reviews.list({ analysisId, componentId, threatId, ...page }), undefined, undefined)
    })
    if (items.length === 0) {
      const id = [analysisId, componentId, threatId].filter((part) => part !== undefined).join(' ')
      throw new NotFoundError('review decision', id, 'List what is there with `aludel reviews list`.')
    }
    return {
      json: { reviews: items },
      human: (out) => {
        for (const review of items) print(review, out, context)
        if (items.length > 1) out.note(`${plural(items.length, 'review decision')}.`)
      },
    }
  },
}

function print(review: ReviewDecision, out: DataOutput, context: DataCommandContext): void {
  const { colors } = out
  const { analysisId, componentId, threatId, reviewer, reviewDate, status, evidenceReferences } = review
  const facts: [string, string][] = [
    ['decision', decided(review)],
    ['reviewer', `${reviewer}, ${reviewDate}`],
    ['status', status],
    ...linesOf('justification', review.justification),
    ...linesOf('notes', review.additionalNotes ?? ''),
    ...linesOf('evidence', (evidenceReferences ?? []).map(oneLine).join('\n')),
    ['changed', review.updatedAt.toISOString().slice(0, 16).replace('T', ' ')],
  ]
  out.lines(
    `${colors.yellow(oneLine(analysisId))} ${oneLine(componentId)} ${colors.bold(oneLine(threatId))}`,
    ...context.columns(facts.map(([name, value]) => [colors.dim(`  ${name}`), oneLine(value)])),
    '',
  )
}

/** A text with line breaks, a row for each line. */
function linesOf(name: string, text: string): [string, string][] {
  if (text === '') return []
  return text.split(/\r?\n/).map((line, index) => [index === 0 ? name : '', line])
}
