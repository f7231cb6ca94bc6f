/** A revision as declared by its file, which is read without being executed. */
export interface Revision {
  /** 12 hex digits written in the file, or derived from the class name of a plain TypeORM migration. */
  readonly id: string
  /** The class name (or its `name` property), as stored in TypeORM's `migrations` table. */
  readonly name: string
  /** The export name of the class; `default` for a default export. */
  readonly exportName: string
  /** Milliseconds since the epoch: the 13 digits at the end of the class name. */
  readonly timestamp: number
  /** Parents; empty for a base, several for a merge. */
  readonly down: readonly string[]
  /** Ids or labels of revisions that must be applied before, without being parents. As written. */
  readonly dependsOn: readonly string[]
  readonly branchLabels: readonly string[]
  /** The revisions that a squash replaces, in run order; absent for other revisions. */
  readonly replaces?: readonly Replaced[]
  /** First line of the class's doc comment, or a readable form of its name. */
  readonly message: string
  /** Absolute path of the file. */
  readonly path: string
  /** SHA-256 (hex) of the file's text. */
  readonly checksum: string
  /** TypeORM's own `transaction` property when the class has one. */
  readonly transaction?: boolean
  /** True for a TypeORM migration without a static field `revision`. */
  readonly plain: boolean
  /** Line numbers, from 1, of the class and its static fields, for messages. */
  readonly lines?: Readonly<Partial<Record<LineOf, number>>>
}

/** A revision that a squash replaces. Its file may no longer exist. */
export interface Replaced {
  readonly id: string
  /** Its name in the history of a database. */
  readonly name: string
  /** The revisions that it replaces itself, if it was a squash. */
  readonly replaces?: readonly Replaced[]
}

/** The class and the static fields of a revision whose line numbers are known. */
export type LineOf = 'class' | 'revision' | 'downRevision' | 'branchLabels' | 'dependsOn' | 'replaces'

/** Compares by timestamp, then by name: the order in which TypeORM runs revisions, and a graph lists them. */
export function compareRevisions(a: Revision, b: Revision): number {
  return a.timestamp - b.timestamp || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
}

/** Whether revisions are applied or undone. */
export type Direction = 'upgrade' | 'downgrade'

/** One revision to run, in one direction. */
export interface Step {
  readonly revision: Revision
  readonly direction: Direction
  /** Why a downgrade undoes a revision that the target does not name: `depends on 77aa88bb99cc`. */
  readonly because?: string
}

/** An ordered list of steps; `from` and `to` are the applied heads before and after them. */
export interface Plan {
  readonly direction: Direction
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly steps: readonly Step[]
  /** The target of an upgrade, as written, if a later revision is already applied and nothing must run. */
  readonly older?: string
}

/** True for a revision that must run outside a transaction. Its instance overrides its file. */
export function saysOutside(
  migration: { readonly transaction?: boolean },
  revision: Pick<Revision, 'transaction'>,
): boolean {
  return (migration.transaction ?? revision.transaction) === false
}
