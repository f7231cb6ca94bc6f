import path from 'node:path'

import { ImportInterrupted } from '../../errors'
import type { ImportSummary } from '../../reviews/import/import-reviews'
import { type DataCommand, type DataOutput, plural } from '../command'

export const command: DataCommand = {
  positionals: [{ name: 'DIR', describe: 'directory with *_reviews.json files', required: true }],
  options: { 'dry-run': { kind: 'flag', describe: 'read and check everything, write nothing' } },
  examples: [
    ['reviews import ./reviews', 'insert new entries and update changed ones; repeating it changes nothing'],
    ['reviews import ./reviews --dry-run', 'see what would happen'],
  ],
  async run(values, context) {
    const dryRun = values['dry-run'] === true
    const directory = path.resolve(context.cwd, String(values['DIR']))
    const result = await context.withDataSource(async (dataSource) => {
      const { importReviews } = await import('../../reviews/import/import-reviews.js')
      return importReviews(dataSource, directory, {
        dryRun,
        signal: context.signal,
        onProgress: ({ file, fileNumber, files, bytes, totalBytes }) =>
          context.progress(bytes, totalBytes, file, `${String(fileNumber)}/${String(files)}`),
      })
    })
    if (result.aborted !== undefined) throw new ImportInterrupted(result.aborted.file, { ...result })
    return {
      json: result,
      exitCode: result.failed.length === 0 ? 0 : 1,
      human: (out) => print(result, dryRun, out),
    }
  },
}

function print({ files, imported, updated, unchanged, failed }: ImportSummary, dryRun: boolean, out: DataOutput): void {
  const { colors } = out
  for (const { file, path: place, reason } of failed)
    out.lines(`${colors.yellow('✗')} ${file}${place === '' ? '' : ` ${place}`}: ${reason}`)
  const counts = [
    `${String(imported)} new`,
    `${String(updated)} updated`,
    `${String(unchanged)} unchanged`,
    `${String(failed.length)} failed`,
  ]
  out.note(`${dryRun ? 'Would import' : 'Imported'} ${plural(files, 'file')}: ${counts.join(', ')}.`)
  if (dryRun && failed.length === 0) out.note(`Next: the same without ${colors.bold('--dry-run')}.`)
}
