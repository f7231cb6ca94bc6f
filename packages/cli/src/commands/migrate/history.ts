import { drawLanes } from '@aludel/engine'

import { graphLines } from '../../output/graph'
import { revisionBlocks, revisionLines } from '../../output/revisions'
import { defineCommand } from '../../parser/command'
import { flag, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [],
  options: {
    range: text('A:B', 'list only these, both ends inclusive', 'r'),
    'indicate-current': flag('mark the revisions that are applied in the database', 'i'),
    graph: flag('draw the graph, like git log --graph'),
  },
  examples: [
    ['migrate history', 'every revision, newest first'],
    ['migrate history -i', 'also where the database is'],
    ['migrate history -v -i', 'parents, file, labels, what each does, and when and by whom it was applied'],
    ['migrate history --graph', 'as a drawing with a lane for each branch'],
    ['migrate history -r -3:current', 'the last ones that were applied'],
  ],
  async run(args, context) {
    const { range } = args
    const details = context.globals.verbose && !args.graph
    const result = await withMigrator(context, (migrator) =>
      migrator.history({ range, indicateCurrent: args['indicate-current'], details }),
    )
    const rows = args.graph ? drawLanes(result.revisions) : []
    return {
      json: args.graph
        ? { ...result, graph: rows.map(({ drawing, revision }) => ({ drawing, revision: revision?.revision ?? null })) }
        : result,
      human: (out) => {
        const { revisions } = result
        if (revisions.length === 0 && range === undefined)
          out.note('No revisions. Write the first with `aludel migrate create "…"`.')
        if (details) out.lines(...revisionBlocks(revisions, out.colors, context.cwd))
        else if (args.graph) out.lines(...graphLines(rows, out.colors, out.terminalWidth))
        else out.lines(...revisionLines(revisions, out.colors, out.terminalWidth))
      },
    }
  },
})
