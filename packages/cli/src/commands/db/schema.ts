import { erDiagram } from '@aludel/engine'

import { schemaLines } from '../../output/schema'
import { defineCommand } from '../../parser/command'
import { choice } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [{ name: 'TABLE', describe: 'only these tables and views; default: all', many: true }],
  options: {
    format: choice(['text', 'mermaid'], 'text (default), or a Mermaid diagram of the tables and their keys'),
  },
  examples: [
    ['db schema', 'tables, columns, keys and indexes of the database'],
    ['db schema orders users', 'only these tables'],
    ['db schema --format mermaid > schema.mmd', 'a picture, which GitHub and GitLab draw in a Markdown file'],
  ],
  async run({ TABLE: names, format }, context) {
    const result = await withMigrator(context, (migrator) =>
      migrator.schema({ tables: names.length === 0 ? undefined : names }),
    )
    const isPicture = format === 'mermaid'
    return {
      json: isPicture ? { format, text: erDiagram(result) } : result,
      human: (out) => {
        if (isPicture) {
          out.raw(erDiagram(result))
          return
        }
        out.lines(...schemaLines(result, out.colors, out.terminalWidth))
        const { tables, views, enums, sequences } = result
        if (tables.length + views.length + enums.length + sequences.length === 0)
          out.note('The database has no tables.', '', `Next: ${out.colors.bold('aludel db init')}`)
      },
    }
  },
})
