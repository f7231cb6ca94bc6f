/**
 * A revision as its file describes it: what the graph, the planner and the history need,
 * read without executing the file.
 */
export interface Revision {
  /** 12 hex digits written in the file, or derived from the class name of a plain TypeORM migration. */
  readonly id: string
  /** The class name (or its `name` property): what TypeORM's `migrations` table holds. */
  readonly name: string
  /** The export under which the class is found in its file; `default` for a default export. */
  readonly exportName: string
  /** Milliseconds since the epoch: the 13 digits at the end of the class name. */
  readonly timestamp: number
  /** Parents; empty for a base, several for a merge. */
  readonly down: readonly string[]
  /** Ids or labels that must be applied before, without being parents. As written. */
  readonly dependsOn: readonly string[]
  readonly branchLabels: readonly string[]
  /** What it stands for since it was squashed, in run order; absent for nearly all. */
  readonly replaces?: readonly Replaced[]
  /** First line of the class's doc comment, or a readable form of its name. */
  readonly message: string
  /** Absolute path of the file. */
  readonly path: string
  /** SHA-256 (hex) of the file's text. */
  readonly checksum: string
  /** TypeORM's own `transaction` property when the class has one. */
  readonly transaction?: boolean
  /** True for a TypeORM migration that names no revision of its own. */
  readonly plain: boolean
  /** Where in the file, counted from 1, the class and its static fields stand: for messages. */
  readonly lines?: Readonly<Partial<Record<LineOf, number>>>
}

/** A revision that another one stands for: a squash. Its file may be gone. */
export interface Replaced {
  readonly id: string
  /** What the history of a database calls it. */
  readonly name: string
  /** What it stood for itself, when it was a squash. */
  readonly replaces?: readonly Replaced[]
}

/** What of a revision has a line of its own. */
export type LineOf = 'class' | 'revision' | 'downRevision' | 'branchLabels' | 'dependsOn' | 'replaces'

/** By timestamp, then by name: the order in which TypeORM runs them, and in which a graph lists them. */
export function compareRevisions(a: Revision, b: Revision): number {
  return a.timestamp - b.timestamp || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
}

export type Direction = 'upgrade' | 'downgrade'

/** One revision to run, in one direction. */
export interface Step {
  readonly revision: Revision
  readonly direction: Direction
  /** Why a downgrade undoes what was not asked for by name or count: `depends on 77aa88bb99cc`. */
  readonly because?: string
}

/** An ordered list of steps and what they lead from and to; `from` and `to` are heads of the applied set. */
export interface Plan {
  readonly direction: Direction
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly steps: readonly Step[]
  /** The target of an upgrade as written, when what is applied has gone past it: there is nothing to run. */
  readonly older?: string
}

/** True for a revision that asks to run outside a transaction: its instance, where there is one, else its file. */
export function saysOutside(
  migration: { readonly transaction?: boolean },
  revision: Pick<Revision, 'transaction'>,
): boolean {
  return (migration.transaction ?? revision.transaction) === false
}
