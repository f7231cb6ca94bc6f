import type { Command } from '../parser/command'
import { dataLayer } from './data-layer'

/** A command that is not loaded yet: the data to find and to list it. */
export interface CommandEntry {
  /** Words after `aludel`: `['migrate', 'upgrade']`. */
  readonly path: readonly string[]
  /** The last word with its arguments: `upgrade [REV]`, `merge <REV..>`. */
  readonly usage: string
  readonly describe: string
  /** Loads the file of the command and its dependencies. */
  load(): Promise<Command>
}

/** Groups of commands, in the order of the help. */
export const groups: Readonly<Record<string, string>> = {
  migrate: 'revisions',
  db: 'the database itself',
  backup: 'copies of the database',
  ...dataLayer.groups,
}

/** Whether `aludel VERB` is short for `aludel migrate VERB`. */
export function isShort({ path }: CommandEntry): boolean {
  return path[0] === 'migrate'
}

const entry = (line: string, describe: string, load: () => Promise<{ readonly command: Command }>): CommandEntry => {
  const words = line.split(' ')
  const path = words.filter((word) => !/^[<[]/.test(word))
  return { path, usage: words.slice(path.length - 1).join(' '), describe, load: async () => (await load()).command }
}

/** All commands. Their files are loaded only when they run, to keep start-up fast. */
export const commands: readonly CommandEntry[] = [
  entry('migrate current', 'the applied heads', () => import('./migrate/current.js')),
  entry('migrate history', 'revisions, newest first', () => import('./migrate/history.js')),
  entry('migrate heads', 'revisions that no other follows', () => import('./migrate/heads.js')),
  entry('migrate branches', 'revisions that several others follow', () => import('./migrate/branches.js')),
  entry('migrate show <REV>', 'one revision in full', () => import('./migrate/show.js')),
  entry('migrate graph [RANGE]', 'a picture of the revisions, for documents', () => import('./migrate/graph.js')),
  entry('migrate edit <REV..>', 'open the file of a revision in your editor', () => import('./migrate/edit.js')),
  entry('migrate upgrade [REV]', 'run revisions', () => import('./migrate/upgrade.js')),
  entry('migrate downgrade [REV]', 'undo revisions', () => import('./migrate/downgrade.js')),
  entry('migrate create <MESSAGE>', 'write a revision from the entities', () => import('./migrate/create.js')),
  entry('migrate merge <REV..>', 'write a revision that joins several', () => import('./migrate/merge.js')),
  entry('migrate rebase <REV>', 'put a branch on top of another head', () => import('./migrate/rebase.js')),
  entry('migrate squash <RANGE>', 'write one revision that replaces several', () => import('./migrate/squash.js')),
  entry('migrate stamp <REV..>', 'mark revisions as applied without running them', () => import('./migrate/stamp.js')),
  entry('migrate adopt [REV]', 'take over a database that others made', () => import('./migrate/adopt.js')),
  entry('migrate repair [REV..]', 'fix inconsistencies of history and files', () => import('./migrate/repair.js')),
  entry('migrate kept [ACTION]', 'what upgrades have kept; remove it', () => import('./migrate/kept.js')),
  entry('migrate unlock', 'remove the lease of a migrator that died', () => import('./migrate/unlock.js')),
  entry('migrate check', 'do the entities match the revisions?', () => import('./migrate/check.js')),
  entry(
    'migrate lint [RANGE]',
    'what revisions block, lose and break before they run',
    () => import('./migrate/lint.js'),
  ),
  entry(
    'migrate verify [RANGE]',
    'prove revisions on a shadow database: up, down, up',
    () => import('./migrate/verify.js'),
  ),
  entry(
    'migrate test [RANGE]',
    'run the tests beside revisions: rows before, assertions after',
    () => import('./migrate/test.js'),
  ),
  entry(
    'migrate wait [REV]',
    'wait until another process has applied the revisions',
    () => import('./migrate/wait.js'),
  ),
  entry('migrate init', 'set up a project for aludel', () => import('./migrate/init.js')),
  entry('db init', 'upgrade a database to head, as the application does at start-up', () => import('./db/init.js')),
  entry('db info', 'the name, version and tables of the database', () => import('./db/info.js')),
  entry('db schema [TABLE..]', 'the tables, columns, keys and indexes of the database', () => import('./db/schema.js')),
  entry('backup create', 'copy the database and verify the copy', () => import('./backup/create.js')),
  entry('backup list', 'the backups, newest first', () => import('./backup/list.js')),
  entry('backup restore [BACKUP]', 'put a backup in the place of the database', () => import('./backup/restore.js')),
  entry(
    'backup verify [BACKUP]',
    'read a backup again, and report whether it is intact',
    () => import('./backup/verify.js'),
  ),
  entry('backup prune', 'remove old backups', () => import('./backup/prune.js')),
  ...dataLayer.commands,
  entry('web', 'a page to look at the migrations, and to run them', () => import('./web.js')),
  entry('completion [SHELL]', 'print a completion script for your shell', () => import('./completion.js')),
]
