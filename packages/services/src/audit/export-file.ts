import { randomBytes } from 'node:crypto'
import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { FileError, messageOf } from '../errors'

/** Characters that are written at once. */
const chunkLength = 65_536

/** What a file has now. */
export interface WrittenFile {
  /** Absolute. */
  readonly path: string
  readonly lines: number
  readonly bytes: number
}

/**
 * Writes lines to a file that only its owner may read: all of them, or the file stays as it was. Keeps a few of them in memory.
 *
 * @param lines each with its line break
 * @param options signal: stops it, and leaves the file as it was; onProgress: gets the number of lines so far
 * @returns null if it was stopped
 * @throws {FileError}
 * @example
 * await writeLines(new AuditLogService(dataSource).export({ action: 'approve' }), 'approved.jsonl')
 */
export async function writeLines(
  lines: AsyncIterable<string>,
  file: string,
  { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: (lines: number) => void } = {},
): Promise<WrittenFile | null> {
  const target = await targetOf(path.resolve(file))
  // Beside it, since a file can be renamed only within its file system.
  const draft = `${target}.${randomBytes(6).toString('hex')}.tmp`
  const handle = await attempt(target, () => open(draft, 'wx', 0o600))
  let isRenamed = false
  try {
    const written = await writeTo(handle, target, lines, signal, onProgress)
    if (written === null) return null
    await attempt(target, () => handle.sync())
    await handle.close()
    await attempt(target, () => rename(draft, target))
    isRenamed = true
    return { path: target, ...written }
  } finally {
    await handle.close().catch(() => undefined)
    if (!isRenamed) await rm(draft, { force: true })
  }
}

async function writeTo(
  handle: FileHandle,
  target: string,
  lines: AsyncIterable<string>,
  signal: AbortSignal | undefined,
  onProgress: ((lines: number) => void) | undefined,
): Promise<Omit<WrittenFile, 'path'> | null> {
  let [count, bytes, chunk] = [0, 0, '']
  const flush = async (): Promise<void> => {
    const buffer = Buffer.from(chunk)
    chunk = ''
    bytes += buffer.length
    await attempt(target, () => handle.writeFile(buffer))
    onProgress?.(count)
  }
  for await (const line of lines) {
    if (signal?.aborted === true) return null
    chunk += line
    count += 1
    if (chunk.length >= chunkLength) await flush()
  }
  await flush()
  return signal?.aborted === true ? null : { lines: count, bytes }
}

/** The file behind links, which stay. */
async function targetOf(file: string): Promise<string> {
  try {
    const found = await stat(file)
    if (found.isFile()) return await realpath(file)
    throw new FileError(file, `it is ${found.isDirectory() ? 'a directory' : 'not a regular file'}`)
  } catch (error) {
    if (error instanceof FileError) throw error
    // It does not exist yet; what else is wrong shows when it is created.
    return file
  }
}

async function attempt<T>(target: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new FileError(target, messageOf(error), error)
  }
}
