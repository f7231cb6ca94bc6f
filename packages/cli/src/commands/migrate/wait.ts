import type { WaitResult } from '@aludel/engine'

import { parseDuration } from '../../arguments'
import { duration, plural, revisionIds } from '../../output/format'
import type { Output } from '../../output/output'
import { defineCommand } from '../../parser/command'
import { text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [{ name: 'REV', describe: 'what must be applied: heads (default), an id, a label …' }],
  options: { timeout: text('TIME', 'how long to wait before it exits with 3; 0: look once; default 5m') },
  examples: [
    ['migrate wait', 'until another process has applied all revisions of these files; changes nothing'],
    ['migrate wait --timeout 30m', 'in an init container, before the application starts'],
  ],
  async run({ REV: target, timeout }, context) {
    const timeoutMs = timeout === undefined ? undefined : parseDuration('timeout', timeout)
    const result = await withMigrator(context, (migrator) =>
      migrator.wait({
        target,
        timeoutMs,
        onWait: ({ message, waitedMs }) => context.progress.waitingFor(message, waitedMs),
      }),
    )
    return { json: result, human: (out) => print(result, out) }
  },
})

function print({ current, heads, unknown, waitedMs }: WaitResult, out: Output): void {
  const { green, yellow } = out.colors
  const isAtHead = heads.every((id) => current.includes(id))
  const after = waitedMs < 1000 ? '' : `, after ${duration(waitedMs)}`
  out.note(`${green('✓')} The database is at ${yellow(revisionIds(current))}${isAtHead ? ' (head)' : ''}${after}.`)
  if (unknown.length > 0)
    out.note(`  It is ahead: it also has ${plural(unknown.length, 'revision')} of a newer release.`)
}
