import type { DialectName } from '../dialect/registry'
import type { Reported } from '../lint/report'
import type { OperationJson } from './schema'

/** An answer about a rename, values or an unmanaged object, given by a flag or to a question. */
export interface AnswerJson {
  readonly kind: 'rename' | 'noRename' | 'map' | 'backfill' | 'using' | 'keep' | 'drop'
  /** The value of the option of that name, to give the same answer again. */
  readonly flag: string
  /** For display. */
  readonly text: string
}

/**
 * A condition that the rows must satisfy for a revision to run. The revision counts the violating rows, and stops before
 * it changes anything.
 */
export interface NeedJson {
  readonly kind: 'noRows' | 'noNulls' | 'fits' | 'values' | 'zone'
  /** `table.column` */
  readonly column: string
  /** For display. */
  readonly text: string
  /** An option of `create` that removes the condition. */
  readonly flag: string
  /** Violating rows in the project's database; null if they were not counted. */
  readonly rows: number | null
  readonly dialects: readonly DialectName[]
}

/** A revision written from the entities. */
export interface CreateResult {
  /** Null if nothing changed, and with `sql: true`. */
  readonly created: { readonly revision: string; readonly path: string } | null
  /** The path of its test; only with `test: true`. */
  readonly test?: string
  /** Further revisions on top of it: indexes that are built concurrently cannot share its transaction. */
  readonly more?: readonly { readonly revision: string; readonly path: string }[]
  readonly operations: readonly OperationJson[]
  /** Rows or values that the upgrade loses, in words. */
  readonly destroys: readonly string[]
  /** Absent if the rows need not satisfy any condition. */
  readonly needs?: readonly NeedJson[]
  /** Absent if there were no questions and no flags. */
  readonly answers?: readonly AnswerJson[]
  /** The statements, by dialect. */
  readonly sql: Readonly<
    Partial<Record<DialectName, { readonly up: readonly string[]; readonly down: readonly string[] }>>
  >
  /**
   * Unmanaged objects that are kept from now on: `added` are the new patterns, `path` the configuration file
   * they were written to; null if no file can be edited, and the user must add the patterns.
   */
  readonly unmanaged: { readonly added: readonly string[]; readonly path: string | null }
  /** Constraints and indexes that keep a name that TypeORM would derive differently. Absent if there are none. */
  readonly names?: readonly NameJson[]
  /** What `lint` finds in the statements; absent if nothing. */
  readonly findings?: readonly CreateFinding[]
}

/** A finding in a revision that `create` writes. */
export interface CreateFinding extends Reported<DialectName> {
  // An alias would have no name of its own in the schemas of the HTTP API.
  readonly dialects: readonly DialectName[]
}

/** What `create` would write, or the questions that must be answered first. */
export type CreatePreview =
  /** The entities do not differ from the revisions. */
  | { readonly state: 'same' }
  | {
      readonly state: 'questions'
      /** The open ones. Their answers may raise others: call again with them. */
      readonly questions: readonly CreateQuestion[]
      /** Given so far. */
      readonly answers: readonly AnswerJson[]
    }
  | {
      readonly state: 'ready'
      /** As of `create`; nothing is created. */
      readonly result: CreateResult
      readonly file: PreviewedFile
      /** Further files, as {@link CreateResult.more}; absent if there are none. */
      readonly more?: readonly PreviewedFile[]
    }

/** A file as it would be written. Its id and the time in its name are those of this preview. */
export interface PreviewedFile {
  readonly revision: string
  /** Absolute. */
  readonly path: string
  readonly source: string
  readonly language: 'ts' | 'js'
}

/** A question of `create`. Each answer is a value of an option of {@link Migrator.previewCreate}. */
export interface CreateQuestion {
  readonly kind: 'rename' | 'unmanaged' | 'backfill' | 'names'
  /** One line: `column users.name is gone, and full_name is new: was it renamed?` */
  readonly text: string
  /** A few more words; absent if there are none. */
  readonly detail?: string
  /** The object that the question is about. */
  readonly unmanaged?: UnmanagedObject
  /** The names that the question is about. */
  readonly names?: readonly NameJson[]
  readonly options: readonly CreateAnswer[]
}

/** An answer to a {@link CreateQuestion}: `answer` or `typed` is present. */
export interface CreateAnswer {
  readonly label: string
  /** To be added to the list of this option; `names` is no list, but that value. */
  readonly answer?: { readonly list: CreateAnswerList; readonly value: string }
  /** To be typed by the user, and added after the prefix. */
  readonly typed?: { readonly list: CreateAnswerList; readonly prefix: string; readonly placeholder: string }
  /** True if rows or values are lost by it. */
  readonly destroys?: boolean
}

/** The options of {@link Migrator.previewCreate} that answer questions; `create` has them too, without `accept`. */
export type CreateAnswerList = AnswerJson['kind'] | 'names' | 'accept'

/** A constraint or an index that is as the entity declares it, except for a name that no entity gives. */
export interface NameJson {
  readonly table: string
  readonly kind: 'primaryKey' | 'unique' | 'check' | 'exclusion' | 'foreignKey' | 'index'
  /** The name that it has after the revisions. Null for a constraint without one, on SQLite. */
  readonly database: string | null
  /** The name that TypeORM derives from the entity. */
  readonly entity: string
  readonly dialects: readonly DialectName[]
}

/** An object that a revision created and no entity describes. */
export interface UnmanagedObject {
  /** Its name in flags and in the configuration, for example `index:posts.ix_body`. */
  readonly pattern: string
  /** The operation that would remove it: `drop index ix_body on posts (body)`. */
  readonly description: string
  /** The revision that created it, if known. */
  readonly madeBy: { readonly revision: string; readonly message: string; readonly path: string } | null
  /** Rows and values that would be lost with it. */
  readonly destroys: readonly string[]
  /** The dropped object that it depends on, because of which it cannot be kept; null if it can be kept. */
  readonly blockedBy: string | null
}
