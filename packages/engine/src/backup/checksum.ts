import { createHash } from 'node:crypto'
import { open, readdir, stat } from 'node:fs/promises'
import path from 'node:path'

import type { Manifest } from './manifest'

/** The checksums of a file, or of the files in a folder. */
export async function contentOf(
  location: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Manifest['files']> {
  if (!(await stat(location)).isDirectory()) return [await checksumOf(location, name, signal)]
  const names = (await readdir(location)).sort()
  const files: Manifest['files'][number][] = []
  for (const one of names) files.push(await checksumOf(path.join(location, one), one, signal))
  return files
}

/** Bytes that are read at once. */
const blockSize = 1 << 20

/** Reads into one buffer: a stream takes a new one for each block, and that takes longer than to compute the checksum. */
async function checksumOf(
  file: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Manifest['files'][number]> {
  const hash = createHash('sha256')
  const handle = await open(file, 'r')
  try {
    const block = Buffer.allocUnsafe(blockSize)
    let bytes = 0
    for (;;) {
      signal?.throwIfAborted()
      const { bytesRead } = await handle.read(block, 0, blockSize, bytes)
      if (bytesRead === 0) break
      hash.update(block.subarray(0, bytesRead))
      bytes += bytesRead
    }
    return { name, bytes, sha256: hash.digest('hex') }
  } finally {
    await handle.close()
  }
}
