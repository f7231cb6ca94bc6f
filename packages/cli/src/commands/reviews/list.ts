import { plural } from '../../output/format'
import { columns } from '../../output/table'
import { usageError } from '../../errors'
import { defineCommand } from '../../parser/command'
import { choice, text } from '../../parser/options'
import { withReviews } from '../../project/reviews'

export const command = defineCommand({
  positionals: [],
  options: {
    analysis: text('ID', 'list only those of this analysis'),
    status: choice(['pending', 'in_progress', 'completed'], 'list only those with this status'),
    limit: text('N', 'list at most N'),
  },
  examples: [
    ['reviews list', 'every review decision in the database'],
    ['reviews list --analysis gateway-v2 --status pending', 'those that still need a review'],
  ],
  async run(args, context) {
    const { analysis, status } = args
    const limit = args.limit === undefined ? undefined : parseCount(args.limit)
    const reviews = await withReviews(context, async (dataSource) => {
      const { listReviews } = await import('@aludel/services')
      return listReviews(dataSource, { analysis, status, limit })
    })
    return {
      json: { reviews },
      human: (out) => {
        const { colors } = out
        if (reviews.length === 0) out.note('No review decisions. Import some with `aludel reviews import DIR`.')
        out.lines(
          ...columns(
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
})

function parseCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw usageError(`--limit cannot be "${text}"`, 'Give a whole number.')
  return Number(text)
}
