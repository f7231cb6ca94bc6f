export { type ErrorCode, errorCodes, type ErrorKind } from './codes'
export {
  type DetailsOf,
  type ErrorDetails,
  type FailedStep,
  type FindingDetails,
  type RenameQuestionDetails,
  type UnmanagedObjectDetails,
  type ConnectedDetails,
  type HolderDetails,
  type UnusableDatabase,
} from './details'
export { AludelError, type AludelErrorOptions, type ErrorArguments, isAludelError, messageOf } from './error'
export { refuseAborted } from './interrupted'
