/**
 * Lets the event loop turn once, so that signals are heard and what waits for a statement has its turn: with a driver
 * that is synchronous nothing else does between two statements.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
