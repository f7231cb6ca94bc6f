import { statfs } from 'node:fs/promises'

/** The bytes that this user may still write to a folder; undefined if the file system does not report it. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize, blocks } = await statfs(folder)
    // Some network file systems report only zeros.
    return blocks === 0 ? undefined : bavail * bsize
  } catch {
    return undefined
  }
}

/** @example inMegabytes(1_572_864) // '1.5 MB' */
export function inMegabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
