/** Names by which a rebuild is recognized in the text of a revision. */

/** The savepoint around one rebuild. */
export const rebuildSavepoint = 'aludel_rebuild'
/** Before the name of the new table until it is renamed. */
export const copyPrefix = 'aludel_new_'
/** Before the name of the table in which rows are set aside. */
export const rowsPrefix = 'aludel_old_'
