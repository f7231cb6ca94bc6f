import { AludelError, type ErrorKind } from '@aludel/engine'

/** Exit codes by kind of error. They are stable, because scripts rely on them. */
export const exitCodes: Readonly<Record<ErrorKind, number>> = {
  failed: 1,
  usage: 2,
  answer: 3,
  refused: 4,
  locked: 5,
  halfway: 6,
  interrupted: 130,
}

/** The error for an invalid command line. */
export function usageError(message: string, help?: string): AludelError {
  return new AludelError('ALUDEL_USAGE', message, { help })
}
