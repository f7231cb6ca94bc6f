/** Renames: what may be one, how people say that it is, and what is done then. */
export { applyRenames, type RenameAnswer } from './apply-renames'
export { findRenameCandidates, type RenameCandidate } from './rename-candidates'
export { parseMapFlag, parseNoRenameFlag, parseRenameFlag, type RenameFlag } from './rename-flags'
export type { RenameSides } from './rename-groups'
export { type RenameQuestion, renameQuestions, type RenameQuestionsResult } from './rename-questions'
