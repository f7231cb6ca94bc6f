import { execFile, execFileSync } from 'node:child_process'
import { chmod, chown, mkdtemp, open, rm, statfs, truncate } from 'node:fs/promises'
import { appendFileSync, mkdtempSync, rmdirSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const kilobyte = 1024

/** Whether this account may mount a file system in memory. If not, tests of a full disk are skipped. */
export const canMount = mayMount()

function mayMount(): boolean {
  if (process.platform !== 'linux') return false
  const folder = mkdtempSync(path.join(tmpdir(), 'aludel-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  } finally {
    rmdirSync(folder)
  }
}

/** A disk of a few megabytes that a test can fill. */
export class SmallDisk {
  private constructor(
    /** The mount point. */
    readonly folder: string,
    private readonly filler: string,
  ) {}

  static async mount(megabytes: number): Promise<SmallDisk> {
    const folder = await mkdtemp(path.join(tmpdir(), 'aludel-disk-'))
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m`, 'tmpfs', folder])
    return new SmallDisk(folder, path.join(folder, 'filler'))
  }

  /** Allows another account to use it. */
  async give(uid: number, gid: number): Promise<void> {
    await chown(this.folder, uid, gid)
    await chmod(this.folder, 0o700)
  }

  /** Fills the disk until this number of kilobytes is free. */
  async fill(kilobytes: number): Promise<void> {
    const file = await open(this.filler, 'a')
    try {
      const block = Buffer.alloc(kilobyte * kilobyte, 1)
      for (let more = await this.#free(); more > kilobytes; more = await this.#free())
        await file.write(block, 0, Math.min((more - kilobytes) * kilobyte, block.length))
    } finally {
      await file.close()
    }
  }

  /** Does the same at once, before whoever has called continues. */
  fillNow(kilobytes: number): void {
    const { bavail, bsize } = statfsSync(this.folder)
    appendFileSync(this.filler, Buffer.alloc(Math.max(0, bavail * bsize - kilobytes * kilobyte), 1))
  }

  /** Frees the space again. */
  async clear(): Promise<void> {
    await truncate(this.filler).catch(() => undefined)
  }

  async unmount(): Promise<void> {
    // A lazy unmount, because a process may still have a file open; the memory is freed when it closes the file.
    await execute('umount', ['--lazy', this.folder])
    await rm(this.folder, { recursive: true })
  }

  async #free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.folder)
    return (bavail * bsize) / kilobyte
  }
}
