import { initProject } from '@aludel/engine'

import { usageError } from '../../errors'
import { defineCommand } from '../../parser/command'

export const command = defineCommand({
  positionals: [],
  options: {},
  examples: [
    ['migrate init', 'in the directory of your package.json'],
    ['migrate init --data-source src/db.ts --revisions db/migrations', 'if they are not in the usual places'],
  ],
  async run(_args, { globals, cwd }) {
    if (globals.revisions.length > 1)
      throw usageError('a new project has one revision directory', 'Give --revisions once.')
    const result = await initProject({ cwd, dataSource: globals['data-source'], revisions: globals.revisions[0] })
    return {
      json: result,
      human: (out) => {
        const { colors } = out
        out.note(...result.written.map((file) => `  ${colors.green('+')} ${file}`))
        out.note(...result.kept.map((file) => `  ${colors.dim('=')} ${file} ${colors.dim('(unchanged)')}`))
        out.note(`Next: ${colors.bold('aludel migrate create "first revision"')} writes a revision from your entities.`)
      },
    }
  },
})
