/**
 * The commands of this package, which `aludel` has if it is installed. To list them costs nothing: their code and the entities are
 * loaded when one runs.
 *
 * @module @aludel/services/commands
 */
import type { DataCommandEntry } from './command'

export type { DataCommand, DataCommandContext, DataCommandEntry, DataOption, DataOutput, DataReport } from './command'

/** The first words of the commands, with headings for the help. */
export const groups: Readonly<Record<string, string>> = { reviews: 'review decisions' }

export const commands: readonly DataCommandEntry[] = [
  {
    path: ['reviews', 'import'],
    usage: 'import <DIR>',
    describe: 'import *_reviews.json files into the database',
    load: async () => (await import('./reviews/import.js')).command,
  },
  {
    path: ['reviews', 'list'],
    usage: 'list',
    describe: 'the review decisions in the database',
    load: async () => (await import('./reviews/list.js')).command,
  },
  {
    path: ['reviews', 'show'],
    usage: 'show <ANALYSIS> [COMPONENT] [THREAT]',
    describe: 'review decisions in full',
    load: async () => (await import('./reviews/show.js')).command,
  },
  {
    path: ['reviews', 'status'],
    usage: 'status [ANALYSIS]',
    describe: 'how many review decisions are completed',
    load: async () => (await import('./reviews/status.js')).command,
  },
  {
    path: ['reviews', 'export'],
    usage: 'export <DIR>',
    describe: 'write *_reviews.json files from the database',
    load: async () => (await import('./reviews/export.js')).command,
  },
]
