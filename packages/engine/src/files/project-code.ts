import { AludelError } from '../errors'

/** Code of a project that is running: a revision, a DataSource file, a configuration. */
interface Running {
  /** For people: `up() of revision 3f9c1b7a2d40 (add priority)`. */
  readonly what: string
  readonly stop: (error: unknown) => void
}

/** For the whole process, because the end of the process is what it has to explain. */
const running = new Set<Running>()

/**
 * Runs code of the project, and notices when its promise can never settle, because nothing is left in the process that
 * could settle it. Without this the process would end with exit code 0 in the middle of a command, as Node ends every
 * process whose event loop is empty.
 *
 * @param what for the error: `up() of revision 3f9c1b7a2d40 (add priority)`
 * @throws AludelError `ALUDEL_UNSETTLED`; whatever the code throws
 * @example
 * await runProjectCode('/app/src/data-source.ts', () => import('/app/src/data-source.ts'))
 */
export async function runProjectCode<Result>(what: string, work: () => Result | PromiseLike<Result>): Promise<Result> {
  let stop: Running['stop'] = () => undefined
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = reject
  })
  const entry: Running = { what, stop }
  if (running.size === 0) process.on('beforeExit', stopLast)
  running.add(entry)
  try {
    return await Promise.race([work(), stopped])
  } finally {
    running.delete(entry)
    if (running.size === 0) process.off('beforeExit', stopLast)
  }
}

/** What code of the project is running now, in the order in which it began; for an error about the end of the process. */
export function projectCodeAtWork(): readonly string[] {
  return [...running].map(({ what }) => what)
}

/**
 * Makes the code of the project that is running now fail with an error that nothing caught: one thrown in a timer, or the
 * reason of a promise that nothing awaits. The command then fails as if that code had thrown it.
 *
 * @returns false if no code of the project is running
 */
export function failProjectCode(error: unknown): boolean {
  const last = takeLast()
  last?.stop(error)
  return last !== undefined
}

/** The innermost one waits; those around it wait for it. */
function takeLast(): Running | undefined {
  const last = [...running].at(-1)
  if (last !== undefined) running.delete(last)
  return last
}

function stopLast(): void {
  const last = takeLast()
  last?.stop(
    new AludelError('ALUDEL_UNSETTLED', `${last.what} never settles: the process has nothing left to wait for`, {
      help: 'Look for a promise that is never resolved: a callback that is not called, a client that was closed.',
      details: { what: last.what },
    }),
  )
}
