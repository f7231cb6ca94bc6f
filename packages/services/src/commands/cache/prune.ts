import { Interrupted, RefusedError } from '../../errors'
import type { CacheAmount } from '../../cache/cache-service'
import { bytesText, type DataCommand, grouped, plural } from '../command'
import { countOf, sizeOf } from '../values'

export const command: DataCommand = {
  positionals: [],
  options: {
    'max-bytes': {
      kind: 'text',
      value: 'SIZE',
      describe: 'also those used least recently, above this size: 500MB, 2GiB',
    },
    'max-entries': { kind: 'text', value: 'N', describe: 'also those used least recently, above this number' },
    'dry-run': { kind: 'flag', describe: 'only report what would be removed' },
  },
  examples: [
    ['cache prune', 'remove results that have expired; shows how many, and asks'],
    ['cache prune --max-bytes 500MB --yes', 'also those used least recently, down to 500 MB, without a question'],
  ],
  async run(values, context) {
    const maxBytes = sizeOf('max-bytes', values['max-bytes'])
    const maxEntries = countOf('max-entries', values['max-entries'])
    const limits = {
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(maxEntries === undefined ? {} : { maxEntries }),
    }
    const dryRun = values['dry-run'] === true
    const result = await context.withDataSource(
      async (dataSource) => {
        const { CacheService } = await import('../../cache/cache-service.js')
        const cache = new CacheService(dataSource)
        const [expired, surplus] = [await cache.expired(), await cache.surplus(limits)]
        const total = expired.entries + surplus.entries
        const found = { expired, surplus }
        if (dryRun || total === 0) return { ...found, removed: 0 }
        const text = `Remove ${plural(total, 'cached result')} (${bytesText(expired.bytes + surplus.bytes)})?`
        if (!(await context.confirm({ lines: linesOf(found), text })))
          throw new RefusedError(
            'ALUDEL_CONFIRMATION',
            `the removal of ${plural(total, 'cached result')} was not confirmed`,
            'Nothing was removed. Confirm with --yes.',
            found,
          )
        context.stopsItself()
        const { signal } = context
        const show = (before: number) => (removed: number) =>
          context.progress(before + removed, total, 'removed', `${grouped(before + removed)}/${grouped(total)}`)
        const gone = await cache.expire({ signal, onProgress: show(0) })
        const evicted = signal.aborted ? 0 : await cache.evict(limits, { signal, onProgress: show(gone) })
        const removed = gone + evicted
        if (signal.aborted)
          throw new Interrupted(
            `stopped after ${grouped(removed)} of ${plural(total, 'cached result')}`,
            'What was removed is gone. Run it again to remove the rest.',
            { removed },
          )
        return { ...found, removed }
      },
      ['CacheEntry'],
    )
    return {
      json: { dryRun, ...result },
      human: (out) => {
        const total = result.expired.entries + result.surplus.entries
        if (total === 0) out.note('Nothing to remove.')
        else if (dryRun) {
          out.lines(...linesOf(result))
          out.note(`Would remove ${plural(total, 'cached result')}.`)
        } else out.note(`Removed ${plural(result.removed, 'cached result')}.`)
      },
    }
  },
}

function linesOf({ expired, surplus }: Record<'expired' | 'surplus', CacheAmount>): readonly string[] {
  const line = (what: string, { entries, bytes }: CacheAmount): readonly string[] =>
    entries === 0 ? [] : [`${plural(entries, 'result')} (${bytesText(bytes)}) ${what}`]
  return [...line('expired', expired), ...line('used least recently, above the limit', surplus)]
}
