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
    format: choice(graphFormats, 'default: as the output file is named, else mermaid'),
    output: text('FILE', 'write it there instead of printing it', 'o'),
    'indicate-current': flag('ask the database, and mark what is applied', 'i'),
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
      migrator.graph({ ...(range === undefined ? {} : { range }), format, indicateCurrent: args['indicate-current'] }),
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
      EACCES: 'it may not be written by this user',
      EROFS: 'its file system may only be read',
    }
    throw usageError(`${given} cannot be written: ${why[code ?? ''] ?? String(error)}`)
  }
}
