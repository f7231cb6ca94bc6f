import { findPackage } from '@aludel/engine'
import type { DataCommand, DataCommandEntry } from '@aludel/services/commands'

import type { CommandContext } from '../command-context'
import { columns, fit } from '../output/table'
import type { Command } from '../parser/command'
import { withReviews } from '../project/reviews'
import type { CommandEntry } from './table'

/** Loaded by a command that asks. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const asking = () => require('../confirmation') as typeof import('../confirmation')

/** The package with the commands of the shipped data layer: an optional peer, so that nobody else has to install it. */
export const dataLayerPackage = '@aludel/services' as const

/** The words of its commands, so that they are recognized where it is not installed. */
const words: readonly (readonly string[])[] = [
  ['reviews'],
  ['cache'],
  ['metrics'],
  ['audit'],
  ['stats'],
  ['db', 'seed'],
]

/** The words of a command of that package in a command line, if it is not installed. */
export function absentCommand(argv: readonly string[]): string | undefined {
  if (dataLayer.commands.length > 0) return undefined
  const given = argv.filter((word) => !word.startsWith('-'))
  return words.find((path) => path.every((word) => given.includes(word)))?.join(' ')
}

interface DataLayer {
  readonly groups: Readonly<Record<string, string>>
  readonly commands: readonly CommandEntry[]
}

/** The commands of the shipped data layer; none if its package is not installed. */
export const dataLayer: DataLayer = find()

function find(): DataLayer {
  if (findPackage(dataLayerPackage, __dirname) === undefined) return { groups: {}, commands: [] }
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the list is needed before anything can wait
  const { groups, commands } = require('@aludel/services/commands') as typeof import('@aludel/services/commands')
  return { groups, commands: commands.map(entryOf) }
}

function entryOf(entry: DataCommandEntry): CommandEntry {
  return { ...entry, load: async () => commandOf(await entry.load()) }
}

function commandOf(command: DataCommand): Command {
  return {
    ...command,
    run: (values, context) => command.run(values, contextOf(context)),
  }
}

function contextOf(context: CommandContext): Parameters<DataCommand['run']>[1] {
  const { cwd, env, signal, progress, output } = context
  return {
    cwd,
    env,
    signal,
    columns,
    fit,
    wantsJson: output.json,
    stopsItself: () => progress.endsItself(),
    confirm: async (question) => (await asking().confirmation(context, () => question)?.(undefined)) ?? true,
    write: (text) => output.flow(text),
    withDataSource: (work, entities) => withReviews(context, work, entities),
    progress: (done, total, what, count) => progress.part(done, total, what, count),
  }
}
