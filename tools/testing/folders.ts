import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { modulesFolder } from './installed'

const made: string[] = []

/** Creates a temporary folder with these files. {@link removeFolders} removes it. */
export async function folder(files: Readonly<Record<string, string | Buffer>> = {}): Promise<string> {
  const directory = await realpath(await mkdtemp(path.join(os.tmpdir(), 'aludel-files-')))
  made.push(directory)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true })
    await writeFile(path.join(directory, name), text)
  }
  return directory
}

/** Does what {@link folder} does, and installs the packages of this repository. */
export async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await folder({ 'package.json': '{}', ...files })
  await symlink(modulesFolder, path.join(directory, 'node_modules'))
  return directory
}

/** Removes all folders that this file created. */
export async function removeFolders(): Promise<void> {
  for (const directory of made.splice(0)) await rm(directory, { recursive: true, force: true })
}
