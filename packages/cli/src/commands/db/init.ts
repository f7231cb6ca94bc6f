import type { InitializeResult } from '@aludel/engine'

import { plural, revisionIds } from '../../output/format'
import type { Output } from '../../output/output'
import { defineCommand } from '../../parser/command'
import { choice, flag } from '../../parser/options'
import { withMigrator } from '../../project/migrator'
import { lockOptions, lockSettings } from '../migrate/lock-options'

export const command = defineCommand({
  positionals: [],
  options: {
    'no-migrate': flag('change nothing: only say whether the database is up to date (exit 3 when not)'),
    fallback: choice(
      ['none', 'create'],
      'create: when the revisions fail on an empty database, make the tables from the entities',
    ),
    backup: choice(['auto', 'always', 'never'], 'before what destroys something (auto, default), or before anything'),
    ...lockOptions,
  },
  examples: [
    ['db init', 'make or update the database of this project'],
    ['db init --database-url sqlite:///app.db', 'another one'],
  ],
  async run(args, context) {
    const { fallback, backup } = args
    const result = await withMigrator(
      context,
      (migrator) =>
        migrator.initialize({
          migrate: !args['no-migrate'],
          ...(fallback === undefined ? {} : { fallback }),
          ...(backup === undefined ? {} : { backup }),
        }),
      lockSettings(args),
    )
    return { json: result, exitCode: result.action === 'outdated' ? 3 : 0, human: (out) => print(result, out) }
  },
})

function print(result: InitializeResult, out: Output): void {
  const { green, yellow, bold } = out.colors
  const at = yellow(revisionIds(result.to))
  const done = `${green('✓')} `
  switch (result.action) {
    case 'none':
      out.note(`${done}The database is up to date, at ${at}.`)
      break
    case 'upgraded':
      out.note(`${done}Applied ${plural(result.applied.length, 'revision')}: the database is at ${at}.`)
      break
    case 'stamped':
      out.note(
        `${done}The tables that were there are those of ${yellow(result.stamped ?? '')}: recorded, nothing of them was changed.`,
      )
      if (result.applied.length > 0)
        out.note(`  Applied ${plural(result.applied.length, 'later revision')}: the database is at ${at}.`)
      break
    case 'created':
      out.note(`${done}The tables were made from the entities, and ${at} is recorded as applied.`)
      break
    case 'outdated':
      out.note(`Next: ${bold('aludel migrate upgrade')}`)
      break
  }
}
