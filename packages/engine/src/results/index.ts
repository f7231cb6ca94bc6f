/*
 * What the methods of `Migrator` return. These are the JSON documents of the command line, key for key:
 * keys are added, never renamed or removed.
 */

// The applied revisions and the database itself: `current`, `wait`, `db info`, `unlock`.
export type * from './database'
// Revisions as lists, one by one, as a graph, and their runs: `history`, `heads`, `show`, `graph`, `edit`, `journal`.
export type * from './revisions'
// Several branches, and what joins or replaces revisions: `branches`, `rebase`, `squash`.
export type * from './branches'
// Plans and runs: `upgrade`, `downgrade`, `--plan`, `--sql`, `stamp`.
export type * from './runs'
// What `--keep-dropped` sets aside: `kept list`, `kept prune`.
export type * from './kept'
// `backup create`, `list`, `verify`, `prune` and `restore`.
export type * from './backups'
// Schemas and what changes them: `db schema`, `story`, and the operations that many results contain.
export type * from './schema'
// `create`: what it has written or would write, its questions and their answers.
export type * from './create'
// Whether entities, revisions and database agree: `check`, `drift`, `verify`.
export type * from './check'
// `test`: tests beside revisions, and hostile rows.
export type * from './tests'
// `lint`: findings, rules, and what was measured on shadow databases.
export type * from './lint'
// `adopt`: a database that others made.
export type * from './adopt'
// `repair`.
export type * from './repair'
