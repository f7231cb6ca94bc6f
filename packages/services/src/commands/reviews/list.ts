import { UsageError } from '../../errors'
import type { ListReviewsOptions } from '../../reviews/list-reviews'
import { type DataCommand, plural } from '../command'

const statuses = ['pending', 'in_progress', 'completed'] as const

export const command: DataCommand = {
  positionals: [],
  options: {
    analysis: { kind: 'text', value: 'ID', describe: 'list only those of this analysis' },
    status: {
      kind: 'text',
      value: statuses.join('|'),
      choices: statuses,
      describe: 'list only those with this status',
    },
    limit: { kind: 'text', value: 'N', describe: 'list at most N' },
  },
  examples: [
    ['reviews list', 'every review decision in the database'],
    ['reviews list --analysis gateway-v2 --status pending', 'those that still need a review'],
  ],
  async run(values, context) {
    const { analysis, limit } = values
    const options: ListReviewsOptions = {
      analysis: typeof analysis === 'string' ? analysis : undefined,
      status: statuses.find((status) => status === values['status']),
      limit: typeof limit === 'string' ? parseCount(limit) : undefined,
    }
    const reviews = await context.withDataSource(async (dataSource) => {
      const { listReviews } = await import('../../reviews/list-reviews.js')
      return listReviews(dataSource, options)
    })
    return {
      json: { reviews },
      human: (out) => {
        const { colors } = out
        if (reviews.length === 0) out.note('No review decisions. Import some with `aludel reviews import DIR`.')
        out.lines(
          ...context.columns(
            reviews.map((review) => [
              colors.yellow(review.analysisId),
              review.componentId,
              review.threatId,
              `${review.originalDecision} → ${review.finalDecision}`,
              review.reviewer,
              colors.dim(review.reviewDate),
              review.status,
            ]),
          ),
        )
        if (reviews.length > 0) out.note(`${plural(reviews.length, 'review decision')}.`)
      },
    }
  },
}

function parseCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--limit cannot be "${text}"`, 'Give a whole number.')
  return Number(text)
}
