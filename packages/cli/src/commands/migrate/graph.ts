import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { type GraphFormat, graphFormats } from '@aludel/engine'

import { usageError } from '../../errors'
import { defineCommand } from '../../parser/command'
import { choice, flag, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [{ name: 'RANGE', describe: 'A:B, both ends inclusive; default: all' }],
  options: {
    format: choice(graphFormats, 'default: from the extension of the output file, else mermaid'),
    output: text('FILE', 'write it to a file instead of printing it', 'o'),
    'indicate-current': flag('mark the revisions that are applied in the database', 'i'),
  },
  examples: [
    ['migrate graph', 'Mermaid text, which GitHub and GitLab draw in a Markdown file'],
    ['migrate graph -o revisions.svg', 'a picture'],
    ['migrate graph -5:head --format dot', 'the last ones, for Graphviz'],
  ],
  async run(args, context) {
    const { RANGE: range, output } = args
    const format = args.format ?? formatOf(output) ?? 'mermaid'
    const result = await withMigrator(context, (migrator) =>
      migrator.graph({ range, format, indicateCurrent: args['indicate-current'] }),
    )
    if (output !== undefined) await write(path.resolve(context.cwd, output), output, result.text)
    return {
      json: output === undefined ? result : { ...result, path: path.resolve(context.cwd, output) },
      human: (out) => {
        if (output === undefined) out.raw(result.text)
        else out.note(`Wrote ${output} (${result.format}).`)
      },
    }
  },
})

const extensions: Readonly<Record<string, GraphFormat>> = {
  '.svg': 'svg',
  '.dot': 'dot',
  '.gv': 'dot',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
}

function formatOf(file: string | undefined): GraphFormat | undefined {
  return file === undefined ? undefined : extensions[path.extname(file).toLowerCase()]
}

async function write(file: string, given: string, content: string): Promise<void> {
  try {
    await writeFile(file, content)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why: Readonly<Record<string, string>> = {
      ENOENT: `there is no directory ${path.dirname(file)}`,
      EISDIR: 'it is a directory',
      EACCES: 'permission denied',
      EROFS: 'the file system is read-only',
    }
    throw usageError(`${given} cannot be written: ${why[code ?? ''] ?? String(error)}`)
  }
}
