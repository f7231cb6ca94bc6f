import type { Statistics } from '../statistics'
import { allEntities, bytesText, type DataCommand, grouped } from './command'

export const command: DataCommand = {
  positionals: [],
  options: {},
  examples: [
    ['stats', 'what is in the database, by state'],
    ['stats --json', 'the same for a program'],
  ],
  async run(_values, context) {
    const result = await context.withDataSource(async (dataSource) => {
      const { readStatistics } = await import('../statistics.js')
      return readStatistics(dataSource)
    }, allEntities)
    return {
      json: result,
      human: (out) => {
        const { dim } = out.colors
        const rows = rowsOf(result).flatMap(([what, count, ...parts]) =>
          linesOf(parts).map((line, index) => (index === 0 ? [dim(what), count, line] : ['', '', line])),
        )
        out.lines(...context.columns(rows, ['left', 'right', 'left']))
      },
    }
  },
}

/** What there is, how many, and of which kinds. */
function rowsOf(statistics: Statistics): readonly (readonly [what: string, count: string, ...parts: string[]])[] {
  const { workflows, checkpoints, validations, recommendations, auditLogs, cache, metrics, reviews } = statistics
  return [
    ['workflows', grouped(workflows.total), ...kinds(workflows.byState)],
    ['checkpoints', grouped(checkpoints.total)],
    ['validations', grouped(validations.total), ...kinds(validations.byStatus)],
    ['recommendations', grouped(recommendations.total), ...kinds(recommendations.byStatus)],
    ['audit entries', grouped(auditLogs.total), ...kinds(auditLogs.byAction)],
    [
      'cached results',
      grouped(cache.entries),
      ...(cache.entries === 0 ? [] : [bytesText(cache.bytes), `${grouped(cache.expired)} expired`]),
    ],
    [
      'metrics',
      grouped(metrics.total),
      ...(metrics.names.length === 0 ? [] : [`${grouped(metrics.names.length)} names`]),
    ],
    ['reviews', grouped(reviews.total), ...kinds(reviews.byStatus)],
  ]
}

/** In 80 columns, of which the first two take at most 28. At least one line. */
function linesOf(parts: readonly string[]): readonly string[] {
  const lines: string[] = ['']
  for (const part of parts) {
    const line = lines.at(-1) ?? ''
    if (line === '') lines[lines.length - 1] = part
    else if (line.length + part.length + 2 <= 51) lines[lines.length - 1] = `${line}, ${part}`
    else {
      lines[lines.length - 1] = `${line},`
      lines.push(part)
    }
  }
  return lines
}

/** `12 running`, for each kind that there is. */
function kinds(counts: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(counts).flatMap(([name, count]) =>
    count === 0 ? [] : [`${grouped(count)} ${name.replaceAll('_', ' ')}`],
  )
}
