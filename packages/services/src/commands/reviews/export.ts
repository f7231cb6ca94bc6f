import path from 'node:path'
import type { ExportSummary } from '../../reviews/export/export-reviews'
import { type DataCommand, type DataOutput, grouped, oneLine, plural } from '../command'

export const command: DataCommand = {
  positionals: [{ name: 'DIR', describe: 'directory for the files; created if it is missing', required: true }],
  options: {
    analysis: { kind: 'list', value: 'ID', describe: 'export only this analysis; repeatable' },
    overwrite: { kind: 'flag', describe: 'replace files that have other contents' },
    'dry-run': { kind: 'flag', describe: 'read and compare everything, write nothing' },
  },
  examples: [
    ['reviews export ./reviews', 'one <analysis>_reviews.json for each analysis'],
    ['reviews export ./reviews --analysis gateway-v2 --overwrite', 'one of them, in place of the file that is there'],
  ],
  async run(values, context) {
    const dryRun = values['dry-run'] === true
    const overwrite = values['overwrite'] === true
    const directory = path.resolve(context.cwd, String(values['DIR']))
    const analysisIds = (values['analysis'] ?? []) as readonly string[]
    const result = await context.withDataSource(async (dataSource) => {
      const { exportReviews } = await import('../../reviews/export/export-reviews.js')
      return exportReviews(dataSource, directory, {
        ...(analysisIds.length === 0 ? {} : { analysisIds }),
        overwrite,
        dryRun,
        signal: context.signal,
        onProgress: ({ analysisId, reviews, totalReviews }) =>
          context.progress(reviews, totalReviews, analysisId, `${grouped(reviews)}/${grouped(totalReviews)}`),
      })
    })
    return {
      json: result,
      exitCode: result.failed.length === 0 ? 0 : 1,
      human: (out) => print(result, { dryRun, overwrite }, out),
    }
  },
}

function print(
  { files, written, unchanged, exported, failed }: ExportSummary,
  { dryRun, overwrite }: { readonly dryRun: boolean; readonly overwrite: boolean },
  out: DataOutput,
): void {
  const { colors } = out
  for (const { analysisId, reason } of failed)
    out.lines(`${colors.yellow('✗')} ${oneLine(analysisId)} was not exported: ${reason}`)
  if (files === 0 && failed.length === 0) out.note('No review decisions. Nothing was written.')
  else
    out.note(
      `${dryRun ? 'Would export' : 'Exported'} ${plural(exported, 'review decision')} to ${plural(files, 'file')}: ${grouped(written)} written, ${grouped(unchanged)} unchanged, ${grouped(failed.length)} failed.`,
    )
  if (dryRun && failed.length === 0 && written > 0)
    out.note(`Next: the same without ${colors.bold('--dry-run')}${overwrite ? '' : '; it replaces no file'}.`)
}
