/** The commands of backups, loaded at the first of them. */
export { createBackup } from './create'
export { lastBackup, listBackups } from './list'
export { pruneBackups } from './prune'
export { verifyBackup } from './verify'
export { restoreBackup } from './restore'
export { dropReplaced } from './restore-leftovers'
