import { initProject } from '@aludel/engine'

import { plural } from '../../output/format'
import { defineCommand } from '../../parser/command'

export const command = defineCommand({
  positionals: [],
  options: {},
  examples: [
    ['migrate init', 'in the directory of your package.json'],
    ['migrate init --data-source src/db.ts --revisions db/migrations', 'if they are not in the usual places'],
  ],
  async run(_args, { globals, cwd }) {
    const result = await initProject({ cwd, dataSource: globals['data-source'], revisions: globals.revisions })
    return {
      json: result,
      human: (out) => {
        const { colors } = out
        out.note(...result.written.map((file) => `  ${colors.green('+')} ${file}`))
        out.note(...result.kept.map((file) => `  ${colors.dim('=')} ${file} ${colors.dim('(unchanged)')}`))
        if (result.found === 0) {
          out.note(
            `Next: ${colors.bold('aludel migrate create "first revision"')} writes a revision from your entities.`,
          )
          return
        }
        out.note(`Found ${plural(result.found, 'revision')} in ${result.revisions.join(', ')}.`)
        out.note(`Next: ${colors.bold('aludel migrate current')} shows which of them are applied.`)
      },
    }
  },
})
