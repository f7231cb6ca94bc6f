import { UsageError } from '../../errors'
import type { ReviewFilter } from '../../reviews/page-reviews'
import { type DataCommand, type DataOutput, oneLine, plural } from '../command'
import { textOf, wholeNumberOf } from '../values'
import { collect } from './pages'

const statuses = ['pending', 'in_progress', 'completed'] as const
const decisions = ['Accept', 'Accept with Controls', 'Transfer', 'Avoid', 'Mitigate'] as const

export const command: DataCommand = {
  positionals: [],
  options: {
    analysis: { kind: 'text', value: 'ID', describe: 'list only those of this analysis' },
    component: { kind: 'text', value: 'ID', describe: 'list only those of this component' },
    status: {
      kind: 'text',
      value: statuses.join('|'),
      choices: statuses,
      describe: 'list only those with this status',
    },
    decision: { kind: 'text', value: 'DECISION', describe: `list only those decided so: ${decisions.join(', ')}` },
    reviewer: { kind: 'text', value: 'NAME', describe: 'list only those of this reviewer' },
    limit: { kind: 'text', value: 'N', describe: 'list at most N' },
    after: { kind: 'text', value: 'PLACE', describe: 'continue a list that --limit ended, at the place it printed' },
  },
  examples: [
    ['reviews list', 'every review decision in the database'],
    ['reviews list --analysis gateway-v2 --status pending', 'those that still need a review'],
    ['reviews list --decision "Accept with Controls" --limit 20', 'the first 20 of these'],
  ],
  async run(values, context) {
    const filter: ReviewFilter = {
      analysisId: textOf(values['analysis']),
      componentId: textOf(values['component']),
      status: statuses.find((status) => status === values['status']),
      finalDecision: decisionOf(textOf(values['decision'])),
      reviewer: textOf(values['reviewer']),
    }
    const limit = wholeNumberOf('limit', values['limit'])
    const { items, next } = await context.withDataSource(async (dataSource) => {
      const { ReviewService } = await import('../../reviews/review-service.js')
      const reviews = new ReviewService(dataSource)
      return collect((page) => reviews.list({ ...filter, ...page }), limit, textOf(values['after']))
    })
    return {
      json: { reviews: items, next },
      human: (out) => {
        if (items.length === 0) out.note(noneOf(values))
        const rows = items.map((review) => [
          filter.analysisId === undefined ? review.analysisId : '',
          review.componentId,
          review.threatId,
          decided(review),
          review.reviewer,
          review.reviewDate,
          review.status,
        ])
        out.lines(...context.columns(colored(context.fit(rows.map(visible), out.terminalWidth, [0, 1, 2, 3, 4]), out)))
        if (items.length > 0) out.note(`${plural(items.length, 'review decision')}.`)
        if (next !== undefined) out.note(`There are more: ${out.colors.bold(`--after ${next}`)}`)
      },
    }
  },
}

/** `Mitigate → Accept`; `Mitigate` if that was the decision before. */
export function decided(review: { readonly originalDecision: string; readonly finalDecision: string }): string {
  const { originalDecision, finalDecision } = review
  return originalDecision === finalDecision ? finalDecision : `${originalDecision} → ${finalDecision}`
}

function visible(cells: readonly string[]): readonly string[] {
  return cells.map(oneLine)
}

function colored(rows: readonly (readonly string[])[], { colors }: DataOutput): readonly (readonly string[])[] {
  return rows.map(([analysis = '', component = '', threat = '', decision = '', reviewer = '', date = '', ...rest]) => [
    ...[analysis === '' ? '' : colors.yellow(analysis), component, threat, decision, reviewer, colors.dim(date)],
    ...rest,
  ])
}

function noneOf(values: Readonly<Record<string, unknown>>): string {
  const isFiltered = ['analysis', 'component', 'status', 'decision', 'reviewer', 'limit', 'after'].some(
    (name) => values[name] !== undefined,
  )
  return isFiltered ? 'No such review decisions.' : 'No review decisions. Import some with `aludel reviews import DIR`.'
}

/** In any case, so that nobody has to look up how it is written. */
function decisionOf(text: string | undefined): ReviewFilter['finalDecision'] {
  if (text === undefined) return undefined
  const found = decisions.find((decision) => decision.toLowerCase() === text.toLowerCase())
  if (found === undefined) throw new UsageError(`--decision cannot be "${text}"`, `One of ${decisions.join(', ')}.`)
  return found
}
