import { flag, list, text, type Values } from './options'

/** Options of every command, before or after its name. */
export const globalOptions = {
  'database-url': text('URL', 'the database; wins over DATABASE_URL'),
  'data-source': text('FILE', 'a file that exports a TypeORM DataSource'),
  revisions: list('DIR', 'the revision directory; repeatable'),
  config: text('FILE', 'configuration; default: aludel.config.{ts,js,mjs,json} found upwards'),
  json: flag('one JSON document on standard output'),
  yes: flag('answer yes to every confirmation', 'y'),
  'no-input': flag('never ask: fail where a question would be asked'),
  verbose: flag('more detail, and the stack of an error', 'v'),
  quiet: flag('results and errors only', 'q'),
  'no-color': flag('no colors; so does NO_COLOR'),
} as const

export type GlobalValues = Values<typeof globalOptions>
