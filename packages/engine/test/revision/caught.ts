import { isAludelError, type AludelError } from '../../src/errors'

/** The coded error that `run` throws; anything else fails the test. */
export function caught(run: () => unknown): AludelError {
  try {
    run()
  } catch (error) {
    if (isAludelError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** Like {@link caught}, for a promise. */
export async function caughtAsync(run: () => Promise<unknown>): Promise<AludelError> {
  try {
    await run()
  } catch (error) {
    if (isAludelError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
