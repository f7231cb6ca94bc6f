/**
 * The commands of this package, which `aludel` has if it is installed. To list them costs nothing: their code and the entities are
 * loaded when one runs.
 *
 * @module @aludel/services/commands
 */
import type { DataCommandEntry } from './command'

export type { DataCommand, DataCommandContext, DataCommandEntry, DataOption, DataOutput, DataReport } from './command'

/** The first words of the commands, with headings for the help. */
export const groups: Readonly<Record<string, string>> = {
  reviews: 'review decisions',
  cache: 'cached results',
  metrics: 'measured values',
  audit: 'what was done with recommendations',
}

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
  {
    path: ['db', 'seed'],
    usage: 'seed',
    describe: 'fill the tables with generated rows, for development',
    load: async () => (await import('./db/seed.js')).command,
  },
  {
    path: ['stats'],
    usage: 'stats',
    describe: 'how much is in the database, by state',
    load: async () => (await import('./stats.js')).command,
  },
  {
    path: ['cache', 'prune'],
    usage: 'prune',
    describe: 'remove cached results that have expired, or are too many',
    load: async () => (await import('./cache/prune.js')).command,
  },
  {
    path: ['metrics', 'prune'],
    usage: 'prune',
    describe: 'remove old measured values',
    load: async () => (await import('./metrics/prune.js')).command,
  },
  {
    path: ['audit', 'export'],
    usage: 'export',
    describe: 'write the audit log as lines of JSON',
    load: async () => (await import('./audit/export.js')).command,
  },
]
