import path from 'node:path'

import { openEditor } from '../../editor'
import { defineCommand } from '../../parser/command'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [{ name: 'REV', describe: 'which revisions', required: true, many: true }],
  options: {},
  examples: [
    ['migrate edit head', 'the newest, in the editor of VISUAL or EDITOR'],
    ['migrate edit 3f9c a1b2', 'two of them'],
    ['migrate edit current --no-input', 'only print where the files are'],
  ],
  async run(args, context) {
    const { output, prompts, env, cwd } = context
    // An editor needs a terminal, and --json reserves standard output for one document.
    const closed = output.json || !prompts.canAsk || output.terminalWidth === null
    const { paths } = await withMigrator(context, (migrator) =>
      migrator.edit(args.REV, closed ? {} : { open: (files) => openEditor(files, { env, cwd }) }),
    )
    return {
      json: { paths },
      human: (out) => {
        if (closed) {
          out.lines(...paths)
          out.progress(
            `Not opened: ${context.globals['no-input'] ? '--no-input was given' : 'this is no terminal to edit in'}.`,
          )
        } else {
          const names = paths.map((file) => path.relative(cwd, file)).join(', ')
          out.note(`${out.colors.green('✓')} ${names}: read again, and valid.`)
        }
      },
    }
  },
})
