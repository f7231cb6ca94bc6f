/** Renames: what may be one, how people say that it is, and what is done then. */
export { applyRenames, type RenameAnswer } from './apply'
export { findRenameCandidates, type RenameCandidate } from './candidates'
export { parseMapFlag, parseNoRenameFlag, parseRenameFlag, type RenameFlag } from './flags'
export type { RenameSides } from './groups'
export { type RenameQuestion, renameQuestions, type RenameQuestionsResult } from './questions'
