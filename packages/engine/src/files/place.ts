import { link, writeFile } from 'node:fs/promises'

/**
 * Gives a written file its final name. A link, unlike a rename, fails if the name is taken.
 *
 * @param text the content of `temporary`
 */
export async function place(temporary: string, file: string, text: string): Promise<void> {
  try {
    await link(temporary, file)
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES'].includes(codeOf(error) ?? '')) throw error
    // The file system has no hard links.
    await writeFile(file, text, { flag: 'wx' })
  }
}

export function codeOf(error: unknown, key: 'code' | 'syscall' = 'code'): string | undefined {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined
  return typeof value === 'string' ? value : undefined
}
