import path from 'node:path'

import { AludelError } from '@aludel/engine'
import type { ImportSummary } from '@aludel/services'

import { plural } from '../../output/format'
import type { Output } from '../../output/output'
import { defineCommand } from '../../parser/command'
import { flag } from '../../parser/options'
import { withReviews } from '../../project/reviews'

export const command = defineCommand({
  positionals: [{ name: 'DIR', describe: 'directory with *_reviews.json files', required: true }],
  options: { 'dry-run': flag('read and check everything, write nothing') },
  examples: [
    ['reviews import ./reviews', 'insert new entries and update changed ones; repeating it changes nothing'],
    ['reviews import ./reviews --dry-run', 'see what would happen'],
  ],
  async run(args, context) {
    const dryRun = args['dry-run']
    const { progress, signal } = context
    const result = await withReviews(context, async (dataSource) => {
      const { importReviews } = await import('@aludel/services')
      return importReviews(dataSource, path.resolve(context.cwd, args.DIR), {
        dryRun,
        signal,
        onProgress: ({ file, fileNumber, files, bytes, totalBytes }) =>
          progress.part(bytes, totalBytes, file, `${String(fileNumber)}/${String(files)}`),
      })
    })
    if (result.aborted !== undefined) {
      throw new AludelError('ALUDEL_INTERRUPTED', `the import was stopped in ${result.aborted.file}`, {
        help: 'Nothing of that file was imported; the files before it were. Run it again to resume.',
        details: { ...result },
      })
    }
    return {
      json: result,
      exitCode: result.failed.length === 0 ? 0 : 1,
      human: (out) => print(result, dryRun, out),
    }
  },
})

function print({ files, imported, updated, unchanged, failed }: ImportSummary, dryRun: boolean, out: Output): void {
  const { colors } = out
  for (const { file, path, reason } of failed)
    out.lines(`${colors.yellow('✗')} ${file}${path === '' ? '' : ` ${path}`}: ${reason}`)
  const counts = [
    `${String(imported)} new`,
    `${String(updated)} updated`,
    `${String(unchanged)} unchanged`,
    `${String(failed.length)} failed`,
  ]
  out.note(`${dryRun ? 'Would import' : 'Imported'} ${plural(files, 'file')}: ${counts.join(', ')}.`)
  if (dryRun && failed.length === 0) out.note(`Next: the same without ${colors.bold('--dry-run')}.`)
}
