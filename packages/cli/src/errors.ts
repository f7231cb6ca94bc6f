import { AludelError, type ErrorKind } from '@aludel/engine'

/** What a process ends with; scripts rely on these. */
export const exitCodes: Readonly<Record<ErrorKind, number>> = {
  failed: 1,
  usage: 2,
  answer: 3,
  refused: 4,
  locked: 5,
  halfway: 6,
  interrupted: 130,
}

/** The command line itself is wrong. */
export function usageError(message: string, help?: string): AludelError {
  return new AludelError('ALUDEL_USAGE', message, help === undefined ? {} : { help })
}
