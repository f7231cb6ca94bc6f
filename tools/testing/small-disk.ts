import { execFile, execFileSync } from 'node:child_process'
import { chmod, chown, mkdtemp, open, rm, statfs, truncate } from 'node:fs/promises'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const kilobyte = 1024

/** Whether this account may mount a file system in memory; a test of a full disk is skipped where it may not. */
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

/** A disk of a few megabytes, which can be filled. */
export class SmallDisk {
  private constructor(
    /** Where it is mounted. */
    readonly folder: string,
    private readonly filler: string,
  ) {}

  static async mount(megabytes: number): Promise<SmallDisk> {
    const folder = await mkdtemp(path.join(tmpdir(), 'aludel-disk-'))
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m`, 'tmpfs', folder])
    return new SmallDisk(folder, path.join(folder, 'filler'))
  }

  /** Lets another account use it. */
  async give(uid: number, gid: number): Promise<void> {
    await chown(this.folder, uid, gid)
    await chmod(this.folder, 0o700)
  }

  /** Leaves so many kilobytes free, and no more. */
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

  /** Makes room again. */
  async clear(): Promise<void> {
    await truncate(this.filler).catch(() => undefined)
  }

  async unmount(): Promise<void> {
    // Whoever still has a file open keeps the memory until it closes it.
    await execute('umount', ['--lazy', this.folder])
    await rm(this.folder, { recursive: true })
  }

  async #free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.folder)
    return (bavail * bsize) / kilobyte
  }
}
