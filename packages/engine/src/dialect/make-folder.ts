import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'

/**
 * Creates a folder and those above it, one by one: Node's recursive `mkdir` never ends where the parent exists but a folder in
 * it cannot be found after it was made, as in `/proc`, and blocks the thread meanwhile.
 *
 * @param mode permissions of what is created. Default is that of the process.
 * @returns whether it created the folder
 * @throws the error of the file system
 */
export async function makeFolder(folder: string, mode?: number): Promise<boolean> {
  const make = (): Promise<boolean> =>
    mkdir(folder, { mode }).then(
      () => true,
      (error: unknown) => {
        // Another process may have created it meanwhile. A file of that name is found when something is put into it.
        if (codeOf(error) === 'EEXIST') return false
        throw error
      },
    )
  try {
    return await make()
  } catch (error) {
    const parent = path.dirname(folder)
    if (codeOf(error) !== 'ENOENT' || parent === folder || existsSync(parent)) throw error
    await makeFolder(parent, mode)
    return make()
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
