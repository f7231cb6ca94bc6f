import type { InitializeResult } from '@aludel/engine'

import { plural, revisionIds } from '../../output/format'
import type { Output } from '../../output/output'
import { defineCommand } from '../../parser/command'
import { choice, flag } from '../../parser/options'
import { withMigrator } from '../../project/migrator'
import { lockOptions, lockSettings } from '../migrate/lock-options'
import { expectedHead, expectOptions } from '../migrate/run-options'

export const command = defineCommand({
  positionals: [],
  options: {
    'no-migrate': flag('change nothing: only report whether the database is up to date (exit 3 if not)'),
    fallback: choice(
      ['none', 'create'],
      'create: if the revisions fail on an empty database, create the tables from the entities',
    ),
    backup: choice(['auto', 'always', 'never'], 'back up before a run that loses data (auto, default), or before any'),
    ...expectOptions,
    ...lockOptions,
  },
  examples: [
    ['db init', 'create or update the database of this project'],
    ['db init --database-url sqlite:///app.db', 'another one'],
  ],
  async run(args, context) {
    const { fallback, backup } = args
    const result = await withMigrator(
      context,
      (migrator) =>
        migrator.initialize({ migrate: !args['no-migrate'], fallback, backup, expectHead: expectedHead(args) }),
      lockSettings(args),
    )
    // Without `--no-migrate` the warnings say it: an application should start on what is there.
    const isBehind = result.action === 'outdated' || (args['no-migrate'] && !result.upToDate)
    return { json: result, exitCode: isBehind ? 3 : 0, human: (out) => print(result, out) }
  },
})

function print(result: InitializeResult, out: Output): void {
  const { green, yellow, bold } = out.colors
  const at = yellow(revisionIds(result.to))
  const done = `${green('✓')} `
  switch (result.action) {
    case 'none':
      if (result.halfway !== undefined) {
        out.note(
          `Nothing is pending, at ${at}, but a run stopped half-way. Next: ${bold(result.halfway[0]?.mend[0] ?? '')}`,
        )
        break
      }
      out.note(`${done}The database is up to date, at ${at}.`)
      break
    case 'upgraded':
      out.note(`${done}Applied ${plural(result.applied.length, 'revision')}: the database is at ${at}.`)
      break
    case 'stamped':
      out.note(
        `${done}The existing tables match ${yellow(result.stamped ?? '')}: recorded as applied, and not changed.`,
      )
      if (result.applied.length > 0)
        out.note(`  Applied ${plural(result.applied.length, 'later revision')}: the database is at ${at}.`)
      break
    case 'created':
      out.note(`${done}The tables were created from the entities, and ${at} is recorded as applied.`)
      break
    case 'outdated':
      out.note(`Next: ${bold('aludel migrate upgrade')}`)
      break
  }
}
