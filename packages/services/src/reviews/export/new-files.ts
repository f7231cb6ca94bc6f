import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, lstat, mkdir, mkdtemp, open, rename, rm, rmdir } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { FilesExistError, messageOf, ReviewError } from '../../errors'

/** What became of the files. */
export interface PlacedFiles {
  /** Files that are new or replaced. */
  readonly written: number
  /** Files that had these contents already. */
  readonly unchanged: number
}

interface WrittenFile {
  readonly name: string
  readonly bytes: number
  readonly hash: string
}

/** What is in the place of a file. */
interface TargetState {
  /** Nothing, the same file, a file with other contents, or something that is not replaced. */
  readonly state: 'new' | 'same' | 'other' | 'blocked'
  readonly reason?: string
}

/**
 * Files that appear in a directory when all of them are complete. Until then they are in a folder of their own in it, where another
 * process does not take them for files of the directory.
 */
export class NewFiles {
  readonly #directory: string
  /** Undefined: nothing is written. */
  readonly #folder: string | undefined
  /** The first directory that was missing. */
  readonly #made: string | undefined
  readonly #files: WrittenFile[] = []
  #isPlaced = false

  private constructor(directory: string, folder?: string, made?: string) {
    this.#directory = directory
    this.#folder = folder
    this.#made = made
  }

  /**
   * @param directory is created if it is missing
   * @param write false: only compare
   * @throws {ReviewError}
   */
  static async in(directory: string, write: boolean): Promise<NewFiles> {
    if (!write) return new NewFiles(directory)
    try {
      const made = await mkdir(directory, { recursive: true })
      return new NewFiles(directory, await mkdtemp(join(directory, '.aludel-export-')), made)
    } catch (error) {
      throw new ReviewError(`cannot write into the directory ${directory}: ${messageOf(error)}`, { cause: error })
    }
  }

  /**
   * Begins a file.
   *
   * @throws {ReviewError} also if the file system takes its name for that of another file
   */
  async begin(name: string): Promise<NewFile> {
    const add = (file: WrittenFile): number => this.#files.push(file)
    if (this.#folder === undefined) return new NewFile(name, undefined, add)
    try {
      return new NewFile(name, await open(join(this.#folder, name), 'wx'), add)
    } catch (error) {
      throw cannotWrite(name, error)
    }
  }

  /**
   * Moves the files to the directory. A file with other contents is replaced only if that is allowed; a file that appears meanwhile is
   * never.
   *
   * @throws {FilesExistError} nothing was moved @throws {ReviewError}
   */
  async place(replace: boolean): Promise<PlacedFiles> {
    const states: TargetState[] = []
    for (const file of this.#files) states.push(await this.#compare(file))
    const refused = this.#files.flatMap(({ name: file }, index) => {
      const { state, reason } = states[index] ?? { state: 'new' }
      return state === 'blocked' || (state === 'other' && !replace) ? [{ file, reason: reason ?? '' }] : []
    })
    if (refused.length > 0) throw new FilesExistError(this.#directory, refused)
    let written = 0
    for (const [index, { name }] of this.#files.entries()) {
      const state = states[index]?.state
      if (state === 'same') continue
      if (this.#folder !== undefined) await this.#move(this.#folder, name, state === 'other', written)
      written += 1
    }
    this.#isPlaced = this.#files.length > 0
    return { written, unchanged: this.#files.length - written }
  }

  /** Removes what is left of the work. */
  async discard(): Promise<void> {
    if (this.#folder === undefined) return
    await rm(this.#folder, { recursive: true, force: true })
    if (!this.#isPlaced && this.#made !== undefined) await removeEmpty(this.#directory, this.#made)
  }

  async #move(folder: string, name: string, replace: boolean, before: number): Promise<void> {
    const [from, to] = [join(folder, name), join(this.#directory, name)]
    try {
      if (replace) await rename(from, to)
      else await linkOrRename(from, to)
    } catch (error) {
      const isThere = codeOf(error) === 'EEXIST'
      throw new ReviewError(
        `cannot write ${to}: ${isThere ? 'another program has created it meanwhile' : messageOf(error)}`,
        {
          help: `${before === 0 ? 'No file was' : `${before} of ${this.#files.length} files were`} written. Run it again for the rest.`,
          details: { file: name, written: before },
          cause: error,
        },
      )
    }
  }

  async #compare({ name, bytes, hash }: WrittenFile): Promise<TargetState> {
    const path = join(this.#directory, name)
    try {
      const found = await lstat(path)
      if (!found.isFile()) {
        const kind = found.isDirectory() ? 'a directory' : found.isSymbolicLink() ? 'a symbolic link' : 'something else'
        return { state: 'blocked', reason: `is ${kind}, not a file` }
      }
      if (found.size === bytes && (await hashOf(path)) === hash) return { state: 'same' }
      return { state: 'other', reason: 'has other contents' }
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return { state: 'new' }
      return { state: 'blocked', reason: `cannot be read: ${messageOf(error)}` }
    }
  }
}

/** A file that is being written. */
export class NewFile {
  readonly #name: string
  readonly #handle: FileHandle | undefined
  readonly #add: (file: WrittenFile) => unknown
  readonly #hash = createHash('sha256')
  #bytes = 0

  constructor(name: string, handle: FileHandle | undefined, add: (file: WrittenFile) => unknown) {
    this.#name = name
    this.#handle = handle
    this.#add = add
  }

  /** @throws {ReviewError} */
  async write(text: string): Promise<void> {
    const bytes = Buffer.from(text)
    this.#hash.update(bytes)
    this.#bytes += bytes.length
    try {
      await this.#handle?.writeFile(bytes)
    } catch (error) {
      throw cannotWrite(this.#name, error)
    }
  }

  /** Completes the file, on the disk as well. @throws {ReviewError} */
  async end(): Promise<void> {
    try {
      await this.#handle?.sync()
      await this.#handle?.close()
    } catch (error) {
      throw cannotWrite(this.#name, error)
    }
    this.#add({ name: this.#name, bytes: this.#bytes, hash: this.#hash.digest('hex') })
  }

  /** Closes a file that will not be complete. */
  async abandon(): Promise<void> {
    await this.#handle?.close().catch(() => undefined)
  }
}

/** Removes directories that were made for nothing, from the inside out. Another program may have put something there: then it stays. */
async function removeEmpty(inmost: string, outmost: string): Promise<void> {
  const end = resolve(outmost)
  for (let directory = resolve(inmost); directory.length >= end.length; directory = dirname(directory)) {
    try {
      await rmdir(directory)
    } catch {
      return
    }
  }
}

/** A link never replaces a file, as renaming does; not every file system has links. */
async function linkOrRename(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (!withoutLinks.has(codeOf(error))) throw error
    // Holds the name, so that only this file is replaced.
    const handle = await open(to, 'wx')
    await handle.close()
    await rename(from, to)
  }
}

const withoutLinks: ReadonlySet<unknown> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

function cannotWrite(name: string, error: unknown): ReviewError {
  const isThere = codeOf(error) === 'EEXIST'
  const reason = isThere ? 'this file system takes its name for that of another analysis' : messageOf(error)
  return new ReviewError(`cannot write ${name}: ${reason}`, {
    help: isThere ? 'Nothing was written. Export them into two directories.' : 'Nothing was written.',
    details: { file: name },
    cause: error,
  })
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
