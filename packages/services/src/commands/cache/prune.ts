import type { CacheAmount } from '../../cache/cache-service'
import { bytesText, type DataCommand, plural } from '../command'
import { removeConfirmed } from '../removal'
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
        const removed = await removeConfirmed(context, {
          what: 'cached result',
          total,
          question: { lines: linesOf(found), text },
          details: found,
          remove: async ({ signal, onProgress }) => {
            const gone = await cache.expire({ signal, onProgress })
            if (signal.aborted) return gone
            return gone + (await cache.evict(limits, { signal, onProgress: (evicted) => onProgress(gone + evicted) }))
          },
        })
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
