/** Names by which a rebuild is known again in the text of a revision. */

/** The savepoint around one rebuild. */
export const rebuildSavepoint = 'aludel_rebuild'
/** The new table until it gets its name. */
export const copyPrefix = 'aludel_new_'
/** The table in which rows wait that others reference. */
export const rowsPrefix = 'aludel_old_'
