/** Milliseconds of work after which others have their turn. */
const longest = 10

/**
 * Lets the event loop turn now and then during work on many files, which reads and parses them without waiting for anything: a server
 * that does it answers others meanwhile.
 *
 * @returns to be called, and waited for, before each file
 * @example
 * const pause = pauses()
 * for (const file of files) {
 *   await pause()
 *   parse(file)
 * }
 */
export function pauses(): () => Promise<void> | undefined {
  let since = performance.now()
  return () => {
    if (performance.now() - since < longest) return undefined
    return new Promise((resolve) => {
      setImmediate(() => {
        since = performance.now()
        resolve()
      })
    })
  }
}
