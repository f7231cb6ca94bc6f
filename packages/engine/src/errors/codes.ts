/**
 * The kind of an error. The command line turns it into an exit code
 * (`failed` 1, `usage` 2, `answer` 3, `refused` 4, `locked` 5, `halfway` 6, `interrupted` 130).
 */
export type ErrorKind = 'failed' | 'usage' | 'answer' | 'refused' | 'locked' | 'halfway' | 'interrupted'

/** Every error code with its kind. A published code keeps its meaning. */
export const errorCodes = {
  // revisions and their graph
  ALUDEL_UNKNOWN_REVISION: 'usage',
  ALUDEL_AMBIGUOUS_REVISION: 'usage',
  ALUDEL_MALFORMED_REVISION: 'usage',
  ALUDEL_MULTIPLE_HEADS: 'usage',
  ALUDEL_RELATIVE_OUT_OF_RANGE: 'usage',
  ALUDEL_NOT_A_TARGET: 'usage',
  ALUDEL_OVERLAPPING_REVISIONS: 'usage',
  ALUDEL_NOT_A_HEAD: 'usage',
  ALUDEL_DUPLICATE_REVISION: 'failed',
  ALUDEL_DUPLICATE_LABEL: 'failed',
  ALUDEL_MISSING_PARENT: 'failed',
  ALUDEL_MISSING_DEPENDENCY: 'failed',
  ALUDEL_REVISION_CYCLE: 'failed',
  ALUDEL_UNKNOWN_APPLIED: 'refused',
  ALUDEL_SQUASH_UNFINISHED: 'failed',
  // files
  ALUDEL_REVISION_DIRECTORY: 'failed',
  ALUDEL_REVISION_SYNTAX: 'failed',
  ALUDEL_REVISION_INVALID: 'failed',
  ALUDEL_REVISION_LOAD: 'failed',
  ALUDEL_REVISION_EXISTS: 'failed',
  // code of the project
  ALUDEL_UNSETTLED: 'failed',
  ALUDEL_PROCESS_ENDED: 'failed',
  // project
  ALUDEL_USAGE: 'usage',
  ALUDEL_CONFIG: 'usage',
  ALUDEL_DATA_SOURCE: 'usage',
  ALUDEL_DATABASE_URL: 'usage',
  ALUDEL_DIALECT: 'usage',
  ALUDEL_ENTITIES: 'failed',
  // database
  ALUDEL_CONNECT: 'failed',
  ALUDEL_AUTHENTICATION: 'failed',
  ALUDEL_DATABASE_MISSING: 'failed',
  ALUDEL_PERMISSION: 'failed',
  ALUDEL_READ_ONLY: 'failed',
  ALUDEL_NOT_A_DATABASE: 'failed',
  ALUDEL_STATEMENT: 'failed',
  ALUDEL_STATEMENT_HALFWAY: 'halfway',
  ALUDEL_TABLE_LOCKED: 'failed',
  ALUDEL_FOREIGN_KEYS: 'failed',
  ALUDEL_ROW_COUNT: 'failed',
  ALUDEL_BATCHED: 'failed',
  ALUDEL_LEFTOVER: 'failed',
  ALUDEL_LIVE_ONLY: 'failed',
  ALUDEL_LOCKED: 'locked',
  ALUDEL_LOCK_LOST: 'failed',
  ALUDEL_POOLER: 'failed',
  ALUDEL_SEARCH_PATH: 'failed',
  ALUDEL_SERVER_VERSION: 'failed',
  ALUDEL_DISK_SPACE: 'failed',
  ALUDEL_SHADOW: 'failed',
  ALUDEL_REPLAY: 'failed',
  ALUDEL_PROOF: 'failed',
  ALUDEL_BACKUP: 'failed',
  ALUDEL_BACKUP_TOOLS: 'failed',
  ALUDEL_OPERATION: 'failed',
  // answers and refusals
  ALUDEL_RENAME_QUESTION: 'refused',
  ALUDEL_UNMANAGED_QUESTION: 'refused',
  ALUDEL_CANNOT_KEEP: 'refused',
  ALUDEL_CONFIRMATION: 'refused',
  ALUDEL_LOCK_LIVE: 'refused',
  ALUDEL_DATA_LOSS: 'refused',
  ALUDEL_BRANCH_CONFLICT: 'refused',
  ALUDEL_REVISION_APPLIED: 'refused',
  ALUDEL_SQUASH: 'refused',
  ALUDEL_REVISION_EDITED: 'refused',
  ALUDEL_OUT_OF_ORDER: 'refused',
  ALUDEL_CONVERSION: 'refused',
  ALUDEL_STAMP_MISMATCH: 'refused',
  ALUDEL_SCHEMA_MISMATCH: 'refused',
  ALUDEL_NOT_AT_HEAD: 'answer',
  ALUDEL_NOTHING_TO_DO: 'answer',
  ALUDEL_TRANSACTION_MODE: 'usage',
  ALUDEL_OFFLINE: 'failed',
  ALUDEL_REVIEWS: 'failed',
  ALUDEL_EDITOR: 'failed',
  ALUDEL_INTERRUPTED: 'interrupted',
  ALUDEL_INTERNAL: 'failed',
} as const satisfies Record<string, ErrorKind>

/** A stable error code, for example `ALUDEL_UNKNOWN_REVISION`. */
export type ErrorCode = keyof typeof errorCodes
