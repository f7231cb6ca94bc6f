/** Renames: candidates, questions and flags, and the operations that carry them out. */
export { applyRenames, type RenameAnswer } from './apply'
export { findRenameCandidates, type RenameCandidate } from './candidates'
export { parseMapFlag, parseNoRenameFlag, parseRenameFlag, type RenameFlag } from './flags'
export type { RenameSides } from './groups'
export { type RenameQuestion, renameQuestions, type RenameQuestionsResult } from './questions'
